import type { Queryable } from '../contract/adapter.ts'
import type { JsonValue } from '../contract/profile.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { JobKind } from '../domain/job-state.ts'
import { plainArray, textArray } from './literals.ts'

/** Names a delivery. */
export interface DeliveryKey {
  tenant: string
  jobId: string
  ordinal: number
}

/** A batch as it is stored, with its delivery's destination. */
export interface BatchRow extends DeliveryKey {
  batch: number
  lane: string
  wave: number
  state: 'READY' | 'CALLING' | 'POLLING'
  indexes: number[]
  carriers: number[] | null
  valueHashes: number[] | null
  repeatable: boolean
  attempts: number
  uncertain: boolean
  /** A list of one, or null. */
  ticket: [JsonValue] | null
  /** The vendor's time to answer is over. */
  isOverdue: boolean
  splitOf: number | null
  destinationId: string
  adapter: string
}

const batchColumns = `b.tenant, b.job_id as "jobId", b.ordinal, b.batch, b.lane, b.wave, b.state, b.indexes, b.carriers,
  b.value_hashes as "valueHashes", b.repeatable, b.attempts, b.uncertain, b.ticket,
  coalesce(b.poll_until <= clock_timestamp(), false) as "isOverdue", b.split_of as "splitOf",
  d.destination_id as "destinationId", d.adapter`

const sameDelivery = (a: string, b: string) =>
  `${a}.tenant = ${b}.tenant and ${a}.job_id = ${b}.job_id and ${a}.ordinal = ${b}.ordinal`

/** Its owner wants nothing more to be begun. What is in flight goes on: a batch with a ticket is called with again. */
const held = `state in ('PAUSED', 'CANCELLING')`

/** Whether the owner of a delivery wants nothing more of it to be begun. */
export async function isHeld(db: Queryable, { tenant, jobId, ordinal }: DeliveryKey): Promise<boolean> {
  const rows = await db.query(
    `select 1 from deliveries where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and ${held}`,
    [tenant, jobId, ordinal],
  )
  return rows.length === 1
}

/** What is READY with a ticket, by the index of what waits for a moment: its vendor is in the middle of it. */
const ticketed = `lane = $1 and state in ('READY', 'POLLING') and next_attempt_at is not null and state = 'READY' and ticket is not null`

/**
 * A call that goes on with one that the vendor has taken, under the lane's lock. It goes before all others, whatever the owner of the job wants.
 * No other call can share a match value with it, as it counts as one that the vendor is at.
 */
export async function findTicketedBatch(
  transaction: Queryable,
  lane: string,
  passedOver: readonly string[],
): Promise<BatchRow | null> {
  const [found] = await transaction.query<BatchRow>(
    `with due as (
       select * from batches
        where ${ticketed} and next_attempt_at <= clock_timestamp() and not (job_id || ':' || ordinal = any($2::text[]))
        order by next_attempt_at limit 1)
     select ${batchColumns} from due b join deliveries d on ${sameDelivery('d', 'b')}`,
    [lane, textArray(passedOver)],
  )
  return found ?? null
}

/**
 * The next batch to call with on a lane, under the lane's lock: of the delivery that has waited longest, one of its lowest unfinished wave: the
 * first of those that were never tried, then the one that was tried least often, so that none that fails each time keeps others from being
 * tried. It shares no match value with a call that the vendor is at, of whatever job. One that could reach any profile waits for all before
 * it, and for the other calls of its destination. `passedOver` are deliveries (`job:ordinal`) that this process cannot carry out.
 */
export async function findReadyBatch(
  transaction: Queryable,
  lane: string,
  passedOver: readonly string[],
): Promise<BatchRow | null> {
  const callable = `${sameDelivery('r', 'd')} and r.state = 'READY' and r.ticket is null and (r.next_attempt_at is null or r.next_attempt_at <= now)
           and r.wave = (select min(u.wave) from batches u where ${sameDelivery('u', 'd')} and u.state <> 'DONE')
           and (r.value_hashes is not null or not exists (
                 select 1 from batches u
                  where ${sameDelivery('u', 'd')} and u.state <> 'DONE' and u.wave = r.wave and u.first_index < r.first_index))
           and not exists (
                 select 1 from busy
                  where busy.value_hashes && r.value_hashes
                     or ((busy.value_hashes is null or r.value_hashes is null)
                         and busy.tenant = d.tenant and busy.destination_id = d.destination_id))`
  const [found] = await transaction.query<BatchRow>(
    `with clock as materialized (select clock_timestamp() as now),
     at_vendor as (
       select tenant, job_id, ordinal, value_hashes from batches where lane = $1 and state in ('CALLING', 'POLLING')
       union all
       select tenant, job_id, ordinal, value_hashes from batches where ${ticketed}),
     busy as materialized (
       select f.tenant, e.destination_id, f.value_hashes from at_vendor f join deliveries e on ${sameDelivery('e', 'f')})
     select ${batchColumns}
       from clock, deliveries d
      cross join lateral (
        select * from (
          (select r.* from batches r where ${callable} and r.attempts = 0 order by r.wave, r.first_index limit 1)
          union all
          (select r.* from batches r where ${callable} and r.attempts > 0 order by r.attempts, r.first_index limit 1)) one
         limit 1) b
      where d.lane = $1 and d.state in ('QUEUED', 'RUNNING', 'WAITING') and not d.staging
        and (d.give_up_at is null or d.give_up_at > now)
        and not (d.job_id || ':' || d.ordinal = any($2::text[]))
      order by d.progressed_at limit 1`,
    [lane, textArray(passedOver)],
  )
  return found ?? null
}

