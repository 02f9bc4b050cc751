import type { Prepared, Travel } from '../../contract/adapter.ts'
import type { RecordError } from '../../contract/outcome.ts'
import type { Channel } from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { judgePermissions, type MissingPermission } from '../vendor-settings.ts'
import { type Cells, type ColumnValue, cellsOf } from './columns.ts'
import { emailOf, gsmOf, keyColumn, newKeyColumn } from './readings.ts'

/** An address of a contact as the caller sends it; absent stays as it is. */
export interface ExtensionToSend {
  /** Of the contact it belongs to. With `address` it identifies the extension. */
  key: string
  address: string
  channel?: Channel
  name?: string | null
  permission?: boolean
  newAddress?: string
  newKey?: string
}

export type ExtensionUpsertOptions = Pick<ProfileUpsertOptions, 'upsert' | 'onInvalid'>

/** An extension as D·engage takes it: its row, `contact_key` and `address` apart. */
export interface DengageExtension {
  key: string
  address: string
  cells: Cells
}

const channelLetters: ReadonlyMap<Channel, string> = new Map([
  ['EMAIL', 'E'],
  ['SMS', 'S'],
  ['WHATSAPP', 'W'],
])

export const insertsExtensions = ({ upsert }: ExtensionUpsertOptions) => upsert !== 'UPDATE_ONLY'
/** Whether it changes what identifies the extension. */
export const movesAway = ({ cells }: DengageExtension) =>
  Object.hasOwn(cells, 'new_address') || Object.hasOwn(cells, newKeyColumn)

/** Readies one extension, or says why D·engage cannot have it. Values are normalised already: e-mail lower-cased, phone in E.164. */
export function prepareExtension(
  options: ExtensionUpsertOptions,
  { key, address, channel, name, permission, newAddress, newKey }: ExtensionToSend,
  missingPermission: MissingPermission,
): Prepared<DengageExtension> {
  const errors: RecordError[] = []
  const refuse = (code: RecordError['code'], field: string, message: string) => errors.push({ code, message, field })
  const letter = channel === undefined ? undefined : channelLetters.get(channel)
  if (channel !== undefined && letter === undefined) {
    refuse('INVALID_EXTENSION', 'channel', `channel ${channel} is none of D·engage: use EMAIL, SMS or WHATSAPP`)
  }
  for (const [field, value] of Object.entries({ newAddress, newKey })) {
    if (value === undefined || !insertsExtensions(options)) continue
    refuse('INVALID_VALUE', field, `${field} changes an extension that is there: send it with upsert UPDATE_ONLY`)
  }
  if (newAddress !== undefined && channel === undefined) {
    refuse('CHANNEL_REQUIRED', 'channel', 'channel is missing: D·engage checks newAddress by it')
  }
  const unstated = insertsExtensions(options) && permission === undefined ? [unstatedPermission] : []
  if (missingPermission === 'reject') errors.push(...judgePermissions('reject', unstated).errors)
  if (errors.length > 0) return { ok: false, errors }

  const entries: [string, ColumnValue][] = []
  if (letter !== undefined) entries.push(['channel', letter])
  if (name !== undefined) entries.push(['name', name])
  if (permission !== undefined) entries.push(['permission', permission])
  if (newAddress !== undefined) entries.push(['new_address', addressValue(newAddress, letter)])
  if (newKey !== undefined) entries.push([newKeyColumn, newKey])
  return { ok: true, value: { key, address: addressValue(address, letter), cells: cellsOf(entries) }, warnings: [] }
}

export const unstatedPermission = {
  field: 'permission',
  consequence: 'D·engage gives a new extension the permission by itself',
} as const

/** Without a channel an address with an @ is an e-mail address, and one with a + a phone number. */
function addressValue(address: string, letter: string | undefined): string {
  const isEmail = letter === undefined ? address.includes('@') : letter === 'E'
  if (isEmail) return emailOf(address)
  return letter !== undefined || address.startsWith('+') ? gsmOf(address) : address
}

/** The columns of the call that the extension may travel in. */
export const extensionColumns = ({ cells }: DengageExtension) => [keyColumn, 'address', ...Object.keys(cells)]

/** The very same columns, as for contacts; moves are apart from inserts by their columns. */
export function extensionTravel(extension: DengageExtension): Travel {
  const { key, address, cells } = extension
  const identity = (ofKey: unknown, ofAddress: unknown) => JSON.stringify([ofKey, ofAddress])
  return {
    shape: JSON.stringify(extensionColumns(extension)),
    matchValue: identity(key, address),
    ...(movesAway(extension)
      ? { alsoMatches: identity(cells[newKeyColumn] ?? key, cells['new_address'] ?? address) }
      : {}),
    bytes: Buffer.byteLength(JSON.stringify(extensionRow(extension))) + 1,
  }
}

export function isExtensionRepeatable(extensions: readonly DengageExtension[]): boolean {
  return !extensions.some(movesAway)
}

export function extensionRow({ key, address, cells }: DengageExtension): Record<string, ColumnValue> {
  return Object.fromEntries([[keyColumn, key], ['address', address], ...Object.entries(cells)])
}
