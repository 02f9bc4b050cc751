import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { DeliveryState, EndState } from '../domain/job-state.ts'
import type { BatchRow, DeliveryKey } from './job-batches.ts'
import { plainArray, textArray } from './literals.ts'

/** An unfinished delivery to a vendor whose row is locked. */
export interface LockedDelivery extends DeliveryKey {
  state: Exclude<DeliveryState, EndState>
  counts: OutcomeCounts
  batchesTotal: number
  batchesDone: number
  vendorRequestIds: string[]
  lastError: string | null
  /** No patience runs out while it is paused. */
  isTimeUp: boolean
}

/** What a LockedDelivery is read by, from the table itself. */
export const lockedDelivery = `ordinal, state, counts, batches_total as "batchesTotal", batches_done as "batchesDone",
  vendor_request_ids as "vendorRequestIds", last_error as "lastError",
  coalesce(give_up_at <= clock_timestamp(), false) and state <> 'PAUSED' as "isTimeUp"`

/** Locks a delivery: from here on nobody else settles anything of it. null: it has ended. */
export async function lockDelivery(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
): Promise<LockedDelivery | null> {
  const [locked] = await transaction.query<Omit<LockedDelivery, 'tenant' | 'jobId'>>(
    `select ${lockedDelivery} from deliveries
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint
        and state in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED', 'CANCELLING')
        for update`,
    [tenant, jobId, ordinal],
  )
  return locked ? { tenant, jobId, ...locked } : null
}

const oneBatch = `tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batch = $4::int`
const keyOf = ({ tenant, jobId, ordinal, batch }: BatchRow) => [tenant, jobId, ordinal, batch]

/** Whether the call with this lease still stands: nobody has found its lease run out and decided about it. Its delivery is locked. */
export async function holdsLease(transaction: Queryable, batch: BatchRow, leaseId: string): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from batches where ${oneBatch} and lease_id = $5::uuid and state in ('CALLING', 'POLLING')`,
    [...keyOf(batch), leaseId],
  )
  return rows.length === 1
}

/** Whether the call's lease has run out, and nobody has decided about it yet. Its delivery is locked. */
export async function isExpired(transaction: Queryable, batch: BatchRow): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from batches where ${oneBatch} and state = 'CALLING' and lease_until <= clock_timestamp()`,
    keyOf(batch),
  )
  return rows.length === 1
}

/** All records of these batches of a delivery have an outcome. */
export async function finishBatches(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  batches: readonly number[],
): Promise<void> {
  await transaction.query(
    `update batches set state = 'DONE', lease_id = null, lease_until = null, next_attempt_at = null, poll_until = null, ticket = null
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and batch = any($4::int[])`,
    [tenant, jobId, ordinal, plainArray(batches)],
  )
}

/** The records that a batch holds from now on. */
export interface BatchContent {
  indexes: readonly number[]
  carriers: readonly number[] | null
}

/**
 * The batch is to be called with again, after `delayMs` at the earliest. It keeps its match values though it may hold fewer records now:
 * others only wait for it without need.
 */
export async function returnBatch(
  transaction: Queryable,
  batch: BatchRow,
  { indexes, carriers }: BatchContent,
  { uncertain, delayMs, keepsTicket }: { uncertain: boolean; delayMs: number; keepsTicket: boolean },
): Promise<void> {
  await transaction.query(
    `update batches
        set state = 'READY', ticket = case when $9::boolean then ticket end, poll_until = null, lease_id = null, lease_until = null, first_index = ($5::int[])[1], indexes = $5::int[],
            carriers = $6::int[], uncertain = $7,
            next_attempt_at = case when $8::float8 > 0 or $9::boolean and ticket is not null
                                   then clock_timestamp() + make_interval(secs => $8::float8 / 1000) end
      where ${oneBatch}`,
    [
      ...keyOf(batch),
      plainArray(indexes),
      carriers === null ? null : plainArray(carriers),
      uncertain,
      delayMs,
      keepsTicket,
    ],
  )
}

/** The delivery of the call with this lease; null when there is none any more. */
export async function findCall(transaction: Queryable, leaseId: string, lane: string): Promise<DeliveryKey | null> {
  const [found] = await transaction.query<DeliveryKey>(
    `select tenant, job_id as "jobId", ordinal from batches where lane = $2 and lease_id = $1::uuid and state = 'CALLING'`,
    [leaseId, lane],
  )
  return found ?? null
}

