import { setImmediate } from 'node:timers/promises'
import type { DestinationRegistry, Queryable, StoreAdapter } from '../contract/adapter.ts'
import type { OutcomeCounts, RecordError, RecordFate } from '../contract/outcome.ts'
import { type Database, isConnectionLoss } from '../db/database.ts'
import {
  type ClaimedDelivery,
  claimDelivery,
  lockJob,
  postponeDelivery,
  readDeliveryCounts,
  relockDelivery,
  settleDelivery,
  settleJob,
  touchJob,
  writeResultChunk,
} from '../db/job-deliver.ts'
import type { NewResultChunk } from '../db/job-submit.ts'
import { addCounts, type EndState, endStateOf } from '../domain/job-state.ts'
import { type AppliedBy, fatesOf, type ReadyRecord, settleParts } from './apply-batch.ts'
import {
  type ChunkResults,
  chunkSize,
  copyOfResults,
  countOutcomes,
  outcomeAt,
  resultChunkOf,
  resultsFrom,
  settleRecord,
} from './chunk-results.ts'
import type { Log } from './log.ts'
import { storeOperation } from './operations.ts'
import { createWorkLoops, type Workers } from './work-loops.ts'

export interface WorkerParts {
  database: Database
  registry: DestinationRegistry
  log: Log
  onLargeLoad: () => void
  /** Batches in flight at once in this process. */
  workers: number
  /** Longest time between two looks for work, give or take a quarter. */
  sweepMs: number
}

/** How long a delivery is put off, in seconds, doubling from the first to the second; and how long after its first fault a batch is given up. */
const afterFault = { least: 1, most: 300, giveUp: 86_400 }
const whileNotConfigured = { least: 5, most: 60, giveUp: null }

/** Batches of a job that is large: 100,000 records. */
const largeJob = 100

/** The loops that deliver to stores: each turn is one transaction that takes up the delivery that has waited longest and moves it on by one batch. */
export function createWorkers({ database, registry, log, workers, sweepMs, onLargeLoad }: WorkerParts): Workers {
  const toldMissing = new Set<string>()

  function storeOf(claimed: ClaimedDelivery): StoreAdapter | null {
    const found = registry.find(claimed.tenant, claimed.destinationId)?.adapter
    if (found?.kind === 'store' && found.name === claimed.adapter) return found
    const name = `${claimed.tenant} ${claimed.destinationId} ${claimed.adapter}`
    if (!toldMissing.has(name)) {
      const { tenant, destinationId, adapter } = claimed
      log.warn({ tenant, destinationId, adapter }, 'deliveries wait for a destination that is not configured here')
    }
    toldMissing.add(name)
    return null
  }

  async function postpone(
    transaction: Queryable,
    claimed: ClaimedDelivery,
    reason: string,
    { least, most, giveUp }: { least: number; most: number; giveUp: number | null },
  ): Promise<void> {
    const postponed = await postponeDelivery(transaction, claimed, reason, least, most, giveUp)
    if (postponed) await touchJob(transaction, claimed.tenant, claimed.jobId)
  }

  /** One batch of one delivery; false when nothing is due. Throws when the database cannot be reached. */
  async function turn(isStopped: () => boolean): Promise<boolean> {
    const taken: { delivery: ClaimedDelivery | null } = { delivery: null }
    try {
      return await database.transaction(async (transaction) => {
        taken.delivery = null
        // The stop may have come while this waited for a connection.
        if (isStopped()) return false
        const claimed = await claimDelivery(transaction)
        taken.delivery = claimed
        if (!claimed) return false
        if (!claimed.isFree) return true
        const store = storeOf(claimed)
        if (store) {
          if (claimed.batchesTotal >= largeJob) onLargeLoad()
          await deliverBatch(transaction, store, claimed)
        } else {
          const reason = `The destination ${JSON.stringify(claimed.destinationId)} is not configured: restore it in the configuration and the delivery goes on`
          await postpone(transaction, claimed, reason, whileNotConfigured)
        }
        return true
      })
    } catch (error) {
      const claimed = taken.delivery
      if (!claimed || isConnectionLoss(error)) throw error
      const { tenant, jobId, destinationId, batchesDone } = claimed
      if (claimed.isTimeUp) {
        log.error(
          { error, tenant, jobId, destinationId, batch: batchesDone },
          'a batch failed for a day and is given up',
        )
        await database.transaction((transaction) => giveUpBatch(transaction, claimed))
        return true
      }
      log.error({ error, tenant, jobId, destinationId, batch: batchesDone }, 'a batch failed and will be tried again')
      const reason =
        'An unforeseen fault; the batch will be tried again. The log of the gateway has it under the id of this job.'
      await database.transaction((transaction) => postpone(transaction, claimed, reason, afterFault))
      return true
    }
  }

  return createWorkLoops({ database, log, loops: workers, sweepMs, turn })
}

