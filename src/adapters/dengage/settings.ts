import { z } from 'zod'
import { unifiedFields } from '../../contract/request.ts'
import { isUnifiedField, vendorFieldName, vendorShape } from '../vendor-settings.ts'
import { dengageLimits } from './capabilities.ts'
import { contactColumnsOf } from './columns.ts'
import { comparableColumn, keyColumn, newKeyColumn } from './readings.ts'

/** A D·engage account as a destination of a tenant. `userKey` and `password` are those of an API user. */
export const dengageSettings = z
  .strictObject({
    ...vendorShape('dengage', { ...dengageLimits, mostRecords: dengageLimits.maxBatchSize }, vendorFieldName),
    userKey: z.string().min(1),
    password: z.string().min(1),
  })
  .superRefine(({ fields }, context) => {
    for (const { field, message } of fieldFaults(fields)) {
      context.addIssue({ code: 'custom', path: ['fields', field], message })
    }
  })

export type DengageSettings = z.output<typeof dengageSettings>

/** Configured names by which two values, or a value and the key, would go to one column. */
function fieldFaults(fields: Readonly<Record<string, string>>): { field: string; message: string }[] {
  const { map } = contactColumnsOf(fields)
  const takenBy = new Map([
    [keyColumn, 'key'],
    [newKeyColumn, 'newKey'],
  ])
  const faults: { field: string; message: string }[] = []
  const take = (field: string, column: string) => {
    const other = takenBy.get(comparableColumn(column))
    if (other === undefined) takenBy.set(comparableColumn(column), field)
    else faults.push({ field, message: `must not be ${column}, to which ${other} goes already` })
  }
  if (Object.hasOwn(fields, 'key')) {
    faults.push({ field: 'key', message: `cannot be changed: D·engage finds contacts by ${keyColumn} alone` })
  }
  for (const field of unifiedFields) {
    const column = field === 'key' ? undefined : map.field(field)
    if (column !== undefined) take(field, column)
  }
  for (const [field, column] of Object.entries(fields)) {
    if (!isUnifiedField(field)) take(field, column)
  }
  return faults
}
