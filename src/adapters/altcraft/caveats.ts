import type { ProfileUpsertOptions, RecordUses } from '../../contract/request.ts'

export function altcraftCaveats(
  { matching, upsert, skipTriggers, resourceId }: ProfileUpsertOptions,
  { fields, channels }: Pick<RecordUses, 'fields' | 'channels'>,
): string[] {
  const caveats: string[] = []
  if (matching === 'EMAIL') {
    caveats.push(
      'Altcraft writes the e-mail that it looks for: a profile that is found by the address of a subscription gets it as its own e-mail, in place of another.',
    )
  }
  if (matching === 'PHONE' && upsert === 'CREATE_OR_UPDATE') {
    caveats.push('Altcraft replaces all phones of a profile by the one that found it; under UPDATE_ONLY they stay.')
  }
  if (matching === 'EMAIL_PHONE' && fields.has('phone')) {
    caveats.push(
      'Altcraft replaces all phones of a profile by the one that a record states, even where that one found it; under UPDATE_ONLY a record without e-mail leaves them.',
    )
  }
  if (resourceId !== null && channels.size > 0) {
    caveats.push(
      'At Altcraft every subscription belongs to a resource: extensions that state no resourceId get that of the request.',
    )
  }
  if (skipTriggers) caveats.push('Altcraft fires no trigger for these records.')
  if (upsert === 'CREATE_OR_UPDATE') {
    caveats.push('Altcraft does not tell created from updated profiles: records end UPSERTED.')
  }
  return caveats
}
