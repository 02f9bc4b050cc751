import type { Queryable } from '../contract/adapter.ts'
import { plainArray, textArray } from './literals.ts'

/** One destination's results of one chunk, with the labels of its records. Texts are JSON lists. */
export interface ResultChunkRow {
  chunk: number
  ordinal: number
  size: number
  keys: string | null
  clientRefs: string | null
  firstLine: number | null
  lines: number[] | null
  sourceIndexes: number[] | null
  /** null: all PENDING. */
  outcomes: Uint8Array | null
  profileIds: string | null
  details: Record<string, unknown> | null
}

export interface ResultSearch {
  tenant: string
  jobId: string
  /** What is asked for of each destination: its place among the job's, and those of the outcomes in the contract's list, from 0. */
  asked: readonly { ordinal: number; outcomes: readonly number[] }[]
  fromChunk: number
  /** null: to the end. */
  toChunk: number | null
  /** As many records as the page may need; those of `fromChunk` do not count, as the page may begin after them. */
  enough: number
  /** Records of the input, of which those after the last stored chunk are still to be read; 0: there are no others. */
  total: number
  chunkSize: number
}

/**
 * The result chunks that hold a page, in order of chunk and ordinal. The counts alone tell which chunks have any of the outcomes and how
 * many, so only those that the page needs are read whole: finding the few failures of a large job touches one small row per chunk. Chunks
 * that are not read yet are shown all the same, PENDING as they are.
 */
export function readResultChunks(db: Queryable, search: ResultSearch): Promise<ResultChunkRow[]> {
  return db.query<ResultChunkRow>(
    `with input as (
       select chunk, size from job_chunks where tenant = $1 and job_id = $2::uuid
       union all
       select unread, least($9::int, $8::int - unread * $9::int)
         from generate_series((select coalesce(max(chunk) + 1, 0) from job_chunks where tenant = $1 and job_id = $2::uuid),
                              ($8::int - 1) / $9::int) as unread
        where $8::int > 0),
     counted as (
       select c.chunk, c.size, asked.ordinal,
              (select sum(case when r.counts is null then case when place = 0 then c.size else 0 end else r.counts[place + 1] end)
                 from unnest(asked.places::int[]) as place) as matches
         from input c
         cross join unnest($3::smallint[], $4::text[]) as asked(ordinal, places)
         left join result_chunks r on r.tenant = $1 and r.job_id = $2::uuid and r.chunk = c.chunk and r.ordinal = asked.ordinal
        where c.chunk >= $5::int and ($6::int is null or c.chunk <= $6::int)),
     placed as (
       select chunk, size, ordinal,
              coalesce(sum(case when chunk > $5::int then matches end)
                         over (order by chunk range between unbounded preceding and 1 preceding), 0) as before
         from counted where matches > 0)
     select p.chunk, p.ordinal, p.size, c.keys, c.client_refs as "clientRefs",
            coalesce(c.first_line, u.first_line) as "firstLine", coalesce(c.lines, u.lines) as lines, c.source_indexes as "sourceIndexes", r.outcomes, r.profile_ids as "profileIds", r.details
       from placed p
       left join job_chunks c on c.tenant = $1 and c.job_id = $2::uuid and c.chunk = p.chunk
       left join result_chunks r on r.tenant = $1 and r.job_id = $2::uuid and r.chunk = p.chunk and r.ordinal = p.ordinal
       left join upload_parts u on c.chunk is null and u.tenant = $1 and u.part = p.chunk
             and u.upload_id = (select (source ->> 'uploadId')::uuid from jobs where tenant = $1 and id = $2::uuid)
      where p.before < $7::int
      order by p.chunk, p.ordinal`,
    [
      search.tenant,
      search.jobId,
      plainArray(search.asked.map(({ ordinal }) => ordinal)),
      textArray(search.asked.map(({ outcomes }) => plainArray(outcomes))),
      search.fromChunk,
      search.toChunk,
      search.enough,
      search.total,
      search.chunkSize,
    ],
  )
}
