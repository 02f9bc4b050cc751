import { type RecordErrorCode, type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'
import type { Database } from '../db/database.ts'
import { type FailureChunkRow, readFailureChunks } from '../db/job-failures.ts'
import { chunkRecords } from './chunk-records.ts'
import { chunkSize, outcomeAt, type RecordDetails, resultsFrom } from './chunk-results.ts'
import type { Job } from './job.ts'

/** Chunks whose results are read by one statement. */
const stride = 20

/** What an error file shows: what was not applied, or may not have been. */
const unsuccessful: readonly RecordOutcome[] = ['FAILED', 'SKIPPED', 'UNKNOWN']

export interface DownloadQuery {
  /** Only this destination; one that the job does not have has none. */
  destinationId: string | null
  outcomes: readonly RecordOutcome[]
}

/** The chunks that have any of the outcomes, stride by stride, each with all its destinations. */
async function* chunksWith(
  database: Database,
  { tenant, id, total, deliveries }: Job,
  { destinationId, outcomes }: DownloadQuery,
): AsyncGenerator<FailureChunkRow[]> {
  const asked = deliveries.filter((delivery) => destinationId === null || delivery.destinationId === destinationId)
  if (asked.length === 0) return
  const chunks = Math.ceil(total / chunkSize)
  for (let fromChunk = 0; fromChunk < chunks; fromChunk += stride) {
    const rows = await readFailureChunks(database, {
      tenant,
      jobId: id,
      ordinals: asked.map(({ ordinal }) => ordinal),
      outcomes: outcomes.map((outcome) => recordOutcomes.indexOf(outcome)),
      fromChunk,
      toChunk: fromChunk + stride,
    })
    if (rows.length > 0) yield rows
  }
}

/** The codes of Webex Campaign's own error file; any other code is 1010. */
const webexCodes: Partial<Record<RecordErrorCode, string>> = {
  PROFILE_NOT_FOUND: '7200',
  PROFILE_EXISTS: '7201',
  UNKNOWN_ATTRIBUTE: '7029',
  UNKNOWN_PROFILE_TYPE: '3005',
}

/** A cell in quotes. One that a spreadsheet would take for a formula begins with an apostrophe. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}

function errorLine(index: number, destinationId: string | null, { errors = [] }: RecordDetails): string {
  const [first] = errors
  const code = first?.vendorCode ?? (first && webexCodes[first.code]) ?? '1010'
  const messages = errors.map(({ message, vendorMessage }) =>
    vendorMessage === undefined || message.includes(vendorMessage) ? message : `${message} (${vendorMessage})`,
  )
  const place = destinationId === null ? '' : `${destinationId}: `
  return `${/^\w+$/.test(code) ? code : cell(code)},${cell(`${place}${messages.join('; ')}`)},${index + 1}\r\n`
}

/**
 * The error file, in the format of Webex Campaign's: `Code,Description,Index`, a line for each record and destination that was not applied
 * or may not have been, by index, counted from 1. With several destinations the description begins with the destination.
 */
export async function* errorsCsv(database: Database, job: Job, destinationId: string | null): AsyncGenerator<string> {
  yield 'Code,Description,Index\r\n'
  const names = new Map(job.deliveries.map((delivery) => [delivery.ordinal, delivery.destinationId]))
  const isOne = job.deliveries.length === 1 || destinationId !== null
  for await (const rows of chunksWith(database, job, { destinationId, outcomes: unsuccessful })) {
    for (const [chunk, group] of Map.groupBy(rows, (row) => row.chunk)) {
      let text = ''
      const known = group.map((row) => ({ row, results: resultsFrom({ ...row, profileIds: null }, row.size) }))
      for (let place = 0; place < (group[0]?.size ?? 0); place++) {
        for (const { row, results } of known) {
          const outcome = outcomeAt(results, place)
          if (outcome === null || !unsuccessful.includes(outcome)) continue
          const name = isOne ? null : (names.get(row.ordinal) ?? null)
          text += errorLine(chunk * chunkSize + place, name, results.details[place] ?? {})
        }
      }
      yield text
    }
  }
}

/**
 * The records with these outcomes, each once, one JSON value a line, in the shape in which they can be sent again. A line of a file that could
 * not be read is there as it stood, to be mended, and left out where nothing of it was kept.
 */
export async function* failedRecords(database: Database, job: Job, query: DownloadQuery): AsyncGenerator<string> {
  for await (const rows of chunksWith(database, job, query)) {
    const places = new Map<number, Set<number>>()
    for (const row of rows) {
      const results = resultsFrom({ ...row, profileIds: null }, row.size)
      const found = places.get(row.chunk) ?? new Set()
      places.set(row.chunk, found)
      for (let place = 0; place < row.size; place++) {
        const outcome = outcomeAt(results, place)
        if (outcome !== null && query.outcomes.includes(outcome)) found.add(place)
      }
    }
    for await (const { chunk, records } of chunkRecords(database, job.tenant, job.id, [...places.keys()])) {
      const found = [...(places.get(chunk) ?? [])].sort((a, b) => a - b)
      yield found
        .map((place) => records[place])
        .filter((record) => record != null)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('')
    }
  }
}
