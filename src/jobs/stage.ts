import type { Destination, DestinationRegistry, Queryable } from '../contract/adapter.ts'
import { type Database, isConnectionLoss } from '../db/database.ts'
import { touchJob } from '../db/job-deliver.ts'
import {
  type ClaimedStaging,
  claimStaging,
  isGivenUp,
  lockStaging,
  postponeStaging,
  type StagingDelivery,
  type StagingJob,
  type StagingKey,
} from '../db/job-stage.ts'
import { chunkSize, largeFile } from './chunk-results.ts'
import type { Target } from './examine.ts'
import type { Examination } from './examine-staged.ts'
import type { Log } from './log.ts'
import { operationOf } from './operations.ts'
import { requestKindOf } from './request-kind.ts'
import { retrySource } from './retry-source.ts'
import { endStaging, stageWindow } from './stage-window.ts'
import type { JobSource, SourceChunk } from './staging-source.ts'
import { uploadSource } from './upload-source.ts'
import { createWorkLoops, type Workers } from './work-loops.ts'

export interface StagerParts {
  database: Database
  registry: DestinationRegistry
  log: Log
  onLargeLoad: () => void
  /** Longest time between two looks for work, give or take a quarter. */
  sweepMs: number
}

/** How long the staging of a job is put off, in seconds, doubling from the first to the second; and how long after its first fault the job is given up. */
const afterFault = { least: 1, most: 300, giveUp: 86_400 }
const whileNotConfigured = { least: 5, most: 60, giveUp: null }

/**
 * The loop that reads the records of imports and retries: each turn is one transaction that takes up the job that has waited longest and
 * reads its next records. One a process, so that reading leaves room for delivering; several processes read several jobs at once.
 */
export function createStager({ database, registry, log, sweepMs, onLargeLoad }: StagerParts): Workers {
  const toldMissing = new Set<string>()

  async function postpone(
    transaction: Queryable,
    key: StagingKey,
    reason: string,
    { least, most, giveUp }: { least: number; most: number; giveUp: number | null },
  ): Promise<void> {
    const postponed = await postponeStaging(transaction, key, reason, least, most, giveUp)
    if (postponed) await touchJob(transaction, key.tenant, key.jobId)
  }

  function tellMissing(tenant: string, { destinationId, adapter }: StagingDelivery): void {
    const name = `${tenant} ${destinationId} ${adapter}`
    if (!toldMissing.has(name)) {
      log.warn({ tenant, destinationId, adapter }, 'jobs to be read wait for a destination that is not configured here')
    }
    toldMissing.add(name)
  }

  function destinationOf(tenant: string, { destinationId, adapter }: StagingDelivery): Destination | null {
    const found = registry.find(tenant, destinationId)
    return found?.adapter.name === adapter ? found : null
  }

  async function stage(transaction: Queryable, key: StagingKey): Promise<void> {
    const job = await lockStaging(transaction, key)
    if (job.total >= largeFile) onLargeLoad()
    const destinations = job.deliveries.map((delivery) => destinationOf(job.tenant, delivery))
    const missing = job.deliveries.find((_, place) => destinations[place] === null)
    if (missing) {
      const reason = `The destination ${JSON.stringify(missing.destinationId)} is not configured: restore it in the configuration and reading goes on`
      tellMissing(job.tenant, missing)
      await postpone(transaction, key, reason, whileNotConfigured)
      return
    }
    const targets: Target[] = []
    for (const destination of destinations) {
      if (destination) targets.push(await targetOf(transaction, job, destination))
    }
    const examination: Examination = {
      tenant: job.tenant,
      kind: requestKindOf(job.kind),
      options: job.options,
      targets,
    }
    await stageWindow(transaction, job, recordsOf(transaction, job), examination)
  }

  /** Some records of one job; false when nothing is due. Throws when the database cannot be reached. */
  async function turn(isStopped: () => boolean): Promise<boolean> {
    const taken: { key: ClaimedStaging | null } = { key: null }
    try {
      return await database.transaction(async (transaction) => {
        // The stop may have come while this waited for a connection.
        taken.key = isStopped() ? null : await claimStaging(transaction)
        if (taken.key?.isFree) await stage(transaction, taken.key)
        return taken.key !== null
      })
    } catch (error) {
      const { key } = taken
      if (!key || isConnectionLoss(error)) throw error
      const { tenant, jobId } = key
      if (key.isTimeUp) {
        log.error({ error, tenant, jobId }, 'the records of a job could not be read for a day, and it is given up')
        await database.transaction((transaction) => giveUp(transaction, key))
        return true
      }
      log.error({ error, tenant, jobId }, 'records of a job could not be read; it will be tried again')
      const reason =
        'An unforeseen fault while records were read; it will be tried again. The log of the gateway has it under the id of this job.'
      await database.transaction((transaction) => postpone(transaction, key, reason, afterFault))
      return true
    }
  }

  return createWorkLoops({ database, log, loops: 1, sweepMs, turn })
}

function recordsOf(db: Queryable, job: StagingJob): AsyncIterable<SourceChunk> {
  const source = job.source as JobSource
  switch (source.kind) {
    case 'upload':
      return uploadSource.read(db, job, source, job.staged / chunkSize)
    case 'retry':
      return retrySource.read(db, job, source, job.staged / chunkSize)
  }
}

/** A destination that cannot do any more what was asked when the job was accepted fails all records. */
async function targetOf(
  db: Queryable,
  { tenant, kind, options }: StagingJob,
  destination: Destination,
): Promise<Target> {
  const preparing = await operationOf(destination.adapter, kind)?.preparer(db, tenant, options)
  if (preparing?.ok) return { destination, prepare: preparing.prepare }
  const { feature, requested } = preparing?.unsupported ?? { feature: 'operation', requested: kind }
  const message = `The destination ${JSON.stringify(destination.id)} does not support ${feature} ${requested} any more`
  return { destination, prepare: () => ({ ok: false, errors: [{ code: 'DESTINATION_REJECTED', message }] }) }
}

/** Ends a job whose records cannot be read; those that were not read count as CANCELLED. */
async function giveUp(transaction: Queryable, key: StagingKey): Promise<void> {
  const message =
    'The records of this job could not be read for a day; nothing of it was delivered. The log of the gateway has the fault under the id of this job.'
  const job = await lockStaging(transaction, key)
  if (await isGivenUp(transaction, key)) await endStaging(transaction, job, message)
}
