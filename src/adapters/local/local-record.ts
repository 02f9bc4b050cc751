import type { Prepared, RecordPreparer } from '../../contract/adapter.ts'
import type { RecordErrorCode, RecordWarning } from '../../contract/outcome.ts'
import type { ExtensionRecord, JsonObject, ProfileRecord } from '../../contract/profile.ts'
import type { ExtensionType, ProfileType } from '../../contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { type TypedCondition, typeFilter } from '../../domain/filter.ts'
import { shortened } from '../../domain/json.ts'
import { RecordErrors } from '../../domain/record-errors.ts'
import { type AttributeValue, coerceValue } from '../../domain/values.ts'
import { identityOf } from './extension-identity.ts'
import { matchTokensOf } from './match-tokens.ts'

/** The profile's own fields, `key` apart, by their names in the schema. */
export const fieldNames = [
  'email',
  'emailPermission',
  'emailStatus',
  'phone',
  'phonePermission',
  'phoneStatus',
  'status',
  'firstName',
  'lastName',
  'gender',
  'birthDate',
  'subscriptionDate',
] as const
export type FieldName = (typeof fieldNames)[number]
export type FieldValue = string | boolean | null

export interface LocalExtension {
  identity: string
  record: ExtensionRecord
}

/** A record as the local store applies it: attributes typed, the values it is matched by worked out. */
export interface LocalRecord {
  key: string | null
  newKey: string | null
  /** Every field that the record states, as `[name, value]`; null clears. */
  fields: readonly (readonly [FieldName, FieldValue])[]
  statesEmailStatus: boolean
  statesPhoneStatus: boolean
  /** As `[name, value]`; null clears. */
  attributes: readonly (readonly [string, AttributeValue | null])[]
  /** The keys of profiles of its own type that its links lead to. */
  linkedKeys: readonly string[]
  extensions: readonly LocalExtension[]
  /** What the record looks for, see match-tokens.ts; empty under FILTER. */
  tokens: readonly string[]
  filter: readonly TypedCondition[] | null
}

/** The longest key of a profile, and so of a link. */
export const longestKey = 255
const globalProfileId = /^Profile:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/

/** The row id within a Profile's global id; null when it is the id of something else. */
export function profileRowId(globalId: string): string | null {
  return globalProfileId.exec(Buffer.from(globalId, 'base64').toString('utf8'))?.[1] ?? null
}

const noAttributes: LocalRecord['attributes'] = []
const noKeys: LocalRecord['linkedKeys'] = []

/** Readies records of one request for the local store. `type` is the profile type as defined at this moment. */
export function localPreparer(
  options: ProfileUpsertOptions,
  type: ProfileType,
  extensionTypes: readonly ExtensionType[],
): RecordPreparer<LocalRecord> {
  const definitions = new Map(type.attributes.map((attribute) => [attribute.name, attribute]))
  const linkAttributes = new Set(type.links.map((link) => link.attribute))
  const ownLinks = new Set(type.links.flatMap((link) => (link.targetType === type.name ? [link.attribute] : [])))
  const extensionNames = new Set(extensionTypes.map(({ channel, name }) => `${channel} ${name}`))

  const typeAttributes = (attributes: JsonObject, errors: RecordErrors) => {
    const typed: [string, AttributeValue | null][] = []
    const refuse = (code: RecordErrorCode, name: string, message: (shown: string) => string) =>
      errors.add(() => ({ code, message: message(shortened(name)), field: `attributes.${name}` }))
    for (const name of Object.keys(attributes)) {
      const value = attributes[name]
      const definition = definitions.get(name)
      if (!definition) {
        refuse('UNKNOWN_ATTRIBUTE', name, (shown) => {
          return `The profile type ${type.name} has no attribute ${shown}: define it with defineProfileType`
        })
      } else if (!definition.importable) {
        refuse('ATTRIBUTE_NOT_IMPORTABLE', name, (shown) => `The attribute ${shown} is closed to imports`)
      } else if (value === null || value === undefined) {
        typed.push([name, null])
      } else {
        const checked = coerceValue(definition.type, value)
        if (!checked.ok) refuse(checked.code, name, (shown) => `${shown} ${checked.message}`)
        else if (linkAttributes.has(name) && (checked.value === '' || String(checked.value).length > longestKey)) {
          const code = checked.value === '' ? 'INVALID_VALUE' : 'VALUE_TOO_LONG'
          refuse(code, name, (shown) => `${shown} is a link: its value is a key of 1 to ${longestKey} characters`)
        } else typed.push([name, checked.value])
      }
    }
    return typed
  }

  const linkedKeys = (attributes: LocalRecord['attributes']) =>
    attributes.flatMap(([name, value]) => (ownLinks.has(name) && value !== null ? [String(value)] : []))

  const readyExtensions = (given: readonly ExtensionRecord[], errors: RecordErrors, warnings: RecordWarning[]) => {
    const ready: LocalExtension[] = []
    given.forEach((record, place) => {
      if (record.name == null || extensionNames.has(`${record.channel} ${record.name}`)) {
        ready.push({ identity: identityOf(record), record })
        return
      }
      const message = `There is no extension type ${record.name} for the channel ${record.channel}: define it with defineExtensionType`
      const field = `extensions[${place}].name`
      if (options.skipInvalidExtensions) warnings.push({ code: 'EXTENSION_DROPPED', message, field })
      else errors.add(() => ({ code: 'INVALID_EXTENSION', message, field }))
    })
    return ready
  }

  return (record: ProfileRecord): Prepared<LocalRecord> => {
    const errors = new RecordErrors()
    const warnings: RecordWarning[] = []
    const fields: (readonly [FieldName, FieldValue])[] = []
    for (const name of fieldNames) {
      const value = record[name]
      if (value === undefined) continue
      if (name === 'status' && value === null) continue
      fields.push([name, value])
    }
    const attributes = record.attributes ? typeAttributes(record.attributes, errors) : noAttributes
    const extensions = record.extensions ? readyExtensions(record.extensions, errors, warnings) : []
    let filter: readonly TypedCondition[] | null = null
    if (record.filter) {
      const typed = typeFilter(record.filter, (name) => definitions.get(name)?.type)
      if (typed.ok) filter = typed.conditions
      else for (const error of typed.errors) errors.add(() => error)
    }
    const profileId = record.profileId === undefined ? null : profileRowId(record.profileId)
    if (record.profileId !== undefined && profileId === null) {
      const message = 'profileId is not the id of a Profile here'
      errors.add(() => ({ code: 'INVALID_VALUE', message, field: 'profileId' }))
    }
    if (errors.count > 0) return { ok: false, errors: errors.told() }

    const tokens = matchTokensOf(options, {
      key: record.key ?? null,
      profileId,
      email: record.email ?? null,
      phone: record.phone ?? null,
      attributes,
      extensions,
    })
    if (tokens.length === 0 && options.matching !== 'FILTER') {
      const message = `Matching by ${options.matching} needs a value, and no usable one is left in the record`
      return { ok: false, errors: [{ code: 'MISSING_MATCH_VALUE', message }] }
    }
    const value: LocalRecord = {
      key: record.key ?? null,
      newKey: record.newKey ?? null,
      fields,
      statesEmailStatus: record.emailStatus !== undefined,
      statesPhoneStatus: record.phoneStatus !== undefined,
      attributes,
      linkedKeys: ownLinks.size === 0 ? noKeys : linkedKeys(attributes),
      extensions,
      tokens,
      filter,
    }
    return { ok: true, value, warnings }
  }
}
