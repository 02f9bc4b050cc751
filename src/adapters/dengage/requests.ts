import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { ColumnValue } from './columns.ts'
import { keyColumn } from './readings.ts'
import { columnsOf, type DengageRecord, inserts, rowOf } from './record.ts'

export const contactsPath = '/bulk/contacts'

/** The body of BulkUpsert and of BulkUpsertExtensions, in the names of their reference. */
export interface BulkRequest {
  columns: string[]
  contactDatas: Record<string, ColumnValue>[]
  insertIfNotExists: boolean
  throwExceptionIfInvalidRecord: boolean
}

/** `records` are of one shape. Renames stand under UPDATE_ONLY alone, so that none is ever sent with insertIfNotExists. */
export function upsertRequest(options: ProfileUpsertOptions, records: readonly DengageRecord[]): BulkRequest {
  const [first] = records
  const columns = first ? columnsOf(first) : [keyColumn]
  const shape = JSON.stringify(columns)
  if (records.some((record) => JSON.stringify(columnsOf(record)) !== shape)) {
    throw new TypeError('a call to D·engage was given records of different columns')
  }
  if (new Set(records.map(({ key }) => key)).size < records.length) {
    throw new TypeError('a call to D·engage was given two records of one key, of which it would take the last alone')
  }
  return {
    columns,
    contactDatas: records.map(rowOf),
    insertIfNotExists: inserts(options),
    throwExceptionIfInvalidRecord: options.onInvalid === 'REJECT_ALL',
  }
}

/** Sets statuses alone, of contacts that are there: one odd record does not keep the others from it. */
export function statusRequest(statusColumns: readonly string[], records: readonly DengageRecord[]): BulkRequest {
  return {
    columns: [keyColumn, ...statusColumns],
    contactDatas: records.map(({ key, newKey, cells }) =>
      Object.fromEntries([
        [keyColumn, newKey ?? key],
        ...statusColumns.map((column) => [column, cells[column] ?? null] as const),
      ]),
    ),
    insertIfNotExists: false,
    throwExceptionIfInvalidRecord: false,
  }
}
