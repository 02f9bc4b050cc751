import type { Queryable } from '../contract/adapter.ts'
import { type RecordErrorCode, type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'
import { type FailedPlace, type FailedSearch, lastSourceIndex, readFailed, readReasons } from '../db/job-retry.ts'
import type { StagingJob } from '../db/job-stage.ts'
import { readProfileInput } from '../domain/read-profile-input.ts'
import { chunkRecords } from './chunk-records.ts'
import { chunkSize } from './chunk-results.ts'
import type { LabelledRecord } from './request-kind.ts'
import type { RetrySource, SourceChunk, SourceRecord, StagingSource } from './staging-source.ts'

/** What failed for certain; what nobody knows only where it is asked for by its code. */
export function retriedOutcomes(codes: readonly RecordErrorCode[] | null): RecordOutcome[] {
  return codes?.includes('NO_ANSWER') ? ['FAILED', 'UNKNOWN'] : ['FAILED']
}

export function failedSearch(tenant: string, { jobId, ordinals, codes }: Omit<RetrySource, 'kind'>): FailedSearch {
  const outcomes = retriedOutcomes(codes).map((outcome) => recordOutcomes.indexOf(outcome))
  return { tenant, jobId, ordinals, outcomes, codes }
}

/** The failed records of another job: only those, each only to the destinations that it failed at. */
export const retrySource: StagingSource<RetrySource> = {
  async *read(db, job, source, fromChunk) {
    let after = fromChunk === 0 ? -1 : await lastSourceIndex(db, job.tenant, job.jobId, fromChunk - 1)
    for (;;) {
      const places = await readFailed(db, failedSearch(job.tenant, source), after, chunkSize, chunkSize)
      const last = places.at(-1)
      if (!last) return
      after = indexOf(last)
      yield await chunkOf(db, job, source, places)
    }
  },
}

async function chunkOf(
  db: Queryable,
  { tenant, kind }: StagingJob,
  source: RetrySource,
  places: readonly FailedPlace[],
): Promise<SourceChunk> {
  const stored = await recordsAt(db, tenant, source.jobId, places)
  const reasons = await reasonsOf(
    db,
    tenant,
    source,
    places.filter((failed) => !isObject(stored.get(indexOf(failed)))),
  )
  const records = places.map((failed): SourceRecord => {
    const index = indexOf(failed)
    const record = stored.get(index)
    if (record === undefined) throw new Error(`record ${index} of job ${source.jobId} is not stored any more`)
    if (!isObject(record)) return unread(reasons.get(index) ?? 'The record could not be read', record)
    // One whose fields could not be read from a file is kept as it stood there.
    return kind === 'PROFILES' ? readProfileInput(record) : { ok: true, input: record as LabelledRecord }
  })
  const absent = source.ordinals.map(
    (ordinal) => new Set([...places.keys()].filter((position) => !places[position]?.ordinals.includes(ordinal))),
  )
  return { records, origin: { firstLine: null, lines: null, sourceIndexes: places.map(indexOf) }, absent }
}

const indexOf = ({ chunk, place }: Pick<FailedPlace, 'chunk' | 'place'>) => chunk * chunkSize + place

/** By index. Of the chunks, which may be as many as the places, nothing else is kept. */
async function recordsAt(db: Queryable, tenant: string, jobId: string, places: readonly FailedPlace[]) {
  const wanted = Map.groupBy(places, ({ chunk }) => chunk)
  const found = new Map<number, unknown>()
  for await (const { chunk, records } of chunkRecords(db, tenant, jobId, [...wanted.keys()])) {
    for (const failed of wanted.get(chunk) ?? []) found.set(indexOf(failed), records[failed.place])
  }
  return found
}

/** Why those failed that are no records, by index. */
async function reasonsOf(db: Queryable, tenant: string, source: RetrySource, places: readonly FailedPlace[]) {
  const reasons = places.length === 0 ? [] : await readReasons(db, failedSearch(tenant, source), places)
  return new Map(reasons.map((reason) => [indexOf(reason), reason.message]))
}

const notKept = 'Its text was not kept: mend that line in the file, and import it from there'

const isObject = (record: unknown) => typeof record === 'object' && record !== null && !Array.isArray(record)

/** A line of a file that is no record: it fails again, for what was found then. `found` is what was kept of it; null is nothing. */
function unread(reason: string, found: unknown): SourceRecord {
  const message = found !== null || reason.endsWith(notKept) ? reason : `${reason}. ${notKept}`
  return { ok: false, errors: [{ code: 'MALFORMED_RECORD', message }], label: {}, found }
}
