import type { Queryable } from '../contract/adapter.ts'
import { plainArray } from './literals.ts'

/** One destination's results of a chunk in which some records have the outcomes that were asked for. */
export interface FailureChunkRow {
  chunk: number
  ordinal: number
  size: number
  outcomes: Uint8Array
  details: Record<string, unknown> | null
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
    `select r.chunk, r.ordinal, c.size, r.outcomes, r.details
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