/** Begins a call with a batch, and shows its delivery as running. False when the batch was ended, or its delivery held, meanwhile. */
export async function beginCall(
  transaction: Queryable,
  batch: BatchRow,
  leaseId: string,
  leaseMs: number,
): Promise<boolean> {
  const key = [batch.tenant, batch.jobId, batch.ordinal]
  const [, rows] = await Promise.all([
    transaction.query(
      `update deliveries
          set state = case when ${held} then state else 'RUNNING' end, next_attempt_at = null, progressed_at = clock_timestamp(),
              started_at = coalesce(started_at, now())
        where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and finished_at is null`,
      key,
    ),
    transaction.query(
      `update batches b
          set state = 'CALLING', attempts = attempts + 1, next_attempt_at = null, lease_id = $5::uuid,
              lease_until = clock_timestamp() + make_interval(secs => $6::float8 / 1000)
         from deliveries d
        where ${sameDelivery('d', 'b')} and (b.ticket is not null or not d.${held})
          and b.tenant = $1 and b.job_id = $2::uuid and b.ordinal = $3::smallint and b.batch = $4::int and b.state = 'READY'
        returning b.batch`,
      [...key, batch.batch, leaseId, leaseMs],
    ),
  ])
  return rows.length === 1
}

/** Takes up, under the lane's lock, a call that the vendor is to be asked about. A poll whose process died is taken up again. */
export async function claimPoll(
  transaction: Queryable,
  lane: string,
  leaseId: string,
  leaseMs: number,
  passedOver: readonly string[],
): Promise<BatchRow | null> {
  const [claimed] = await transaction.query<BatchRow>(
    `with due as (
       select tenant, job_id, ordinal, batch from batches
        where lane = $1 and state in ('READY', 'POLLING') and next_attempt_at is not null and state = 'POLLING'
          and next_attempt_at <= clock_timestamp() and (lease_until is null or lease_until <= clock_timestamp())
          and not (job_id || ':' || ordinal = any($4::text[]))
        order by next_attempt_at limit 1)
     update batches b set lease_id = $2::uuid, lease_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
       from due join deliveries d on ${sameDelivery('d', 'due')}
      where ${sameDelivery('b', 'due')} and b.batch = due.batch and b.state = 'POLLING'
      returning ${batchColumns}`,
    [lane, leaseId, leaseMs, textArray(passedOver)],
  )
  return claimed ?? null
}

/** A call whose lease has run out: its process is dead or has lost the database. */
export async function findExpiredCall(transaction: Queryable, lane: string): Promise<BatchRow | null> {
  const [expired] = await transaction.query<BatchRow>(
    `select ${batchColumns} from batches b join deliveries d on ${sameDelivery('d', 'b')}
      where b.lane = $1 and b.state = 'CALLING' and b.lease_until <= clock_timestamp()
      order by b.lease_until limit 1`,
    [lane],
  )
  return expired ?? null
}

/**
 * A delivery whose patience is over, with batches that can be ended now: nobody is at them, and none before them is in flight, as those that come
 * after a batch have their turn when it has ended (`readStuckWave`).
 */
export async function findGivenUp(
  transaction: Queryable,
  lane: string,
  passedOver: readonly string[],
): Promise<(DeliveryKey & { destinationId: string; adapter: string }) | null> {
  const [found] = await transaction.query<DeliveryKey & { destinationId: string; adapter: string }>(
    `select d.tenant, d.job_id as "jobId", d.ordinal, d.destination_id as "destinationId", d.adapter from deliveries d
      where d.lane = $1 and d.state in ('QUEUED', 'RUNNING', 'WAITING', 'CANCELLING') and not d.staging and d.give_up_at <= clock_timestamp()
        and not (d.job_id || ':' || d.ordinal = any($2::text[]))
        and exists (select 1 from batches b
                     where ${sameDelivery('b', 'd')} and b.state <> 'DONE' and b.state = 'READY'
                       and b.wave = (select min(u.wave) from batches u where ${sameDelivery('u', 'd')} and u.state <> 'DONE'))
      limit 1`,
    [lane, textArray(passedOver)],
  )
  return found ?? null
}

