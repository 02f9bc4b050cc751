import type { OnHoped, Queryable, StoreOperation } from '../contract/adapter.ts'
import type { RecordFate, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import { type ChunkResults, settleRecord } from './chunk-results.ts'

/** A record that is ready for its destination, with its place in the chunk. */
export interface ReadyRecord {
  place: number
  value: unknown
  warnings: readonly RecordWarning[]
}

/** The operation of a store, with its adapter's name. */
export interface AppliedBy {
  name: string
  operation: StoreOperation
}

/** The ready records of one chunk, and where what becomes of them is settled. */
export interface BatchPart {
  ready: readonly ReadyRecord[]
  results: ChunkResults
  /** The index in its input of the chunk's first record. */
  firstIndex: number
}

/**
 * Applies the ready records of a chunk, or of several one after the other, by one call of a store within the open transaction, and settles
 * them in the results of each. Throws a TypeError when the adapter does not answer for each record, or folds one into another chunk's.
 */
export async function applyBatch(
  transaction: Queryable,
  tenant: string,
  by: AppliedBy,
  options: UpsertOptions,
  parts: readonly BatchPart[],
): Promise<void> {
  settleParts(by, parts, await fatesOf(transaction, tenant, by, options, parts))
}

/** Applies them without settling them. */
export async function fatesOf(
  transaction: Queryable,
  tenant: string,
  { operation }: AppliedBy,
  options: UpsertOptions,
  parts: readonly BatchPart[],
  onHoped?: OnHoped,
): Promise<readonly RecordFate[]> {
  const values = parts.flatMap(({ ready }) => ready.map((record) => record.value))
  return values.length === 0 ? [] : await operation.apply(transaction, tenant, options, values, onHoped)
}

/** Settles them in the results of each part. */
export function settleParts({ name }: AppliedBy, parts: readonly BatchPart[], fates: readonly RecordFate[]): void {
  const count = parts.reduce((sum, { ready }) => sum + ready.length, 0)
  if (fates.length !== count) throw new TypeError(`${name} returned ${fates.length} outcomes for ${count} records`)
  let first = 0
  for (const part of parts) {
    settlePart(name, part, fates, first)
    first += part.ready.length
  }
}

function settlePart(
  name: string,
  { ready, results, firstIndex }: BatchPart,
  fates: readonly RecordFate[],
  first: number,
): void {
  for (const [position, record] of ready.entries()) {
    const fate = fates[first + position]
    if (!fate || fate.outcome === 'PENDING') throw new TypeError(`${name} left record ${position} of its batch PENDING`)
    const { supersededBy, ...rest } = fate
    const winner = supersededBy === undefined ? undefined : ready[supersededBy - first]
    if (supersededBy !== undefined && winner === undefined) {
      throw new TypeError(`${name} folded record ${position} into record ${supersededBy}, which its batch has not`)
    }
    settleRecord(results, record.place, {
      ...rest,
      ...(winner && { supersededBy: firstIndex + winner.place }),
      warnings: [...record.warnings, ...(fate.warnings ?? [])],
    })
  }
}
