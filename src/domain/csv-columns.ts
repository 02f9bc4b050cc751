import type { ColumnMappingInput } from '../contract/input.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import { attributePrefix } from './filter.ts'
import { nameProblem, shownName } from './json.ts'
import { profileLimits } from './normalise-profile.ts'

/** How a cell is read: `boolean` and `integer` as coerceValue does, `list` with commas between its members, the others as they are. */
export type CellType = 'text' | 'boolean' | 'integer' | 'list' | 'contactStatus' | 'subscriptionStatus' | 'channel'

interface CellField {
  type: CellType
  /** `nulls: CLEAR` lets an empty cell clear it. */
  clears: boolean
}

/** Where the cells of a column go. */
export type Target =
  | ({ kind: 'field'; name: string } & CellField)
  | { kind: 'attribute'; name: string }
  | ({ kind: 'extension'; place: number; name: string } & CellField)
  | { kind: 'customField'; place: number; name: string }
  /** Left out on purpose. */
  | { kind: 'nothing' }
  /** One of the last columns, without a name: its cells are empty. */
  | { kind: 'unnamed' }

const kept = (type: CellType): CellField => ({ type, clears: false })
const cleared = (type: CellType): CellField => ({ type, clears: true })

const profileFields: Readonly<Record<string, CellField>> = {
  clientRef: kept('text'),
  key: kept('text'),
  newKey: kept('text'),
  profileId: kept('text'),
  email: cleared('text'),
  emailPermission: kept('boolean'),
  emailStatus: kept('contactStatus'),
  phone: cleared('text'),
  phonePermission: kept('boolean'),
  phoneStatus: kept('contactStatus'),
  status: kept('contactStatus'),
  firstName: cleared('text'),
  lastName: cleared('text'),
  gender: cleared('text'),
  birthDate: cleared('text'),
  subscriptionDate: cleared('text'),
}

const extensionFields: Readonly<Record<string, CellField>> = {
  channel: kept('channel'),
  address: kept('text'),
  provider: kept('text'),
  resourceId: kept('integer'),
  name: cleared('text'),
  permission: kept('boolean'),
  status: kept('subscriptionStatus'),
  priority: cleared('integer'),
  categories: cleared('list'),
}

/** Fields of ProfileInput that no single cell can hold, and what to do in place of naming them. */
const structured: Readonly<Record<string, string>> = {
  attributes: 'name one of them as attributes.NAME',
  extensions: 'name a field of one as extensions[0].FIELD',
  filter: 'a filter has no form in CSV: send NDJSON',
}

const byLowerCase = <Value>(record: Readonly<Record<string, Value>>) =>
  new Map(Object.entries(record).map(([name, value]) => [name.toLowerCase(), { name, value }]))

const profileFieldNamed = byLowerCase(profileFields)
const extensionFieldNamed = byLowerCase(extensionFields)
const structuredNamed = byLowerCase(structured)

const extensionPath = /^extensions\[(\d{1,3})\]\.(?:(customfields)\.(.+)|(\w+))$/is

/**
 * What a header name or the `field` of a mapping means, or what is wrong with it. Names of fields are taken in any case; whatever is none is
 * the name of an attribute.
 */
function targetOf(path: string): Target | string {
  const lower = path.toLowerCase()
  const field = profileFieldNamed.get(lower)
  if (field) return { kind: 'field', name: field.name, ...field.value }
  const remedy = structuredNamed.get(lower)
  if (remedy) return `${remedy.name} does not fit in a cell: ${remedy.value}`
  if (lower.startsWith('extensions[')) return extensionTarget(path)
  const name = lower.startsWith(attributePrefix) ? path.slice(attributePrefix.length) : path
  const problem = memberProblem(name)
  return problem === null ? { kind: 'attribute', name } : `the attribute name ${problem}`
}

function extensionTarget(path: string): Target | string {
  const [, digits, customFields, customName, member = ''] = extensionPath.exec(path) ?? []
  if (digits === undefined) {
    return 'a field of an extension is written extensions[0].FIELD, or extensions[0].customFields.NAME'
  }
  const place = Number(digits)
  if (place >= profileLimits.extensions) {
    return `the number of an extension is at most ${profileLimits.extensions - 1}, counted from 0`
  }
  if (customFields !== undefined && customName !== undefined) {
    const problem = memberProblem(customName)
    return problem === null
      ? { kind: 'customField', place, name: customName }
      : `the name of the custom field ${problem}`
  }
  const field = extensionFieldNamed.get(member.toLowerCase())
  if (field) return { kind: 'extension', place, name: field.name, ...field.value }
  return `an extension has no field ${shownName(member)} that fits in a cell: name one of ${Object.keys(extensionFields).join(', ')}, or customFields.NAME`
}

