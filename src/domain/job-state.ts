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

/** What the owner of a job can do about it. */
export const jobActions = ['cancel', 'pause', 'resume'] as const
export type JobAction = (typeof jobActions)[number]

/**
 * Where each action takes a job, by its state; what is not listed is forbidden. PAUSING and CANCELLING are passed by when nothing is in flight,
 * and a job that is resumed is STAGING or QUEUED again if that is how far it had come. A job that is there already stays as it is, so that a
 * repeated request is answered like the first.
 */
const moves: Record<JobAction, Partial<Record<JobState, 'CANCELLING' | 'PAUSING' | 'PAUSED' | 'RUNNING'>>> = {
  cancel: {
    STAGING: 'CANCELLING',
    QUEUED: 'CANCELLING',
    RUNNING: 'CANCELLING',
    PAUSING: 'CANCELLING',
    PAUSED: 'CANCELLING',
    CANCELLING: 'CANCELLING',
  },
  pause: { STAGING: 'PAUSING', QUEUED: 'PAUSING', RUNNING: 'PAUSING', PAUSING: 'PAUSING', PAUSED: 'PAUSED' },
  resume: { PAUSING: 'RUNNING', PAUSED: 'RUNNING' },
}

/** null: the action is forbidden. */
export function moveOf(action: JobAction, state: JobState): JobState | null {
  return moves[action][state] ?? null
}

const participles: Record<JobAction, string> = { cancel: 'cancelled', pause: 'paused', resume: 'resumed' }

/** Why the action is forbidden, and what can be done instead. */
export function whyForbidden(action: JobAction, state: JobState): string {
  const refusal = `A job that is ${state} cannot be ${participles[action]}`
  if (hasEnded(state)) return `${refusal}: it has ended, and its results stay as they are`
  if (state === 'CANCELLING') return `${refusal}: wait for its end, which comes when what is in flight has ended`
  const possible = jobActions.filter((one) => moveOf(one, state) !== null).map((one) => participles[one])
  return `${refusal}: it can be ${possible.join(' or ')}`
}

/** The states in which nothing more is begun, and so nothing tells when the end will come. */
const heldStates: readonly (JobState | DeliveryState)[] = ['PAUSING', 'PAUSED', 'CANCELLING']

export function isHeld(state: JobState | DeliveryState): boolean {
  return heldStates.includes(state)
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

/** The same with CANCELLED in place of PENDING: nothing more is sent. */
export function cancelPending(counts: OutcomeCounts): OutcomeCounts {
  const pending = countOf(counts, 'PENDING')
  const changed: Partial<Record<RecordOutcome, number>> = {
    PENDING: 0,
    CANCELLED: countOf(counts, 'CANCELLED') + pending,
  }
  return recordOutcomes.map((outcome) => changed[outcome] ?? countOf(counts, outcome))
}

/** No record of any outcome, `pending` records waiting. */
export function pendingCounts(pending: number): OutcomeCounts {
  return recordOutcomes.map((outcome) => (outcome === 'PENDING' ? pending : 0))
}

/** The counts of several deliveries together. */
export function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  return recordOutcomes.map((_, place) => all.reduce((sum, counts) => sum + (counts[place] ?? 0), 0))
}