/** Records that are prepared before others get their turn: about two milliseconds. */
const preparedInOneTurn = 250

/** Applies a delivery's next chunk, and settles it, within the transaction that holds the delivery's row. */
async function deliverBatch(transaction: Queryable, store: StoreAdapter, claimed: ClaimedDelivery): Promise<void> {
  const { tenant, jobId, batchesDone } = claimed
  if (claimed.records === null) throw new Error(`chunk ${batchesDone} of job ${jobId} is not there`)
  const operation = storeOperation(store, claimed.kind)
  if (operation === null) throw new Error(`${store.name} does not take the records of job ${jobId} any more`)
  const by: AppliedBy = { name: store.name, operation }
  const records = JSON.parse(claimed.records) as unknown[]
  const results = resultsFrom(claimed, records.length)
  const before = countOutcomes(results)
  const ready = await makeReady(transaction, by, claimed, records, results)
  const part = { ready, results, firstIndex: batchesDone * chunkSize }
  const ahead: { fates: readonly RecordFate[]; settling: Promise<void> }[] = []
  // Sent with what it settles, so that whoever waits for the locks of this batch does not wait for one more answer.
  const onHoped = (fates: readonly RecordFate[]) => {
    const hoped = { ...part, results: copyOfResults(results) }
    settleParts(by, [hoped], fates)
    const standing = standingAfter(claimed, hoped.results, before)
    // The end of a delivery takes a look at the others.
    if (standing.end !== null) return
    const settling = settleChunk(transaction, claimed, standing)
    // It fails with the statements before it, which whoever sent them waits for.
    settling.catch(() => {})
    ahead.push({ fates, settling })
  }
  const fates = await fatesOf(transaction, tenant, by, claimed.options, [part], onHoped)
  const settled = ahead.find((one) => one.fates === fates)
  if (settled) return settled.settling
  settleParts(by, [part], fates)
  await settleChunk(transaction, claimed, standingAfter(claimed, results, before))
}

/**
 * Ends a batch that fails each time it is tried, so that it does not hold up those behind it for ever. Every try was rolled back, so its
 * PENDING records are certainly not applied: they are FAILED.
 */
async function giveUpBatch(transaction: Queryable, claimed: ClaimedDelivery): Promise<void> {
  if (!(await relockDelivery(transaction, claimed))) return
  const records = JSON.parse(claimed.records ?? '[]') as unknown[]
  const results = resultsFrom(claimed, records.length)
  const before = countOutcomes(results)
  const message =
    'The batch of this record failed each time it was tried, for a day: the log has the fault under the id of this job'
  for (const place of records.keys()) {
    if (outcomeAt(results, place) !== 'PENDING') continue
    settleRecord(results, place, { outcome: 'FAILED', errors: [{ code: 'DESTINATION_UNAVAILABLE', message }] })
  }
  await settleChunk(transaction, claimed, standingAfter(claimed, results, before))
}

