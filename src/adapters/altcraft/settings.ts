import { z } from 'zod'
import { isUnifiedField, vendorFieldName, vendorShape } from '../vendor-settings.ts'
import { altcraftLimits } from './capabilities.ts'
import { altcraftFieldMap, reservedReason } from './field-names.ts'
import { readings } from './readings.ts'
import { xmlNameProblem } from './xml-writer.ts'

/** An Altcraft account as a destination of a tenant. */
export const altcraftSettings = z
  .strictObject({
    ...vendorShape('altcraft', { ...altcraftLimits, mostRecords: readings.mostRecords }, vendorFieldName),
    /** An API token whose role may import into the database. */
    token: z.string().regex(/^[\x21-\x7e]+$/, 'must be ASCII characters without spaces'),
    /** `db_id`. */
    databaseId: z.int().min(1),
    /** The custom field that holds a profile's key; without it there is no matching by KEY. */
    keyField: vendorFieldName.optional(),
    format: z.enum(['json', 'xml'], 'must be "json" or "xml"').default('json'),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of [...fieldFaults(settings), ...profileTypeFaults(settings)]) {
      context.addIssue({ code: 'custom', path, message })
    }
  })

export type AltcraftSettings = z.output<typeof altcraftSettings>

interface Fault {
  path: string[]
  message: string
}

type Naming = Pick<AltcraftSettings, 'fields' | 'keyField' | 'format' | 'profileTypes'>

/** Configured names that cannot be, and those by which two values would go to one field. */
function fieldFaults({ fields, keyField, format }: Naming): Fault[] {
  const faults: Fault[] = []
  const takenBy = new Map<string, string>()
  const take = (path: string[], written: string, name: string) => {
    const other = takenBy.get(name)
    if (other === undefined) takenBy.set(name, written)
    else faults.push({ path, message: `must not be ${name}, to which ${other} goes already` })
    const reason = written === 'email' || written === 'phone' ? null : reservedReason(name)
    if (reason !== null) faults.push({ path, message: `must not be ${name}, ${reason.message}` })
    const problem = format === 'xml' ? xmlNameProblem(name) : null
    if (problem !== null) faults.push({ path, message: problem })
  }
  for (const field of ['email', 'phone'] as const) {
    if (Object.hasOwn(fields, field)) {
      const message = `cannot be changed: Altcraft finds profiles by ${readings.fieldNames[field]} alone`
      faults.push({ path: ['fields', field], message })
    }
  }
  if (Object.hasOwn(fields, 'key')) {
    faults.push({ path: ['fields', 'key'], message: 'has a setting of its own: use keyField' })
  }
  const map = altcraftFieldMap(fields)
  for (const field of map.fields) {
    const name = map.field(field)
    if (name !== undefined && field !== 'key') take(['fields', field], field, name)
  }
  for (const [written, name] of Object.entries(fields)) {
    if (!isUnifiedField(written)) take(['fields', written], written, name)
  }
  if (keyField !== undefined) take(['keyField'], 'key', keyField)
  return faults
}

function profileTypeFaults({ profileTypes }: Naming): Fault[] {
  return Object.entries(profileTypes)
    .filter(([, id]) => readings.databaseOfProfileType(id) === null)
    .map(([type]) => ({
      path: ['profileTypes', type],
      message: 'must be the id of a database, a whole number such as "2"',
    }))
}
