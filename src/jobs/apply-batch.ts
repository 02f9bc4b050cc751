import type { Queryable, StoreOperation } from '../contract/adapter.ts'
import type { RecordWarning } from '../contract/outcome.ts'
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

/**
 * Applies the ready records of a chunk at a store within the open transaction, and settles them in `results`. `firstIndex` is the index in
 * the input of the chunk's first record. Throws a TypeError when the adapter does not answer for each record.
 */
export async function applyBatch(
  transaction: Queryable,
  tenant: string,
  { name, operation }: AppliedBy,
  options: UpsertOptions,
  ready: readonly ReadyRecord[],
  results: ChunkResults,
  firstIndex: number,
): Promise<void> {
  if (ready.length === 0) return
  const fates = await operation.apply(
    transaction,
    tenant,
    options,
    ready.map((record) => record.value),
  )
  if (fates.length !== ready.length) {
    throw new TypeError(`${name} returned ${fates.length} outcomes for ${ready.length} records`)
  }
  for (const [position, fate] of fates.entries()) {
    const record = ready[position]
    if (record === undefined) continue
    if (fate.outcome === 'PENDING') throw new TypeError(`${name} left record ${position} of its batch PENDING`)
    const { supersededBy, ...rest } = fate
    const winner = supersededBy === undefined ? undefined : ready[supersededBy]
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
