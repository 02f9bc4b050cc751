import type { Queryable } from '../contract/adapter.ts'
import { type RecordErrorCode, type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'
import { readChunkRecords } from '../db/job-failures.ts'
import { type FailedPlace, type FailedSearch, lastSourceIndex, readFailed } from '../db/job-retry.ts'
import type { StagingJob } from '../db/job-stage.ts'
import { readProfileInput } from '../domain/read-profile-input.ts'
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
      after = last.chunk * chunkSize + last.place
      yield await chunkOf(db, job, source, places)
    }
  },
}

async function chunkOf(
  db: Queryable,
  { tenant, kind }: StagingJob,
  { jobId, ordinals }: RetrySource,
  places: readonly FailedPlace[],
): Promise<SourceChunk> {
  const chunks = [...new Set(places.map(({ chunk }) => chunk))]
  const stored = new Map(
    (await readChunkRecords(db, tenant, jobId, chunks)).map(({ chunk, records }) => [
      chunk,
      JSON.parse(records) as unknown[],
    ]),
  )
  const records = places.map(({ chunk, place }): SourceRecord => {
    const record = stored.get(chunk)?.[place]
    if (record == null) throw new Error(`record ${chunk * chunkSize + place} of job ${jobId} is not stored any more`)
    // One that could not be read from a file is kept as it stood there.
    return kind === 'PROFILES' ? readProfileInput(record) : { ok: true, input: record as LabelledRecord }
  })
  const absent = ordinals.map(
    (ordinal) => new Set([...places.keys()].filter((position) => !places[position]?.ordinals.includes(ordinal))),
  )
  const sourceIndexes = places.map(({ chunk, place }) => chunk * chunkSize + place)
  return { records, origin: { firstLine: null, lines: null, sourceIndexes }, absent }
}
