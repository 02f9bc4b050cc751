import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { DeliveryState, EndState, JobKind, JobState } from '../domain/job-state.ts'
import { plainArray, textArray } from './literals.ts'

export interface NewJob {
  tenant: string
  id: string
  kind: JobKind
  state: JobState
  operation: string
  /** JSON. */
  options: string
  total: number
  idempotencyKey: string | null
  fingerprint: string | null
}

export interface NewDelivery {
  destinationId: string
  adapter: string
  state: DeliveryState
  counts: OutcomeCounts
  batchesTotal: number
  batchesDone: number
  /** null at a store. */
  lane: string | null
  minIntervalMs: number
}

/** The input of a chunk as it is stored; all texts are JSON lists. */
export interface NewChunk {
  size: number
  keys: string | null
  clientRefs: string | null
  records: string
  /** Of an import: the lines of the file at which the records begin; null: `firstLine` and those after it. */
  lines: readonly number[] | null
  firstLine: number | null
  /** Of a retry: the records' indexes in the job that it retries. */
  sourceIndexes: readonly number[] | null
}

export interface NewResultChunk {
  chunk: number
  ordinal: number
  outcomes: Uint8Array
  counts: OutcomeCounts
  /** JSON list. */
  profileIds: string | null
  /** JSON object. */
  details: string | null
}

export interface EndedJobTimes {
  startedAt: Date
  finishedAt: Date
}

/** A job of one chunk that one destination has already carried out. */
export interface NewEndedJob {
  job: NewJob & { state: EndState }
  delivery: NewDelivery
  chunk: NewChunk
  result: NewResultChunk
}

/**
 * Stores jobs of one tenant that one transaction has carried out. Four rows each by one statement: one-record requests are the most
 * frequent, and each statement is a round trip that holds their row locks longer. The end is read from the clock, not from the start of
 * the transaction, which began before they were applied.
 */
export async function insertEndedJobs(
  transaction: Queryable,
  tenant: string,
  ended: readonly NewEndedJob[],
): Promise<EndedJobTimes> {
  const texts = (read: (one: NewEndedJob) => string | null) => textArray(ended.map(read))
  const [times] = await transaction.query<EndedJobTimes>(
    `with ended as (select now() as started_at, clock_timestamp() as finished_at),
     input as (
       select *
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::int[], $8::text[], $9::text[], $10::text[],
                     $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::jsonb[])
           as one (id, kind, state, operation, options, total, idempotency_key, fingerprint, destination_id,
                   adapter, counts, keys, client_refs, records, outcomes, profile_ids, details)),
     job as (
       insert into jobs (tenant, id, kind, state, operation, options, total, staged, idempotency_key, fingerprint,
                         created_at, started_at, progressed_at, finished_at)
       select $1, id, kind, state, operation, options, total, total, idempotency_key, fingerprint,
              started_at, started_at, finished_at, finished_at
         from input, ended),
     delivery as (
       insert into deliveries (tenant, job_id, ordinal, destination_id, adapter, state, counts, batches_total, batches_done,
                               started_at, progressed_at, finished_at)
       select $1, id, 0, destination_id, adapter, state, counts::int[], 1, 1, started_at, finished_at, finished_at from input, ended),
     chunk as (
       insert into job_chunks (tenant, job_id, chunk, size, keys, client_refs, records)
       select $1, id, 0, total, keys, client_refs, records from input),
     result as (
       insert into result_chunks (tenant, job_id, chunk, ordinal, outcomes, counts, profile_ids, details)
       select $1, id, 0, 0, decode(outcomes, 'hex'), counts::int[], profile_ids, details from input)
     select started_at as "startedAt", finished_at as "finishedAt" from ended`,
    [
      tenant,
      texts(({ job }) => job.id),
      texts(({ job }) => job.kind),
      texts(({ job }) => job.state),
      texts(({ job }) => job.operation),
      texts(({ job }) => job.options),
      plainArray(ended.map(({ job }) => job.total)),
      texts(({ job }) => job.idempotencyKey),
      texts(({ job }) => job.fingerprint),
      texts(({ delivery }) => delivery.destinationId),
      texts(({ delivery }) => delivery.adapter),
      texts(({ delivery }) => plainArray(delivery.counts)),
      texts(({ chunk }) => chunk.keys),
      texts(({ chunk }) => chunk.clientRefs),
      texts(({ chunk }) => chunk.records),
      texts(({ result }) => Buffer.from(result.outcomes).toString('hex')),
      texts(({ result }) => result.profileIds),
      texts(({ result }) => result.details),
    ],
  )
  if (!times) throw new Error('jobs that have ended were not stored')
  return times
}

/** Where the records of a job come from that is stored before they are read. */
export interface NewStaging {
  /** JSON. */
  source: string
  /** The job that it retries. */
  parentId: string | null
}

/**
 * Stores a job that waits to be delivered; its chunks follow, and with `staging` they are still to be read. `watched` registers who waits
 * for its end in the same statement, so that no batch can end before the wait is known, for as long as watchJobs does.
 */
