import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { DeliveryState, EndState, JobState } from '../domain/job-state.ts'
import type { DeliveryKey } from './job-batches.ts'
import { inFlightOf, takeTurn } from './job-deliver.ts'
import { type LockedDelivery, lockedDelivery } from './job-settle.ts'
import { plainArray } from './literals.ts'

/** A delivery of a job whose owner acts on it; its row is locked. */
export type HandledDelivery = Omit<LockedDelivery, 'state'> & {
  state: DeliveryState
  /** null at a store. */
  lane: string | null
  staging: boolean
  hasStarted: boolean
}

/**
 * Locks all deliveries of a job, in order: waits for the batches of stores that are in flight, and lets no other begin meanwhile. None: there
 * is no such job. One after the other, as a turn that was taken before its row can be locked would keep workers from other deliveries.
 */
export async function lockDeliveries(
  transaction: Queryable,
  tenant: string,
  jobId: string,
): Promise<HandledDelivery[]> {
  const places = await transaction.query<{ ordinal: number }>(
    'select ordinal from deliveries where tenant = $1 and job_id = $2::uuid order by ordinal',
    [tenant, jobId],
  )
  const deliveries: HandledDelivery[] = []
  for (const { ordinal } of places) {
    const [, locked] = await Promise.all([
      takeTurn(transaction, tenant, jobId, ordinal),
      transaction.query<Omit<HandledDelivery, 'tenant' | 'jobId'>>(
        `select ${lockedDelivery}, lane, staging, started_at is not null as "hasStarted" from deliveries
          where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint for update`,
        [tenant, jobId, ordinal],
      ),
    ])
    for (const delivery of locked) deliveries.push({ tenant, jobId, ...delivery })
  }
  return deliveries
}

/** Locks a job after its deliveries; null when there is none. */
export async function lockJobState(
  transaction: Queryable,
  tenant: string,
  jobId: string,
): Promise<{ state: JobState; hasStarted: boolean } | null> {
  const [job] = await transaction.query<{ state: JobState; hasStarted: boolean }>(
    `select state, started_at is not null as "hasStarted" from jobs where tenant = $1 and id = $2::uuid for update`,
    [tenant, jobId],
  )
  return job ?? null
}

/** Whether a vendor is still at a batch of the job, or has to be called once more about one. */
export async function hasInFlight(transaction: Queryable, tenant: string, jobId: string): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from jobs j where j.tenant = $1 and j.id = $2::uuid and ${inFlightOf('j')}`,
    [tenant, jobId],
  )
  return rows.length === 1
}

/** Ends a delivery to a store. */
export async function endDelivery(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  end: EndState,
  counts: OutcomeCounts,
): Promise<void> {
  await transaction.query(
    `update deliveries
        set state = $4, counts = $5::int[], staging = false, next_attempt_at = null, give_up_at = null, finished_at = clock_timestamp()
      where tenant = $1 and job_id = $2::uuid and ordinal = $3::smallint`,
    [tenant, jobId, ordinal, end, plainArray(counts)],
  )
}

/** Nothing more of the job's deliveries is begun until they are resumed. */
export async function pauseDeliveries(transaction: Queryable, tenant: string, jobId: string): Promise<void> {
  await transaction.query(
    `update deliveries set state = 'PAUSED', next_attempt_at = null
      where tenant = $1 and job_id = $2::uuid and state in ('QUEUED', 'RUNNING', 'WAITING')`,
    [tenant, jobId],
  )
}

/**
 * The deliveries that are PAUSED go on. The clock of giving up begins anew with the next fault. The time since the latest progress counts
 * for nothing, so that rates are those of the work alone.
 */
export async function resumeDeliveries(transaction: Queryable, tenant: string, jobId: string): Promise<void> {
  await transaction.query(
    `update deliveries
        set state = case when started_at is null then 'QUEUED' else 'RUNNING' end, give_up_at = null,
            started_at = started_at + (clock_timestamp() - progressed_at), progressed_at = clock_timestamp()
      where tenant = $1 and job_id = $2::uuid and state = 'PAUSED'`,
    [tenant, jobId],
  )
}

/** Brings a locked job to the state that its owner wants, and tells those who watch it. */
export async function moveJob(transaction: Queryable, tenant: string, jobId: string, state: JobState): Promise<void> {
  await transaction.query(
    `with moved as (
       update jobs
          set version = version + 1, state = $3,
              finished_at = case when $3 in ('CANCELLED', 'SUCCEEDED', 'PARTIALLY_FAILED', 'FAILED') then clock_timestamp() end
        where tenant = $1 and id = $2::uuid
        returning id, watched_until)
     select pg_notify('gateway_job', id::text) from moved where watched_until > now()`,
    [tenant, jobId, state],
  )
}
