import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { DeliveryState, JobKind, JobState } from '../domain/job-state.ts'
import { turnOf } from './job-deliver.ts'
import { plainArray, textArray } from './literals.ts'
import { isUploadId } from './uploads.ts'

/** A job whose records are being read: nothing of it is delivered yet. Its first delivery stands for the staging of all. */
export interface StagingKey {
  tenant: string
  jobId: string
}

export interface StagingDelivery {
  ordinal: number
  destinationId: string
  adapter: string
  state: DeliveryState
  counts: OutcomeCounts
  batchesTotal: number
  /** null at a store. */
  lane: string | null
  /** The highest of the batches planned so far; -1 before the first. */
  highestWave: number
}

/** A job that is being staged, all of its deliveries locked. */
export interface StagingJob extends StagingKey {
  kind: JobKind
  options: UpsertOptions
  total: number
  staged: number
  /** As it was stored. */
  source: unknown
  /** In order of ordinal. */
  deliveries: StagingDelivery[]
}

/** A job that was taken up. */
export interface ClaimedStaging extends StagingKey {
  /** Reading has failed for so long that the job is given up if it fails again. */
  isTimeUp: boolean
  /** False: somebody waits to pause or cancel it, and goes first. */
  isFree: boolean
}

/**
 * Takes the job that has waited longest to be staged for this transaction; null when there is none. As with claimDelivery the row lock is
 * the lease. Where the job stands is read by a statement of its own afterwards: this one may have waited, and would show what was before.
 */
export async function claimStaging(transaction: Queryable): Promise<ClaimedStaging | null> {
  const [claimed] = await transaction.query<ClaimedStaging>(
    `with claimed as materialized (
       select tenant, job_id, ordinal, give_up_at from deliveries
        where staging and ordinal = 0 and state = 'QUEUED' and (next_attempt_at is null or next_attempt_at <= now())
        order by progressed_at limit 1 for update skip locked)
     select d.tenant, d.job_id as "jobId", coalesce(d.give_up_at <= now(), false) as "isTimeUp",
            pg_try_advisory_xact_lock(${turnOf('d')}) as "isFree"
       from claimed d`,
  )
  return claimed ?? null
}

/** Locks all deliveries of a claimed job, in order, and reads where it stands. */
export async function lockStaging(transaction: Queryable, { tenant, jobId }: StagingKey): Promise<StagingJob> {
  const [deliveries, [job]] = await Promise.all([
    transaction.query<StagingDelivery>(
      `select d.ordinal, d.destination_id as "destinationId", d.adapter, d.state, d.counts, d.batches_total as "batchesTotal", d.lane,
              coalesce((select b.wave from batches b
                         where b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal
                         order by b.batch desc limit 1), -1) as "highestWave"
         from deliveries d where d.tenant = $1 and d.job_id = $2::uuid
        order by d.ordinal for update of d`,
      [tenant, jobId],
    ),
    transaction.query<Omit<StagingJob, keyof StagingKey | 'deliveries'>>(
      'select kind, options, total, staged, source from jobs where tenant = $1 and id = $2::uuid',
      [tenant, jobId],
    ),
  ])
  if (!job) throw new Error(`job ${jobId} is not there`)
  return { tenant, jobId, ...job, deliveries }
}

/** Where a delivery stands after some more of its job's records were read. */
export interface StagedDelivery {
  ordinal: number
  state: DeliveryState
  counts: OutcomeCounts
  batchesTotal: number
  batchesDone: number
}