export async function insertJob(
  transaction: Queryable,
  job: NewJob,
  watched: boolean,
  staging: NewStaging | null = null,
): Promise<Date> {
  const [row] = await transaction.query<{ createdAt: Date }>(
    `insert into jobs (tenant, id, kind, state, operation, options, total, staged, idempotency_key, fingerprint, source, parent_id,
                       watched_until, started_at, progressed_at, finished_at)
     values ($1, $2::uuid, $3, $4, $5, $6::jsonb, $7::int, $8::int, $9, $10, $11::jsonb, $12::uuid,
             case when $13 then now() + interval '60 seconds' end,
             case when $14 then now() end, case when $14 then now() end, case when $14 then now() end)
     returning created_at as "createdAt"`,
    [
      job.tenant,
      job.id,
      job.kind,
      job.state,
      job.operation,
      job.options,
      job.total,
      staging === null ? job.total : 0,
      job.idempotencyKey,
      job.fingerprint,
      staging?.source ?? null,
      staging?.parentId ?? null,
      watched,
      job.state !== 'QUEUED' && job.state !== 'STAGING',
    ],
  )
  if (!row) throw new Error(`job ${job.id} was not stored`)
  return row.createdAt
}

/** All deliveries of a job by one statement, in the order of the request. Those that have nothing to do have ended. `staging`: none begins yet. */
export async function insertDeliveries(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  deliveries: readonly NewDelivery[],
  staging = false,
): Promise<void> {
  await transaction.query(
    `insert into deliveries (tenant, job_id, ordinal, destination_id, adapter, state, staging, counts, batches_total, batches_done,
                             lane, min_interval_ms, started_at, finished_at)
     select $1, $2::uuid, place - 1, destination_id, adapter, state, $11::boolean, counts::int[], batches_total, batches_done, lane, min_interval_ms,
            case when state <> 'QUEUED' then now() end, case when state <> 'QUEUED' then now() end
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::text[], $10::int[])
            with ordinality
            as given(destination_id, adapter, state, counts, batches_total, batches_done, lane, min_interval_ms, place)`,
    [
      tenant,
      jobId,
      textArray(deliveries.map((delivery) => delivery.destinationId)),
      textArray(deliveries.map((delivery) => delivery.adapter)),
      textArray(deliveries.map((delivery) => delivery.state)),
      textArray(deliveries.map((delivery) => plainArray(delivery.counts))),
      plainArray(deliveries.map((delivery) => delivery.batchesTotal)),
      plainArray(deliveries.map((delivery) => delivery.batchesDone)),
      textArray(deliveries.map((delivery) => delivery.lane)),
      plainArray(deliveries.map((delivery) => delivery.minIntervalMs)),
      staging,
    ],
  )
}

const chunkTypes = ['int', 'int', 'text', 'text', 'text', 'int[]', 'int', 'int[]']

/**
 * Some chunks of a job's input, numbered from `first`, by one statement. Each value is a parameter of its own: the records are long texts, and
 * quoting them for an array took a third of the time in which a file is read.
 */
export async function insertJobChunks(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  first: number,
  chunks: readonly NewChunk[],
): Promise<void> {
  const rows = chunks.map((_, row) => {
    const place = 3 + row * chunkTypes.length
    return `($1, $2::uuid, ${chunkTypes.map((type, column) => `$${place + column}::${type}`).join(', ')})`
  })
  await transaction.query(
    `insert into job_chunks (tenant, job_id, chunk, size, keys, client_refs, records, lines, first_line, source_indexes)
     values ${rows.join(', ')}`,
    [
      tenant,
      jobId,
      ...chunks.flatMap((chunk, row) => [
        first + row,
        chunk.size,
        chunk.keys,
        chunk.clientRefs,
        chunk.records,
        chunk.lines && plainArray(chunk.lines),
        chunk.firstLine,
        chunk.sourceIndexes && plainArray(chunk.sourceIndexes),
      ]),
    ],
  )
}

/** What is known of some chunks' records before anything was delivered, by one statement. */
export async function insertResultChunks(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  results: readonly NewResultChunk[],
): Promise<void> {
  await transaction.query(
    `insert into result_chunks (tenant, job_id, chunk, ordinal, outcomes, counts, profile_ids, details)
     select $1, $2::uuid, chunk, ordinal, decode(outcomes, 'hex'), counts::int[], profile_ids, details
       from unnest($3::int[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
            as given(chunk, ordinal, outcomes, counts, profile_ids, details)`,
    [
      tenant,
      jobId,
      plainArray(results.map((result) => result.chunk)),
      plainArray(results.map((result) => result.ordinal)),
      textArray(results.map((result) => Buffer.from(result.outcomes).toString('hex'))),
      textArray(results.map((result) => plainArray(result.counts))),
      textArray(results.map((result) => result.profileIds)),
      textArray(results.map((result) => result.details)),
    ],
  )
}

/**
 * Tells every process that there is work, when the transaction commits. The payload is empty, so that PostgreSQL makes one wake-up of
 * several in a transaction.
 */
export async function notifyWork(transaction: Queryable): Promise<void> {
  await transaction.query(`select pg_notify('gateway_work', '')`)
}
