import { type RecordErrorCode, type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'
import type { Database } from '../db/database.ts'
import { hasRecords, readFailureChunks, readFailureDetails } from '../db/job-failures.ts'
import type { JobKind } from '../domain/job-state.ts'
import { chunkSize, outcomeAt, type RecordDetails } from './chunk-results.ts'
import { failedLine } from './failed-line.ts'
import type { Job } from './job.ts'
import { RecordsRemoved, recordPages } from './record-pages.ts'
import type { InTurn } from './turns.ts'

/** Chunks whose outcomes are read by one statement. */
const stride = 20

/** What an error file shows: what was not applied, or may not have been. */
const unsuccessful: readonly RecordOutcome[] = ['FAILED', 'SKIPPED', 'UNKNOWN']

export interface DownloadQuery {
  /** Only this destination; one that the job does not have has none. */
  destinationId: string | null
  outcomes: readonly RecordOutcome[]
}

/** A chunk with some of the outcomes. */
interface FoundChunk {
  chunk: number
  size: number
  /** By the ordinal of its destination, in order: the outcome of each record, as it is stored. */
  outcomes: ReadonlyMap<number, Uint8Array>
}

/** The chunks that have any of the outcomes, in order. Throws RecordsRemoved when that cannot be known any more. */
async function* chunksWith(
  database: Database,
  { tenant, id, total, deliveries }: Job,
  { destinationId, outcomes }: DownloadQuery,
): AsyncGenerator<FoundChunk> {
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
    // Asked afterwards: what was there then was there before.
    if (!(await hasRecords(database, tenant, id))) throw new RecordsRemoved(id)
    for (const [chunk, group] of Map.groupBy(rows, (row) => row.chunk)) {
      // A copy: the driver's bytes may be a view into a buffer that it uses again.
      const found = new Map(group.map((row) => [row.ordinal, Uint8Array.from(row.outcomes)]))
      yield { chunk, size: group[0]?.size ?? 0, outcomes: found }
    }
  }
}

/** What is sent at once, and held for a client that does not take it. */
const pieceBytes = 65_536

/** Nothing but the lines themselves is held while a piece waits to be taken. */
function* piecesOf(lines: Iterable<string>): Generator<Buffer> {
  let text = ''
  for (const line of lines) {
    text += line
    if (text.length < pieceBytes) continue
    yield* slicesOf(text)
    text = ''
  }
  yield* slicesOf(text)
}

function* slicesOf(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes)
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
 * or may not have been, by index, counted from 1. With several destinations the description begins with the destination. In pieces of at
 * most 64 KiB. Throws RecordsRemoved when its records are removed meanwhile.
 */
export async function* errorsCsv(database: Database, job: Job, destinationId: string | null): AsyncGenerator<Buffer> {
  yield* piecesOf(['Code,Description,Index\r\n'])
  const isOne = job.deliveries.length === 1 || destinationId !== null
  const names = new Map(job.deliveries.map((delivery) => [delivery.ordinal, isOne ? null : delivery.destinationId]))
  for await (const found of chunksWith(database, job, { destinationId, outcomes: unsuccessful })) {
    yield* piecesOf([await errorLines(database, job, found, names)])
  }
}

async function errorLines(
  database: Database,
  { tenant, id }: Job,
  { chunk, size, outcomes }: FoundChunk,
  names: ReadonlyMap<number, string | null>,
): Promise<string> {
  const rows = await readFailureDetails(database, tenant, id, chunk, [...outcomes.keys()])
  if (rows.length < outcomes.size) throw new RecordsRemoved(id)
  const detailsAt = new Map(rows.map(({ ordinal, details }) => [ordinal, details as DetailsByPlace]))
  let text = ''
  for (let place = 0; place < size; place++) {
    for (const [ordinal, bytes] of outcomes) {
      const outcome = outcomeAt({ outcomes: bytes }, place)
      if (outcome === null || !unsuccessful.includes(outcome)) continue
      const details = detailsAt.get(ordinal)?.[place] ?? {}
      text += errorLine(chunk * chunkSize + place, names.get(ordinal) ?? null, details)
    }
  }
  return text
}

type DetailsByPlace = Record<string, RecordDetails> | null

/**
 * The records with these outcomes, each once, one JSON value a line, in the shape in which they can be imported again as far as there is
 * one. A line of a file that could not be read is there as it stood, to be mended, and left out where nothing of it was kept. In pieces of
 * at most 64 KiB. Throws RecordsRemoved when the records are removed meanwhile.
 */
export async function* failedRecords(
  database: Database,
  inTurn: InTurn,
  job: Job,
  query: DownloadQuery,
): AsyncGenerator<Buffer> {
  for await (const { chunk, size, outcomes } of chunksWith(database, job, query)) {
    const isAsked = (place: number) =>
      outcomes.values().some((bytes) => {
        const outcome = outcomeAt({ outcomes: bytes }, place)
        return outcome !== null && query.outcomes.includes(outcome)
      })
    const places = Array.from({ length: size }, (_, place) => place).filter(isAsked)
    for await (const records of recordPages(database, inTurn, { tenant: job.tenant, jobId: job.id, chunk }, places)) {
      yield* piecesOf(linesOf(job.kind, records))
    }
  }
}

function* linesOf(kind: JobKind, records: readonly string[]): Generator<string> {
  for (const record of records) if (record !== 'null') yield `${failedLine(kind, record)}\n`
}