/** The batches that are read at once where a delivery ends: few enough for a short transaction. */
const mostBatchesRead = 500
const mostRecordsRead = 5000

/** The next batches of a delivery that nobody is at, whatever they wait for, of one wave or of any. Not all of them. The delivery is locked. */
export function readReadyBatches(
  transaction: Queryable,
  key: DeliveryKey,
  wave: number | null = null,
): Promise<BatchRow[]> {
  return transaction.query<BatchRow>(
    `with ready as (
       select * from batches
        where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and state <> 'DONE' and state = 'READY'
          and wave = coalesce($4::int, wave)
        order by wave, first_index limit $5::int),
     counted as (select *, sum(cardinality(indexes)) over (order by wave, first_index, batch) - cardinality(indexes) as before from ready)
     select ${batchColumns} from counted b join deliveries d on ${sameDelivery('d', 'b')} where b.before < $6::int`,
    [key.tenant, key.jobId, key.ordinal, wave, mostBatchesRead, mostRecordsRead],
  )
}

/**
 * The wave of a delivery whose batches keep later ones from being tried: all of them were tried, and it may be their own doing that they failed:
 * they may have been applied, or the account is not in fault. null: there is none such.
 */
export async function readStuckWave(transaction: Queryable, key: DeliveryKey): Promise<number | null> {
  const [stuck] = await transaction.query<{ wave: number }>(
    `with account as materialized (
       select coalesce(max(l.faults), 0) > 0 as "inFault" from deliveries d join lanes l on l.lane = d.lane
        where d.tenant = $1 and d.job_id = $2::uuid and d.ordinal = $3::smallint),
     waves as (
       select wave, bool_and(attempts > 0 and (state <> 'READY' or uncertain or not "inFault")) as "isStuck",
              row_number() over (order by wave) as place, count(*) over () as waves
         from account, batches
        where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and state <> 'DONE'
        group by wave)
     select wave from waves where place = 1 and "isStuck" and waves > 1`,
    [key.tenant, key.jobId, key.ordinal],
  )
  return stuck?.wave ?? null
}

/** Those of them that would be sent again because an attempt may have been applied. */
export function readUncertainBatches(transaction: Queryable, key: DeliveryKey): Promise<BatchRow[]> {
  return transaction.query<BatchRow>(
    `select ${batchColumns} from batches b join deliveries d on ${sameDelivery('d', 'b')}
      where b.tenant = $1 and b.job_id = $2::uuid and b.ordinal = $3::smallint and b.state <> 'DONE' and b.state = 'READY'
        and b.ticket is null and b.uncertain
      order by b.batch`,
    [key.tenant, key.jobId, key.ordinal],
  )
}

/** The open batches of a delivery that no process is at, whether a vendor is or not. The delivery is locked. */
export function readUnheldBatches(transaction: Queryable, key: DeliveryKey): Promise<BatchRow[]> {
  return transaction.query<BatchRow>(
    `select ${batchColumns} from batches b join deliveries d on ${sameDelivery('d', 'b')}
      where b.tenant = $1 and b.job_id = $2::uuid and b.ordinal = $3::smallint and b.state <> 'DONE'
        and (b.lease_until is null or b.lease_until <= clock_timestamp())
      order by b.batch`,
    [key.tenant, key.jobId, key.ordinal],
  )
}

/** The job's kind, the request's options, and the chunks that hold the records of a batch, as JSON lists. */
export interface BatchRecords {
  kind: JobKind
  options: UpsertOptions
  chunks: { chunk: number; records: string }[]
}

export async function readBatchRecords(
  db: Queryable,
  { tenant, jobId }: DeliveryKey,
  chunks: readonly number[],
): Promise<BatchRecords> {
  const [[job], rows] = await Promise.all([
    db.query<Pick<BatchRecords, 'kind' | 'options'>>(
      'select kind, options from jobs where tenant = $1 and id = $2::uuid',
      [tenant, jobId],
    ),
    db.query<{ chunk: number; records: string }>(
      `select chunk, records from job_chunks where tenant = $1 and job_id = $2::uuid and chunk = any($3::int[])`,
      [tenant, jobId, plainArray(chunks)],
    ),
  ])
  if (!job) throw new Error(`job ${jobId} is not there`)
  return { ...job, chunks: rows }
}
