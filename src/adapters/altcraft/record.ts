import type { Prepared, RecordPreparer, Travel } from '../../contract/adapter.ts'
import type { RecordError, RecordWarning } from '../../contract/outcome.ts'
import type { JsonObject, JsonValue, ProfileRecord } from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { attributePrefix } from '../../domain/filter.ts'
import { type FieldMap, judgePermissions, mapRecord, type UnstatedPermission } from '../vendor-settings.ts'
import { reservedReason } from './field-names.ts'
import { matchOf } from './matching.ts'
import { readings } from './readings.ts'
import type { AltcraftSettings } from './settings.ts'
import {
  type AltcraftSubscription,
  type BuiltSubscription,
  buildSubscription,
  functionProblem,
  mergeSubscriptions,
} from './subscription.ts'
import { writeXmlElements, xmlNameProblem, xmlValueProblem } from './xml-writer.ts'

/** One profile as Altcraft takes it, in the parts that folding needs apart. */
export interface AltcraftRecord {
  /** See Travel. */
  matchValue: string | null
  alsoMatches: readonly string[]
  /** What is written. */
  fields: JsonObject
  /** What only says whom the profile is about. */
  matchKeys: JsonObject
  subscriptions: AltcraftSubscription[]
}

type Configured = Pick<AltcraftSettings, 'format' | 'keyField' | 'missingPermission'>

/** Readies records of one request. What Altcraft would drop, or take for something else, is refused here. */
export function altcraftPreparer(
  options: ProfileUpsertOptions,
  { format, keyField, missingPermission }: Configured,
  map: FieldMap<string>,
): RecordPreparer<AltcraftRecord> {
  return (record): Prepared<AltcraftRecord> => {
    const { fields, errors } = fieldsOf(record, map, format)
    errors.push(...unsendable(record, options))
    const { built, unstated, warnings, errors: extensionErrors } = subscriptionsOf(record, options, format)
    const permissions = judgePermissions(missingPermission, unstated)
    errors.push(...extensionErrors, ...permissions.errors)
    const matched = extensionErrors.length > 0 ? null : matchOf(record, built, fields, { options, keyField, map })
    if (matched?.ok === false) errors.push(matched.error)
    if (matched?.ok !== true) return { ok: false, errors }
    const { match } = matched
    for (const [name, value] of Object.entries({ ...match.fields, ...match.keys })) {
      const problem = format === 'xml' ? xmlValueProblem(value) : null
      if (problem !== null) errors.push({ code: 'INVALID_VALUE', message: `${name} ${problem}`, field: name })
      else if (Object.hasOwn(match.fields ?? {}, name) && Object.hasOwn(fields, name)) errors.push(takenByMatch(name))
    }
    if (errors.length > 0) return { ok: false, errors }
    const written = Object.entries({ ...fields, ...match.fields }).filter(([name]) => name !== match.without)
    const value: AltcraftRecord = {
      matchValue: match.value,
      alsoMatches: match.alsoMatches,
      fields: Object.fromEntries(written),
      matchKeys: match.keys,
      subscriptions: built.map(({ subscription }) => subscription),
    }
    return { ok: true, value, warnings: [...warnings, ...permissions.warnings] }
  }
}

/** What the record writes beside its subscriptions, by the vendor's names. */
function fieldsOf(
  record: ProfileRecord,
  map: FieldMap<string>,
  format: AltcraftSettings['format'],
): { fields: JsonObject; errors: RecordError[] } {
  const { values, errors } = mapRecord(record, map)
  const entries: [string, JsonValue][] = []
  for (const { path, name, value } of values) {
    const problem = path.startsWith(attributePrefix) ? attributeProblem(path, name, value) : null
    const unwritable = format === 'xml' ? (xmlNameProblem(name) ?? xmlValueProblem(value)) : null
    if (problem !== null) errors.push(problem)
    else if (value === null) errors.push(uncleared(path))
    else if (unwritable !== null) errors.push(invalid(path, `${path} ${unwritable}`))
    else entries.push([name, path.startsWith(attributePrefix) ? value : fieldValue(path, name, value)])
  }
  return { fields: Object.fromEntries(entries), errors }
}

function attributeProblem(path: string, name: string, value: JsonValue): RecordError | null {
  if (name === '') return invalid(path, `${path} has an empty name: give it one`)
  const reason = reservedReason(name)
  if (reason !== null) {
    return { code: reason.code, message: `${path} would write ${name}, ${reason.message}`, field: path }
  }
  const problem = functionProblem(value)
  return problem === null ? null : invalid(path, `${path} ${problem}`)
}

