import { setImmediate } from 'node:timers/promises'
import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import {
  removeBatches,
  type StagedDelivery,
  type StagingDelivery,
  type StagingJob,
  settleStaging,
  storeStagedDeliveries,
} from '../db/job-stage.ts'
import { insertJobChunks, insertResultChunks, notifyWork } from '../db/job-submit.ts'
import { notifyLane } from '../db/lanes.ts'
import { insertBatches } from '../db/new-batches.ts'
import { addCounts, cancelPending, countOf, endStateOf, pendingCounts } from '../domain/job-state.ts'
import type { PlannedBatch } from '../domain/plan.ts'
import { chunkSize } from './chunk-results.ts'
import { type Examination, examineStaged } from './examine-staged.ts'
import type { SourceChunk } from './staging-source.ts'
import { StoredChunks } from './stored-chunks.ts'

/** Chunks read by one transaction: where every delivery is to a store, and where calls are planned, which only fold what they see together. */
const windowOf = { stores: 5, vendors: 20 }
/** A window of large records ends earlier, after so many characters: all of it is held in memory until it is stored. */
const longestWindow = 32 * 1024 * 1024

/**
 * Reads the next records of a locked job, checks and stores them, plans their calls, and moves the job on, all in the open transaction: a
 * process that dies in the middle has done nothing.
 */
export async function stageWindow(
  transaction: Queryable,
  job: StagingJob,
  source: AsyncIterable<SourceChunk>,
  examination: Examination,
): Promise<void> {
  const { kind, options, targets } = examination
  const stored = new StoredChunks(kind, targets, options)
  const mostChunks = job.deliveries.some(({ lane }) => lane !== null) ? windowOf.vendors : windowOf.stores
  let staged = job.staged
  let length = 0
  for await (const chunk of source) {
    if (chunk.records.length !== Math.min(chunkSize, job.total - staged)) {
      throw new Error(`the records from ${staged} on are not all there: ${chunk.records.length} were read`)
    }
    stored.add(await examineStaged(transaction, examination, chunk, staged), { origin: chunk.origin })
    staged += chunk.records.length
    length += stored.chunks.at(-1)?.records.length ?? 0
    if (staged === job.total || stored.chunks.length === mostChunks || length >= longestWindow) break
    // Others get their turn.
    await setImmediate()
  }
  if (stored.chunks.length === 0) throw new Error(`the records from ${staged} on are not there`)
  await storeWindow(transaction, job, stored, staged, options.onInvalid === 'REJECT_ALL')
}

async function storeWindow(
  transaction: Queryable,
  job: StagingJob,
  stored: StoredChunks,
  staged: number,
  rejectsAll: boolean,
): Promise<void> {
  const { tenant, jobId } = job
  const moved = job.deliveries.map((delivery, place) => {
    return { ...delivery, counts: withKnown(delivery.counts, stored.counts[place] ?? []) }
  })
  const isRejected = rejectsAll && moved.some(({ counts }) => countOf(counts, 'FAILED') > 0)
  // Sent one after the other without waiting: one round trip rather than one each.
  const storing = [insertJobChunks(transaction, tenant, jobId, job.staged / chunkSize, stored.chunks)]
  if (stored.results.length > 0) storing.push(insertResultChunks(transaction, tenant, jobId, stored.results))
  for (const delivery of moved) {
    const planned = isRejected ? [] : (stored.batches(delivery.ordinal) ?? [])
    storing.push(...storeBatches(transaction, job, delivery, planned))
    delivery.batchesTotal += planned.length
  }
  if (staged < job.total) {
    const still = moved.map((delivery) => ({ ...delivery, state: 'QUEUED' as const, batchesDone: 0 }))
    storing.push(storeStagedDeliveries(transaction, job, still, true))
    storing.push(settleStaging(transaction, job, staged, 'STAGING'))
  } else if (isRejected) storing.push(endStaging(transaction, { ...job, staged, deliveries: moved }, null))
  else storing.push(...beginDelivery(transaction, { ...job, staged, deliveries: moved }))
  await Promise.all(storing)
}

/** PENDING records in part replaced by what is known of them now. */
function withKnown(counts: OutcomeCounts, known: OutcomeCounts): OutcomeCounts {
  const read = pendingCounts(known.reduce((sum, count) => sum + count, 0))
  return addCounts([counts, known]).map((count, place) => count - (read[place] ?? 0))
}

/** Windows follow each other: the batches of one begin when those of the window before it are done. */
function storeBatches(
  transaction: Queryable,
  { tenant, jobId }: StagingJob,
  { ordinal, lane, batchesTotal, highestWave }: StagingDelivery,
  planned: readonly PlannedBatch[],
): Promise<void>[] {
  if (lane === null || planned.length === 0) return []
  const after = { first: batchesTotal, afterWave: highestWave }
  return [insertBatches(transaction, { tenant, jobId, ordinal }, lane, planned, after)]
}

/** All records are read: those that are PENDING are to be delivered. */
function beginDelivery(transaction: Queryable, job: StagingJob): Promise<void>[] {
  const staged = job.deliveries.map((delivery) => {
    const state = endStateOf(delivery.counts) ?? ('QUEUED' as const)
    return { ...delivery, state, batchesDone: state === 'QUEUED' ? 0 : delivery.batchesTotal }
  })
  const going = staged.filter(({ state }) => state === 'QUEUED')
  const lanes = new Set(going.flatMap(({ lane }) => lane ?? []))
  const state = endStateOf(addCounts(staged.map(({ counts }) => counts))) ?? 'QUEUED'
  return [
    storeStagedDeliveries(transaction, job, staged, false),
    settleStaging(transaction, job, job.staged, state),
    ...Array.from(lanes, (lane) => notifyLane(transaction, lane)),
    ...(going.some(({ lane }) => lane === null) ? [notifyWork(transaction)] : []),
  ]
}

/** Nothing of the job is delivered: it ends FAILED, and so do its deliveries, whatever is known of their records. */
export async function endStaging(transaction: Queryable, job: StagingJob, lastError: string | null): Promise<void> {
  const ended = job.deliveries.map((delivery): StagedDelivery => {
    const { ordinal, counts, batchesTotal } = delivery
    return { ordinal, state: 'FAILED', counts: cancelPending(counts), batchesTotal, batchesDone: batchesTotal }
  })
  await Promise.all([
    removeBatches(transaction, job),
    storeStagedDeliveries(transaction, job, ended, false, lastError),
    settleStaging(transaction, job, job.staged, 'FAILED'),
  ])
}
