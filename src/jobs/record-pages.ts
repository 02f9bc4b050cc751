import type { Queryable } from '../contract/adapter.ts'
import { type ChunkExtent, type RecordSpan, readChunkExtent, readRecordsAt } from '../db/job-failures.ts'
import type { InTurn } from './turns.ts'

/**
 * About so many bytes of records are held at once; a longer record is a page of its own. Each page has the database read its chunk: of one of
 * 48 MB, which was sent whole in 0.5 s, smaller pages would make four.
 */
const pageBytes = 4_194_304

/** The records and results of a job were removed while they were read. */
export class RecordsRemoved extends Error {
  override name = 'RecordsRemoved'

  constructor(jobId: string) {
    super(`the records of job ${jobId} were removed while they were read`)
  }
}

/**
 * The records at some places of a chunk, in order, as the JSON in which they are stored, page by page: the database picks them, so that a
 * slow reader holds a page and not a chunk. In turn, so that many readers leave connections to others. Throws RecordsRemoved when the chunk
 * is not there, or not any more.
 */
export async function* recordPages(
  db: Queryable,
  inTurn: InTurn,
  { tenant, jobId, chunk }: { tenant: string; jobId: string; chunk: number },
  places: readonly number[],
): AsyncGenerator<string[]> {
  const extent = await inTurn(tenant, () => readChunkExtent(db, tenant, jobId, chunk))
  if (extent === null) throw new RecordsRemoved(jobId)
  for (const page of pagesOf(spansOf(extent), places)) {
    const records = await inTurn(tenant, () => readRecordsAt(db, tenant, jobId, chunk, page))
    if (records.length < page.length) throw new RecordsRemoved(jobId)
    yield records
  }
}

/** Records are stored without a space between them: a bracket, records parted by commas, a bracket. */
function spansOf({ bytes, lengths }: ChunkExtent): RecordSpan[] {
  let start = 1
  const spans = lengths.map((length) => {
    const span = { start, length }
    start += length + 1
    return span
  })
  if (start !== bytes) throw new Error(`a list of records has ${bytes} bytes, where its records make ${start}`)
  return spans
}

function* pagesOf(spans: readonly RecordSpan[], places: readonly number[]): Generator<RecordSpan[]> {
  let page: RecordSpan[] = []
  let bytes = 0
  for (const place of places) {
    const span = spans[place]
    if (!span) continue
    if (page.length > 0 && bytes + span.length > pageBytes) {
      yield page
      page = []
      bytes = 0
    }
    page.push(span)
    bytes += span.length
  }
  if (page.length > 0) yield page
}
