import type { Queryable, StoreAdapter, StoreOperation } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import { insertBatches } from '../db/job-batches.ts'
import {
  insertDeliveries,
  insertEndedJob,
  insertJobChunks,
  insertQueuedJob,
  insertResultChunks,
  type NewChunk,
  type NewDelivery,
  type NewJob,
  type NewResultChunk,
  notifyWork,
} from '../db/job-submit.ts'
import { notifyLane } from '../db/lanes.ts'
import { addCounts, type DeliveryState, endStateOf, type JobState, pendingCounts } from '../domain/job-state.ts'
import { paceOf } from '../domain/pace.ts'
import { createPlanner, type Planner } from '../domain/plan.ts'
import { applyBatch, type ReadyRecord } from './apply-batch.ts'
import {
  type ChunkResults,
  countOutcomes,
  outcomeAt,
  pendingResults,
  resultChunkOf,
  settleRecord,
} from './chunk-results.ts'
import type { ExaminedChunk, Target } from './examine.ts'
import type { Delivery, Job } from './job.ts'
import { longestOf, pacedLeftMs } from './job-rows.ts'
import { limitsOf, remoteOperation } from './operations.ts'
import type { LabelledRecord, RequestKind } from './request-kind.ts'
import { storableJson } from './storable-json.ts'

/** A checked request under the id that its job will have. */
export interface AcceptedRequest {
  tenant: string
  id: string
  kind: RequestKind
  operation: string
  /** Records of the input. */
  total: number
  waitSeconds: number
  options: UpsertOptions
  idempotencyKey: string | null
  fingerprint: string | null
}

/** Chunks stored by one statement. */
const chunksPerStatement = 10

function newJob<State extends JobState>(request: AcceptedRequest, state: State): NewJob & { state: State } {
  const { tenant, id, kind, operation, options, total, idempotencyKey, fingerprint } = request
  return {
    tenant,
    id,
    kind: kind.kind,
    state,
    operation,
    options: storableJson(options),
    total,
    idempotencyKey,
    fingerprint,
  }
}

type JobTimes = Pick<Job, 'createdAt' | 'startedAt' | 'progressedAt' | 'finishedAt'>

/** The job as it was just stored, so that nobody has to read it back. */
function jobAsStored(stored: NewJob, audit: string[], deliveries: Delivery[], times: JobTimes): Job {
  const { tenant, id, kind, state, total, idempotencyKey } = stored
  return {
    tenant,
    id,
    kind,
    state,
    version: 1,
    total,
    staged: total,
    audit,
    idempotencyKey,
    parentId: null,
    ...times,
    pacedLeftMs: longestOf(deliveries),
    deliveries,
  }
}

function deliveryAsStored(
  { lane: _, minIntervalMs, ...stored }: NewDelivery,
  ordinal: number,
  progressedAt: Date,
): Delivery {
  const ended = stored.state !== 'QUEUED'
  return {
    ...stored,
    pacedLeftMs: pacedLeftMs({ ...stored, minIntervalMs }),
    ordinal,
    vendorRequestIds: [],
    nextAttemptAt: null,
    lastError: null,
    startedAt: ended ? progressedAt : null,
    progressedAt,
    finishedAt: ended ? progressedAt : null,
  }
}

/** What results show of each record; null where no record has any. */
function labelsOf(records: ExaminedChunk['records'], label: 'key' | 'clientRef'): string | null {
  const labels = records.map((record) => record[label] ?? null)
  return labels.some((text) => text !== null) ? JSON.stringify(labels) : null
}

function chunkOf(chunk: ExaminedChunk, records: (LabelledRecord | null)[]): NewChunk {
  return {
    size: chunk.records.length,
    keys: labelsOf(chunk.records, 'key'),
    clientRefs: labelsOf(chunk.records, 'clientRef'),
    records: JSON.stringify(records),
  }
}

/** What is known of a chunk at one destination before it is applied: records that are invalid there have failed. */
function resultsBefore(chunk: ExaminedChunk, ordinal: number): { results: ChunkResults; untold: boolean } {
  const results = pendingResults(chunk.records.length)
  let untold = true
  for (const [place, verdict] of (chunk.verdicts[ordinal] ?? []).entries()) {
    const warnings = chunk.warnings[place] ?? []
    if (verdict.ok && warnings.length === 0) continue
    settleRecord(
      results,
      place,
      verdict.ok
        ? { outcome: 'PENDING', warnings: [...warnings] }
        : { outcome: 'FAILED', errors: [...verdict.errors], warnings: [...warnings] },
    )
    untold = false
  }
  return { results, untold }
}

/** A target that is a store. */
export interface StoreTarget {
  destinationId: string
  adapter: StoreAdapter
  operation: StoreOperation
}

/**
 * The short way of a request with one chunk for one store: applies it and stores its job as already ended, all in the open transaction.
 */
export async function carryOutAtOnce(
  transaction: Queryable,
  request: AcceptedRequest,
  store: StoreTarget,
  chunk: ExaminedChunk,
): Promise<Job> {
  const { tenant, options } = request
  const { results } = resultsBefore(chunk, 0)
  const ready = (chunk.verdicts[0] ?? []).flatMap((verdict, place): ReadyRecord[] =>
    verdict.ok ? [{ place, value: verdict.value, warnings: verdict.warnings }] : [],
  )
  const { destinationId, adapter, operation } = store
  await applyBatch(transaction, tenant, { name: adapter.name, operation }, options, ready, results, chunk.first)

  const counts = countOutcomes(results)
  const state = endStateOf(counts)
  if (state === null) throw new TypeError(`${adapter.name} left records PENDING`)
  const job = newJob(request, state)
  const delivery: NewDelivery = {
    destinationId,
    adapter: adapter.name,
    state,
    counts,
    batchesTotal: 1,
    batchesDone: 1,
    lane: null,
    minIntervalMs: 0,
  }
  // Nobody delivers these records any more; only the failed ones can be asked for again. The others would be written for nothing, and
  // they are most of what a small request costs.
  const records = chunk.records.map((record, place) => (outcomeAt(results, place) === 'FAILED' ? record : null))
  const stored = chunkOf(chunk, records)
  const { startedAt, finishedAt } = await insertEndedJob(
    transaction,
    job,
    delivery,
    stored,
    resultChunkOf(results, 0, 0),
  )
  const times = { createdAt: startedAt, startedAt, progressedAt: finishedAt, finishedAt }
  return jobAsStored(job, options.audit, [{ ...deliveryAsStored(delivery, 0, finishedAt), startedAt }], times)
}

