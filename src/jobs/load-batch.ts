import type { Queryable, RemoteAdapter, RemoteOperation } from '../contract/adapter.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { BatchRecords, BatchRow } from '../db/job-batches.ts'
import { chunkSize } from './chunk-results.ts'
import { limitsOf, remoteOperation } from './operations.ts'

/** A record as it is sent. */
export interface SentRecord {
  /** In the input. */
  index: number
  value: unknown
  /** Indexes of all records that travel in it, its own included. */
  members: number[]
}

/** A batch made ready for its call. */
export interface LoadedBatch {
  operation: RemoteOperation
  minIntervalMs: number
  options: UpsertOptions
  /** In order of index. */
  sent: SentRecord[]
  /** By index, what was found while preparing. */
  warnings: Map<number, readonly RecordWarning[]>
  /** Records that cannot be prepared any more as they could when the job was accepted, by index. */
  refused: Map<number, readonly RecordError[]>
}

/** The chunks of the input in which a batch's records are. */
export function chunksOf({ indexes }: { indexes: Iterable<number> }): number[] {
  return [...new Set(Array.from(indexes, (index) => Math.floor(index / chunkSize)))]
}

/** Prepares the records of a batch again from what was stored, and folds those that travel together. */
export async function loadBatch(
  db: Queryable,
  adapter: RemoteAdapter,
  batch: BatchRow,
  { kind, options, chunks }: BatchRecords,
): Promise<LoadedBatch> {
  const operation = remoteOperation(adapter, kind)
  if (operation === null) throw new Error(`${adapter.name} does not take the records of job ${batch.jobId} any more`)
  const preparing = await operation.preparer(db, batch.tenant, options)
  const stored = new Map(chunks.map(({ chunk, records }) => [chunk, JSON.parse(records) as unknown[]] as const))
  const loaded: LoadedBatch = {
    operation,
    minIntervalMs: limitsOf(adapter, kind)?.minIntervalMs ?? 0,
    options,
    sent: [],
    warnings: new Map(),
    refused: new Map(),
  }
  const values = new Map<number, unknown>()
  for (const index of batch.indexes) {
    const record = stored.get(Math.floor(index / chunkSize))?.[index % chunkSize]
    if (record == null) throw new Error(`record ${index} of job ${batch.jobId} is not stored any more`)
    if (!preparing.ok) {
      const { feature, requested } = preparing.unsupported
      const message = `The destination ${JSON.stringify(batch.destinationId)} does not support ${feature} ${requested} any more`
      loaded.refused.set(index, [{ code: 'DESTINATION_REJECTED', message }])
      continue
    }
    const prepared = preparing.prepare(record)
    if (!prepared.ok) loaded.refused.set(index, prepared.errors)
    else {
      values.set(index, prepared.value)
      if (prepared.warnings.length > 0) loaded.warnings.set(index, prepared.warnings)
    }
  }
  for (const [carrier, members] of membersByCarrier(batch)) {
    const sent = joined(adapter, loaded, values, carrier, members)
    if (sent) loaded.sent.push(sent)
  }
  loaded.sent.sort((a, b) => a.index - b.index)
  return loaded
}

function membersByCarrier({ indexes, carriers }: BatchRow): Map<number, number[]> {
  const members = new Map<number, number[]>()
  for (const [place, index] of indexes.entries()) {
    const carrier = carriers?.[place] ?? index
    const known = members.get(carrier)
    if (known) known.push(index)
    else members.set(carrier, [index])
  }
  return members
}

/** One record out of those that travel together. When the last of them is refused, so are those folded into it. */
function joined(
  adapter: RemoteAdapter,
  { operation, options, refused }: LoadedBatch,
  values: ReadonlyMap<number, unknown>,
  carrier: number,
  members: readonly number[],
): SentRecord | null {
  const errors = refused.get(carrier)
  if (errors) {
    for (const member of members) refused.set(member, errors)
    return null
  }
  const going = members.filter((member) => !refused.has(member))
  let value: unknown = null
  for (const [place, member] of going.entries()) {
    const next = values.get(member)
    const folded = place === 0 ? next : operation.fold(options, value, next)
    if (folded === null)
      throw new Error(`${adapter.name} folds record ${member} no more, as it did when it was planned`)
    value = folded
  }
  return { index: carrier, value, members: going }
}