/** The call was never begun: it counts as no attempt. Nothing when it is not this lease's any more. Its delivery is locked. */
export async function releaseCall(transaction: Queryable, leaseId: string, lane: string): Promise<void> {
  await transaction.query(
    `update batches
        set state = 'READY', lease_id = null, lease_until = null, attempts = attempts - 1,
            next_attempt_at = case when ticket is not null then clock_timestamp() end
      where lane = $2 and lease_id = $1::uuid and state = 'CALLING'`,
    [leaseId, lane],
  )
}

/**
 * Closes the batches of a delivery that were certainly not applied and that no vendor is at: their records stay PENDING, which in a delivery
 * that has ended says CANCELLED. One statement, however many there are.
 */
export async function closeUnsent(transaction: Queryable, { tenant, jobId, ordinal }: DeliveryKey): Promise<void> {
  await transaction.query(
    `update batches set state = 'DONE', next_attempt_at = null
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and state <> 'DONE'
        and state = 'READY' and ticket is null and not uncertain`,
    [tenant, jobId, ordinal],
  )
}

/** Whether any batch of the delivery has not ended. */
export async function hasOpenBatches(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from batches where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint and state <> 'DONE' limit 1`,
    [tenant, jobId, ordinal],
  )
  return rows.length === 1
}

/** The batch holds fewer records from now on. */
export async function narrowBatch(
  transaction: Queryable,
  batch: BatchRow,
  { indexes, carriers }: BatchContent,
): Promise<void> {
  await transaction.query(
    `update batches set first_index = ($5::int[])[1], indexes = $5::int[], carriers = $6::int[] where ${oneBatch}`,
    [...keyOf(batch), plainArray(indexes), carriers === null ? null : plainArray(carriers)],
  )
}

/**
 * The vendor has taken the call, and gave a ticket, here as a JSON list of one, to go on with: by asking every `pollMs` until `pollTimeoutMs`
 * have passed, or by a further call as soon as the pace allows. A READY batch with a ticket always has a `next_attempt_at`, by which it is
 * found before others.
 */
export async function keepTicket(
  transaction: Queryable,
  batch: BatchRow,
  ticket: string,
  wait: { by: 'call' } | { by: 'poll'; pollMs: number; pollTimeoutMs: number },
): Promise<void> {
  const polls = wait.by === 'poll'
  await transaction.query(
    `update batches
        set state = $5, ticket = $6::jsonb, repeatable = true, lease_id = null, lease_until = null,
            next_attempt_at = clock_timestamp() + make_interval(secs => $7::float8 / 1000),
            poll_until = case when $8::float8 is not null
                              then coalesce(poll_until, clock_timestamp() + make_interval(secs => $8::float8 / 1000)) end
      where ${oneBatch}`,
    [...keyOf(batch), polls ? 'POLLING' : 'READY', ticket, polls ? wait.pollMs : 0, polls ? wait.pollTimeoutMs : null],
  )
}

/** The vendor could not be asked: it will be again. */
export async function pollAgain(transaction: Queryable, batch: BatchRow, delayMs: number): Promise<void> {
  await transaction.query(
    `update batches
        set lease_id = null, lease_until = null, next_attempt_at = clock_timestamp() + make_interval(secs => $5::float8 / 1000)
      where ${oneBatch}`,
    [...keyOf(batch), delayMs],
  )
}

/**
 * Spends two further calls on looking for a bad record; false when there are none left. `most` is how many there are at the beginning, for
 * the batch that was planned; all that are split off it share them.
 */
export async function spendExtraCalls(transaction: Queryable, batch: BatchRow, most: number): Promise<boolean> {
  const rows = await transaction.query(
    `update batches set extra_calls_left = coalesce(extra_calls_left, $5::int) - 2
      where ${oneBatch} and coalesce(extra_calls_left, $5::int) >= 2 returning batch`,
    [...keyOf({ ...batch, batch: batch.splitOf ?? batch.batch }), most],
  )
  return rows.length === 1
}

/** Leaves `first` in the batch, and makes a new one of `second` at its side. */
export async function splitBatch(
  transaction: Queryable,
  batch: BatchRow,
  first: BatchContent,
  second: BatchContent,
  number: number,
): Promise<void> {
  await returnBatch(transaction, batch, first, { uncertain: batch.uncertain, delayMs: 0, keepsTicket: false })
  await transaction.query(
    `insert into batches (tenant, job_id, ordinal, batch, lane, wave, first_index, indexes, carriers, value_hashes, repeatable, uncertain, split_of)
     select tenant, job_id, ordinal, $5::int, lane, wave, ($6::int[])[1], $6::int[], $7::int[], value_hashes, repeatable, uncertain, $8::int
       from batches where ${oneBatch}`,
    [
      ...keyOf(batch),
      number,
      plainArray(second.indexes),
      second.carriers === null ? null : plainArray(second.carriers),
      batch.splitOf ?? batch.batch,
    ],
  )
}

/** What is known of some chunks' records at one destination. */
export interface KnownChunk {
  chunk: number
  size: number
  outcomes: Uint8Array | null
  profileIds: string | null
  details: Record<string, unknown> | null
}

export function readKnownChunks(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  chunks: readonly number[],
): Promise<KnownChunk[]> {
  return transaction.query<KnownChunk>(
    `select c.chunk, c.size, r.outcomes, r.profile_ids as "profileIds", r.details
       from job_chunks c
       left join result_chunks r
         on r.tenant = c.tenant and r.job_id = c.job_id and r.chunk = c.chunk and r.ordinal = $3::smallint
      where c.tenant = $1 and c.job_id = $2::uuid and c.chunk = any($4::int[])`,
    [tenant, jobId, ordinal, plainArray(chunks)],
  )
}

/**
 * Stores where a locked delivery stands. While it goes on it is RUNNING if a call is in flight or may be made, else WAITING until the pace, a
 * back-off, its own or the lane's, or the next poll lets it go on; PAUSED and CANCELLING last. `giveUp`: how long from now it is tried, `keep`
 * an earlier moment.
 */
export async function storeDelivery(
  transaction: Queryable,
  delivery: LockedDelivery,
  end: EndState | null,
  giveUp: { kind: 'clear' } | { kind: 'keep' } | { kind: 'within'; seconds: number },
): Promise<void> {
  const lasting = delivery.state === 'PAUSED' || delivery.state === 'CANCELLING' ? delivery.state : null
  await transaction.query(
    `with clock as materialized (select clock_timestamp() as now),
     busy as (
       select count(*) as batches, count(*) filter (where b.state = 'CALLING') as calls,
              min(greatest(b.next_attempt_at, l.back_off_until)) filter (where b.state = 'POLLING') as poll_at
         from batches b left join lanes l on l.lane = b.lane
        where b.tenant = $1 and b.job_id = $2::uuid and b.ordinal = $3::smallint and b.state <> 'DONE'
          and b.state in ('CALLING', 'POLLING')),
     held as (
       select count(*) as batches, min(b.next_attempt_at) as until
         from clock, deliveries d join batches b on b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal and b.lane = d.lane
        where d.tenant = $1 and d.job_id = $2::uuid and d.ordinal = $3::smallint
          and b.state in ('READY', 'POLLING') and b.state = 'READY' and b.next_attempt_at > now),
     standing as (
       select d.tenant, d.job_id, d.ordinal, now, busy.calls > 0 as calling,
              least(busy.poll_at,
                    case when $6::int - $7::int - busy.batches > held.batches then greatest(l.next_call_at, l.back_off_until)
                         when held.batches > 0 then greatest(l.next_call_at, l.back_off_until, held.until) end) as next_at
         from clock, busy, held, deliveries d left join lanes l on l.lane = d.lane
        where d.tenant = $1 and d.job_id = $2::uuid and d.ordinal = $3::smallint)
     update deliveries d
        set state = case when $4::text is not null then $4::text when calling or next_at is null or next_at <= now then 'RUNNING' else 'WAITING' end,
            next_attempt_at = case when $4::text is null and not calling and next_at > now then next_at end,
            staging = staging and $12::text is null, counts = $5::int[], batches_total = $6::int, batches_done = $7::int, vendor_request_ids = $8::text[], last_error = $9,
            give_up_at = case when $10::float8 is not null then coalesce(d.give_up_at, now + make_interval(secs => $10::float8))
                              when not $11::boolean then d.give_up_at end,
            progressed_at = clock_timestamp(), finished_at = case when $12::text is not null then clock_timestamp() end
       from standing s
      where d.tenant = s.tenant and d.job_id = s.job_id and d.ordinal = s.ordinal`,
    [
      delivery.tenant,
      delivery.jobId,
      delivery.ordinal,
      end ?? lasting,
      plainArray(delivery.counts),
      delivery.batchesTotal,
      delivery.batchesDone,
      textArray(delivery.vendorRequestIds),
      delivery.lastError,
      giveUp.kind === 'within' ? giveUp.seconds : null,
      giveUp.kind === 'clear',
      end,
    ],
  )
}
