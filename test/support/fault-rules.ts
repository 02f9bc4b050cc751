import { expect } from 'vitest'
import type { RecordErrorCode, RecordOutcome, UpsertMode } from '../../src/cli/generated/graphql.ts'
import type { BenchFault } from './adapter-bench.ts'

/** What a fault means for the call that meets it. */
export type Effect =
  /** The answer is read as if nothing had happened. */
  | 'none'
  /** Certainly not applied, and worth another try. */
  | 'again'
  /** Nobody knows whether it was applied. */
  | 'unclear'
  /** Applied, but the vendor says nothing of it that a repeated call would tell better. */
  | 'untold'
  /** The call is refused. */
  | 'refused'
  /** The call is refused, perhaps for one record's doing, which is looked for. */
  | 'halved'
  /** The account is refused. */
  | 'ends'

export interface CallFault {
  /** Goes on after "a call that": `is answered with HTTP 500`. */
  name: string
  fault: BenchFault
  effect: Effect
  /** What it means for the last record of the call, where that is something else than for the others. */
  effectOnLast?: Effect
  /** Whether the vendor applies the call all the same; `late`: when the gateway has given it up. */
  applied: boolean | 'late'
  /** What the records fail with that fail by it. */
  code?: RecordErrorCode
  /** How often the vendor gets the call, where that does not follow from the effect. */
  calls?: Ending['calls']
  /** Another fault stands for it where one of a kind is enough. */
  isAlike?: boolean
  /** Not tried under these modes, where it says something else. */
  exceptUnder?: readonly UpsertMode[]
}

/** One job under one fault. */
export interface FaultCase extends CallFault {
  mode: UpsertMode
  /** The call that meets it, from 1. */
  call: number
  /** The first call of each batch meets it. */
  everywhere: boolean
  /** All calls from that one on meet it, and patience ends after a second. */
  lasts: boolean
  /** What the same records' call met before this one: a fault of effect `unclear`, under a mode that may be repeated. */
  first?: CallFault
}

/** How a vendor tells of records with which nothing is wrong. */
export interface Manner {
  /** Whether it says which records it created and which it updated. */
  saysWhich: boolean
  /** What a record comes to for which UPDATE_ONLY finds no profile. */
  notFound: 'FAILED' | 'SKIPPED'
  /** Its calls cannot be repeated without harm whatever the mode: renames, filters. */
  isUnsafe?: boolean
  /** Each record has a call of its own. */
  goesAlone?: boolean
}

/** A job has three batches of two records; the first of a batch is new to the vendor, the second is there already. */
export const batchSize = 2
export const total = 3 * batchSize
export const batchOf = (index: number) => Math.floor(index / batchSize) + 1
export const isThere = (index: number) => index % batchSize === 1

/** What became of one record. `stored`: what the vendor has in the end, what the job sent or what was there before (of a new one, nothing). */
export interface Ending {
  outcome: RecordOutcome
  code: RecordErrorCode | null
  calls: 'none' | 'one' | 'several'
  stored: 'sent' | 'before' | 'neither'
}

/** How a record ends, as far as the fault decides it. */
type Course =
  /** As if nothing had gone wrong, after one call or after several. */
  | 'fits'
  | 'fits again'
  /** UNKNOWN after one call or after several. */
  | 'unknown'
  | 'unknown again'
  /** FAILED by the fault, after one call or without any. */
  | 'failed'
  | 'failed uncalled'
  /** Patience has ended: FAILED, but UNKNOWN if it was called and may have been applied. What was called by then is a matter of time. */
  | 'unavailable'
  | 'unclear in the end'

/** Of the records of the call that meets the fault, and of those of later calls; null is not tried. */
type Courses = readonly [struck: Course, later: Course] | null

/** `safe`: the mode allows a call to be repeated when nobody knows whether it was applied. */
type Situation =
  | 'safe'
  | 'unsafe'
  /** The call repeats one of which nobody knows; all other calls have been made by then. */
  | 'safe, repeated'
  | 'safe, lasting'
  | 'unsafe, lasting'

/** Semantics § 7 and § 9. */
const rules: Record<Effect, Record<Situation, Courses>> = {
  none: {
    safe: ['fits', 'fits'],
    unsafe: ['fits', 'fits'],
    'safe, repeated': null,
    'safe, lasting': null,
    'unsafe, lasting': null,
  },
  again: {
    safe: ['fits again', 'fits'],
    unsafe: ['fits again', 'fits'],
    'safe, repeated': ['fits again', 'fits'],
    'safe, lasting': ['unavailable', 'unavailable'],
    'unsafe, lasting': ['unavailable', 'unavailable'],
  },
  unclear: {
    safe: ['fits again', 'fits'],
    unsafe: ['unknown', 'fits'],
    'safe, repeated': ['fits again', 'fits'],
    'safe, lasting': ['unclear in the end', 'unclear in the end'],
    'unsafe, lasting': ['unknown', 'unknown'],
  },
  untold: {
    safe: ['unknown', 'fits'],
    unsafe: ['unknown', 'fits'],
    'safe, repeated': null,
    'safe, lasting': null,
    'unsafe, lasting': null,
  },
  refused: {
    safe: ['failed', 'fits'],
    unsafe: ['failed', 'fits'],
    'safe, repeated': ['unknown again', 'fits'],
    'safe, lasting': ['failed', 'failed'],
    'unsafe, lasting': ['failed', 'failed'],
  },
  halved: {
    safe: ['fits again', 'fits'],
    unsafe: ['fits again', 'fits'],
    'safe, repeated': ['fits again', 'fits'],
    'safe, lasting': null,
    'unsafe, lasting': null,
  },
  ends: {
    safe: ['failed', 'failed uncalled'],
    unsafe: ['failed', 'failed uncalled'],
    'safe, repeated': ['unknown again', 'fits'],
    'safe, lasting': ['failed', 'failed uncalled'],
    'unsafe, lasting': ['failed', 'failed uncalled'],
  },
}

