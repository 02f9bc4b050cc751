import type { ConditionInput, ProfileExtensionInput, ProfileInput } from '../contract/input.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { ExtensionRecord, JsonObject, JsonValue, ProfileRecord } from '../contract/profile.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'
import { attributePrefix } from './filter.ts'
import { maxNameLength, nameProblem, shownName, withoutNulls } from './json.ts'
import { missingMatchValue } from './match-value.ts'
import { normaliseExtension } from './normalise-extension.ts'
import {
  type Checked,
  checkDate,
  checkText,
  maxStringLength,
  normaliseEmail,
  normalisePhone,
  unstorableText,
} from './values.ts'

/** Limits of one record: characters for texts, members for lists. */
export const profileLimits = {
  name: 100,
  key: 255,
  attributes: 1000,
  extensions: 100,
  conditions: 20,
} as const

export type NormalisedProfile =
  | { ok: true; record: ProfileRecord; warnings: RecordWarning[] }
  | { ok: false; errors: RecordError[] }

/**
 * Checks and normalises one record as far as that does not depend on a destination: values, nulls, extensions, and that it carries what its
 * matching mode needs and nothing that the mode forbids. All errors of the record are reported, not only the first. The answer may share
 * `attributes`, `filter` and `customFields` with the input, which must not be changed afterwards.
 */
export function normaliseProfile(input: ProfileInput, options: ProfileUpsertOptions): NormalisedProfile {
  const errors: RecordError[] = []
  const warnings: RecordWarning[] = []
  const clears = options.nulls === 'CLEAR'
  const record: ProfileRecord = {}

  if (input.clientRef != null) setIdentifier(record, 'clientRef', input.clientRef, errors)
  if (input.key != null) setIdentifier(record, 'key', input.key, errors)
  if (input.newKey != null) setIdentifier(record, 'newKey', input.newKey, errors)
  if (input.profileId != null) setIdentifier(record, 'profileId', input.profileId, errors)
  if (input.filter != null) setFilter(record, input.filter, errors)
  if (input.email !== undefined) setChecked(record, 'email', input.email, clears, normaliseEmail, errors)
  if (input.emailPermission != null) record.emailPermission = input.emailPermission
  if (input.emailStatus != null) record.emailStatus = input.emailStatus
  if (input.phone !== undefined) setChecked(record, 'phone', input.phone, clears, normalisePhone, errors)
  if (input.phonePermission != null) record.phonePermission = input.phonePermission
  if (input.phoneStatus != null) record.phoneStatus = input.phoneStatus
  if (input.status != null) record.status = input.status
  if (input.firstName !== undefined) setChecked(record, 'firstName', input.firstName, clears, checkName, errors)
  if (input.lastName !== undefined) setChecked(record, 'lastName', input.lastName, clears, checkName, errors)
  if (input.gender !== undefined) setChecked(record, 'gender', input.gender, clears, checkName, errors)
  if (input.birthDate !== undefined) setChecked(record, 'birthDate', input.birthDate, clears, checkDate, errors)
  if (input.subscriptionDate !== undefined) {
    setChecked(record, 'subscriptionDate', input.subscriptionDate, clears, checkDate, errors)
  }
  if (input.attributes != null) setAttributes(record, input.attributes, clears, errors)
  if (input.extensions != null) setExtensions(record, input.extensions, options, errors, warnings)
  if (clears) refuseNulls(input, errors)

  checkMode(input, options, errors)
  // Where a bad extension fails the record, that error says it all; a dropped one leaves the record without it.
  const extensions = options.skipInvalidExtensions ? record.extensions : input.extensions
  const missing = missingMatchValue(input, extensions ?? [], options)
  if (missing) errors.push(missing)

  return errors.length > 0 ? { ok: false, errors } : { ok: true, record, warnings }
}

const checkName = (text: string) => checkText(text, profileLimits.name)

function refuse(errors: RecordError[], code: RecordError['code'], field: string, message: string) {
  errors.push({ code, message: `${field} ${message}`, field })
}

/** What `nulls: CLEAR` cannot clear. */
const unclearable = [
  'key',
  'newKey',
  'profileId',
  'filter',
  'emailPermission',
  'emailStatus',
  'phonePermission',
  'phoneStatus',
  'status',
  'attributes',
  'extensions',
] as const

function refuseNulls(input: ProfileInput, errors: RecordError[]) {
  for (const field of unclearable) {
    if (input[field] !== null) continue
    refuse(errors, 'INVALID_VALUE', field, 'cannot be cleared with null: leave it out to keep it, or send a value')
  }
}

function setChecked(
  record: ProfileRecord,
  field: 'email' | 'phone' | 'firstName' | 'lastName' | 'gender' | 'birthDate' | 'subscriptionDate',
  value: string | null,
  clears: boolean,
  check: (value: string) => Checked<string>,
  errors: RecordError[],
) {
  if (value === null) {
    if (clears) record[field] = null
    return
  }
  const checked = check(value)
  if (checked.ok) record[field] = checked.value
  else refuse(errors, checked.code, field, checked.message)
}

