import type { Prepared, RecordPreparer } from '../../contract/adapter.ts'
import type { RecordError } from '../../contract/outcome.ts'
import type { Condition, ConditionOperator, JsonValue, ProfileRecord } from '../../contract/profile.ts'
import { type ProfileUpsertOptions, type RecordUses, type UnifiedField, unifiedFields } from '../../contract/request.ts'
import { attributePrefix, systemFieldTypes } from '../../domain/filter.ts'
import { normalisePhone } from '../../domain/values.ts'
import { createFieldMap, type FieldMap, mapRecord, unmappedField } from '../vendor-settings.ts'
import { readings } from './readings.ts'
import type { WebexAttributeName, WebexSettings } from './settings.ts'

type NamedAttribute = { 'attribute-name': string } | { 'attribute-id': string }
export type WebexAttribute = NamedAttribute & { val: string }
export type WebexCondition = NamedAttribute & { 'rel-op': string; val: string; 'logical-op': 'and' | 'or' }

/** A record as it stands in `requests`. */
export type WebexRecord =
  | { key: string; attributes: WebexAttribute[] }
  | { attributes: WebexAttribute[]; filter: WebexCondition[] }

const relationalOperators = {
  EQUALS: 'Equals',
  NOT_EQUALS: 'NotEquals',
  GREATER_THAN: 'GreaterThan',
  GREATER_THAN_EQUALS: 'GreaterThanEquals',
  LESS_THAN: 'LessThan',
  LESS_THAN_EQUALS: 'LessThanEquals',
} as const satisfies Record<ConditionOperator, string>

/** Every attribute of a Webex account is the account's own: no field has a name unless the configuration gives it one. */
export function webexFieldMap(settings: WebexSettings): FieldMap<WebexAttributeName> {
  return createFieldMap<WebexAttributeName>(settings.fields, {}, (attribute) => attribute)
}

/** The first field that a filter of the request tests and that has no name, or null. */
export function unmappedCondition(uses: RecordUses | undefined, map: FieldMap<WebexAttributeName>): string | null {
  for (const written of uses?.conditions ?? []) if (conditionName(written, map) === undefined) return written
  return null
}

export function webexPreparer(
  options: ProfileUpsertOptions,
  map: FieldMap<WebexAttributeName>,
): RecordPreparer<WebexRecord> {
  return (record) => {
    const { values, errors } = mapRecord(record, map)
    errors.push(...unsendable(record))
    const attributes: WebexAttribute[] = []
    for (const { path, name, value } of values) {
      const val = textOfValue(value)
      if (name === '')
        errors.push({ code: 'UNKNOWN_ATTRIBUTE', message: `${path} has an empty name: give it one`, field: path })
      else if (val === null) errors.push(uncleared(path))
      else attributes.push({ ...wireName(name), val })
    }
    return options.matching === 'FILTER'
      ? withFilter(record.filter ?? [], attributes, map, errors)
      : withKey(record.key, attributes, errors)
  }
}

/**
 * The later record with what only the earlier one states. null where folding could change what becomes of either: under CREATE_ONLY, FILTER,
 * and under linkPolicy FAIL, where one record's missing link is no fault of the other.
 */
export function foldWebexRecords(
  options: ProfileUpsertOptions,
  earlier: WebexRecord,
  later: WebexRecord,
): WebexRecord | null {
  if (options.upsert === 'CREATE_ONLY' || options.linkPolicy === 'FAIL') return null
  if (!('key' in earlier && 'key' in later) || earlier.key !== later.key) return null
  const attributes = new Map(earlier.attributes.map((attribute) => [identityOf(attribute), attribute]))
  for (const attribute of later.attributes) attributes.set(identityOf(attribute), attribute)
  return { key: later.key, attributes: [...attributes.values()] }
}

function withKey(key: string | undefined, attributes: WebexAttribute[], errors: RecordError[]): Prepared<WebexRecord> {
  if (key === undefined) {
    errors.push({ code: 'MISSING_MATCH_VALUE', message: 'matching KEY needs a key: add it', field: 'key' })
  }
  return key === undefined || errors.length > 0
    ? { ok: false, errors }
    : { ok: true, value: { key, attributes }, warnings: [] }
}

function withFilter(
  conditions: readonly Condition[],
  attributes: WebexAttribute[],
  map: FieldMap<WebexAttributeName>,
  errors: RecordError[],
): Prepared<WebexRecord> {
  const filter: WebexCondition[] = []
  for (const [place, { attribute, operator, value, logical }] of conditions.entries()) {
    const name = conditionName(attribute, map)
    const path = `filter[${place}].attribute`
    if (name === undefined) errors.push(unmappedField(attribute, path))
    else if (name === '')
      errors.push({ code: 'UNKNOWN_ATTRIBUTE', message: `${path} is empty: name an attribute`, field: path })
    else {
      filter.push({
        ...wireName(name),
        'rel-op': relationalOperators[operator],
        val: operandOf(attribute, value),
        'logical-op': logical === 'AND' ? 'and' : 'or',
      })
    }
  }
  if (conditions.length === 0) {
    const message = 'matching FILTER needs at least one condition: an empty filter would reach every profile'
    errors.push({ code: 'MISSING_MATCH_VALUE', message, field: 'filter' })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: { attributes, filter }, warnings: [] }
}

/** As in every filter: `attributes.email` is the attribute, `email` the field. undefined: a field without a name here. */
function conditionName(written: string, map: FieldMap<WebexAttributeName>): WebexAttributeName | undefined {
  if (written.startsWith(attributePrefix)) return map.attribute(written.slice(attributePrefix.length))
  const field = unifiedFields.find((one) => one === written)
  if (field !== undefined) return map.field(field)
  const name = map.attribute(written)
  // createdAt and updatedAt are the gateway's own unless the configuration says what they are there.
  return Object.hasOwn(systemFieldTypes, written) && name === written ? undefined : name
}

/** Compared as it was written: addresses in their normal form. */
function operandOf(written: string, value: string): string {
  const field: UnifiedField | undefined = unifiedFields.find((one) => one === written)
  if (field === 'email') return value.trim().toLowerCase()
  if (field !== 'phone') return value
  const phone = normalisePhone(value)
  return phone.ok ? phone.value : value.trim()
}

const wireName = (name: WebexAttributeName): NamedAttribute =>
  typeof name === 'string' ? { 'attribute-name': name } : { 'attribute-id': name.attributeId }

const identityOf = (attribute: NamedAttribute): string =>
  'attribute-name' in attribute ? `name ${attribute['attribute-name']}` : `id ${attribute['attribute-id']}`

/** Every value travels as text; null has none. */
function textOfValue(value: JsonValue): string | null {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(textOfValue).join(readings.listSeparator)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function uncleared(path: string): RecordError {
  const message = `${path} cannot be cleared: Webex Campaign documents no way to; leave it out to keep it, or send a value`
  return { code: 'INVALID_VALUE', message, field: path }
}

/** What a request is refused for where its records are known beforehand, for those that come from a file. */
function unsendable(record: ProfileRecord): RecordError[] {
  const errors: RecordError[] = []
  if (record.newKey !== undefined) {
    const message = 'newKey: Webex Campaign cannot rename a profile; leave it out'
    errors.push({ code: 'INVALID_VALUE', message, field: 'newKey' })
  }
  if (record.extensions !== undefined && record.extensions.length > 0) {
    const message = 'extensions: Webex Campaign has none; leave them out, or map an attribute for the address'
    errors.push({ code: 'INVALID_EXTENSION', message, field: 'extensions' })
  }
  return errors
}
