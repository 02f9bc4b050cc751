import type { RecordError } from '../../contract/outcome.ts'
import type {
  Channel,
  ExtensionRecord,
  JsonObject,
  JsonValue,
  MatchingMode,
  ProfileRecord,
} from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { shownName } from '../../domain/json.ts'
import { missingMatchValue } from '../../domain/match-value.ts'
import type { FieldMap } from '../vendor-settings.ts'
import { readings } from './readings.ts'
import type { BuiltSubscription } from './subscription.ts'

/** How one record finds its profile. */
export interface Match {
  /** See Travel; null: several values may reach one profile. */
  value: string | null
  /** See Travel: each of several values that it looks for, and what it writes of its own where the mode looks. */
  alsoMatches: readonly string[]
  /** Beside the fields, only to say whom the profile is about. */
  keys: JsonObject
  /** Fields that are written because of the matching alone. */
  fields?: JsonObject
  /** A field that must not be written: its value is in `keys`. */
  without?: string
}

export type MatchResult = Result<Match>

type Result<Found> = { ok: true; match: Found } | { ok: false; error: RecordError }

/** What it is found by, before what it writes beside is added. */
type Found = Omit<Match, 'alsoMatches'> & { eachValue?: readonly string[] }

interface Asked {
  options: ProfileUpsertOptions
  keyField: string | undefined
  map: FieldMap<string>
}

/**
 * How the record finds its profile, or why it cannot be said: MISSING_MATCH_VALUE, or INVALID_VALUE where Altcraft would look for something else
 * than the matching mode says. `built` are the subscriptions that the record is left with, `fields` what it writes.
 */
export function matchOf(
  record: ProfileRecord,
  built: readonly BuiltSubscription[],
  fields: JsonObject,
  asked: Asked,
): MatchResult {
  const result = foundBy(record, built, fields, asked)
  if (!result.ok) return result
  const { eachValue = [], ...match } = result.match
  const reached = new Set([...eachValue, ...subscribedValues(built, asked.options)])
  if (match.value !== null) reached.delete(match.value)
  return { ok: true, match: { ...match, alsoMatches: [...reached] } }
}

function foundBy(
  record: ProfileRecord,
  built: readonly BuiltSubscription[],
  fields: JsonObject,
  { options, keyField, map }: Asked,
): Result<Found> {
  const extensions = built.map(({ extension }) => extension)
  const missing = missingMatchValue(record, extensions, options)
  if (missing !== null) return { ok: false, error: missing }
  const { email, phone, key, profileId } = record
  const ownPhone = phone ?? undefined
  switch (options.matching) {
    case 'KEY':
      if (keyField === undefined || key === undefined) return without('key', 'keyField')
      if (key === '') return empty('key')
      return found({ value: key, keys: {}, fields: Object.fromEntries([[keyField, key]]) })
    case 'PROFILE_ID':
      return profileId === undefined || profileId === ''
        ? empty('profileId')
        : found({ value: profileId, keys: { profile_id: profileId } })
    case 'EMAIL':
    case 'EMAIL_PROFILE':
      return found({ value: email ?? null, keys: {} })
    case 'PHONE':
      return found({ value: ownPhone ?? null, ...phoneKey(ownPhone), ...phonesLeftOut(options) })
    case 'EMAIL_PHONE': {
      const sms = firstAddress(extensions, 'SMS')
      if (ownPhone === undefined && sms !== undefined && readings.phoneFallsBack)
        return alsoLooksFor('its SMS extension')
      const alone = email == null ? phonesLeftOut(options) : {}
      return found({ ...eitherValue(email ?? undefined, ownPhone), ...phoneKey(ownPhone), ...alone })
    }
    case 'EMAIL_SUB':
      return bySubscribedEmail(record, firstAddress(extensions, 'EMAIL'), undefined)
    case 'PHONE_SUB': {
      const number = firstAddress(extensions, 'SMS')
      return found({ value: number ?? null, ...phoneKey(number) })
    }
    case 'EMAIL_PHONE_SUB': {
      const number = firstAddress(extensions, 'SMS')
      if (number === undefined && ownPhone !== undefined && readings.phoneFallsBack) return alsoLooksFor('phone')
      return bySubscribedEmail(record, firstAddress(extensions, 'EMAIL'), number)
    }
    case 'PUSH_SUB': {
      const push = extensions.find(({ channel }) => channel === 'PUSH')
      const [provider = '', token = ''] = [push?.provider, push?.address]
      return found({ value: pushValue(provider, token), keys: { provider, subscription_id: token } })
    }
    case 'CUSTOM':
      return byCustomField(fields, map.attribute(options.matchingField ?? ''), options)
    case 'CUSTOM_SUB':
      return byCustomSubscriptionField(extensions, fields, options.matchingField ?? '')
    case 'FILTER':
      throw new TypeError('Altcraft has no matching FILTER')
  }
}

/** Where each mode looks among subscriptions. The pages disagree about EMAIL_PHONE: order is kept for both readings. */
const searchedChannels: ReadonlyMap<MatchingMode, readonly Channel[]> = new Map([
  ['EMAIL', ['EMAIL']],
  ['EMAIL_SUB', ['EMAIL']],
  ['PHONE', ['SMS']],
  ['PHONE_SUB', ['SMS']],
  ['EMAIL_PHONE', ['EMAIL', 'SMS']],
  ['EMAIL_PHONE_SUB', ['EMAIL', 'SMS']],
  ['PUSH_SUB', ['PUSH']],
])

