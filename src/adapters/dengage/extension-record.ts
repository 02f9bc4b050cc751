import type { ExtensionKind, Prepared, RecordPreparer, Travel, Unsupported } from '../../contract/adapter.ts'
import type { RecordError } from '../../contract/outcome.ts'
import type { Channel } from '../../contract/profile.ts'
import type { ExtensionUpsertOptions, ExtensionUses } from '../../contract/request.ts'
import { judgePermissions, type MissingPermission } from '../vendor-settings.ts'
import { type Cells, type ColumnValue, cellsOf } from './columns.ts'
import { clearingOptions, emailOf, gsmOf, keyColumn, newKeyColumn } from './readings.ts'

/** An extension as D·engage takes it: its row, `contact_key` and `address`, which identify it, apart. */
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

export const insertsExtensions = ({ upsert }: Pick<ExtensionUpsertOptions, 'upsert'>) => upsert !== 'UPDATE_ONLY'
/** Whether it changes what identifies the extension. */
export const movesAway = ({ cells }: DengageExtension) =>
  Object.hasOwn(cells, 'new_address') || Object.hasOwn(cells, newKeyColumn)

/** What an extension of D·engage does not have; a record that states one names another extension than the one that would be written. */
const unknownParts = ['provider', 'resourceId'] as const

/** Readies extensions of one request, or says why D·engage cannot have one. Values are normalised already: e-mail lower-cased, phone in E.164. */
export function extensionPreparer(
  options: Pick<ExtensionUpsertOptions, 'upsert'>,
  missingPermission: MissingPermission,
): RecordPreparer<DengageExtension, ExtensionKind> {
  return (record): Prepared<DengageExtension> => {
    const { key, address, channel, name, permission, newAddress, newKey } = record
    const errors: RecordError[] = []
    const refuse = (field: string, message: string) => errors.push({ code: 'INVALID_EXTENSION', message, field })
    const letter = channel === undefined ? undefined : channelLetters.get(channel)
    if (channel !== undefined && letter === undefined) {
      refuse('channel', `channel ${channel} is none of D·engage: use EMAIL, SMS or WHATSAPP`)
    }
    for (const part of unknownParts) {
      if (record[part] !== undefined) refuse(part, `${part} is nothing that an extension of D·engage has: leave it out`)
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
    const value = { key, address: addressValue(address, letter), cells: cellsOf(entries) }
    // The warning about a permission left out comes with the answer: only there it shows whether the extension is new.
    return { ok: true, value, warnings: [] }
  }
}

/** The first thing asked for that extensions of D·engage do not have, or cannot have done to them, for the refusal before anything is stored. */
export function unsupportedOfExtensions(
  { nulls }: Pick<ExtensionUpsertOptions, 'nulls'>,
  uses: ExtensionUses | undefined,
): Unsupported | null {
  const options: readonly string[] = clearingOptions
  if (nulls === 'CLEAR' && !options.includes('nulls')) {
    return { feature: 'nulls', requested: nulls, supported: ['IGNORE'] }
  }
  const part = unknownParts.find((one) => uses?.[one])
  return part === undefined ? null : { feature: part, requested: part, supported: [] }
}

export const unstatedPermission = {
  field: 'permission',
  consequence: 'D·engage gives a new extension the permission by itself',
} as const

/** Without a channel an address with an @ is an e-mail address, and one with a + a phone number. */
function addressValue(given: string, letter: string | undefined): string {
  const address = given.trim()
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
      ? { alsoMatches: [identity(cells[newKeyColumn] ?? key, cells['new_address'] ?? address)] }
      : {}),
    bytes: Buffer.byteLength(JSON.stringify(extensionRow(extension))) + 1,
  }
}

/**
 * Both in one. Null where that would come to something else than the one after the other: a move, and another channel, by which D·engage may
 * refuse the one and not the other.
 */
export function foldExtensions(earlier: DengageExtension, later: DengageExtension): DengageExtension | null {
  if (movesAway(earlier) || movesAway(later) || earlier.cells['channel'] !== later.cells['channel']) return null
  return { ...later, cells: cellsOf(Object.entries({ ...earlier.cells, ...later.cells })) }
}

export function isExtensionRepeatable(extensions: readonly DengageExtension[]): boolean {
  return !extensions.some(movesAway)
}

export function extensionRow({ key, address, cells }: DengageExtension): Record<string, ColumnValue> {
  return Object.fromEntries([[keyColumn, key], ['address', address], ...Object.entries(cells)])
}
