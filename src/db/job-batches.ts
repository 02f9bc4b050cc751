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

export interface NewBatch {
  wave: number
  indexes: readonly number[]
  carriers: readonly number[] | null
  valueHashes: readonly number[] | null
  repeatable: boolean
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

const unfinished = `state in ('QUEUED', 'RUNNING', 'WAITING')`

/** The batches of a delivery, numbered from 0, by one statement. */
export async function insertBatches(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  lane: string,
  batches: readonly NewBatch[],
): Promise<void> {
  const arrays = (lists: readonly (readonly number[] | null)[]) =>
    textArray(lists.map((list) => (list === null ? null : plainArray(list))))
  await transaction.query(
    `insert into batches (tenant, job_id, ordinal, batch, lane, wave, first_index, indexes, carriers, value_hashes, repeatable)
     select $1, $2::uuid, $3::smallint, place - 1, $4, wave, (indexes::int[])[1], indexes::int[], carriers::int[], hashes::int[], repeatable
       from unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::boolean[])
            with ordinality as given(wave, indexes, carriers, hashes, repeatable, place)`,
    [
      tenant,
      jobId,
      ordinal,
      lane,
      plainArray(batches.map((batch) => batch.wave)),
      arrays(batches.map((batch) => batch.indexes)),
      arrays(batches.map((batch) => batch.carriers)),
      arrays(batches.map((batch) => batch.valueHashes)),
      plainArray(batches.map((batch) => batch.repeatable)),
    ],
  )
}

/**
 * The next batch to call with on a lane, under the lane's lock: of the delivery that has waited longest, the first of its lowest unfinished
 * wave. It shares no match value with a call that the vendor is at, of whatever job. One that could reach any profile waits for all before
 * it, and for the other calls of its destination. `passedOver` are deliveries (`job:ordinal`) that this process cannot carry out.
 */
export async function findReadyBatch(
  transaction: Queryable,
  lane: string,
  passedOver: readonly string[],
): Promise<BatchRow | null> {
  const [found] = await transaction.query<BatchRow>(
    `with clock as materialized (select clock_timestamp() as now),
     busy as materialized (
       select f.tenant, e.destination_id, f.value_hashes from batches f join deliveries e on ${sameDelivery('e', 'f')}
        where f.lane = $1 and f.state in ('CALLING', 'POLLING'))
     select ${batchColumns}
       from clock, deliveries d
      cross join lateral (
        select r.* from batches r
         where ${sameDelivery('r', 'd')} and r.state = 'READY' and (r.next_attempt_at is null or r.next_attempt_at <= now)
           and r.wave = (select min(u.wave) from batches u where ${sameDelivery('u', 'd')} and u.state <> 'DONE')
           and (r.value_hashes is not null or not exists (
                 select 1 from batches u
                  where ${sameDelivery('u', 'd')} and u.state <> 'DONE' and u.wave = r.wave and u.first_index < r.first_index))
           and not exists (
                 select 1 from busy
                  where busy.value_hashes && r.value_hashes
                     or ((busy.value_hashes is null or r.value_hashes is null)
                         and busy.tenant = d.tenant and busy.destination_id = d.destination_id))
         order by r.wave, r.first_index limit 1) b
      where d.lane = $1 and d.${unfinished} and not d.staging and not (d.job_id || ':' || d.ordinal = any($2::text[]))
      order by d.progressed_at limit 1`,
    [lane, textArray(passedOver)],
  )
  return found ?? null
}

/** Begins a call with a batch, and shows its delivery as running. False when the batch was ended meanwhile. */
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
          set state = 'RUNNING', next_attempt_at = null, progressed_at = clock_timestamp(), started_at = coalesce(started_at, now())
        where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and ${unfinished}`,
      key,
    ),
    transaction.query(
      `update batches
          set state = 'CALLING', attempts = attempts + 1, next_attempt_at = null, lease_id = $5::uuid,
              lease_until = clock_timestamp() + make_interval(secs => $6::float8 / 1000)
        where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batch = $4::int and state = 'READY'
        returning batch`,
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

/** A delivery whose patience is over, with batches that nobody is at. */
export async function findGivenUp(
  transaction: Queryable,
  lane: string,
  passedOver: readonly string[],
): Promise<(DeliveryKey & { destinationId: string; adapter: string }) | null> {
  const [found] = await transaction.query<DeliveryKey & { destinationId: string; adapter: string }>(
    `select d.tenant, d.job_id as "jobId", d.ordinal, d.destination_id as "destinationId", d.adapter from deliveries d
      where d.lane = $1 and d.${unfinished} and not d.staging and d.give_up_at <= clock_timestamp()
        and not (d.job_id || ':' || d.ordinal = any($2::text[]))
        and exists (select 1 from batches b where ${sameDelivery('b', 'd')} and b.state <> 'DONE' and b.state = 'READY')
      limit 1`,
    [lane, textArray(passedOver)],
  )
  return found ?? null
}

/** The batches of a delivery that nobody is at, whatever they wait for. The delivery is locked. */
export function readReadyBatches(transaction: Queryable, key: DeliveryKey): Promise<BatchRow[]> {
  return transaction.query<BatchRow>(
    `select ${batchColumns} from batches b join deliveries d on ${sameDelivery('d', 'b')}
      where b.tenant = $1 and b.job_id = $2::uuid and b.ordinal = $3::smallint and b.state <> 'DONE' and b.state = 'READY'
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
