import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { DeliveryState, EndState, JobKind } from '../domain/job-state.ts'
import type { NewResultChunk } from './job-submit.ts'
import { plainArray } from './literals.ts'

/** A delivery whose row is locked, with its next chunk. */
export interface ClaimedDelivery {
  tenant: string
  jobId: string
  ordinal: number
  destinationId: string
  adapter: string
  state: DeliveryState
  counts: OutcomeCounts
  batchesTotal: number
  /** Also the number of the chunk that comes next. */
  batchesDone: number
  kind: JobKind
  options: UpsertOptions
  /** JSON list of the chunk's records; null when there is no such chunk. */
  records: string | null
  /** What is known of the chunk's records; null: all are PENDING. */
  outcomes: Uint8Array | null
  profileIds: string | null
  details: Record<string, unknown> | null
  /** Its batch has failed for so long that it is given up if it fails again. */
  isTimeUp: boolean
  /** False: somebody waits to pause or cancel it, and goes first. */
  isFree: boolean
}

/** Names a delivery's turn among the advisory locks. The two-number locks of profiles and this one never meet. */
export const turnOf = (delivery: string) => `hashtextextended(${delivery}.job_id::text, ${delivery}.ordinal)`

/**
 * Takes the delivery that has waited longest for this transaction, and reads all that its next batch needs; null when nothing is due.
 * The row lock is the lease: it ends with the transaction or with its connection, so a dead process holds nothing. Deliveries that
 * others are at are passed over, as are those to vendors, which lanes pace. It looks at all tenants; the partial index deliveries_claim
 * holds unfinished deliveries to stores only, in the order asked for. The delivery is locked in a CTE because FOR UPDATE would otherwise lock the job's
 * row too, before the records are applied; all locks go in the order delivery, profiles, job. Who waits for a row lock is passed by those
 * that come at the moment it is freed, batch after batch; who waits for an advisory lock is not, so a batch is begun under both.
 */
export async function claimDelivery(transaction: Queryable): Promise<ClaimedDelivery | null> {
  const [claimed] = await transaction.query<ClaimedDelivery>(
    `with claimed as materialized (
       select * from deliveries
        where state in ('QUEUED', 'RUNNING', 'WAITING') and lane is null and not staging and (next_attempt_at is null or next_attempt_at <= now())
        order by progressed_at limit 1 for update skip locked)
     select d.tenant, d.job_id as "jobId", d.ordinal, d.destination_id as "destinationId", d.adapter, d.state, d.counts,
            d.batches_total as "batchesTotal", d.batches_done as "batchesDone", j.kind, j.options, c.records,
            r.outcomes, r.profile_ids as "profileIds", r.details, coalesce(d.give_up_at <= now(), false) as "isTimeUp",
            pg_try_advisory_xact_lock(${turnOf('d')}) as "isFree"
       from claimed d
       join jobs j on j.tenant = d.tenant and j.id = d.job_id
       left join job_chunks c on c.tenant = d.tenant and c.job_id = d.job_id and c.chunk = d.batches_done
       left join result_chunks r
         on r.tenant = d.tenant and r.job_id = d.job_id and r.chunk = d.batches_done and r.ordinal = d.ordinal`,
  )
  return claimed ?? null
}

/** Waits for the batch of a delivery to a store that is in flight, and lets no other begin before the transaction ends. Its row is to be locked next. */
export async function takeTurn(transaction: Queryable, tenant: string, jobId: string, ordinal: number): Promise<void> {
  await transaction.query(
    `select pg_advisory_xact_lock(${turnOf('d')}) from deliveries d
      where d.tenant = $1 and d.job_id = $2::uuid and d.ordinal = $3::smallint`,
    [tenant, jobId, ordinal],
  )
}

