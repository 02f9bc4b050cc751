import type { Queryable } from '../contract/adapter.ts'
import type { BulkUpsertProfilesInput, ProfileInput } from '../contract/input.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { ProfileRecord } from '../contract/profile.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'
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
import {
  addCounts,
  type DeliveryState,
  endStateOf,
  type JobKind,
  type JobState,
  pendingCounts,
} from '../domain/job-state.ts'
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
import { storableJson } from './storable-json.ts'

/** A checked request under the id that its job will have. */
export interface AcceptedRequest {
  tenant: string
  id: string
  kind: JobKind
  operation: string
  input: BulkUpsertProfilesInput
  options: ProfileUpsertOptions
  idempotencyKey: string | null
  fingerprint: string | null
}

/** Chunks stored by one statement. */
const chunksPerStatement = 10

function newJob<State extends JobState>(request: AcceptedRequest, state: State): NewJob & { state: State } {
  const { tenant, id, kind, operation, options, input, idempotencyKey, fingerprint } = request
  return {
    tenant,
    id,
    kind,
    state,
    operation,
    options: storableJson(options),
    total: input.profiles.length,
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
    deliveries,
  }
}

function deliveryAsStored(stored: NewDelivery, ordinal: number, progressedAt: Date): Delivery {
  const ended = stored.state !== 'QUEUED'
  return {
    ...stored,
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

function chunkOf(chunk: ExaminedChunk, records: (ProfileRecord | ProfileInput | null)[]): NewChunk {
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

/**
 * The short way of a request with one chunk for one store: applies it and stores its job as already ended, all in the open transaction.
 */
export async function carryOutAtOnce(
  transaction: Queryable,
  request: AcceptedRequest,
  { destination }: Target,
  chunk: ExaminedChunk,
): Promise<Job> {
  const { tenant, options } = request
  const { results } = resultsBefore(chunk, 0)
  const ready = (chunk.verdicts[0] ?? []).flatMap((verdict, place): ReadyRecord[] =>
    verdict.ok ? [{ place, value: verdict.value, warnings: verdict.warnings }] : [],
  )
  await applyBatch(transaction, tenant, destination, options, ready, results, chunk.first)

  const counts = countOutcomes(results)
  const state = endStateOf(counts)
  if (state === null) throw new TypeError(`${destination.adapter.name} left records PENDING`)
  const job = newJob(request, state)
  const delivery: NewDelivery = {
    destinationId: destination.id,
    adapter: destination.adapter.name,
    state,
    counts,
    batchesTotal: 1,
    batchesDone: 1,
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

/** The chunks of a request that will be queued, in the form in which they are stored. */
export class QueuedChunks {
  readonly #targets: readonly Target[]
  readonly #chunks: NewChunk[] = []
  readonly #results: NewResultChunk[] = []
  /** For each destination. */
  readonly #counts: OutcomeCounts[]

  constructor(targets: readonly Target[]) {
    this.#targets = targets
    this.#counts = targets.map(() => pendingCounts(0))
  }

  add(chunk: ExaminedChunk): void {
    const number = this.#chunks.length
    for (const [ordinal, counts] of this.#counts.entries()) {
      const { results, untold } = resultsBefore(chunk, ordinal)
      this.#counts[ordinal] = addCounts([counts, countOutcomes(results)])
      // Where there is no row, all are PENDING.
      if (!untold) this.#results.push(resultChunkOf(results, number, ordinal))
    }
    this.#chunks.push(chunkOf(chunk, chunk.records))
  }

  /** Stores the job with its deliveries and chunks, and calls the workers of all processes when the transaction commits. */
  async store(transaction: Queryable, request: AcceptedRequest): Promise<Job> {
    const { tenant, id, options, input } = request
    const batchesTotal = this.#chunks.length
    const deliveries = this.#targets.map(({ destination }, ordinal): NewDelivery => {
      const counts = this.#counts[ordinal] ?? pendingCounts(input.profiles.length)
      // Without a valid record there is nothing to do here.
      const state: DeliveryState = endStateOf(counts) ?? 'QUEUED'
      const batchesDone = state === 'QUEUED' ? 0 : batchesTotal
      return {
        destinationId: destination.id,
        adapter: destination.adapter.name,
        state,
        counts,
        batchesTotal,
        batchesDone,
      }
    })
    const job = newJob<JobState>(request, endStateOf(addCounts(this.#counts)) ?? 'QUEUED')
    // Sent one after the other without waiting: one round trip rather than one each.
    const storing: Promise<void>[] = []
    const created = insertQueuedJob(transaction, job, input.waitSeconds > 0)
    storing.push(insertDeliveries(transaction, tenant, id, deliveries))
    for (let first = 0; first < this.#chunks.length; first += chunksPerStatement) {
      const some = this.#chunks.slice(first, first + chunksPerStatement)
      storing.push(insertJobChunks(transaction, tenant, id, first, some))
    }
    if (this.#results.length > 0) storing.push(insertResultChunks(transaction, tenant, id, this.#results))
    if (job.state === 'QUEUED') storing.push(notifyWork(transaction))
    const [createdAt] = await Promise.all([created, ...storing])
    const end = job.state === 'QUEUED' ? null : createdAt
    const times = { createdAt, startedAt: end, progressedAt: end, finishedAt: end }
    const asStored = deliveries.map((delivery, ordinal) => deliveryAsStored(delivery, ordinal, createdAt))
    return jobAsStored(job, options.audit, asStored, times)
  }
}
