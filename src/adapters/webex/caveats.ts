import type { ProfileUpsertOptions } from '../../contract/request.ts'

export function webexCaveats({ matching }: ProfileUpsertOptions): string[] {
  if (matching !== 'FILTER') return []
  return [
    'Webex Campaign updates every profile that a filter finds: maxAffected cannot be kept there. Each filter has a call of its own.',
  ]
}
