import type { Queryable } from '../contract/adapter.ts'
import type { DeliveryKey } from './job-batches.ts'
import { textArray } from './literals.ts'

/*
 * The pace of vendor accounts. All that sends on a lane begins with its row's lock, so what is decided under it is decided once, however
 * many processes there are. Locks go in the order lane, delivery, batch, job.
 */

/** Makes the rows of lanes that are new. */
export async function ensureLanes(db: Queryable, lanes: readonly string[]): Promise<void> {
  await db.query('insert into lanes (lane) select unnest($1::text[]) on conflict do nothing', [textArray(lanes)])
}

export async function lockLane(transaction: Queryable, lane: string): Promise<void> {
  await transaction.query('select 1 from lanes where lane = $1 for update', [lane])
}

export interface LaneStanding {
  /** Milliseconds until the pace and the back-off allow a call; 0: now. */
  callInMs: number
  /** The back-off has passed. */
  mayPoll: boolean
  /** In a row. */
  faults: number
  /** Calls whose leases have not run out. */
  inFlight: number
  /** Milliseconds to the next moment at which there may be something to do; null where none is known. */
  wakeInMs: number | null
}

/**
 * How a lane stands on the database's clock. The moments at which calls are allowed wake `leadMs` before, so that a call can be made ready
 * in time. To be read by a statement of its own after the lock: one that waited for the lock would see
 * the calls in flight as they were before the wait.
 */
export async function readLane(transaction: Queryable, lane: string, leadMs = 0): Promise<LaneStanding> {
  const [standing] = await transaction.query<LaneStanding>(
    `with clock as materialized (select clock_timestamp() as now, make_interval(secs => $2::float8 / 1000) as lead)
     select case when greatest(l.next_call_at, l.back_off_until) <= now then 0
                 else extract(epoch from greatest(l.next_call_at, l.back_off_until) - now) * 1000 end::float8 as "callInMs",
            l.back_off_until <= now as "mayPoll", l.faults,
            (select count(*)::int from batches where lane = $1 and state = 'CALLING' and lease_until > now) as "inFlight",
            (select (extract(epoch from min(moment) - now) * 1000)::float8
               from (select l.next_call_at - lead as moment
                     union all select l.back_off_until - lead
                     union all select l.back_off_until
                     union all select min(lease_until) from batches
                                where lane = $1 and state in ('CALLING', 'POLLING') and lease_until > now
                     union all select min(next_attempt_at) from batches
                                where lane = $1 and state in ('READY', 'POLLING') and next_attempt_at > now
                     union all select min(give_up_at) from deliveries
                                where lane = $1 and state in ('QUEUED', 'RUNNING', 'WAITING', 'CANCELLING') and not staging and give_up_at > now) moments
              where moment > now) as "wakeInMs"
       from clock, lanes l where l.lane = $1`,
    [lane, leadMs],
  )
  if (!standing) throw new Error(`lane ${lane} has no row`)
  return standing
}

/** A call leaves as soon as it may: the next one is allowed that long after it. */
export async function paceLane(transaction: Queryable, lane: string, milliseconds: number): Promise<void> {
  await transaction.query(
    `update lanes
        set next_call_at = greatest(next_call_at, back_off_until, clock_timestamp()) + make_interval(secs => $2::float8 / 1000)
      where lane = $1`,
    [lane, milliseconds],
  )
}

/** The call left later than it was claimed: the next one is allowed that much later. */
export async function delayLane(transaction: Queryable, lane: string, milliseconds: number): Promise<void> {
  await transaction.query(
    `update lanes set next_call_at = next_call_at + make_interval(secs => $2::float8 / 1000) where lane = $1`,
    [lane, milliseconds],
  )
}

/** Nothing goes out on the lane for that long; a longer back-off that is under way stays. `counts` false: this fault does not lengthen the next. */
export async function backOffLane(
  transaction: Queryable,
  lane: string,
  milliseconds: number,
  counts: boolean,
): Promise<void> {
  await transaction.query(
    `update lanes
        set back_off_until = greatest(back_off_until, clock_timestamp() + make_interval(secs => $2::float8 / 1000)),
            faults = faults + case when $3::boolean then 1 else 0 end
      where lane = $1`,
    [lane, milliseconds, counts],
  )
}

/** A call went through. A back-off that another call's fault began goes on. */
export async function forgiveLane(transaction: Queryable, lane: string): Promise<void> {
  await transaction.query('update lanes set faults = 0 where lane = $1 and faults > 0', [lane])
}

/** Calls every process that keeps this lane, when the transaction commits. */
export async function notifyLane(transaction: Queryable, lane: string): Promise<void> {
  await transaction.query(`select pg_notify('gateway_work', $1)`, [lane])
}

/** Shows of the deliveries that have not begun when the lane lets them. Under the lane's lock. */
export async function tellWhenCalled(transaction: Queryable, lane: string): Promise<void> {
  await transaction.query(
    `with told as (
       update deliveries d set state = 'WAITING', next_attempt_at = greatest(l.next_call_at, l.back_off_until)
         from lanes l
        where l.lane = $1 and d.lane = $1 and d.state in ('QUEUED', 'RUNNING', 'WAITING') and not d.staging and d.state = 'QUEUED'
        returning d.tenant, d.job_id),
     touched as (
       update jobs set version = version + 1 from told
        where jobs.tenant = told.tenant and jobs.id = told.job_id and finished_at is null
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from touched where watched_until > now()`,
    [lane],
  )
}

