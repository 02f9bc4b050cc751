import type { Prepared, RecordPreparer, Travel } from '../../contract/adapter.ts'
import type { RecordError } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { judgePermissions, type MissingPermission, mapRecord, type UnstatedPermission } from '../vendor-settings.ts'
import { attributeValue, type Cells, type ColumnValue, type ContactColumns, cellsOf, fieldValue } from './columns.ts'
import { comparableColumn, insertOptsIn, keyColumn, newKeyColumn } from './readings.ts'

/** One contact as D·engage takes it. */
export interface DengageRecord {
  key: string
  newKey?: string
  cells: Cells
}

/** Whether D·engage would make a contact that it does not have. */
export function inserts({ upsert }: Pick<ProfileUpsertOptions, 'upsert'>): boolean {
  return upsert !== 'UPDATE_ONLY'
}

/** Readies records of one request. What would make D·engage refuse a whole call is refused here, for its record alone. */
export function dengagePreparer(
  options: ProfileUpsertOptions,
  columns: ContactColumns,
  missingPermission: MissingPermission,
): RecordPreparer<DengageRecord> {
  return (record): Prepared<DengageRecord> => {
    const { values, errors } = mapRecord(record, columns.map)
    const entries: [string, ColumnValue][] = []
    for (const { path, name, value } of values) {
      if (!path.startsWith('attributes.')) {
        entries.push([name, fieldValue(path, value)])
        continue
      }
      const cell = attributeValue(value)
      if (columns.reserved.has(comparableColumn(name))) errors.push(reservedColumn(path, name, columns))
      else if (cell === undefined) errors.push(notACell(path))
      else entries.push([name, cell])
    }
    const { key, newKey } = record
    if (key === undefined) {
      const message = 'key is missing: D·engage finds contacts by it alone'
      errors.push({ code: 'MISSING_MATCH_VALUE', message, field: 'key' })
    }
    const cells = cellsOf(entries)
    if (missingPermission === 'reject' && inserts(options)) {
      errors.push(...judgePermissions('reject', permissionsLeftOut(cells, columns)).errors)
    }
    if (errors.length > 0 || key === undefined) return { ok: false, errors }
    // The warning about a permission left out comes with the answer: only there it shows whether the contact is new.
    return { ok: true, value: { key, ...(newKey === undefined ? {} : { newKey }), cells }, warnings: [] }
  }
}

function reservedColumn(path: string, column: string, columns: ContactColumns): RecordError {
  const message = `${path} would write ${column}, which D·engage keeps for ${columns.pathOf(column)}: use that field`
  return { code: 'INVALID_VALUE', message, field: path }
}

function notACell(path: string): RecordError {
  const message = `${path} is a list: a column of D·engage takes text, a number, true or false`
  return { code: 'INVALID_VALUE', message, field: path }
}

const consequences = {
  emailPermission:
    'D·engage gives a new contact the e-mail permission by itself, also for an e-mail that it gets later',
  phonePermission: 'D·engage gives a new contact the phone permission by itself, also for a phone that it gets later',
} as const

/** The permissions that D·engage would give a new contact by itself. */
export function permissionsLeftOut(cells: Cells, columns: ContactColumns): UnstatedPermission[] {
  if (!insertOptsIn) return []
  return (['emailPermission', 'phonePermission'] as const)
    .filter((field) => !Object.hasOwn(cells, columns[field]))
    .map((field) => ({ field, consequence: consequences[field] }))
}

/** The columns of the call that the record may travel in. */
export function columnsOf({ newKey, cells }: DengageRecord): string[] {
  return [keyColumn, ...(newKey === undefined ? [] : [newKeyColumn]), ...Object.keys(cells)]
}

export function rowOf({ key, newKey, cells }: DengageRecord): Record<string, ColumnValue> {
  return Object.fromEntries([
    [keyColumn, key],
    ...(newKey === undefined ? [] : [[newKeyColumn, newKey] as const]),
    ...Object.entries(cells),
  ])
}

/** A call has one list of columns, and a column that a row lacks might be reset: only records of the very same columns travel together. */
export function travelOf(record: DengageRecord): Travel {
  const { key, newKey } = record
  return {
    shape: JSON.stringify(columnsOf(record)),
    matchValue: key,
    ...(newKey === undefined ? {} : { alsoMatches: [newKey] }),
    bytes: Buffer.byteLength(JSON.stringify(rowOf(record))) + 1,
  }
}

/**
 * Both in one. Null where that would come to something else than the one after the other: a rename, and an address in the later one after a status
 * in the earlier one, which the address would have set back to active if it changed.
 */
export function foldRecords(
  earlier: DengageRecord,
  later: DengageRecord,
  { addresses }: ContactColumns,
): DengageRecord | null {
  if (earlier.newKey !== undefined || later.newKey !== undefined) return null
  for (const { address, status } of addresses) {
    if (earlier.cells[status] !== 'P' || Object.hasOwn(later.cells, status)) continue
    if (Object.hasOwn(later.cells, address) && later.cells[address] !== earlier.cells[address]) return null
  }
  return { key: later.key, cells: cellsOf(Object.entries({ ...earlier.cells, ...later.cells })) }
}
