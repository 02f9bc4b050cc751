import type { Prepared } from '../contract/adapter.ts'
import type { OutcomeCounts, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { NewChunk, NewResultChunk } from '../db/job-submit.ts'
import { addCounts, pendingCounts } from '../domain/job-state.ts'
import { createPlanner, type PlannedBatch, type Planner } from '../domain/plan.ts'
import {
  absent,
  type ChunkResults,
  chunkSize,
  countOutcomes,
  pendingResults,
  resultChunkOf,
  settleRecord,
} from './chunk-results.ts'
import type { Target } from './examine.ts'
import { limitsOf, remoteOperation } from './operations.ts'
import type { LabelledRecord, RequestKind } from './request-kind.ts'

/** A chunk whose records were checked for every destination. Lists are in the order of the records. */
export interface CheckedChunk {
  /** Index in the input of the first record. */
  first: number
  /** Normalised; as it was sent where it cannot be; its labels alone where it cannot even be read. */
  records: readonly LabelledRecord[]
  /** What is stored of them, see keptRecord. */
  kept: readonly unknown[]
  /** What was found while normalising, which nobody would find again in the normalised record. */
  warnings: readonly (readonly RecordWarning[])[]
  /** For each destination its answer to each record; null: the record does not go there. */
  verdicts: readonly (readonly (Prepared<unknown> | null)[])[]
}

/** Where the records of a chunk stood before. */
export type ChunkOrigin = Pick<NewChunk, 'firstLine' | 'lines' | 'sourceIndexes'>

/** What is stored of a chunk beside what was checked. */
export interface ChunkContent {
  /** Those that are kept, where they are not all: null in place of one that nobody can ask for any more. */
  kept?: readonly unknown[]
  origin?: ChunkOrigin
}

const noOrigin: ChunkOrigin = { firstLine: null, lines: null, sourceIndexes: null }

/** What results show of each record; null where no record has any. */
function labelsOf(records: CheckedChunk['records'], label: 'key' | 'clientRef'): string | null {
  const labels = records.map((record) => record[label] ?? null)
  return labels.some((text) => text !== null) ? JSON.stringify(labels) : null
}

export function chunkOf(chunk: CheckedChunk, { kept = chunk.kept, origin = noOrigin }: ChunkContent): NewChunk {
  return {
    size: chunk.records.length,
    keys: labelsOf(chunk.records, 'key'),
    clientRefs: labelsOf(chunk.records, 'clientRef'),
    records: JSON.stringify(kept),
    ...origin,
  }
}

/** What is known of a chunk at one destination before it is applied: records that are invalid there have failed. */
export function resultsBefore(chunk: CheckedChunk, ordinal: number): { results: ChunkResults; untold: boolean } {
  const results = pendingResults(chunk.records.length)
  let untold = true
  for (const [place, verdict] of (chunk.verdicts[ordinal] ?? []).entries()) {
    const warnings = chunk.warnings[place] ?? []
    if (verdict === null) results.outcomes[place] = absent
    else if (!verdict.ok) {
      settleRecord(results, place, { outcome: 'FAILED', errors: [...verdict.errors], warnings: [...warnings] })
    } else if (warnings.length > 0) settleRecord(results, place, { outcome: 'PENDING', warnings: [...warnings] })
    else continue
    untold = false
  }
  return { results, untold }
}

/**
 * Plans for a vendor, whose batches are its own; null for a store, whose batches are the chunks, and for a vendor that cannot take such records
 * any more, to which none of them goes.
 */
export function plannerFor(
  { destination: { adapter } }: Target,
  kind: RequestKind,
  options: UpsertOptions,
): Planner | null {
  if (adapter.kind === 'store') return null
  const operation = remoteOperation(adapter, kind.kind)
  if (operation === null) return null
  const { maxBatchSize = 1 } = limitsOf(adapter, kind.kind) ?? {}
  return createPlanner(operation, options, { maxBatchSize, maxBatchBytes: operation.maxBatchBytes })
}

/** Chunks that follow each other, in the form in which they are stored, with the batches in which their records will travel. */
export class StoredChunks {
  readonly chunks: NewChunk[] = []
  /** What is known of their records; where there is none, all are PENDING. */
  readonly results: NewResultChunk[] = []
  /** For each destination, of these chunks alone. */
  readonly counts: OutcomeCounts[]
  /** For each destination; null where nothing is planned. */
  readonly #planners: (Planner | null)[]
  readonly #kind: RequestKind

  constructor(kind: RequestKind, targets: readonly Target[], options: UpsertOptions) {
    this.#kind = kind
    this.counts = targets.map(() => pendingCounts(0))
    this.#planners = targets.map((target) => plannerFor(target, kind, options))
  }

  add(chunk: CheckedChunk, content: ChunkContent = {}): void {
    for (const [ordinal, counts] of this.counts.entries()) {
      const { results, untold } = resultsBefore(chunk, ordinal)
      this.counts[ordinal] = addCounts([counts, countOutcomes(results)])
      if (!untold) this.results.push(resultChunkOf(results, chunk.first / chunkSize, ordinal))
      this.#plan(chunk, ordinal)
    }
    this.chunks.push(chunkOf(chunk, content))
  }

  #plan(chunk: CheckedChunk, ordinal: number): void {
    const planner = this.#planners[ordinal]
    if (!planner) return
    for (const [place, verdict] of (chunk.verdicts[ordinal] ?? []).entries()) {
      const record = chunk.records[place]
      if (verdict?.ok && record) planner.add(chunk.first + place, verdict.value, this.#kind.isRename(record))
    }
  }

  /** The batches at a vendor; null at a store, whose batches are the chunks. */
  batches(ordinal: number): PlannedBatch[] | null {
    return this.#planners[ordinal]?.batches() ?? null
  }
}