/** Plans for a vendor, whose batches are its own; null for a store, whose batches are the chunks. */
export function plannerFor(
  { destination: { adapter } }: Target,
  kind: RequestKind,
  options: UpsertOptions,
): Planner | null {
  if (adapter.kind === 'store') return null
  const operation = remoteOperation(adapter, kind.kind)
  if (operation === null) throw new TypeError(`${adapter.name} was asked for what it cannot do`)
  const { maxBatchSize = 1 } = limitsOf(adapter, kind.kind) ?? {}
  return createPlanner(operation, options, { maxBatchSize, maxBatchBytes: operation.maxBatchBytes })
}

/** The chunks of a request that will be queued, in the form in which they are stored. */
export class QueuedChunks {
  readonly #targets: readonly Target[]
  readonly #chunks: NewChunk[] = []
  readonly #results: NewResultChunk[] = []
  /** For each destination. */
  readonly #counts: OutcomeCounts[]
  /** For each destination; null at a store, whose batches are the chunks. */
  readonly #planners: (Planner | null)[]
  readonly #kind: RequestKind

  constructor(kind: RequestKind, targets: readonly Target[], options: UpsertOptions) {
    this.#kind = kind
    this.#targets = targets
    this.#counts = targets.map(() => pendingCounts(0))
    this.#planners = targets.map((target) => plannerFor(target, kind, options))
  }

  add(chunk: ExaminedChunk): void {
    const number = this.#chunks.length
    for (const [ordinal, counts] of this.#counts.entries()) {
      const { results, untold } = resultsBefore(chunk, ordinal)
      this.#counts[ordinal] = addCounts([counts, countOutcomes(results)])
      // Where there is no row, all are PENDING.
      if (!untold) this.#results.push(resultChunkOf(results, number, ordinal))
      this.#plan(chunk, ordinal)
    }
    this.#chunks.push(chunkOf(chunk, chunk.records))
  }

  #plan(chunk: ExaminedChunk, ordinal: number): void {
    const planner = this.#planners[ordinal]
    if (!planner) return
    for (const [place, verdict] of (chunk.verdicts[ordinal] ?? []).entries()) {
      const record = chunk.records[place]
      if (verdict.ok && record) planner.add(chunk.first + place, verdict.value, this.#kind.isRename(record))
    }
  }

  /** Stores the job with its deliveries and chunks, and calls the workers of all processes when the transaction commits. */
  async store(transaction: Queryable, request: AcceptedRequest): Promise<Job> {
    const { tenant, id, options, total, waitSeconds } = request
    const planned = this.#planners.map((planner) => planner?.batches() ?? null)
    const deliveries = this.#targets.map(({ destination: { id: destinationId, adapter } }, ordinal): NewDelivery => {
      const batchesTotal = planned[ordinal]?.length ?? this.#chunks.length
      const counts = this.#counts[ordinal] ?? pendingCounts(total)
      // Without a valid record there is nothing to do here.
      const state: DeliveryState = endStateOf(counts) ?? 'QUEUED'
      const batchesDone = state === 'QUEUED' ? 0 : batchesTotal
      const pace =
        adapter.kind === 'store'
          ? { lane: null, minIntervalMs: 0 }
          : { lane: adapter.lane, minIntervalMs: paceOf(adapter).minIntervalMs }
      return { destinationId, adapter: adapter.name, state, counts, batchesTotal, batchesDone, ...pace }
    })
    const job = newJob<JobState>(request, endStateOf(addCounts(this.#counts)) ?? 'QUEUED')
    // Sent one after the other without waiting: one round trip rather than one each.
    const storing: Promise<void>[] = []
    const created = insertQueuedJob(transaction, job, waitSeconds > 0)
    storing.push(insertDeliveries(transaction, tenant, id, deliveries))
    for (let first = 0; first < this.#chunks.length; first += chunksPerStatement) {
      const some = this.#chunks.slice(first, first + chunksPerStatement)
      storing.push(insertJobChunks(transaction, tenant, id, first, some))
    }
    if (this.#results.length > 0) storing.push(insertResultChunks(transaction, tenant, id, this.#results))
    for (const [ordinal, { lane }] of deliveries.entries()) {
      const batches = planned[ordinal] ?? []
      if (lane === null || batches.length === 0) continue
      storing.push(insertBatches(transaction, { tenant, jobId: id, ordinal }, lane, batches))
      storing.push(notifyLane(transaction, lane))
    }
    if (deliveries.some(({ state, lane }) => state === 'QUEUED' && lane === null)) storing.push(notifyWork(transaction))
    const [createdAt] = await Promise.all([created, ...storing])
    const end = job.state === 'QUEUED' ? null : createdAt
    const times = { createdAt, startedAt: end, progressedAt: end, finishedAt: end }
    const asStored = deliveries.map((delivery, ordinal) => deliveryAsStored(delivery, ordinal, createdAt))
    return jobAsStored(job, options.audit, asStored, times)
  }
}
