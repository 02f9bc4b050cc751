import type { JsonValue } from '../../contract/profile.ts'
import type { UnifiedField } from '../../contract/request.ts'
import { createFieldMap, type FieldMap } from '../vendor-settings.ts'
import { comparableColumn, emailOf, gsmOf, keyColumn, newKeyColumn } from './readings.ts'

export type ColumnValue = string | number | boolean | null

/** Columns of master_contact by name, the two keys apart, in order of name: the reference lists them so too. */
export type Cells = { readonly [column: string]: ColumnValue }

/** The reference of BulkUpsert has lost the names; these are what the table's reference and every caller write. */
const contactColumns: Readonly<Record<Exclude<UnifiedField, 'key'>, string>> = {
  email: 'email',
  emailPermission: 'email_permission',
  emailStatus: 'email_status',
  phone: 'gsm',
  phonePermission: 'gsm_permission',
  phoneStatus: 'gsm_status',
  status: 'contact_status',
  firstName: 'name',
  lastName: 'surname',
  gender: 'gender',
  birthDate: 'birth_date',
  subscriptionDate: 'subscription_date',
}

/** An address and what D·engage keeps beside it. */
export interface AddressColumns {
  field: 'email' | 'phone'
  statusField: 'emailStatus' | 'phoneStatus'
  address: string
  status: string
}

/** The columns of one account. */
export interface ContactColumns {
  map: FieldMap<string>
  addresses: readonly AddressColumns[]
  emailPermission: string
  phonePermission: string
  /** Columns that belong to a field or are the key, in comparable form; an attribute must not write them. */
  reserved: ReadonlySet<string>
  /** Where in a record the value of a column stands. */
  pathOf(column: string): string
}

export function contactColumnsOf(fields: Readonly<Record<string, string>>): ContactColumns {
  const map = createFieldMap(fields, contactColumns, (attribute) => attribute)
  const column = (field: Exclude<UnifiedField, 'key'>) => map.field(field) ?? contactColumns[field]
  const fieldOf = new Map([
    [keyColumn, 'key'],
    [newKeyColumn, 'newKey'],
  ])
  for (const field of map.fields) {
    const name = map.field(field)
    if (name !== undefined) fieldOf.set(comparableColumn(name), field)
  }
  const attributeOf = new Map(
    Object.keys(fields)
      .map((written) => written.replace(/^attributes\./, ''))
      .map((attribute) => [map.attribute(attribute), attribute]),
  )
  return {
    map,
    addresses: [
      { field: 'email', statusField: 'emailStatus', address: column('email'), status: column('emailStatus') },
      { field: 'phone', statusField: 'phoneStatus', address: column('phone'), status: column('phoneStatus') },
    ],
    emailPermission: column('emailPermission'),
    phonePermission: column('phonePermission'),
    reserved: new Set(fieldOf.keys()),
    pathOf: (name) => fieldOf.get(comparableColumn(name)) ?? `attributes.${attributeOf.get(name) ?? name}`,
  }
}

const statuses = new Map<JsonValue, string>([
  ['ACTIVE', 'A'],
  ['PASSIVE', 'P'],
])

/** A field's value as its column takes it; null clears. */
export function fieldValue(field: string, value: JsonValue): ColumnValue {
  if (typeof value === 'boolean' || value === null) return value
  const text = String(value)
  switch (field) {
    case 'email':
      return emailOf(text)
    case 'phone':
      return gsmOf(text)
    case 'emailStatus':
    case 'phoneStatus':
    case 'status':
      return statuses.get(value) ?? text
    default:
      return text
  }
}

/** An attribute's value as JSON writes it; undefined for one that no column takes. */
export function attributeValue(value: JsonValue): ColumnValue | undefined {
  return typeof value === 'object' && value !== null ? undefined : value
}

/** In order of name, so that equal sets of columns are equal lists. */
export function cellsOf(entries: Iterable<readonly [string, ColumnValue]>): Cells {
  // fromEntries defines members, so that a column called __proto__ stays a column.
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)))
}
