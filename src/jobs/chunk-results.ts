import {
  type OutcomeCounts,
  type RecordError,
  type RecordFate,
  type RecordOutcome,
  type RecordWarning,
  recordOutcomes,
} from '../contract/outcome.ts'
import type { NewResultChunk } from '../db/job-submit.ts'
import { firstErrors } from '../domain/record-errors.ts'
import { storableJson } from './storable-json.ts'

/** Records in one chunk: the unit of storing, of delivering to a store, and of the transaction. */
export const chunkSize = 1000

/** Records from which on a file counts as a large load on the process that reads it. */
export const largeFile = 5 * chunkSize

/** The byte of a record that does not go to this destination: a retry takes each only where it failed. */
export const absent = 255

/** What is stored of a record beside its outcome and profile id, only where there is something to tell. */
export interface RecordDetails {
  errors?: RecordError[]
  warnings?: RecordWarning[]
  affected?: number
  /** Index in the input. */
  supersededBy?: number
  vendorRequestId?: string
  vendorTransactionId?: string
}

/** What became of the records of one chunk at one destination, by their place in the chunk. */
export interface ChunkResults {
  outcomes: Uint8Array
  profileIds: (string | null)[] | null
  details: Record<string, RecordDetails>
}

export interface StoredResults {
  outcomes: Uint8Array | null
  profileIds: string | null
  details: Record<string, unknown> | null
}

export function pendingResults(size: number): ChunkResults {
  return { outcomes: new Uint8Array(size), profileIds: null, details: {} }
}

/** The same, to be settled apart. */
export const copyOfResults = ({ outcomes, profileIds, details }: ChunkResults): ChunkResults => ({
  outcomes: Uint8Array.from(outcomes),
  profileIds: profileIds && [...profileIds],
  details: { ...details },
})

/** The results of a chunk as they were stored; where nothing was, all are PENDING. */
export function resultsFrom(stored: StoredResults, size: number): ChunkResults {
  if (stored.outcomes === null) return pendingResults(size)
  return {
    // A copy: the driver's bytes may be a view into a buffer that it uses again.
    outcomes: Uint8Array.from(stored.outcomes),
    profileIds: stored.profileIds === null ? null : (JSON.parse(stored.profileIds) as (string | null)[]),
    details: (stored.details ?? {}) as Record<string, RecordDetails>,
  }
}

/** null: the record does not go to this destination. */
export function outcomeAt(results: Pick<ChunkResults, 'outcomes'>, place: number): RecordOutcome | null {
  const outcome = results.outcomes[place] ?? 0
  return outcome === absent ? null : (recordOutcomes[outcome] ?? 'PENDING')
}

/** Sets what became of one record; warnings join those that are there. `supersededBy` is an index in the input here. */
export function settleRecord(results: ChunkResults, place: number, fate: RecordFate): void {
  results.outcomes[place] = recordOutcomes.indexOf(fate.outcome)
  if (fate.profileId !== undefined) {
    results.profileIds ??= Array.from(results.outcomes, () => null)
    results.profileIds[place] = fate.profileId
  }
  const details: RecordDetails = { ...results.details[place] }
  if (fate.errors?.length) details.errors = firstErrors(fate.errors)
  if (fate.warnings?.length) details.warnings = [...(details.warnings ?? []), ...fate.warnings]
  if (fate.affected !== undefined) details.affected = fate.affected
  if (fate.supersededBy !== undefined) details.supersededBy = fate.supersededBy
  if (fate.vendorRequestId !== undefined) details.vendorRequestId = fate.vendorRequestId
  if (fate.vendorTransactionId !== undefined) details.vendorTransactionId = fate.vendorTransactionId
  if (Object.keys(details).length > 0) results.details[place] = details
}

export function countOutcomes(results: ChunkResults): OutcomeCounts {
  const counts: OutcomeCounts = recordOutcomes.map(() => 0)
  for (const outcome of results.outcomes) if (outcome !== absent) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** The row that stores them. */
export function resultChunkOf(results: ChunkResults, chunk: number, ordinal: number): NewResultChunk {
  return {
    chunk,
    ordinal,
    outcomes: results.outcomes,
    counts: countOutcomes(results),
    profileIds: results.profileIds === null ? null : JSON.stringify(results.profileIds),
    details: Object.keys(results.details).length === 0 ? null : storableJson(results.details),
  }
}