/** What the record's own subscriptions hold where the mode looks: by it other records find the profile once they are written. */
function subscribedValues(
  built: readonly BuiltSubscription[],
  { matching, matchingField }: ProfileUpsertOptions,
): string[] {
  if (matching === 'CUSTOM_SUB') {
    const name = matchingField ?? ''
    const values = built.flatMap(({ subscription }) => {
      const { custom_fields: customFields = {} } = subscription
      const contact: JsonObject = 'cc_data' in subscription ? subscription.cc_data : {}
      return [ownMember(customFields, name), ownMember(contact, name)]
    })
    return values.flatMap((value) => scalarText(value) ?? [])
  }
  const searched = searchedChannels.get(matching) ?? []
  return built
    .filter(({ extension }) => searched.includes(extension.channel))
    .map(({ extension: { channel, provider = '', address } }) =>
      channel === 'PUSH' ? pushValue(provider, address) : address,
    )
}

const pushValue = (provider: string, token: string) => JSON.stringify([provider, token])

/** Altcraft looks at `email` first: it may only be there where it is the address that the mode looks for. */
function bySubscribedEmail(
  record: ProfileRecord,
  address: string | undefined,
  phone: string | undefined,
): Result<Found> {
  const email = record.email ?? undefined
  if (email !== undefined && email !== address) return alsoLooksFor('email')
  const sent = address === undefined || readings.subscriptionEmailFinds ? {} : { fields: { email: address } }
  return found({ ...eitherValue(address, phone), ...phoneKey(phone), ...sent })
}

function byCustomField(
  fields: JsonObject,
  name: string,
  { matchingField, upsert }: ProfileUpsertOptions,
): Result<Found> {
  const path = `attributes.${matchingField}`
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (!Array.isArray(value)) {
    const text = scalarText(value)
    return text === null ? empty(path) : found({ value: text, keys: {} })
  }
  const tags = value.map((tag) => scalarText(tag)?.trim() ?? '').filter((tag) => tag !== '')
  if (tags.length === 0) return empty(path)
  if (upsert !== 'UPDATE_ONLY') {
    const message = `${path} is a list of tags: by one Altcraft only finds profiles that there are, and would not give it to a new one; use upsert UPDATE_ONLY, or match by a single value`
    return refused(path, message)
  }
  if (tags.some((tag) => tag.includes(','))) {
    return refused(path, `${path} holds a tag with a comma, by which Altcraft cannot look for profiles`)
  }
  return found({ value: null, keys: { field_value: tags.join(readings.tagSeparator) }, without: name })
}

function byCustomSubscriptionField(
  extensions: readonly ExtensionRecord[],
  fields: JsonObject,
  name: string,
): Result<Found> {
  const path = `customFields.${name}`
  const value = extensions.map(({ customFields = {} }) => ownMember(customFields, name)).find(isStated)
  const text = scalarText(value)
  if (value === undefined || value === null) return empty(path)
  if (text === null)
    return refused('extensions', `${path} is no text or number, by which alone Altcraft finds profiles`)
  const written = ownMember(fields, name)
  if (written !== undefined && scalarText(written) !== text) return alsoLooksFor(`attributes.${name}`)
  return found({ value: text, keys: { [readings.customSubValueName]: value } })
}

const isStated = (value: JsonValue | undefined) =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

const ownMember = (object: JsonObject, name: string) => (Object.hasOwn(object, name) ? object[name] : undefined)

/** null for what is no single value, and for an empty text. */
function scalarText(value: JsonValue | undefined): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

const firstAddress = (extensions: readonly ExtensionRecord[], channel: Channel) =>
  extensions.find((extension) => extension.channel === channel)?.address

const phoneKey = (phone: string | undefined) => ({ keys: phone === undefined ? {} : { phone } })

/** An update is not to replace all phones of a profile by the one that found it. */
const phonesLeftOut = ({ upsert }: ProfileUpsertOptions) =>
  upsert === 'UPDATE_ONLY' && readings.phoneAloneFinds ? { without: readings.fieldNames.phone } : {}

/** A profile that either value reaches: what is one value is the pair, and order is kept among all records that have one of them. */
function eitherValue(email: string | undefined, phone: string | undefined): Pick<Found, 'value' | 'eachValue'> {
  if (email === undefined || phone === undefined) return { value: email ?? phone ?? null }
  return { value: JSON.stringify([email, phone]), eachValue: [email, phone] }
}

const found = (match: Found): Result<Found> => ({ ok: true, match })

const refused = (field: string, message: string): Result<Found> => ({
  ok: false,
  error: { code: 'INVALID_VALUE', message, field },
})

function alsoLooksFor(what: string): Result<Found> {
  const field = what.startsWith('its') ? 'extensions' : what
  const message = `Altcraft would look for the profile by ${what} too, which this matching mode does not: leave it out, or choose another mode`
  return refused(field, message)
}

function empty(field: string): Result<Found> {
  const message = `${field} is empty or has no single value, and Altcraft finds profiles by it: state it`
  return { ok: false, error: { code: 'MISSING_MATCH_VALUE', message, field } }
}

function without(field: string, setting: string): Result<Found> {
  const message = `matching KEY needs ${shownName(setting)} in the destination's configuration`
  return { ok: false, error: { code: 'MISSING_MATCH_VALUE', message, field } }
}
