import type { ProfileUpsertOptions } from '../../contract/request.ts'

export function altcraftCaveats({ upsert, skipTriggers }: ProfileUpsertOptions): string[] {
  const caveats: string[] = []
  if (skipTriggers) caveats.push('Altcraft fires no trigger for these records.')
  if (upsert === 'CREATE_OR_UPDATE') {
    caveats.push('Altcraft does not tell created from updated profiles: records end UPSERTED.')
  }
  return caveats
}