function setIdentifier(
  record: ProfileRecord,
  field: 'clientRef' | 'key' | 'newKey' | 'profileId',
  value: string,
  errors: RecordError[],
) {
  const checked = checkText(value, profileLimits.key)
  if (!checked.ok) refuse(errors, checked.code, field, checked.message)
  else if (value === '') refuse(errors, 'INVALID_VALUE', field, 'is empty: leave it out or send a value')
  else record[field] = value
}

function setFilter(record: ProfileRecord, filter: ConditionInput[], errors: RecordError[]) {
  if (filter.length > profileLimits.conditions) {
    const message = `has ${filter.length} conditions; at most ${profileLimits.conditions} are taken`
    refuse(errors, 'INVALID_VALUE', 'filter', message)
  }
  for (const [place, { attribute, value }] of filter.entries()) {
    const name = checkText(attribute, attributePrefix.length + maxNameLength)
    if (!name.ok) refuse(errors, name.code, `filter[${place}].attribute`, name.message)
    const operand = checkText(value, maxStringLength)
    if (!operand.ok) refuse(errors, operand.code, `filter[${place}].value`, operand.message)
  }
  record.filter = filter
}

function setAttributes(record: ProfileRecord, attributes: JsonObject, clears: boolean, errors: RecordError[]) {
  const names = Object.keys(attributes)
  if (names.length > profileLimits.attributes) {
    const message = `has ${names.length} members; at most ${profileLimits.attributes} are taken`
    refuse(errors, 'INVALID_VALUE', 'attributes', message)
    return
  }
  let hasNull = false
  for (const name of names) {
    const problem = nameProblem(name)
    if (problem !== null) {
      refuse(errors, 'INVALID_VALUE', 'attributes', `holds the name ${shownName(name)}, which ${problem}`)
      continue
    }
    const value = attributes[name]
    if (value === null) hasNull = true
    else if (value !== undefined) {
      const wrong = attributeProblem(value)
      if (wrong !== null) refuse(errors, 'INVALID_VALUE', `attributes.${name}`, wrong)
    }
  }
  record.attributes = hasNull && !clears ? withoutNulls(attributes) : attributes
}

/** What makes a value one that no destination could take, or null. */
function attributeProblem(value: JsonValue): string | null {
  switch (typeof value) {
    case 'string':
      return unstorableText(value)
    case 'number':
      return Number.isFinite(value) ? null : 'is a number too large for JSON: make it text'
    case 'boolean':
      return null
    default: {
      if (!Array.isArray(value)) return 'is an object: expected text, a number, true, false or a list of texts'
      for (const member of value) {
        if (typeof member !== 'string') return 'is a list that holds something other than text'
        const unstorable = unstorableText(member)
        if (unstorable !== null) return `holds a text that ${unstorable}`
      }
      return null
    }
  }
}

/** Why an extension was dropped; it may have that many members that are wrong. */
const mostReasons = 3

function setExtensions(
  record: ProfileRecord,
  extensions: readonly ProfileExtensionInput[],
  options: ProfileUpsertOptions,
  errors: RecordError[],
  warnings: RecordWarning[],
) {
  if (extensions.length > profileLimits.extensions) {
    const message = `has ${extensions.length} members; at most ${profileLimits.extensions} are taken`
    refuse(errors, 'INVALID_VALUE', 'extensions', message)
    return
  }
  const kept: ExtensionRecord[] = []
  for (const [place, extension] of extensions.entries()) {
    const normalised = normaliseExtension(extension, place, options.nulls === 'CLEAR')
    if (normalised.ok) kept.push(normalised.extension)
    else if (options.skipInvalidExtensions) {
      const field = `extensions[${place}]`
      const told = normalised.errors.slice(0, mostReasons).map((error) => error.message)
      const more = normalised.errors.length - told.length
      const message = `${field} was dropped: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
      warnings.push({ code: 'EXTENSION_DROPPED', message, field })
    } else errors.push(...normalised.errors)
  }
  record.extensions = kept
}

/** Refuses what the record carries and its matching or upsert mode has no use for. */
function checkMode(input: ProfileInput, { matching, upsert }: ProfileUpsertOptions, errors: RecordError[]) {
  if (input.newKey != null && (matching !== 'KEY' || upsert !== 'UPDATE_ONLY')) {
    const message = `renames, which needs matching KEY and upsert UPDATE_ONLY; this request has ${matching} and ${upsert}`
    refuse(errors, 'INVALID_VALUE', 'newKey', message)
  }
  if (input.profileId != null && matching !== 'PROFILE_ID') {
    refuse(errors, 'INVALID_VALUE', 'profileId', `belongs to matching PROFILE_ID only; this request has ${matching}`)
  }
  if (input.filter != null && matching !== 'FILTER') {
    refuse(errors, 'INVALID_VALUE', 'filter', `belongs to matching FILTER only; this request has ${matching}`)
  }
  if (input.key != null && matching === 'FILTER') {
    refuse(errors, 'INVALID_VALUE', 'key', 'has no place beside matching FILTER, which may reach several profiles')
  }
}
