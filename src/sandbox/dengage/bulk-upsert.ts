import { type BulkCall, type BulkOutcome, createMessages, keyOf, type Messages, type Refusal } from './bulk-call.ts'
import { type Column, type ColumnValue, contactColumns } from './columns.ts'
import { readings } from './readings.ts'
import type { DengageSettings } from './settings.ts'
import type { Contact, Tables } from './tables.ts'

/** One record that passed. */
interface ValidRecord {
  key: string
  newKey: string | null
  values: Map<string, ColumnValue>
}

/** BulkUpsert: everything is validated before anything is written. */
export function bulkUpsert(call: BulkCall, tables: Tables, settings: DengageSettings): BulkOutcome | Refusal {
  const known = contactColumns(settings)
  const unknown = call.columns.filter(
    (name) => name !== 'contact_key' && name !== 'new_contact_key' && !known.has(name),
  )
  if (unknown.length > 0) return { code: 1, message: readings.unknownColumns(unknown) }
  if (!call.columns.includes('contact_key')) return { code: 1, message: 'columns must contain contact_key' }
  if (call.insertIfNotExists && call.columns.includes('new_contact_key')) {
    return { code: 1, message: 'new_contact_key cannot be used with insertIfNotExists=true' }
  }

  const messages = createMessages(settings)
  const columns = [...new Set(call.columns)].flatMap((name) => known.get(name) ?? [])
  const renames = call.columns.includes('new_contact_key')
  const valid = readRecords(call, { columns, renames, tables, messages })
  const { errors, warnings } = messages
  if (call.throwExceptionIfInvalidRecord && errors.length > 0) return { code: 11, message: errors.join(' ') }

  const inserted: string[] = []
  const updated: string[] = []
  for (const { key, newKey, values } of valid.values()) {
    const contact = tables.contacts.get(key)
    if (contact) {
      write(contact, values)
      if (newKey !== null) tables.rename(key, newKey)
      updated.push(newKey === null || readings.renamedUnderOldKey ? key : newKey)
    } else if (call.insertIfNotExists) {
      tables.contacts.set(key, newContact(key, values, known))
      inserted.push(key)
    }
  }
  return { inserted, updated, errors, warnings }
}

interface Reader {
  columns: readonly Column[]
  renames: boolean
  tables: Tables
  messages: Messages
}

/** The valid records by key, the last one of a key alone, in the order of the keys' first appearance. */
function readRecords({ contactDatas }: BulkCall, reader: Reader): Map<string, ValidRecord> {
  const last = new Map(contactDatas.map((record, index) => [keyOf(record), index]))
  const valid = new Map<string, ValidRecord>()
  const takenKeys = new Set<string>()
  for (const [index, record] of contactDatas.entries()) {
    const key = keyOf(record)
    const place = index + 1
    if (key === null) reader.messages.error(null, place, readings.invalid('contact_key'))
    if (key === null || last.get(key) !== index) continue
    const values = readValues(record, key, place, reader)
    const newKey = reader.renames ? readNewKey(record, key, place, reader, takenKeys) : null
    if (values && newKey !== undefined) valid.set(key, { key, newKey, values })
  }
  return valid
}

/** null: the record has an error, which is filed. */
function readValues(
  record: Record<string, unknown>,
  key: string,
  place: number,
  { columns, messages }: Reader,
): Map<string, ColumnValue> | null {
  const values = new Map<string, ColumnValue>()
  let failed = false
  for (const { name, default: byDefault, read } of columns) {
    const raw = record[name]
    if (raw === undefined) {
      if (readings.resetListedButMissing) values.set(name, byDefault)
      continue
    }
    const reading = read(raw)
    if ('error' in reading) {
      messages.error(key, place, reading.error)
      failed = true
    } else {
      if ('warning' in reading) messages.warning(key, reading.warning)
      values.set(name, reading.value)
    }
  }
  return failed ? null : values
}

/** null: the key stays; undefined: the record has an error, which is filed. */
function readNewKey(
  record: Record<string, unknown>,
  key: string,
  place: number,
  { tables, messages }: Reader,
  takenKeys: Set<string>,
): string | null | undefined {
  const { new_contact_key: newKey } = record
  if (newKey === undefined || newKey === key) return null
  if (typeof newKey !== 'string' || newKey === '') {
    messages.error(key, place, readings.invalid('new_contact_key'))
    return undefined
  }
  if (tables.contacts.has(newKey) || takenKeys.has(newKey)) {
    messages.error(key, place, `new_contact_key ${newKey} already exists.`)
    return undefined
  }
  takenKeys.add(newKey)
  return newKey
}

const addressStatuses = [
  ['email', 'email_status'],
  ['gsm', 'gsm_status'],
] as const

function write(contact: Contact, values: ReadonlyMap<string, ColumnValue>): void {
  const before = addressStatuses.map(([address]) => contact.get(address))
  for (const [name, value] of values) contact.set(name, value)
  addressStatuses.forEach(([address, status], index) => {
    if (contact.get(address) !== before[index]) contact.set(status, 'A')
  })
}

function newContact(
  key: string,
  values: ReadonlyMap<string, ColumnValue>,
  known: ReadonlyMap<string, Column>,
): Contact {
  const contact: Contact = new Map([['contact_key', key]])
  for (const { name, default: byDefault } of known.values()) contact.set(name, byDefault)
  if (readings.insertChangesAddress) write(contact, values)
  else for (const [name, value] of values) contact.set(name, value)
  return contact
}