/** Locks a delivery again after its transaction was rolled back; false when it does not stand any more where it was read. */
export async function relockDelivery(transaction: Queryable, read: ClaimedDelivery): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from deliveries
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batches_done = $4::int
        and state in ('QUEUED', 'RUNNING', 'WAITING') for update`,
    [read.tenant, read.jobId, read.ordinal, read.batchesDone],
  )
  return rows.length === 1
}

/** Stores what became of a chunk's records, over what was known of it when the job was accepted. */
export async function writeResultChunk(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  result: NewResultChunk,
): Promise<void> {
  await transaction.query(
    `insert into result_chunks (tenant, job_id, chunk, ordinal, outcomes, counts, profile_ids, details)
     values ($1, $2::uuid, $3::int, $4::smallint, $5::bytea, $6::int[], $7, $8::jsonb)
     on conflict (tenant, job_id, chunk, ordinal) do update
       set outcomes = excluded.outcomes, counts = excluded.counts, profile_ids = excluded.profile_ids, details = excluded.details`,
    [
      tenant,
      jobId,
      result.chunk,
      result.ordinal,
      result.outcomes,
      plainArray(result.counts),
      result.profileIds,
      result.details,
    ],
  )
}

/**
 * Moves a delivery on; false when another process has moved it since it was read, which the row lock forbids. It goes to the end of the
 * queue, so that deliveries of many jobs take turns.
 */
export async function settleDelivery(
  transaction: Queryable,
  read: ClaimedDelivery,
  now: { state: 'RUNNING' | EndState; counts: OutcomeCounts; batchesDone: number },
): Promise<boolean> {
  const rows = await transaction.query(
    `update deliveries
        set state = $5, counts = $6::int[], batches_done = $7::int, next_attempt_at = null, last_error = null, give_up_at = null,
            started_at = coalesce(started_at, now()), progressed_at = clock_timestamp(),
            finished_at = case when $5 <> 'RUNNING' then clock_timestamp() end
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batches_done = $4::int
        and state in ('QUEUED', 'RUNNING', 'WAITING')
      returning ordinal`,
    [read.tenant, read.jobId, read.ordinal, read.batchesDone, now.state, plainArray(now.counts), now.batchesDone],
  )
  return rows.length === 1
}

/**
 * Locks a job's row, after its delivery's: from here on no other delivery of the job can settle. The counts of the others are to be read
 * by a statement of its own afterwards, whose snapshot holds what they committed during the wait.
 */
export async function lockJob(transaction: Queryable, tenant: string, jobId: string): Promise<void> {
  await transaction.query('select 1 from jobs where tenant = $1 and id = $2::uuid for update', [tenant, jobId])
}

/** The counts of all deliveries of a job, for the state in which the job ends. */
export async function readDeliveryCounts(db: Queryable, tenant: string, jobId: string): Promise<OutcomeCounts[]> {
  const rows = await db.query<{ counts: OutcomeCounts }>(
    'select counts from deliveries where tenant = $1 and job_id = $2::uuid',
    [tenant, jobId],
  )
  return rows.map((row) => row.counts)
}

/** Whether a vendor is at a batch of the job, or has taken one that is still to be gone on with. Such a one ends whatever the owner of the job wants. */
export const inFlightOf = (job: string) =>
  `exists (select 1 from batches b
            where b.tenant = ${job}.tenant and b.job_id = ${job}.id and b.state <> 'DONE' and (b.state in ('CALLING', 'POLLING') or b.ticket is not null))`

/**
 * Makes the job's next version, and tells those who watch it when the transaction commits. Without anybody watching there is no NOTIFY:
 * it costs two thirds of the throughput of small transactions. `started_at` is never before `created_at`, though this transaction may
 * have begun before the job was stored. `end` null: it goes on, or is held as its owner wants; PAUSING is over when nothing is in flight any
 * more, which only who has locked the job before can tell.
 */
export async function settleJob(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  end: EndState | null,
): Promise<void> {
  await transaction.query(
    `with settled as (
       update jobs j
          set version = version + 1,
              state = case when $3::text is not null then $3::text
                           when state in ('QUEUED', 'RUNNING') then 'RUNNING'
                           when state = 'PAUSING' and not ${inFlightOf('j')} then 'PAUSED'
                           else state end,
              started_at = coalesce(started_at, greatest(created_at, now())),
              progressed_at = clock_timestamp(), finished_at = case when $3::text is not null then clock_timestamp() end
        where tenant = $1 and id = $2::uuid and finished_at is null
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from settled where watched_until > now()`,
    [tenant, jobId, end],
  )
}

/**
 * Puts a delivery off, and says why, if it still stands where it was read. The wait is kept in the row, so that all processes share it: twice the one
 * that has just passed, between `leastSeconds` and `mostSeconds`. The first time that `giveUpSeconds` is given, the clock of giving up
 * begins. True if it was put off.
 */
export async function postponeDelivery(
  transaction: Queryable,
  read: ClaimedDelivery,
  reason: string,
  leastSeconds: number,
  mostSeconds: number,
  giveUpSeconds: number | null,
): Promise<boolean> {
  const rows = await transaction.query(
    `update deliveries
        set state = 'WAITING', last_error = $5, progressed_at = now(),
            give_up_at = coalesce(give_up_at, now() + make_interval(secs => $8::float8)),
            next_attempt_at = now() + least(make_interval(secs => $7::float8), greatest(make_interval(secs => $6::float8),
                                            2 * (next_attempt_at - progressed_at)))
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batches_done = $4::int
        and state in ('QUEUED', 'RUNNING', 'WAITING')
      returning ordinal`,
    [read.tenant, read.jobId, read.ordinal, read.batchesDone, reason, leastSeconds, mostSeconds, giveUpSeconds],
  )
  return rows.length === 1
}

/** Makes the job's next version without progress: something about one of its deliveries is to be seen. */
export async function touchJob(transaction: Queryable, tenant: string, jobId: string): Promise<void> {
  await transaction.query(
    `with touched as (
       update jobs set version = version + 1
        where tenant = $1 and id = $2::uuid and finished_at is null
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from touched where watched_until > now()`,
    [tenant, jobId],
  )
}
