import type { Queryable } from '../contract/adapter.ts'
import { plainArray } from './literals.ts'

/** One destination's outcomes of a chunk in which some records have those that were asked for. */
export interface FailureChunkRow {
  chunk: number
  ordinal: number
  size: number
  outcomes: Uint8Array
}

export interface FailureSearch {
  tenant: string
  jobId: string
  /** Places of the destinations among the job's. */
  ordinals: readonly number[]
  /** Places of the outcomes in the contract's list, from 0. */
  outcomes: readonly number[]
  fromChunk: number
  toChunk: number
}

/** The chunks from `fromChunk` up to, not including, `toChunk` that have any of the outcomes, in order of chunk and ordinal. */
export function readFailureChunks(db: Queryable, search: FailureSearch): Promise<FailureChunkRow[]> {
  return db.query<FailureChunkRow>(
    `select r.chunk, r.ordinal, c.size, r.outcomes
       from result_chunks r join job_chunks c on c.tenant = r.tenant and c.job_id = r.job_id and c.chunk = r.chunk
      where r.tenant = $1 and r.job_id = $2::uuid and r.chunk >= $3::int and r.chunk < $4::int
        and r.ordinal = any($5::smallint[]) and exists (select from unnest($6::int[]) as place where r.counts[place + 1] > 0)
      order by r.chunk, r.ordinal`,
    [
      search.tenant,
      search.jobId,
      search.fromChunk,
      search.toChunk,
      plainArray(search.ordinals),
      plainArray(search.outcomes),
    ],
  )
}

/** What there is to tell of the records of one chunk at some destinations. */
export function readFailureDetails(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunk: number,
  ordinals: readonly number[],
): Promise<{ ordinal: number; details: Record<string, unknown> | null }[]> {
  return db.query(
    `select ordinal, details from result_chunks
      where tenant = $1 and job_id = $2::uuid and chunk = $3::int and ordinal = any($4::smallint[])`,
    [tenant, jobId, chunk, plainArray(ordinals)],
  )
}

/** Whether the records and results of a job are there; they go all at once. */
export async function hasRecords(db: Queryable, tenant: string, jobId: string): Promise<boolean> {
  const rows = await db.query('select from jobs where tenant = $1 and id = $2::uuid and removed_at is null', [
    tenant,
    jobId,
  ])
  return rows.length === 1
}

/** What the JSON list of a chunk's records measures. */
export interface ChunkExtent {
  /** Of the whole list. */
  bytes: number
  /** Of each record. */
  lengths: number[]
}

/** null where the chunk is not there any more. */
export async function readChunkExtent(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunk: number,
): Promise<ChunkExtent | null> {
  const [extent] = await db.query<ChunkExtent>(
    `select octet_length(c.records) as bytes,
            array(select octet_length(e.record::text)
                    from json_array_elements(c.records::json) with ordinality as e(record, place) order by e.place) as lengths
       from job_chunks c where c.tenant = $1 and c.job_id = $2::uuid and c.chunk = $3::int`,
    [tenant, jobId, chunk],
  )
  return extent ?? null
}

/** Where a record stands in the JSON list of its chunk, in bytes. */
export interface RecordSpan {
  /** From 0. */
  start: number
  length: number
}

/**
 * Some records of a chunk, as they are stored; none where the chunk is not there any more. They are cut out by their bytes: of a chunk of
 * 48 MB that takes 57 ms, where parsing it again for each page would take 165.
 */
export async function readRecordsAt(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunk: number,
  spans: readonly RecordSpan[],
): Promise<string[]> {
  const rows = await db.query<{ record: string }>(
    `select r.record
       from (select convert_to(records, 'UTF8') as list from job_chunks
              where tenant = $1 and job_id = $2::uuid and chunk = $3::int offset 0) c
            cross join lateral (
              select convert_from(substring(c.list from s.start + 1 for s.length), 'UTF8') as record
                from unnest($4::int[], $5::int[]) with ordinality as s(start, length, place) order by s.place) r`,
    [tenant, jobId, chunk, plainArray(spans.map(({ start }) => start)), plainArray(spans.map(({ length }) => length))],
  )
  return rows.map(({ record }) => record)
}

/** Chunks are handed out by about so many bytes together. */
const chunksBytes = 16_777_216

/**
 * The records of the first of some chunks, as JSON lists, in order. Fewer than all where those would be more than 16 MiB together, so that
 * a caller can hold them, but at least one where there is one.
 */
export function readChunkRecords(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunks: readonly number[],
): Promise<{ chunk: number; records: string }[]> {
  return db.query(
    `with sizes as (
       select chunk, sum(octet_length(records)) over upwards as bytes, row_number() over upwards as place from job_chunks
        where tenant = $1 and job_id = $2::uuid and chunk = any($3::int[])
       window upwards as (order by chunk))
     select c.chunk, c.records
       from sizes s join job_chunks c on c.tenant = $1 and c.job_id = $2::uuid and c.chunk = s.chunk
      where s.place = 1 or s.bytes <= ${chunksBytes}
      order by c.chunk`,
    [tenant, jobId, plainArray(chunks)],
  )
}
