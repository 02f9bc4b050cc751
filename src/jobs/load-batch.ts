import type { Queryable, RemoteAdapter, RemoteOperation } from '../contract/adapter.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { BatchRecords, BatchRow } from '../db/job-batches.ts'
import { chunkSize } from './chunk-results.ts'
import { remoteOperation } from './operations.ts'

/** A record as it is sent. */
export interface SentRecord {
  /** In the input. */
  index: number
  value: unknown
  /** Indexes of all records that travel in it, its own included. */
  members: number[]
  /** See Travel. */
  matchValue: string | null
}

/** A batch made ready for its call. */
export interface LoadedBatch {
  operation: RemoteOperation
  options: UpsertOptions
  /** In order of index. */
  sent: SentRecord[]
  /** Those of a fold that was taken apart, which go after them, in calls of their own. */
  waiting: SentRecord[]
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
    options,
    sent: [],
    waiting: [],
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
  const all = membersByCarrier(batch).flatMap((members) => joined(loaded, values, members))
  takeTurns(
    loaded,
    all.sort((a, b) => a.index - b.index),
  )
  return loaded
}

function membersByCarrier({ indexes, carriers }: BatchRow): number[][] {
  const members = new Map<number, number[]>()
  for (const [place, index] of indexes.entries()) {
    const carrier = carriers?.[place] ?? index
    const known = members.get(carrier)
    if (known) known.push(index)
    else members.set(carrier, [index])
  }
  return [...members.values()]
}

interface Joined {
  index: number
  value: unknown
  members: number[]
}

/** One record out of those that travel together, without those that are refused; several where they cannot be folded any more. */
function joined(
  { operation, options, refused }: LoadedBatch,
  values: ReadonlyMap<number, unknown>,
  members: readonly number[],
): Joined[] {
  const records: Joined[] = []
  for (const index of members) {
    if (refused.has(index)) continue
    const value = values.get(index)
    const last = records.at(-1)
    const folded = last ? operation.fold(options, last.value, value) : null
    if (last && folded !== null) {
      last.index = index
      last.value = folded
      last.members.push(index)
    } else records.push({ index, value, members: [index] })
  }
  return records
}

/** As planned, all go in one call; of a fold that was taken apart only the first, and only records of one shape. */
function takeTurns({ operation, options, sent, waiting }: LoadedBatch, all: readonly Joined[]): void {
  const seen = new Set<string>()
  let ofCall: string | null = null
  for (const record of all) {
    const { shape, matchValue } = operation.travel(options, record.value)
    ofCall ??= shape
    const isFirst = matchValue === null ? waiting.length === 0 : !seen.has(matchValue)
    if (matchValue !== null) seen.add(matchValue)
    if (isFirst && shape === ofCall) sent.push({ ...record, matchValue })
    else waiting.push({ ...record, matchValue })
  }
}