/** Where a delivery stands when its chunk has these results. */
interface Standing {
  chunk: NewResultChunk
  counts: OutcomeCounts
  end: EndState | null
}

function standingAfter(
  { ordinal, batchesDone, counts: standing }: ClaimedDelivery,
  results: ChunkResults,
  before: OutcomeCounts,
): Standing {
  const chunk = resultChunkOf(results, batchesDone, ordinal)
  const counts = standing.map((count, place) => count + (chunk.counts[place] ?? 0) - (before[place] ?? 0))
  return { chunk, counts, end: endStateOf(counts) }
}

/** Stores what became of the chunk, and moves delivery and job on. */
async function settleChunk(
  transaction: Queryable,
  claimed: ClaimedDelivery,
  { chunk, counts, end }: Standing,
): Promise<void> {
  const { tenant, jobId, ordinal, batchesDone } = claimed
  const batchesNow = end === null ? batchesDone + 1 : claimed.batchesTotal
  if (end === null && batchesNow >= claimed.batchesTotal) {
    throw new Error(`delivery ${ordinal} of job ${jobId} has no chunk left and records PENDING`)
  }
  const settled = { state: end ?? ('RUNNING' as const), counts, batchesDone: batchesNow }

  // Sent together: one round trip. While this delivery goes on, so does the job, whatever the others do.
  if (end === null) {
    const [, moved] = await Promise.all([
      writeResultChunk(transaction, tenant, jobId, chunk),
      settleDelivery(transaction, claimed, settled),
      settleJob(transaction, tenant, jobId, null),
    ])
    mustHaveMoved(moved, claimed)
    return
  }
  const [, moved, , allCounts] = await Promise.all([
    writeResultChunk(transaction, tenant, jobId, chunk),
    settleDelivery(transaction, claimed, settled),
    lockJob(transaction, tenant, jobId),
    readDeliveryCounts(transaction, tenant, jobId),
  ])
  mustHaveMoved(moved, claimed)
  await settleJob(transaction, tenant, jobId, endStateOf(addCounts(allCounts)))
}

function mustHaveMoved(moved: boolean, { jobId, ordinal, batchesDone }: ClaimedDelivery): void {
  if (!moved) throw new Error(`delivery ${ordinal} of job ${jobId} was moved from batch ${batchesDone} under its lock`)
}

/**
 * Prepares the PENDING records of a chunk again: only what was sent is stored, and definitions may have changed since. A record that
 * cannot be prepared any more has certainly not been applied, so it is FAILED.
 */
async function makeReady(
  transaction: Queryable,
  { operation }: AppliedBy,
  { tenant, options, destinationId }: ClaimedDelivery,
  records: readonly unknown[],
  results: ChunkResults,
): Promise<ReadyRecord[]> {
  const ready: ReadyRecord[] = []
  const pending = [...records.entries()].filter(([place]) => outcomeAt(results, place) === 'PENDING')
  if (pending.length === 0) return ready
  const preparing = await operation.preparer(transaction, tenant, options)
  for (const [done, [place, record]] of pending.entries()) {
    // Other transactions of this process wait for their next step, and others for what they have locked.
    if (done > 0 && done % preparedInOneTurn === 0) await setImmediate()
    if (record === null) throw new Error(`a PENDING record is not stored any more`)
    if (!preparing.ok) {
      const { feature, requested } = preparing.unsupported
      const message = `The destination ${JSON.stringify(destinationId)} does not support ${feature} ${requested} any more`
      const error: RecordError = { code: 'DESTINATION_REJECTED', message }
      settleRecord(results, place, { outcome: 'FAILED', errors: [error] })
      continue
    }
    const prepared = preparing.prepare(record)
    if (prepared.ok) ready.push({ place, value: prepared.value, warnings: prepared.warnings })
    else settleRecord(results, place, { outcome: 'FAILED', errors: [...prepared.errors] })
  }
  return ready
}
