import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { readings } from './readings.ts'
import type { WebexRecord } from './webex-record.ts'

/** The body of one bulk call. `profileName` null leaves the profile definition to Webex. */
export function bulkRequest(
  profileName: string | null,
  options: ProfileUpsertOptions,
  records: readonly WebexRecord[],
): Record<string, unknown> {
  const updateLink = readings.updateLink[options.linkPolicy]
  return {
    ...(profileName === null ? {} : { 'profile-name': profileName }),
    // A filter has no key to create a profile with; only under "update" does Webex say that it found none.
    upsert: readings.upsert[options.matching === 'FILTER' ? 'UPDATE_ONLY' : options.upsert],
    ...(updateLink === null ? {} : { 'update-link': updateLink }),
    ...Object.fromEntries(options.audit.map((text, place) => [readings.auditName(place), text])),
    requests: records,
  }
}
