import { z } from 'zod'
import type { VendorAnswer } from '../../contract/adapter.ts'
import { type RecordFate, type RecordWarning, recordOutcomes } from '../../contract/outcome.ts'
import type { JsonValue } from '../../contract/profile.ts'
import type { ContactColumns } from './columns.ts'
import { reactivatesStatedStatus } from './readings.ts'
import type { DengageRecord } from './record.ts'

// D·engage sets the status of an address that changes active, whatever the record states. Records that state PASSIVE beside the address
// get a further call, with the status alone, once the address is there.

/** What is stored between the calls. */
export interface StatusTicket {
  /** Of all records of the call, in order. */
  fates: RecordFate[]
  /** The status columns of each call that is still to be made. */
  remaining: string[][]
}

const ticketSchema = z.object({
  fates: z.array(z.looseObject({ outcome: z.enum(recordOutcomes) })),
  remaining: z.array(z.array(z.string())).min(1),
})

/** Reads what `continuation` wrote. Throws a TypeError for a ticket of another call. */
export function readTicket(ticket: JsonValue, records: readonly DengageRecord[]): StatusTicket {
  const parsed = ticketSchema.safeParse(ticket)
  if (!parsed.success) throw new TypeError('the ticket is none of the dengage adapter')
  const { fates, remaining } = parsed.data
  if (fates.length !== records.length) {
    throw new TypeError(`the ticket is about ${fates.length} records, the call has ${records.length}`)
  }
  // The schema checks what the ticket is taken apart by; the rest of a fate is as this adapter wrote it.
  return { fates: fates as unknown as RecordFate[], remaining }
}

/** A record that the answer leaves out may have been applied too: what it states of its contact is no less true for that. */
const mayBeApplied = ({ outcome }: RecordFate) =>
  outcome === 'CREATED' || outcome === 'UPDATED' || outcome === 'UPSERTED' || outcome === 'UNKNOWN'

/** The statuses that D·engage may have set active although the record states PASSIVE; empty for a record that was certainly not applied. */
function statusesToRestore(record: DengageRecord, fate: RecordFate, { addresses }: ContactColumns): string[] {
  if (!reactivatesStatedStatus || !mayBeApplied(fate)) return []
  return addresses
    .filter(({ address, status }) => record.cells[status] === 'P' && Object.hasOwn(record.cells, address))
    .map(({ status }) => status)
}

/** The positions of the records that a call with these status columns is about. */
export function concernedBy(
  statusColumns: readonly string[],
  records: readonly DengageRecord[],
  fates: readonly RecordFate[],
  columns: ContactColumns,
): number[] {
  const shape = JSON.stringify(statusColumns)
  return records.flatMap((record, place) => {
    const fate = fates[place]
    return fate && JSON.stringify(statusesToRestore(record, fate, columns)) === shape ? [place] : []
  })
}

/** The fates as they are, or a further call where a status has to be set again. */
export function settleOrRestore(
  records: readonly DengageRecord[],
  fates: RecordFate[],
  columns: ContactColumns,
): VendorAnswer {
  const shapes = new Map<string, string[]>()
  for (const [place, record] of records.entries()) {
    const fate = fates[place]
    const statuses = fate ? statusesToRestore(record, fate, columns) : []
    if (statuses.length > 0) shapes.set(JSON.stringify(statuses), statuses)
  }
  return continuation({ fates, remaining: [...shapes.values()] })
}

/** Settled where no call is left to be made. */
export function continuation({ fates, remaining }: StatusTicket): VendorAnswer {
  if (remaining.length === 0) return { kind: 'settled', fates }
  // Plain JSON: what is absent stays absent.
  const ticket: JsonValue = JSON.parse(JSON.stringify({ fates, remaining }))
  return { kind: 'continued', by: 'call', ticket }
}

/** The fates with a warning for each of the records: applied they are, or may be, but not as passive as they state. */
export function withUnrestored(
  fates: readonly RecordFate[],
  places: readonly number[],
  statusColumns: readonly string[],
  columns: ContactColumns,
  why: { reason: string; vendorMessage?: string },
): RecordFate[] {
  const warnings = statusColumns.map((column): RecordWarning => {
    const field = columns.pathOf(column)
    return {
      code: 'STATUS_REACTIVATED',
      message: `D·engage may have set ${field} ACTIVE with the address, and the call that sets it PASSIVE again ${why.reason}: send the key and ${field} once more`,
      field,
      ...(why.vendorMessage === undefined ? {} : { vendorMessage: why.vendorMessage }),
    }
  })
  const concerned = new Set(places)
  return fates.map((fate, place) =>
    concerned.has(place) ? { ...fate, warnings: [...(fate.warnings ?? []), ...warnings] } : fate,
  )
}
