import type { RemoteAdapter, Unsupported, VendorCall } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions, RecordUses } from '../../contract/request.ts'
import { laneOf, patienceOf, unmappedUse, vendorProfileType } from '../vendor-settings.ts'
import { callVendor, type Outside, type WireAnswer } from '../wire.ts'
import { type AltcraftAnswer, readAnswer } from './answer.ts'
import { altcraftCapabilities } from './capabilities.ts'
import { altcraftCaveats } from './caveats.ts'
import { altcraftFieldMap } from './field-names.ts'
import { readings } from './readings.ts'
import { type AltcraftRecord, altcraftPreparer, foldAltcraftRecords, travelOf } from './record.ts'
import { callError, fateOf, fateOfFewerResults } from './refusal.ts'
import { batchBody, pathOf } from './request.ts'
import type { AltcraftSettings } from './settings.ts'

export { type AltcraftSettings, altcraftSettings } from './settings.ts'

/** Altcraft Platform: Import multiple profiles, and Update multiple profiles for UPDATE_ONLY, in JSON or XML. Both answer at once. */
export function createAltcraftAdapter(settings: AltcraftSettings, outside: Outside): RemoteAdapter<AltcraftRecord> {
  const { baseUrl, token, format, profileTypes } = settings
  const map = altcraftFieldMap(settings.fields)
  const mediaType = format === 'json' ? 'application/json' : 'application/xml'
  const headers = { 'content-type': mediaType, accept: mediaType }

  const databaseOf = (options: ProfileUpsertOptions) => {
    const type = vendorProfileType(profileTypes, options, 'refuse')
    if (!type.ok) return type
    return {
      ok: true,
      id: (type.name === null ? null : readings.databaseOfProfileType(type.name)) ?? settings.databaseId,
    } as const
  }

  return {
    kind: 'remote',
    name: 'altcraft',
    capabilities: altcraftCapabilities(settings),
    lane: laneOf('altcraft', baseUrl, token),
    patience: patienceOf(settings),
    maxBatchBytes: readings.maxBatchBytes,

    async preparer(_db, _tenant, options, uses) {
      const database = databaseOf(options)
      if (!database.ok) return database
      const unsupported = unmappedUse(uses, map) ?? unsupportedKey(options, uses) ?? unsupportedOption(options)
      if (unsupported !== null) return { ok: false, unsupported }
      return { ok: true, prepare: altcraftPreparer(options, settings, map) }
    },

    caveats: altcraftCaveats,
    travel: (_options, record) => travelOf(record, format),
    fold: foldAltcraftRecords,
    isRepeatable,

    async submit(call) {
      const { options, records, signal } = call
      const database = databaseOf(options)
      if (!database.ok) throw new TypeError(`no database for the profile type ${options.profileType}`)
      const body = batchBody(settings, database.id, options, map, records)
      const url = `${baseUrl}${pathOf(options)}`
      const answer = await callVendor(outside, { method: 'POST', url, headers, body, signal })
      return { kind: 'settled', fates: judge(answer, readAnswer(answer.text, token), call) }
    },

    async resume() {
      throw new TypeError('Altcraft answers at once: there is nothing to go on with')
    },
  }
}

/** The fates of the profiles, by the answer's body before its status. Throws a DestinationError where they have none of their own. */
function judge(
  answer: WireAnswer,
  said: AltcraftAnswer | null,
  { options, records, repeated }: VendorCall<AltcraftRecord>,
): RecordFate[] {
  const results = said?.results ?? []
  const isBelieved = answer.status < 500 && answer.status !== 429 && results.length > 0 && readings.resultsWinOverError
  if (!isBelieved && (said?.error !== 0 || answer.status >= 300))
    throw callError(answer, results.length > 0 ? null : said)
  if (said?.results == null) throw callError(answer, null)
  if (results.length < records.length) {
    return records.map(() => fateOfFewerResults(results.length, records.length, repeated))
  }
  return results.map((result) => fateOf(result, options))
}

/** Altcraft would write the key even over another that the profile has. */
function unsupportedKey({ matching }: ProfileUpsertOptions, uses: RecordUses | undefined): Unsupported | null {
  if (matching === 'KEY' || uses?.fields.has('key') !== true) return null
  return { feature: 'key', requested: `key beside matching ${matching}`, supported: ['key with matching KEY'] }
}

function unsupportedOption(options: ProfileUpsertOptions): Unsupported | null {
  const { upsert, matching, resourceId } = options
  for (const feature of ['skipTriggers', 'detectGeo'] as const) {
    if (options[feature] && upsert === 'UPDATE_ONLY' && !readings.updateTakesTriggersAndGeo) {
      return { feature, requested: 'true with upsert UPDATE_ONLY', supported: ['true with upsert CREATE_OR_UPDATE'] }
    }
  }
  if (resourceId !== null && (matching === 'PUSH_SUB' || matching === 'CUSTOM_SUB')) {
    const requested = `${resourceId} with matching ${matching}`
    return { feature: 'resourceId', requested, supported: readings.narrowedModes.map((mode) => `matching ${mode}`) }
  }
  return null
}

/**
 * Every mode but PROFILE_ID, which never creates, stores the value that it looks for, so that a repeated call finds what the first has made. A
 * subscription that Altcraft may leave out in silence is no such value.
 */
function isRepeatable({ matching, upsert, skipInvalidExtensions }: ProfileUpsertOptions): boolean {
  if (upsert === 'CREATE_ONLY' || matching === 'FILTER') return false
  if (upsert === 'UPDATE_ONLY') return true
  const isBySubscription = ['EMAIL_SUB', 'PHONE_SUB', 'EMAIL_PHONE_SUB', 'PUSH_SUB', 'CUSTOM_SUB'].includes(matching)
  return !(isBySubscription && skipInvalidExtensions && readings.mayLoseSubscriptionSilently)
}