/** Altcraft's form of a unified field's value. Where the configuration leads the field elsewhere, the value stays as it is. */
function fieldValue(field: string, name: string, value: JsonValue): JsonValue {
  const { phone, status, gender } = readings.fieldNames
  if (name === phone) return [value]
  if (field === 'status' && name === status && (value === 'ACTIVE' || value === 'PASSIVE')) {
    return readings.statusCodes[value]
  }
  if (field === 'gender' && name === gender && typeof value === 'string') {
    return readings.sexes.get(value.trim().toLowerCase()) ?? value
  }
  return value
}

interface ReadExtensions {
  built: BuiltSubscription[]
  unstated: UnstatedPermission[]
  errors: RecordError[]
  warnings: RecordWarning[]
}

function subscriptionsOf(
  { extensions = [] }: ProfileRecord,
  { resourceId, skipInvalidExtensions }: ProfileUpsertOptions,
  format: AltcraftSettings['format'],
): ReadExtensions {
  const read: ReadExtensions = { built: [], unstated: [], errors: [], warnings: [] }
  for (const [place, extension] of extensions.entries()) {
    const one = buildSubscription(extension, place, resourceId, format)
    const field = `extensions[${place}]`
    if (one.ok) {
      read.built.push({ extension, subscription: one.subscription })
      if (extension.status === undefined && readings.newSubscriptionIsSubscribed) {
        const consequence = 'Altcraft makes a subscription that it does not have yet a subscribed one'
        read.unstated.push({ field: `${field}.status`, consequence })
      }
    } else if (skipInvalidExtensions) {
      const message = `${field} was dropped: ${one.errors.map((error) => error.message).join('; ')}`
      read.warnings.push({ code: 'EXTENSION_DROPPED', message, field })
    } else read.errors.push(...one.errors)
  }
  return read
}

/** What a request is refused for where its records are known beforehand, for those that come from a file. */
function unsendable(record: ProfileRecord, { matching }: ProfileUpsertOptions): RecordError[] {
  const errors: RecordError[] = []
  if (record.newKey !== undefined)
    errors.push(invalid('newKey', 'newKey: Altcraft cannot rename a profile; leave it out'))
  if (record.key !== undefined && matching !== 'KEY') {
    const message =
      'key beside another matching: Altcraft would give it even to a profile that has another; leave it out, match by KEY, or send it as an attribute'
    errors.push(invalid('key', message))
  }
  return errors
}

const invalid = (field: string, message: string): RecordError => ({ code: 'INVALID_VALUE', message, field })

const uncleared = (path: string) =>
  invalid(path, `${path} cannot be cleared at Altcraft: leave it out to keep it, or send a value`)

const takenByMatch = (name: string) =>
  invalid(`${attributePrefix}${name}`, `attributes.${name} is where Altcraft has the key: state key alone`)

/**
 * The later record with what only the earlier one states. null where they must stay apart: different profiles, and `detectGeo`, by which a later
 * record's address would no longer place what an earlier one stated.
 */
export function foldAltcraftRecords(
  options: ProfileUpsertOptions,
  earlier: AltcraftRecord,
  later: AltcraftRecord,
): AltcraftRecord | null {
  if (options.upsert === 'CREATE_ONLY' || options.detectGeo) return null
  if (earlier.matchValue === null || earlier.matchValue !== later.matchValue) return null
  return {
    ...later,
    alsoMatches: [...new Set([...earlier.alsoMatches, ...later.alsoMatches])],
    fields: { ...earlier.fields, ...later.fields },
    subscriptions: mergeSubscriptions(earlier.subscriptions, later.subscriptions),
  }
}

export function travelOf(record: AltcraftRecord, format: AltcraftSettings['format']): Travel {
  const { matchValue, alsoMatches } = record
  return {
    shape: 'data',
    matchValue,
    ...(alsoMatches.length === 0 ? {} : { alsoMatches }),
    bytes: Buffer.byteLength(writeProfile(record, format)) + 1,
  }
}

/** An element of `data`: what is written in the order of the vendor's example, then whom it is about, then subscriptions. */
export function profileOf({ fields, matchKeys, subscriptions }: AltcraftRecord): JsonObject {
  const { email, phone } = readings.fieldNames
  const entries = Object.entries(fields)
  const isContact = ([name]: [string, JsonValue]) => name === email || name === phone
  return Object.fromEntries([
    ...entries.filter((entry) => !isContact(entry)),
    ...entries.filter(isContact),
    ...Object.entries(matchKeys),
    ...(subscriptions.length === 0 ? [] : [['subscriptions', subscriptions as JsonObject[]] as const]),
  ])
}

function writeProfile(record: AltcraftRecord, format: AltcraftSettings['format']): string {
  const profile = profileOf(record)
  return format === 'json' ? JSON.stringify(profile) : writeXmlElements('data', profile)
}
