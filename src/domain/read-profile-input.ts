import type { ProfileInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import {
  channels,
  conditionOperators,
  contactStatuses,
  logicalOperators,
  subscriptionStatuses,
} from '../contract/profile.ts'
import { shownName } from './json.ts'
import { profileLimits } from './normalise-profile.ts'
import { mostErrors } from './record-errors.ts'
import { noteUnreadable } from './unreadable-extensions.ts'

/** What can be told of a record that cannot be read. */
export interface RecordLabel {
  clientRef?: string
  key?: string
}

/** `found`: a record that cannot be read, as it stands in the file, for whoever mends it; null where that cannot be shown. */
export type ReadInput =
  | { ok: true; input: ProfileInput }
  | { ok: false; errors: RecordError[]; label: RecordLabel; found: unknown }

/** How many lists and objects may stand one inside the other in a line. A record needs four, and its custom fields may have ten. */
const deepest = 32

/** Reads a value that is not null, or says through `refuse` what it should have been. */
type Reader = (value: unknown, path: string, errors: RecordError[]) => unknown

interface Shape {
  name: string
  readers: ReadonlyMap<string, Reader>
  /** Members that must be there and are not null. */
  required: readonly string[]
  /** What a member is that is not there. */
  defaults: Readonly<Record<string, unknown>>
}

const shape = (
  name: string,
  readers: Record<string, Reader>,
  { required = [] as readonly string[], defaults = {} as Record<string, unknown> } = {},
): Shape => ({ name, readers: new Map(Object.entries(readers)), required, defaults })

function refuse(errors: RecordError[], field: string, message: string): undefined {
  errors.push({ code: 'INVALID_VALUE', message: `${field} ${message}`, field })
}

const text: Reader = (value, path, errors) =>
  typeof value === 'string' ? value : refuse(errors, path, 'is not text: put it in quotes')

const id: Reader = (value, path, errors) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value, path, errors)

const flag: Reader = (value, path, errors) =>
  typeof value === 'boolean' ? value : refuse(errors, path, 'is not true or false, without quotes')

const integer: Reader = (value, path, errors) =>
  typeof value === 'number' && (value | 0) === value
    ? value
    : refuse(errors, path, 'is not a whole number of 32 bits, without quotes')

const oneOf =
  (names: readonly string[]): Reader =>
  (value, path, errors) =>
    typeof value === 'string' && names.includes(value)
      ? value
      : refuse(errors, path, `is not one of ${names.join(', ')}`)

const jsonObject: Reader = (value, path, errors) => {
  if (!isObject(value)) return refuse(errors, path, 'is not a JSON object: expected names with values')
  if (Object.hasOwn(value, '__proto__')) return refuse(errors, path, 'has a member named __proto__: rename it')
  return value
}

/** As in GraphQL, one value is a list of one. */
const listOf =
  (reader: Reader): Reader =>
  (value, path, errors) => {
    const read: unknown[] = []
    for (const [place, member] of (Array.isArray(value) ? value : [value]).entries()) {
      const at = `${path}[${place}]`
      read.push(member === null ? refuse(errors, at, 'is null: leave it out') : reader(member, at, errors))
      if (errors.length >= mostErrors) break
    }
    return read
  }

const members =
  (of: Shape): Reader =>
  (value, path, errors) =>
    isObject(value) ? readMembers(of, value, `${path}.`, errors) : refuse(errors, path, `is not a ${of.name}`)

/** What is wrong with the values of one is left to the check of extensions, which may drop it. */
const extensions: Reader = (value, path, errors) => {
  const count = Array.isArray(value) ? value.length : 1
  if (count <= profileLimits.extensions) return listOf(extensionMembers)(value, path, errors)
  return refuse(errors, path, `has ${count} members; at most ${profileLimits.extensions} are taken`)
}

const extensionMembers: Reader = (value, path, errors) => {
  if (!isObject(value)) return refuse(errors, path, `is not a ${extension.name}`)
  const wrong: RecordError[] = []
  const read = readMembers(extension, value, '', wrong)
  if (wrong.length === 0) return read
  const members = wrong.flatMap(({ field, message }) => (field === undefined ? [] : [{ field, message }]))
  if (members.length === wrong.length) noteUnreadable(value, members)
  else errors.push(...wrong.map((error) => withinPath(`${path}.`, error)))
  return value
}