function coursesOf(one: FaultCase, { isUnsafe = one.mode === 'CREATE_ONLY' }: Manner, index: number) {
  const safety = isUnsafe ? 'unsafe' : 'safe'
  const situation = one.first ? 'safe, repeated' : one.lasts ? (`${safety}, lasting` as const) : safety
  const effect = effectOn(one, index)
  const courses = rules[effect][situation]
  if (courses === null) throw new TypeError(`nobody has said what becomes of ${effect} where it is ${situation}`)
  return courses
}

function courseOf(one: FaultCase, manner: Manner, index: number): Course {
  const place = manner.goesAlone ? index + 1 : batchOf(index)
  if (place < one.call && !one.everywhere) return 'fits'
  const [struck, later] = coursesOf(one, manner, index)
  return place === one.call || one.everywhere ? struck : later
}

/** Whether all batches can meet the fault, each with its first call: it speaks of no other call than the one that meets it. */
export function isLocal(one: FaultCase, manner: Manner): boolean {
  const [, later] = coursesOf(one, manner, 0)
  return later === 'fits' && one.fault.kind !== 'delay'
}

const effectOn = ({ effect, effectOnLast = effect }: CallFault, index: number): Effect =>
  index % batchSize === batchSize - 1 ? effectOnLast : effect

type Expected = Record<keyof Ending, unknown>

/**
 * What the rules make of a record, to be compared with its ending; where several outcomes are true, any of them. `called` is how often the
 * vendor had it, for what is a matter of time.
 */
export function expectedEnding(
  one: FaultCase,
  manner: Manner,
  index: number,
  called: Ending['calls'] = 'several',
): Expected {
  const { mode, code, calls } = one
  const course = courseOf(one, manner, index)
  const isFit = mode === 'CREATE_OR_UPDATE' || (mode === 'CREATE_ONLY') !== isThere(index)
  switch (course) {
    case 'fits':
      // A vendor that is still at a call which was given up may turn others away.
      return {
        ...fitting(one, manner, index, isFit, false),
        calls: one.fault.kind === 'delay' ? expect.toBeOneOf(['one', 'several']) : 'one',
      }
    case 'fits again':
      return { ...fitting(one, manner, index, isFit, true), calls: 'several' }
    case 'unknown':
      return { ...unknown(one, isFit), calls: 'one' }
    case 'unknown again':
      return { ...unknown(one, isFit), calls: 'several' }
    case 'unclear in the end':
      return called === 'none' ? failed('DESTINATION_UNAVAILABLE', called) : { ...unknown(one, isFit), calls: called }
    case 'unavailable':
      return failed('DESTINATION_UNAVAILABLE', called)
    case 'failed':
      return failed(code, calls ?? 'one')
    case 'failed uncalled':
      return failed(code, 'none')
  }
}

function failed(code: RecordErrorCode | undefined, calls: Ending['calls']): Expected {
  return { outcome: 'FAILED', code, calls, stored: 'before' }
}

function unknown(one: FaultCase, isFit: boolean) {
  const { applied } = one.first ?? one
  return { outcome: 'UNKNOWN', code: 'NO_ANSWER', stored: isFit && applied !== false ? 'sent' : 'before' }
}

function fitting(
  one: FaultCase,
  { saysWhich, notFound }: Manner,
  index: number,
  isFit: boolean,
  isRepeated: boolean,
): Omit<Expected, 'calls'> {
  const { mode, first } = one
  const { applied } = first ?? one
  const isUnclear = isRepeated && (first !== undefined || effectOn(one, index) === 'unclear')
  if (mode === 'CREATE_ONLY') {
    return isFit ? written('CREATED') : { outcome: 'FAILED', code: 'PROFILE_EXISTS', stored: 'before' }
  }
  if (mode === 'UPDATE_ONLY') {
    if (isFit) return written('UPDATED')
    // That it is not there proves nothing of the call before: somebody may have removed it between the two.
    return isUnclear ? unknown(one, isFit) : { outcome: notFound, code: 'PROFILE_NOT_FOUND', stored: 'before' }
  }
  if (!saysWhich) return written('UPSERTED')
  // What a repeated call updates, the one before it may have created.
  if (isThere(index)) return written(isUnclear ? 'UPSERTED' : 'UPDATED')
  if (!isUnclear || applied === false) return written('CREATED')
  return written(applied === 'late' ? expect.toBeOneOf(['CREATED', 'UPSERTED']) : 'UPSERTED')
}

const written = (outcome: unknown) => ({ outcome, code: null, stored: 'sent' })
