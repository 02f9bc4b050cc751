import type { Queryable } from '../contract/adapter.ts'
import { type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'
import { type ResultChunkRow, readResultChunks } from '../db/job-results.ts'
import { countOf, hasEnded } from '../domain/job-state.ts'
import { type ChunkResults, chunkSize, outcomeAt, resultsFrom } from './chunk-results.ts'
import type { Delivery, Job, RecordResult } from './job.ts'
import { decodeCursor, defaultPageSize, encodeCursor, type Page } from './page.ts'
import { type ResultPlace, unreadResults } from './unread-results.ts'

export interface ResultsQuery {
  /** Only this destination; one that the job does not have has no results. */
  destinationId?: string | null | undefined
  /** Only these; null is all. */
  outcomes?: readonly RecordOutcome[] | null | undefined
  first?: number | null | undefined
  after?: string | null | undefined
}

export interface ResultPage extends Page<RecordResult> {
  /** All that match, on whatever page. */
  totalCount: number
}

const cursorShape = /^(\d{1,10}):(\d{1,5})(?::(\d{1,10}))?$/
const cursorOf = ({ index, ordinal, source }: ResultPlace) =>
  encodeCursor(source === undefined ? `${index}:${ordinal}` : `${index}:${ordinal}:${source}`)

function placeOf(cursor: string): ResultPlace {
  const [index, ordinal, source] = decodeCursor(cursor, cursorShape)
  return { index: Number(index), ordinal: Number(ordinal), source: source === undefined ? undefined : Number(source) }
}

const isAfter = (place: ResultPlace, after: ResultPlace | null) =>
  after === null || place.index > after.index || (place.index === after.index && place.ordinal > after.ordinal)

const written: readonly RecordOutcome[] = ['CREATED', 'UPDATED', 'UPSERTED']

/** One destination's results of one chunk, with what is shown of its records. */
interface ReadChunk {
  row: ResultChunkRow
  delivery: Delivery
  results: ChunkResults
  keys: (string | null)[] | null
  clientRefs: (string | null)[] | null
}

function readChunk(row: ResultChunkRow, delivery: Delivery): ReadChunk {
  return {
    row,
    delivery,
    results: resultsFrom(row, row.size),
    keys: row.keys === null ? null : JSON.parse(row.keys),
    clientRefs: row.clientRefs === null ? null : JSON.parse(row.clientRefs),
  }
}

/** In a delivery that has ended, what is PENDING was never sent. null: the record does not go there. */
function shownOutcome({ results, delivery }: ReadChunk, place: number): RecordOutcome | null {
  const outcome = outcomeAt(results, place)
  return outcome === 'PENDING' && hasEnded(delivery.state) ? 'CANCELLED' : outcome
}

function resultAt(chunk: ReadChunk, place: number, outcome: RecordOutcome): RecordResult {
  const details = chunk.results.details[place]
  return {
    index: chunk.row.chunk * chunkSize + place,
    line: lineAt(chunk.row, place),
    sourceIndex: chunk.row.sourceIndexes?.[place] ?? null,
    destinationId: chunk.delivery.destinationId,
    ordinal: chunk.delivery.ordinal,
    clientRef: chunk.clientRefs?.[place] ?? null,
    key: chunk.keys?.[place] ?? null,
    outcome,
    affected: details?.affected ?? (written.includes(outcome) ? 1 : 0),
    supersededBy: details?.supersededBy ?? null,
    profileId: chunk.results.profileIds?.[place] ?? null,
    errors: details?.errors ?? [],
    warnings: details?.warnings ?? [],
    vendorRequestId: details?.vendorRequestId ?? null,
    vendorTransactionId: details?.vendorTransactionId ?? null,
  }
}

function lineAt({ lines, firstLine }: ResultChunkRow, place: number): number | null {
  return lines?.[place] ?? (firstLine === null ? null : firstLine + place)
}

/** Results in order of index, then of destination. */
function* inOrder(chunks: readonly ReadChunk[]): Generator<{ chunk: ReadChunk; place: number }> {
  const groups = Map.groupBy(chunks, (chunk) => chunk.row.chunk)
  for (const group of groups.values()) {
    const size = Math.max(...group.map((chunk) => chunk.row.size))
    for (let place = 0; place < size; place++) {
      for (const chunk of group) yield { chunk, place }
    }
  }
}

/** Where outcomes stand in the contract's list; what is stored as PENDING in a delivery that has ended is shown as CANCELLED. */
function placesOf(outcomes: readonly RecordOutcome[], hasEnded: boolean): number[] {
  const stored = hasEnded
    ? outcomes.flatMap((outcome): RecordOutcome[] =>
        outcome === 'CANCELLED' ? ['CANCELLED', 'PENDING'] : outcome === 'PENDING' ? [] : [outcome],
      )
    : outcomes
  return stored.map((outcome) => recordOutcomes.indexOf(outcome))
}

const justStored = new WeakMap<Job, readonly ResultChunkRow[]>()

/** Keeps the results of a job that was stored a moment ago as one that has ended, as long as this snapshot of it: nobody has to read them back. */
export function keepResults(job: Job, rows: readonly ResultChunkRow[]): Job {
  justStored.set(job, rows)
  return job
}

/** A page of what became of a job's records. Throws InvalidCursorError. */
export async function readResults(db: Queryable, job: Job, query: ResultsQuery): Promise<ResultPage> {
  const first = query.first ?? defaultPageSize
  const after = query.after == null ? null : placeOf(query.after)
  const outcomes = query.outcomes == null ? recordOutcomes : [...new Set(query.outcomes)]
  const deliveries = job.deliveries.filter(
    (delivery) => query.destinationId == null || delivery.destinationId === query.destinationId,
  )
  const totalCount = deliveries
    .flatMap(({ counts }) => outcomes.map((outcome) => countOf(counts, outcome)))
    .reduce((sum, count) => sum + count, 0)
  const page: ResultPage = { edges: [], hasNextPage: false, hasPreviousPage: after !== null, totalCount }
  if (job.removedAt !== null) return { ...page, totalCount: 0 }
  if (deliveries.length === 0 || outcomes.length === 0) return page

  const fromChunk = after === null ? 0 : Math.floor(after.index / chunkSize)
  // A retry takes each record only where it failed.
  const everyRecordCounts = outcomes.length === recordOutcomes.length && job.parentId === null
  const rows =
    justStored.get(job) ??
    (await readResultChunks(db, {
      tenant: job.tenant,
      jobId: job.id,
      asked: deliveries.map(({ ordinal, state }) => ({ ordinal, outcomes: placesOf(outcomes, hasEnded(state)) })),
      fromChunk,
      toChunk: everyRecordCounts ? fromChunk + Math.ceil((first + 1) / chunkSize) : null,
      enough: first + 1,
      // Which records a retry takes is known when they are read.
      total: job.parentId === null ? job.total : 0,
      chunkSize,
    }))
  const byOrdinal = new Map(deliveries.map((delivery) => [delivery.ordinal, delivery]))
  const chunks = rows.flatMap((row) => {
    const delivery = byOrdinal.get(row.ordinal)
    return delivery ? [readChunk(row, delivery)] : []
  })
  const asked = new Set(outcomes)
  for (const { chunk, place } of inOrder(chunks)) {
    const at = { index: chunk.row.chunk * chunkSize + place, ordinal: chunk.delivery.ordinal }
    const outcome = shownOutcome(chunk, place)
    if (!isAfter(at, after) || outcome === null || !asked.has(outcome)) continue
    if (page.edges.length === first) {
      page.hasNextPage = true
      break
    }
    page.edges.push({ cursor: cursorOf(at), node: resultAt(chunk, place, outcome) })
  }
  const endsUnread = job.parentId !== null && job.staged < job.total && hasEnded(job.state) && asked.has('CANCELLED')
  if (!endsUnread || page.hasNextPage) return page
  for await (const node of unreadResults(db, job, byOrdinal, after, first + 1 - page.edges.length)) {
    if (page.edges.length === first) return { ...page, hasNextPage: true }
    page.edges.push({ cursor: cursorOf({ ...node, source: node.sourceIndex }), node })
  }
  return page
}