export interface LaneDestination {
  tenant: string
  destinationId: string
  adapter: string
  lane: string
}

/** The destinations with unfinished deliveries, and the lanes they were planned for. */
export function readBusyDestinations(db: Queryable): Promise<LaneDestination[]> {
  return db.query<LaneDestination>(
    `select distinct tenant, destination_id as "destinationId", adapter, lane from deliveries
      where state in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED', 'CANCELLING') and not staging and lane is not null`,
  )
}

/**
 * A destination's credential or address has changed: its unfinished deliveries go on by the pace of another account. Under the lock of the lane
 * that they leave. Two statements: the first one may wait for a transaction that adds batches to a delivery, and would not see them. What is
 * being staged is moved when all of it is read.
 */
export async function moveToLane(transaction: Queryable, moved: LaneDestination, lane: string): Promise<void> {
  const { tenant, destinationId, adapter } = moved
  const unfinished = `state in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED', 'CANCELLING')`
  await transaction.query(
    `update deliveries set lane = $5
      where tenant = $1 and destination_id = $2 and adapter = $3 and lane = $4 and ${unfinished} and not staging`,
    [tenant, destinationId, adapter, moved.lane, lane],
  )
  await transaction.query(
    `update batches b set lane = $4 from deliveries d
      where d.tenant = $1 and d.destination_id = $2 and d.adapter = $3 and d.lane = $4 and d.${unfinished} and not d.staging
        and b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal and b.lane <> $4 and b.state <> 'DONE'`,
    [tenant, destinationId, adapter, lane],
  )
}

/**
 * Says of the unfinished deliveries of a destination why they do not go on: of those that have stood still for a while although their lane would
 * have let them go on. Another process may be configured otherwise and be at one.
 */
export async function tellWhyWaiting(transaction: Queryable, waiting: LaneDestination, reason: string): Promise<void> {
  await transaction.query(
    `with told as (
       update deliveries d set state = case when state = 'PAUSED' then state else 'WAITING' end, last_error = $5
        where tenant = $1 and destination_id = $2 and adapter = $3 and lane = $4
          and state in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED') and not staging and last_error is distinct from $5
          and progressed_at < now() - interval '20 seconds'
          and not exists (select 1 from lanes l
                           where l.lane = d.lane and greatest(l.next_call_at, l.back_off_until) > now() - interval '20 seconds')
          and not exists (select 1 from batches b
                           where b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal
                             and b.state <> 'DONE' and b.state in ('CALLING', 'POLLING'))
        returning job_id),
     touched as (
       update jobs set version = version + 1 from told
        where jobs.tenant = $1 and jobs.id = told.job_id and finished_at is null
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from touched where watched_until > now()`,
    [waiting.tenant, waiting.destinationId, waiting.adapter, waiting.lane, reason],
  )
}

/**
 * What `batches` new calls on a lane would wait for: the pace and the back-off, then the calls of others that go before the last of them.
 * Deliveries take turns, so none has more of those than the new one has; what a vendor is at has left already.
 */
export async function readLaneQueue(
  db: Queryable,
  lane: string,
  batches: number,
): Promise<{ callInMs: number; batches: number }> {
  const [queue] = await db.query<{ callInMs: number; batches: number }>(
    `select coalesce((select greatest(0, extract(epoch from greatest(next_call_at, back_off_until) - clock_timestamp()) * 1000)
                        from lanes where lane = $1 and greatest(next_call_at, back_off_until) > clock_timestamp()), 0)::float8 as "callInMs",
            coalesce((select sum(least($2::int, greatest(0, d.batches_total - d.batches_done - (
                               select count(*) from batches b
                                where b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal and b.state in ('CALLING', 'POLLING')))))
                        from deliveries d
                       where d.lane = $1 and d.state in ('QUEUED', 'RUNNING', 'WAITING') and not d.staging), 0)::int as batches`,
    [lane, batches],
  )
  return queue ?? { callInMs: 0, batches: 0 }
}

/**
 * The deliveries of a destination that wait for what is in flight, to be CANCELLED then, and that nobody has looked after for a minute though
 * that was due: neither the next poll or call nor the end of a lease is awaited, nor the end of a back-off. A process that is configured
 * otherwise would have been at them.
 */
export function readForsaken(db: Queryable, destination: LaneDestination): Promise<DeliveryKey[]> {
  return db.query<DeliveryKey>(
    `select tenant, job_id as "jobId", ordinal from deliveries d
      where tenant = $1 and destination_id = $2 and adapter = $3 and lane = $4 and state = 'CANCELLING' and not staging
        and progressed_at < now() - interval '1 minute' - make_interval(secs => min_interval_ms / 1000.0)
        and not exists (select 1 from lanes l where l.lane = d.lane and l.back_off_until > now() - interval '1 minute')
        and not exists (select 1 from batches b
                         where b.tenant = d.tenant and b.job_id = d.job_id and b.ordinal = d.ordinal and b.state <> 'DONE'
                           and greatest(b.next_attempt_at, b.lease_until) > now() - interval '1 minute')`,
    [destination.tenant, destination.destinationId, destination.adapter, destination.lane],
  )
}
