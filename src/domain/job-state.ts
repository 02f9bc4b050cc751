import { type OutcomeCounts, type RecordOutcome, recordOutcomes } from '../contract/outcome.ts'

export const jobKinds = ['PROFILES', 'EXTENSIONS'] as const
export type JobKind = (typeof jobKinds)[number]

export const jobStates = [
  'STAGING',
  'QUEUED',
  'RUNNING',
  'PAUSING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'SUCCEEDED',
  'PARTIALLY_FAILED',
  'FAILED',
] as const
export type JobState = (typeof jobStates)[number]

export const deliveryStates = [
  'QUEUED',
  'RUNNING',
  'WAITING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'SUCCEEDED',
  'PARTIALLY_FAILED',
  'FAILED',
] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** The states that a job or delivery never leaves. */
export const endStates = ['CANCELLED', 'SUCCEEDED', 'PARTIALLY_FAILED', 'FAILED'] as const
export type EndState = (typeof endStates)[number]

export function hasEnded(state: JobState | DeliveryState): state is EndState {
  return (endStates as readonly string[]).includes(state)
}

const applied: readonly RecordOutcome[] = ['CREATED', 'UPDATED', 'UPSERTED', 'UNCHANGED', 'SUPERSEDED']
const unsuccessful: readonly RecordOutcome[] = ['FAILED', 'SKIPPED', 'UNKNOWN']

/** The number of records with that outcome. */
export function countOf(counts: OutcomeCounts, outcome: RecordOutcome): number {
  return counts[recordOutcomes.indexOf(outcome)] ?? 0
}

const sumOf = (counts: OutcomeCounts, outcomes: readonly RecordOutcome[]) =>
  outcomes.reduce((sum, outcome) => sum + countOf(counts, outcome), 0)

/** The state in which a delivery or job ends, from the outcomes of all its records; null while any is PENDING. */
export function endStateOf(counts: OutcomeCounts): EndState | null {
  if (countOf(counts, 'PENDING') > 0) return null
  if (countOf(counts, 'CANCELLED') > 0) return 'CANCELLED'
  if (sumOf(counts, unsuccessful) === 0) return 'SUCCEEDED'
  return sumOf(counts, applied) > 0 ? 'PARTIALLY_FAILED' : 'FAILED'
}

/** No record of any outcome, `pending` records waiting. */
export function pendingCounts(pending: number): OutcomeCounts {
  return recordOutcomes.map((outcome) => (outcome === 'PENDING' ? pending : 0))
}

/** The counts of several deliveries together. */
export function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  return recordOutcomes.map((_, place) => all.reduce((sum, counts) => sum + (counts[place] ?? 0), 0))
}
