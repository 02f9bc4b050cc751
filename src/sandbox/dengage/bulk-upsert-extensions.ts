import { type BulkCall, type BulkOutcome, createMessages, keyOf, type Refusal } from './bulk-call.ts'
import { flag, isEmail, isGsm, text } from './columns.ts'
import { readings } from './readings.ts'
import { type Channel, channels, type DengageSettings } from './settings.ts'
import type { Extension, Tables } from './tables.ts'

const columnNames = ['contact_key', 'address', 'channel', 'name', 'permission', 'new_address', 'new_contact_key']
const nameColumn = text('name', 100, null)
const permissionColumn = flag('permission', readings.permissionDefault)

/** What a valid record does: it is skipped where there is neither an extension to change nor one to add. */
interface Change {
  key: string
  address: string
  existing: Extension | undefined
  /** Whole where the record may add it. */
  next: Partial<Extension>
}

/** BulkUpsertExtensions: everything is validated before anything is written. */
export function bulkUpsertExtensions(call: BulkCall, tables: Tables, settings: DengageSettings): BulkOutcome | Refusal {
  const refusal = refuseCall(call)
  if (refusal !== null) return { code: 1, message: refusal }
  const { errors, warnings, error } = createMessages(settings)
  const changes = new Map<string, Change>()
  const taken = new Set<string>()
  const last = new Map(call.contactDatas.map((record, index) => [pairOf(record), index]))
  call.contactDatas.forEach((record, index) => {
    const pair = pairOf(record)
    if (pair !== null && last.get(pair) !== index) return
    const change = readRecord(record, { call, tables, settings, taken })
    if (typeof change === 'string') error(keyOf(record), index + 1, change)
    else changes.set(pair ?? '', change)
  })
  if (call.throwExceptionIfInvalidRecord && errors.length > 0) return { code: 11, message: errors.join(' ') }

  const inserted: string[] = []
  const updated: string[] = []
  for (const { key, address, existing, next } of changes.values()) {
    if (existing) {
      Object.assign(existing, next)
      updated.push(readings.extensionNamedBy(key, address))
    } else if (call.insertIfNotExists && next.channel) {
      const { channel, name = null, permission = readings.permissionDefault } = next
      tables.addExtension({ contactKey: key, address: stored(channel, address), channel, name, permission })
      inserted.push(readings.extensionNamedBy(key, address))
    }
  }
  return { inserted, updated, errors, warnings }
}

/** What refuses the whole call, null when nothing does. */
function refuseCall({ columns, contactDatas, insertIfNotExists }: BulkCall): string | null {
  const unknown = columns.filter((name) => !columnNames.includes(name))
  if (unknown.length > 0) return readings.unknownColumns(unknown)
  const missing = ['contact_key', 'address'].filter((name) => !columns.includes(name))
  if (missing.length > 0) return `columns must contain ${missing.join(' and ')}`
  const asksForNew = (name: string) => columns.includes(name) || contactDatas.some((record) => name in record)
  const renaming = ['new_contact_key', 'new_address'].filter(asksForNew)
  if (insertIfNotExists && renaming.length > 0) {
    return `${renaming.join(' and ')} cannot be used with insertIfNotExists=true`
  }
  if (columns.includes('new_address') && !columns.includes('channel')) {
    return 'columns must contain channel when it contains new_address'
  }
  return null
}

interface Reader {
  call: BulkCall
  tables: Tables
  settings: DengageSettings
  /** The pairs that earlier records of the call move their extensions to. */
  taken: Set<string>
}

/** The change, or what is wrong with the record. */
function readRecord(record: Record<string, unknown>, reader: Reader): Change | string {
  const { call, tables, settings } = reader
  const listed = (name: string) => (call.columns.includes(name) ? record[name] : undefined)
  const key = keyOf(record)
  const address = record['address']
  if (key === null) return readings.invalid('contact_key')
  if (typeof address !== 'string' || address === '') return readings.invalid('address')
  if (!tables.contacts.has(key)) return `contact_key ${key} does not exist in master_contact.`

  const existing = tables.findExtension(key, address)
  const given = listed('channel')
  const sent = channels.find((one) => one === given)
  if (given !== undefined && given !== null && sent === undefined) return readings.invalid('channel')
  if (existing && sent && existing.channel !== sent) return 'channel cannot be changed.'
  const channel = existing?.channel ?? sent
  const adds = !existing && call.insertIfNotExists
  if (adds && channel === undefined) return 'channel is mandatory for a new extension.'
  if (adds && channel && !isAddress(channel, address, settings)) return readings.invalid('address')

  const next: Partial<Extension> = channel ? { channel } : {}
  if (call.columns.includes('name')) {
    const name = nameColumn.read(record['name'] ?? null)
    if ('error' in name) return name.error
    const isKnown = settings.extensionTypes.some((type) => type.name === name.value && type.channel === channel)
    if (name.value !== null && channel && !isKnown)
      return `name ${name.value} is no extension type of channel ${channel}.`
    next.name = name.value === null ? null : String(name.value)
  }
  if (call.columns.includes('permission')) {
    const permission = permissionColumn.read(record['permission'] ?? null)
    if ('error' in permission) return permission.error
    next.permission = permission.value === true
  }
  const fault = readMove(
    listed('new_contact_key'),
    listed('new_address'),
    sent,
    { key, address, existing, next },
    reader,
  )
  return fault ?? { key, address, existing, next }
}

/** Puts the new pair into `change.next`, or says why it cannot be had. */
function readMove(
  newKey: unknown,
  newAddress: unknown,
  sent: Channel | undefined,
  { key, existing, next }: Change,
  { tables, settings, taken }: Reader,
): string | null {
  if (newKey === undefined && newAddress === undefined) return null
  if (newKey !== undefined) {
    if (typeof newKey !== 'string' || newKey === '') return readings.invalid('new_contact_key')
    if (!tables.contacts.has(newKey)) return `new_contact_key ${newKey} does not exist in master_contact.`
    next.contactKey = newKey
  }
  if (newAddress !== undefined) {
    if (!sent) return 'channel is mandatory when new_address is provided.'
    if (typeof newAddress !== 'string' || !isAddress(sent, newAddress, settings)) return readings.invalid('new_address')
    next.address = stored(sent, newAddress)
  }
  if (!existing) return null
  const [toKey, toAddress] = [next.contactKey ?? key, next.address ?? existing.address]
  const holder = tables.findExtension(toKey, toAddress)
  const pair = JSON.stringify([toKey, toAddress])
  if ((holder && holder !== existing) || taken.has(pair)) return `${toAddress} already exists for contact_key ${toKey}.`
  taken.add(pair)
  return null
}

function isAddress(channel: Channel, address: string, settings: DengageSettings): boolean {
  return channel === 'E' ? isEmail(address) : isGsm(address, settings)
}

const stored = (channel: Channel, address: string) => (channel === 'E' ? address.toLowerCase() : address)

/** The same for records of one extension; null for a record that has no usable pair. */
function pairOf(record: Record<string, unknown>): string | null {
  const { address } = record
  const key = keyOf(record)
  return key === null || typeof address !== 'string' ? null : JSON.stringify([key, address.toLowerCase()])
}
