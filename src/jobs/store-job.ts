import type { Destination, Queryable, StoreAdapter, StoreOperation } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { ResultChunkRow } from '../db/job-results.ts'
import {
  insertDeliveries,
  insertEndedJobs,
  insertJob,
  insertJobChunks,
  insertResultChunks,
  type NewChunk,
  type NewDelivery,
  type NewEndedJob,
  type NewJob,
  type NewResultChunk,
  notifyWork,
} from '../db/job-submit.ts'
import { notifyLane } from '../db/lanes.ts'
import { insertBatches } from '../db/new-batches.ts'
import { addCounts, endStateOf, type JobState, pendingCounts } from '../domain/job-state.ts'
import { paceOf } from '../domain/pace.ts'
import { applyBatch, type ReadyRecord } from './apply-batch.ts'
import { chunkSize, countOutcomes, outcomeAt, pendingResults, resultChunkOf } from './chunk-results.ts'
import type { ExaminedChunk, Target } from './examine.ts'
import type { Delivery, Job } from './job.ts'
import { longestOf, pacedLeftMs } from './job-rows.ts'
import type { RequestKind } from './request-kind.ts'
import { keepResults } from './results.ts'
import type { JobSource } from './staging-source.ts'
import { storableJson } from './storable-json.ts'
import { chunkOf, resultsBefore, type StoredChunks } from './stored-chunks.ts'

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
    removedAt: null,
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

/** A target that is a store. */
export interface StoreTarget {
  destinationId: string
  adapter: StoreAdapter
  operation: StoreOperation
}

/** A request whose records are checked, all in one chunk, for one store. */
export interface ReadyRequest {
  request: AcceptedRequest
  chunk: ExaminedChunk
}

/** The records of a chunk that are valid at its one destination. */
export function readyRecords({ verdicts }: ExaminedChunk): ReadyRecord[] {
  return (verdicts[0] ?? []).flatMap((verdict, place): ReadyRecord[] =>
    verdict.ok ? [{ place, value: verdict.value, warnings: verdict.warnings }] : [],
  )
}

/**
 * The short way of requests with one chunk for one store: applies them, one after the other, and stores their jobs as already ended, all
 * in the open transaction. They are of one tenant and have the same options.
 */
export async function carryOutAtOnce(
  transaction: Queryable,
  { destinationId, adapter, operation }: StoreTarget,
  { tenant, options }: AcceptedRequest,
  requests: readonly ReadyRequest[],
): Promise<Job[]> {
  const parts = requests.map(({ chunk }) => ({
    ready: readyRecords(chunk),
    results: resultsBefore(chunk, 0).results,
    firstIndex: chunk.first,
  }))
  await applyBatch(transaction, tenant, { name: adapter.name, operation }, options, parts)
  const ended = requests.map(({ request, chunk }, place): NewEndedJob => {
    const { results = pendingResults(0) } = parts[place] ?? {}
    const counts = countOutcomes(results)
    const state = endStateOf(counts)
    if (state === null) throw new TypeError(`${adapter.name} left records PENDING`)
    // Nobody delivers these records any more; only the failed ones can be asked for again. The others would be written for nothing, and
    // they are most of what a small request costs.
    const kept = chunk.kept.map((record, at) => (outcomeAt(results, at) === 'FAILED' ? record : null))
    return {
      job: newJob(request, state),
      delivery: {
        destinationId,
        adapter: adapter.name,
        state,
        counts,
        batchesTotal: 1,
        batchesDone: 1,
        lane: null,
        minIntervalMs: 0,
      },
      chunk: chunkOf(chunk, { kept }),
      result: resultChunkOf(results, 0, 0),
    }
  })
  const { startedAt, finishedAt } = await insertEndedJobs(transaction, tenant, ended)
  const times = { createdAt: startedAt, startedAt, progressedAt: finishedAt, finishedAt }
  return ended.map(({ job, delivery, chunk, result }) => {
    const stored = [{ ...deliveryAsStored(delivery, 0, finishedAt), startedAt }]
    return keepResults(jobAsStored(job, options.audit, stored, times), [resultRowOf(chunk, result)])
  })
}