function withinPath(path: string, { field, message, ...error }: RecordError): RecordError {
  return { ...error, message: path + message, ...(field === undefined ? {} : { field: path + field }) }
}

const condition = shape(
  'ConditionInput',
  { attribute: text, operator: oneOf(conditionOperators), value: text, logical: oneOf(logicalOperators) },
  { required: ['attribute', 'operator', 'value', 'logical'], defaults: { operator: 'EQUALS', logical: 'AND' } },
)

const extension = shape(
  'ProfileExtensionInput',
  {
    channel: oneOf(channels),
    address: text,
    provider: text,
    resourceId: integer,
    name: text,
    permission: flag,
    status: oneOf(subscriptionStatuses),
    priority: integer,
    categories: listOf(text),
    customFields: jsonObject,
  },
  { required: ['channel', 'address'] },
)

const profile = shape('ProfileInput', {
  clientRef: text,
  key: text,
  newKey: text,
  profileId: id,
  filter: listOf(members(condition)),
  email: text,
  emailPermission: flag,
  emailStatus: oneOf(contactStatuses),
  phone: text,
  phonePermission: flag,
  phoneStatus: oneOf(contactStatuses),
  status: oneOf(contactStatuses),
  firstName: text,
  lastName: text,
  gender: text,
  birthDate: text,
  subscriptionDate: text,
  attributes: jsonObject,
  extensions,
} satisfies Record<keyof ProfileInput, Reader>)

/**
 * Reads a value of JSON as GraphQL reads a variable of the type ProfileInput: what one takes, so does the other, with the same result (but
 * for numbers as ids that JSON does not keep exact). What GraphQL refuses is INVALID_VALUE where a field has a wrong value, MALFORMED_RECORD
 * where there is no such field or nothing that could have one; the errors name the field. An extension with a wrong value is noted as
 * unreadable, and stays.
 */
export function readProfileInput(value: unknown): ReadInput {
  // Nothing of such a depth is kept: it could not be written as JSON again.
  if (typeof value === 'object' && value !== null && isDeeperThan(value, deepest)) {
    return malformed(`The record is nested deeper than ${deepest} levels: flatten it`, labelOf({ ...value }))
  }
  if (!isObject(value)) {
    return malformed('The record is not a JSON object: expected {"key": …} with the fields of ProfileInput', {}, value)
  }
  const errors: RecordError[] = []
  const input = readMembers(profile, value, '', errors)
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, mostErrors), label: labelOf(value), found: value }
  // Each member was read by the reader of its own type.
  return { ok: true, input: input as ProfileInput }
}

export function malformed(message: string, label: RecordLabel, found: unknown = null): ReadInput {
  return { ok: false, errors: [{ code: 'MALFORMED_RECORD', message }], label, found }
}

/** The members that results show, where they are what they should be. */
export function labelOf({ clientRef, key }: Readonly<Record<string, unknown>>): RecordLabel {
  return {
    ...(typeof clientRef === 'string' ? { clientRef } : {}),
    ...(typeof key === 'string' ? { key } : {}),
  }
}

function readMembers(
  { name, readers, required, defaults }: Shape,
  value: Readonly<Record<string, unknown>>,
  path: string,
  errors: RecordError[],
): Record<string, unknown> {
  const read: Record<string, unknown> = { ...defaults }
  for (const member of Object.keys(value)) {
    const reader = readers.get(member)
    const given = value[member]
    if (!reader) {
      const field = `${path}${shownName(member)}`
      errors.push({ code: 'MALFORMED_RECORD', message: `${field} is no field of ${name}: check its spelling` })
    } else if (given !== null) read[member] = reader(given, `${path}${member}`, errors)
    else if (required.includes(member)) refuse(errors, `${path}${member}`, 'is null: it must have a value')
    else read[member] = null
    if (errors.length >= mostErrors) break
  }
  for (const member of required) {
    if (!Object.hasOwn(value, member) && !Object.hasOwn(defaults, member)) {
      refuse(errors, `${path}${member}`, 'is missing')
    }
  }
  return read
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && isDeeperThan(member, levels - 1)) return true
  }
  return false
}
