import type { Queryable } from '../contract/adapter.ts'
import type { DeliveryState, JobKind, JobState } from '../domain/job-state.ts'
import { textArray } from './literals.ts'

/** A delivery as its job's row carries it: instants are still text, as JSON has no other form for them. */
export interface DeliveryRow {
  ordinal: number
  destinationId: string
  adapter: string
  state: DeliveryState
  counts: number[]
  batchesTotal: number
  batchesDone: number
  minIntervalMs: number
  vendorRequestIds: string[]
  nextAttemptAt: string | null
  lastError: string | null
  startedAt: string | null
  progressedAt: string
  finishedAt: string | null
}

export interface JobRow {
  tenant: string
  id: string
  kind: JobKind
  state: JobState
  version: number
  total: number
  staged: number
  audit: string[]
  idempotencyKey: string | null
  parentId: string | null
  createdAt: Date
  startedAt: Date | null
  progressedAt: Date | null
  finishedAt: Date | null
  removedAt: Date | null
  deliveries: DeliveryRow[]
}

/*
 * A job and its deliveries come in one statement, so that they are of one version: two reads could fall on two sides of a batch. The
 * deliveries are aggregated rather than joined, so that a page of jobs is limited by jobs.
 */
const snapshot = `j.tenant, j.id, j.kind, j.state, j.version, j.total, j.staged, coalesce(j.options -> 'audit', '[]') as audit,
  j.idempotency_key as "idempotencyKey", j.parent_id as "parentId", j.created_at as "createdAt", j.started_at as "startedAt",
  j.progressed_at as "progressedAt", j.finished_at as "finishedAt", j.removed_at as "removedAt",
  (select json_agg(json_build_object('ordinal', d.ordinal, 'destinationId', d.destination_id, 'adapter', d.adapter,
            'state', d.state, 'counts', d.counts, 'batchesTotal', d.batches_total, 'batchesDone', d.batches_done, 'minIntervalMs', d.min_interval_ms,
            'vendorRequestIds', d.vendor_request_ids, 'nextAttemptAt', d.next_attempt_at, 'lastError', d.last_error,
            'startedAt', d.started_at, 'progressedAt', d.progressed_at, 'finishedAt', d.finished_at) order by d.ordinal)
     from deliveries d where d.tenant = j.tenant and d.job_id = j.id) as deliveries`

/** The jobs of those ids, in no order; those of another tenant are not there. One statement however many, for a loader's batch. */
export function readJobs(db: Queryable, tenant: string, ids: readonly string[]): Promise<JobRow[]> {
  return db.query<JobRow>(`select ${snapshot} from jobs j where j.tenant = $1 and j.id = any($2::uuid[])`, [
    tenant,
    textArray(ids),
  ])
}

/** The newest jobs before `before`, newest first: ids are UUIDv7, so the primary key read backwards is the order of time. */
export function newestJobs(db: Queryable, tenant: string, before: string | null, limit: number): Promise<JobRow[]> {
  return db.query<JobRow>(
    `select ${snapshot} from jobs j
      where j.tenant = $1 and j.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      order by j.id desc limit $3::int`,
    [tenant, before, limit],
  )
}

/**
 * The same for some states only. Each state reads its own end of the index jobs_state, so that a few unfinished jobs are found without
 * walking past all the finished ones; SUCCEEDED, which that index leaves out, is nearly every row and is read from the primary key.
 */
export function newestJobsInStates(
  db: Queryable,
  tenant: string,
  states: readonly JobState[],
  before: string | null,
  limit: number,
): Promise<JobRow[]> {
  return db.query<JobRow>(
    `with wanted as (
       (select s.id from unnest(array_remove($4::text[], 'SUCCEEDED')) as asked(state)
         cross join lateral (
           select id from jobs
            where tenant = $1 and state = asked.state and state <> 'SUCCEEDED' and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            order by id desc limit $3::int) s)
       union all
       (select id from jobs
         where 'SUCCEEDED' = any($4::text[]) and tenant = $1 and state = 'SUCCEEDED' and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         order by id desc limit $3::int)
       order by id desc limit $3::int)
     select ${snapshot} from wanted join jobs j on j.tenant = $1 and j.id = wanted.id order by j.id desc`,
    [tenant, before, limit, textArray([...new Set(states)])],
  )
}

/** The job that took an idempotency key, by the unique index that also keeps it from being taken twice. */
export async function findByIdempotencyKey(
  db: Queryable,
  tenant: string,
  operation: string,
  key: string,
): Promise<{ id: string; fingerprint: string } | null> {
  const [row] = await db.query<{ id: string; fingerprint: string }>(
    'select id, fingerprint from jobs where tenant = $1 and operation = $2 and idempotency_key = $3',
    [tenant, operation, key],
  )
  return row ?? null
}

/**
 * Waits until nobody else is accepting a request with this key, and keeps it until the transaction ends. Without it the second of two
 * simultaneous requests would do all its work only to fail on the unique index. Read the key by a statement of its own afterwards: one
 * that began before the wait would not see what the first one stored.
 */
export async function lockIdempotencyKey(
  transaction: Queryable,
  tenant: string,
  operation: string,
  key: string,
): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    JSON.stringify([tenant, operation, key]),
  ])
}