function memberProblem(name: string): string | null {
  if (name === '') return 'is empty: add one'
  // Copied carelessly, a value of that name would change what an object is.
  if (name === '__proto__') return 'cannot be __proto__: rename it'
  return nameProblem(name)
}

/** What no two columns may share. */
function textOf(target: Target): string | null {
  switch (target.kind) {
    case 'field':
      return target.name
    case 'attribute':
      return `${attributePrefix}${target.name}`
    case 'extension':
      return `extensions[${target.place}].${target.name}`
    case 'customField':
      return `extensions[${target.place}].customFields.${target.name}`
    case 'nothing':
    case 'unnamed':
      return null
  }
}

export type ResolvedColumns = { ok: true; targets: Target[] } | { ok: false; issues: InputIssue[] }

/**
 * Where the cells of each column go: by the mapping where it names the column, else by the header name, which is one of the defined
 * `attributes` also where it is written in another case. A mapping to the empty text leaves the column out. All that is wrong is reported,
 * with its path in the input.
 */
export function resolveColumns(
  columns: readonly string[],
  mappings: readonly ColumnMappingInput[] | null,
  attributes: readonly string[] = [],
): ResolvedColumns {
  const issues: InputIssue[] = []
  const mapped = new Map<string, { field: string; path: string[] }>()
  const known = new Set(columns.filter((column) => column !== ''))
  if (mappings !== null && mappings.length > columns.length) {
    const message = `columns maps ${mappings.length} columns, and the file has ${columns.length}: map each at most once`
    return { ok: false, issues: [{ path: ['input', 'columns'], message }] }
  }
  for (const [place, { column, field }] of (mappings ?? []).entries()) {
    const path = ['input', 'columns', String(place)]
    const report = (message: string) => issues.push({ path: [...path, 'column'], message })
    if (!known.has(column)) report(`The file has no column ${shownName(column)}: its columns are ${listed(columns)}`)
    else if (mapped.has(column)) report(`The column ${shownName(column)} is mapped twice: map it once`)
    else mapped.set(column, { field, path: [...path, 'field'] })
  }

  const named = headerReader(attributes)
  const targets: Target[] = []
  const taken = new Map<string, string>()
  for (const column of columns) {
    if (column === '') {
      targets.push({ kind: 'unnamed' })
      continue
    }
    const mapping = mapped.get(column)
    const path = mapping?.path ?? ['input', 'columns']
    const target: Target | string =
      mapping?.field === '' ? { kind: 'nothing' } : targetOf(mapping?.field ?? named(column))
    if (typeof target === 'string') {
      issues.push({ path, message: `The column ${shownName(column)} cannot be read: ${target}` })
      continue
    }
    targets.push(target)
    const text = textOf(target)
    if (text === null) continue
    const other = taken.get(text)
    if (other === undefined) taken.set(text, column)
    else {
      const message = `The columns ${shownName(other)} and ${shownName(column)} are both ${text}: map one of them to another field, or to "" to leave it out`
      issues.push({ path, message })
    }
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, targets }
}

/**
 * The mapping that leads each column where `resolveColumns` does, though it is not known any more which attributes are defined; null where
 * nothing is mapped.
 */
export function settledMappings(
  columns: readonly string[],
  mappings: readonly ColumnMappingInput[] | null,
  attributes: readonly string[],
): ColumnMappingInput[] | null {
  const mapped = new Set(mappings?.map(({ column }) => column))
  const named = headerReader(attributes)
  const added = columns
    .map((column) => ({ column, field: named(column) }))
    .filter(({ column, field }) => field !== column && !mapped.has(column))
  return mappings === null && added.length === 0 ? null : [...(mappings ?? []), ...added]
}

/** What a header name stands for: a defined attribute where it is the only one of that name in any case, else as it is. */
function headerReader(attributes: readonly string[]): (column: string) => string {
  const defined = new Set(attributes)
  const byCase = Map.groupBy(attributes, (name) => name.toLowerCase())
  return (column) => {
    const target = targetOf(column)
    if (typeof target === 'string' || target.kind !== 'attribute' || defined.has(target.name)) return column
    const [name, ...others] = byCase.get(target.name.toLowerCase()) ?? []
    return name === undefined || others.length > 0 ? column : `${attributePrefix}${name}`
  }
}

const mostListed = 20

function listed(names: readonly string[]): string {
  const more = names.length > mostListed ? ` and ${names.length - mostListed} more` : ''
  return `${names.slice(0, mostListed).map(shownName).join(', ')}${more}`
}
