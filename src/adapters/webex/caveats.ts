import type { ProfileUpsertOptions } from '../../contract/request.ts'

export function webexCaveats({ matching }: ProfileUpsertOptions): string[] {
  const caveats = [
    'An account of Webex Campaign that answers later does not tell created from updated profiles: records end UPSERTED there.',
  ]
  if (matching === 'FILTER') {
    caveats.push(
      'Webex Campaign updates every profile that a filter finds: maxAffected cannot be kept there. Each filter has a call of its own.',
    )
  }
  return caveats
}
