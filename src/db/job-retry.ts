import type { Queryable } from '../contract/adapter.ts'
import type { UpsertOptions } from '../contract/request.ts'
import { plainArray, textArray } from './literals.ts'

/** Keeps the records of a job from being removed until the end of this transaction. False when they have been. */
export async function holdRecords(transaction: Queryable, tenant: string, jobId: string): Promise<boolean> {
  const held = await transaction.query(
    'select 1 from jobs where tenant = $1 and id = $2::uuid and removed_at is null for share',
    [tenant, jobId],
  )
  return held.length === 1
}

/** What a job asked for beside its records; null when it is not there. */
export async function readJobOptions(db: Queryable, tenant: string, jobId: string): Promise<UpsertOptions | null> {
  const [job] = await db.query<{ options: UpsertOptions }>(
    'select options from jobs where tenant = $1 and id = $2::uuid',
    [tenant, jobId],
  )
  return job?.options ?? null
}

/** Which records of a job are to be done again. */
export interface FailedSearch {
  tenant: string
  jobId: string
  /** Places of the destinations among the job's. */
  ordinals: readonly number[]
  /** Places of the outcomes in the contract's list, from 0. */
  outcomes: readonly number[]
  /** Only with one of these codes; null is all. */
  codes: readonly string[] | null
}

export interface FailedCounts {
  /** By ordinal. */
  at: Map<number, number>
  /** Each record once, however many destinations it failed at. */
  records: number
}

const failed = (more = '') => `select r.chunk, r.ordinal, detail.key::int as place${more}
   from result_chunks r cross join lateral jsonb_each(r.details) as detail
  where r.tenant = $1 and r.job_id = $2::uuid and r.ordinal = any($3::smallint[])
    and get_byte(r.outcomes, detail.key::int) = any($4::int[])
    and ($5::text[] is null or exists (
          select from jsonb_array_elements(detail.value -> 'errors') as error where error ->> 'code' = any($5::text[])))`

const paramsOf = ({ tenant, jobId, ordinals, outcomes, codes }: FailedSearch) => [
  tenant,
  jobId,
  plainArray(ordinals),
  plainArray(outcomes),
  codes === null ? null : textArray(codes),
]

/** How many there are. Every record that failed says why, so only what has details is looked at. */
export async function countFailed(db: Queryable, search: FailedSearch): Promise<FailedCounts> {
  const rows = await db.query<{ ordinal: number | null; records: number }>(
    `with failed as materialized (${failed()})
     select ordinal, count(*)::int as records from failed group by ordinal
     union all select null, count(*)::int from (select distinct chunk, place from failed) once`,
    paramsOf(search),
  )
  const at = new Map(rows.flatMap(({ ordinal, records }) => (ordinal === null ? [] : [[ordinal, records] as const])))
  return { at, records: rows.find(({ ordinal }) => ordinal === null)?.records ?? 0 }
}

/** One of them, with the places of all the destinations that it failed at. */
export interface FailedPlace {
  chunk: number
  place: number
  ordinals: number[]
}

/** Chunks of the retried job that are searched by one statement: sorted all together, each page would cost as much as all of them. */
const stride = 20

/** The next of them after an index, in order, at most `limit`. Chunks are of `chunkSize` records. */
export async function readFailed(
  db: Queryable,
  search: FailedSearch,
  after: number,
  chunkSize: number,
  limit: number,
): Promise<FailedPlace[]> {
  const [job] = await db.query<{ total: number }>('select total from jobs where tenant = $1 and id = $2::uuid', [
    search.tenant,
    search.jobId,
  ])
  const chunks = Math.ceil((job?.total ?? 0) / chunkSize)
  const found: FailedPlace[] = []
  for (let from = Math.floor((after + 1) / chunkSize); from < chunks && found.length < limit; from += stride) {
    found.push(...(await readFailedWithin(db, search, after, chunkSize, limit - found.length, from)))
  }
  return found
}

function readFailedWithin(
  db: Queryable,
  search: FailedSearch,
  after: number,
  chunkSize: number,
  limit: number,
  from: number,
): Promise<FailedPlace[]> {
  return db.query<FailedPlace>(
    `select chunk, place, array_agg(ordinal::int order by ordinal) as ordinals
       from (${failed()} and r.chunk >= $9::int and r.chunk < $9::int + ${stride}) found
      where chunk * $7::int + place > $6::int
      group by chunk, place order by chunk, place limit $8::int`,
    [...paramsOf(search), after, chunkSize, limit, from],
  )
}

/** Where the records of an import or a retry come from, as its row keeps it. */
export async function readJobSource(db: Queryable, tenant: string, jobId: string): Promise<unknown> {
  const [job] = await db.query<{ source: unknown }>('select source from jobs where tenant = $1 and id = $2::uuid', [
    tenant,
    jobId,
  ])
  return job?.source ?? null
}

/** What results show of the records of some chunks beside what became of them, as JSON lists; null where none of them has one. */
export function readLabels(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunks: readonly number[],
): Promise<{ chunk: number; keys: string | null; clientRefs: string | null }[]> {
  return db.query(
    `select chunk, keys, client_refs as "clientRefs" from job_chunks
      where tenant = $1 and job_id = $2::uuid and chunk = any($3::int[])`,
    [tenant, jobId, plainArray(chunks)],
  )
}

/** Why some of them failed, at the first of their destinations; null where nothing is told. */
export function readReasons(
  db: Queryable,
  search: FailedSearch,
  places: readonly FailedPlace[],
): Promise<{ chunk: number; place: number; message: string | null }[]> {
  return db.query(
    `select distinct on (chunk, place) chunk, place, message
       from (${failed(", detail.value #>> '{errors,0,message}' as message")} and r.chunk = any($6::int[])) found
      where (chunk, place) in (select * from unnest($6::int[], $7::int[]))
      order by chunk, place, ordinal`,
    [...paramsOf(search), plainArray(places.map(({ chunk }) => chunk)), plainArray(places.map(({ place }) => place))],
  )
}

/** The index in the retried job of the last record that a retry has read; -1 before the first. */
export async function lastSourceIndex(db: Queryable, tenant: string, jobId: string, chunk: number): Promise<number> {
  const [row] = await db.query<{ last: number | null }>(
    `select source_indexes[size] as last from job_chunks where tenant = $1 and job_id = $2::uuid and chunk = $3::int`,
    [tenant, jobId, chunk],
  )
  return row?.last ?? -1
}