/** Stores where the deliveries of a job stand, all of them by one statement. `staging` false: all records are read. */
export async function storeStagedDeliveries(
  transaction: Queryable,
  { tenant, jobId }: StagingKey,
  deliveries: readonly StagedDelivery[],
  staging: boolean,
  lastError: string | null = null,
): Promise<void> {
  await transaction.query(
    `update deliveries d
        set state = given.state, staging = $3::boolean, counts = given.counts::int[], batches_total = given.batches_total,
            batches_done = given.batches_done, next_attempt_at = null, give_up_at = null, last_error = $4, progressed_at = clock_timestamp(),
            started_at = case when given.state <> 'QUEUED' then now() end, finished_at = case when given.state <> 'QUEUED' then now() end
       from unnest($5::int[], $6::text[], $7::text[], $8::int[], $9::int[]) as given(ordinal, state, counts, batches_total, batches_done)
      where d.tenant = $1 and d.job_id = $2::uuid and d.ordinal = given.ordinal`,
    [
      tenant,
      jobId,
      staging,
      lastError,
      plainArray(deliveries.map(({ ordinal }) => ordinal)),
      textArray(deliveries.map(({ state }) => state)),
      textArray(deliveries.map(({ counts }) => plainArray(counts))),
      plainArray(deliveries.map(({ batchesTotal }) => batchesTotal)),
      plainArray(deliveries.map(({ batchesDone }) => batchesDone)),
    ],
  )
}

/** Makes the next version of a job that is being staged. `state`: STAGING while records are left; one that ends here took no time. */
export async function settleStaging(
  transaction: Queryable,
  { tenant, jobId }: StagingKey,
  staged: number,
  state: JobState,
): Promise<void> {
  await transaction.query(
    `with settled as (
       update jobs
          set version = version + 1, staged = $3::int, state = $4, started_at = case when $5::boolean then greatest(created_at, now()) end,
              progressed_at = case when $5::boolean then greatest(created_at, now()) end,
              finished_at = case when $5::boolean then greatest(created_at, now()) end
        where tenant = $1 and id = $2::uuid and state = 'STAGING'
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from settled where watched_until > now()`,
    [tenant, jobId, staged, state, state !== 'STAGING' && state !== 'QUEUED'],
  )
}

/** The batches of a job that will not be delivered. */
export async function removeBatches(transaction: Queryable, { tenant, jobId }: StagingKey): Promise<void> {
  await transaction.query('delete from batches where tenant = $1 and job_id = $2::uuid', [tenant, jobId])
}

/** Whether a job, locked, is still to be given up: since that was read, others may have gone on with it, or its owner may have acted. */
export async function isGivenUp(transaction: Queryable, { tenant, jobId }: StagingKey): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from deliveries
      where tenant = $1 and job_id = $2::uuid and ordinal = 0 and staging and state = 'QUEUED' and give_up_at <= now()`,
    [tenant, jobId],
  )
  return rows.length === 1
}

/**
 * Puts the staging of a job off, and says why on its first delivery. The wait is kept in the row, as postponeDelivery does it. The first time
 * that `giveUpSeconds` is given, the clock of giving up begins. True if it was put off.
 */
export async function postponeStaging(
  transaction: Queryable,
  { tenant, jobId }: StagingKey,
  reason: string,
  leastSeconds: number,
  mostSeconds: number,
  giveUpSeconds: number | null,
): Promise<boolean> {
  const rows = await transaction.query(
    `update deliveries
        set last_error = $3, progressed_at = now(), give_up_at = coalesce(give_up_at, now() + make_interval(secs => $6::float8)),
            next_attempt_at = now() + least(make_interval(secs => $5::float8), greatest(make_interval(secs => $4::float8),
                                            2 * (next_attempt_at - progressed_at)))
      where tenant = $1 and job_id = $2::uuid and ordinal = 0 and staging and state = 'QUEUED'
      returning ordinal`,
    [tenant, jobId, reason, leastSeconds, mostSeconds, giveUpSeconds],
  )
  return rows.length === 1
}

/** What an import's upload held, by the idempotency key of the import; null where that named another upload, or is not known. */
export async function findUsedUpload(
  db: Queryable,
  tenant: string,
  operation: string,
  idempotencyKey: string,
  uploadId: string,
): Promise<string | null> {
  if (!isUploadId(uploadId)) return null
  const [row] = await db.query<{ contentHash: string }>(
    `select source ->> 'contentHash' as "contentHash" from jobs
      where tenant = $1 and operation = $2 and idempotency_key = $3 and source ->> 'uploadId' = $4`,
    [tenant, operation, idempotencyKey, uploadId],
  )
  return row?.contentHash ?? null
}