/** The row as it would be read back. */
function resultRowOf({ size, keys, clientRefs, firstLine, lines, sourceIndexes }: NewChunk, result: NewResultChunk) {
  const { chunk, ordinal, outcomes, profileIds, details } = result
  return {
    chunk,
    ordinal,
    size,
    keys,
    clientRefs,
    firstLine,
    lines: lines && [...lines],
    sourceIndexes: sourceIndexes && [...sourceIndexes],
    outcomes,
    profileIds,
    details: details === null ? null : JSON.parse(details),
  } satisfies ResultChunkRow
}

/** Stores a request with its chunks, to be delivered, and calls the workers of all processes when the transaction commits. */
export async function storeQueuedJob(
  transaction: Queryable,
  request: AcceptedRequest,
  targets: readonly Target[],
  stored: StoredChunks,
): Promise<Job> {
  const { tenant, id, options, waitSeconds } = request
  const { chunks, results, counts } = stored
  const planned = targets.map((_, ordinal) => stored.batches(ordinal))
  const deliveries = targets.map(({ destination }, ordinal) =>
    newDelivery(destination, counts[ordinal] ?? [], planned[ordinal]?.length ?? chunks.length),
  )
  const job = newJob<JobState>(request, endStateOf(addCounts(counts)) ?? 'QUEUED')
  // Sent one after the other without waiting: one round trip rather than one each.
  const storing: Promise<void>[] = []
  const created = insertJob(transaction, job, waitSeconds > 0)
  storing.push(insertDeliveries(transaction, tenant, id, deliveries))
  for (let first = 0; first < chunks.length; first += chunksPerStatement) {
    const some = chunks.slice(first, first + chunksPerStatement)
    storing.push(insertJobChunks(transaction, tenant, id, first, some))
  }
  if (results.length > 0) storing.push(insertResultChunks(transaction, tenant, id, results))
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

/** A delivery that has not begun; without a valid record there is nothing to do, and it has ended. */
function newDelivery({ id, adapter }: Destination, counts: OutcomeCounts, batchesTotal: number): NewDelivery {
  const state = endStateOf(counts) ?? ('QUEUED' as const)
  const pace =
    adapter.kind === 'store'
      ? { lane: null, minIntervalMs: 0 }
      : { lane: adapter.lane, minIntervalMs: paceOf(adapter).minIntervalMs }
  const batchesDone = state === 'QUEUED' ? 0 : batchesTotal
  return { destinationId: id, adapter: adapter.name, state, counts, batchesTotal, batchesDone, ...pace }
}

/** What a job is to read, and where it takes it. */
export interface Staging {
  source: JobSource
  /** The job that it retries. */
  parentId: string | null
  /** With how many of the records go there. */
  destinations: readonly { destination: Destination; records: number }[]
}

/** Stores a job whose records are still to be read, and calls the stagers of all processes when the transaction commits. */
export async function storeStagingJob(
  transaction: Queryable,
  request: AcceptedRequest,
  { source, parentId, destinations }: Staging,
): Promise<Job> {
  const { tenant, id, options, total, waitSeconds } = request
  const chunks = Math.ceil(total / chunkSize)
  const deliveries = destinations.map(({ destination, records }) =>
    // At a vendor the batches are planned while the records are read.
    newDelivery(destination, pendingCounts(records), destination.adapter.kind === 'store' ? chunks : 0),
  )
  const job = newJob(request, 'STAGING')
  const [createdAt] = await Promise.all([
    insertJob(transaction, job, waitSeconds > 0, { source: storableJson(source), parentId }),
    insertDeliveries(transaction, tenant, id, deliveries, true),
    notifyWork(transaction),
  ])
  const times = { createdAt, startedAt: null, progressedAt: null, finishedAt: null }
  const asStored = deliveries.map((delivery, ordinal) => deliveryAsStored(delivery, ordinal, createdAt))
  return { ...jobAsStored(job, options.audit, asStored, times), staged: 0, parentId }
}
