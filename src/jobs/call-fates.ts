import type { VendorAnswer } from '../contract/adapter.ts'
import type { DestinationError, FaultDetails } from '../contract/error.ts'
import type { RecordError, RecordErrorCode, RecordFate, RecordOutcome } from '../contract/outcome.ts'
import type { BatchRow } from '../db/job-batches.ts'
import type { LoadedBatch, SentRecord } from './load-batch.ts'

/** Records that travel in the last of them. */
export type Folded = Pick<SentRecord, 'index' | 'members'>

/** By index in the input. */
export type Fates = Map<number, RecordFate>

const applied: readonly RecordOutcome[] = ['CREATED', 'UPDATED', 'UPSERTED', 'UNCHANGED']

function errorOf(
  code: RecordErrorCode,
  message: string,
  { vendorCode, vendorMessage }: Partial<FaultDetails>,
): RecordError {
  return {
    code,
    message,
    ...(vendorCode !== undefined && { vendorCode }),
    ...(vendorMessage !== undefined && { vendorMessage }),
  }
}

const requestIdOf = ({ vendorRequestId }: Partial<FaultDetails>) =>
  vendorRequestId === undefined ? {} : { vendorRequestId }

/** A call that was refused: it was not applied, but an attempt before it may have been. */
export function refusedBy({ message, details }: DestinationError, uncertain: boolean): RecordFate {
  return uncertain && !provesUnapplied(details.code)
    ? unknownAfter(message, 'NO_ANSWER', details)
    : { outcome: 'FAILED', errors: [errorOf(details.code, message, details)], ...requestIdOf(details) }
}

/** It was sent, and nobody knows what became of it. */
export function unknownAfter(
  message: string,
  code: RecordErrorCode = 'NO_ANSWER',
  details: Partial<FaultDetails> = {},
): RecordFate {
  const told = `${message.replace(/[.!]$/, '')}. It may have been applied: look there before you send it again.`
  return { outcome: 'UNKNOWN', errors: [errorOf(code, told, details)], ...requestIdOf(details) }
}

export const fatesOf = (sent: readonly Pick<Folded, 'members'>[], fate: RecordFate): Fates =>
  new Map(sent.flatMap(({ members }) => members.map((index) => [index, fate] as const)))

/** Records that could not be prepared any more: not applied, unless an earlier attempt may have been. */
export function refusedFates(batch: BatchRow, { refused }: LoadedBatch): Fates {
  const mayBeApplied = batch.uncertain || batch.ticket !== null
  return new Map(
    [...refused].map(([index, errors]): [number, RecordFate] => [
      index,
      mayBeApplied
        ? unknownAfter(`It was sent before, and cannot be sent any more: ${errors[0]?.message ?? ''}`)
        : { outcome: 'FAILED', errors: [...errors] },
    ]),
  )
}

/**
 * A ticket is about the records of its call by their positions. When one of them cannot be made ready any more, nobody can be asked about the
 * others either.
 */
export function lostFates({ indexes }: BatchRow, { refused }: LoadedBatch): Fates {
  const [[index, errors] = [0, []]] = refused
  const message = `It was sent, and cannot be asked after any more, because record ${index} of the same call cannot be made ready as it was: ${errors[0]?.message ?? ''}`
  return fatesOf([{ members: indexes }], unknownAfter(message))
}

/** An answer record by record. */
export interface JudgedAnswer {
  /** Of all records that were answered, those folded into them included. */
  fates: Fates
  unanswered: SentRecord[]
  /** Several records folded into one that was refused, though not all of them may be to blame. */
  refusedFolds: SentRecord[]
}

/**
 * What is found by looking at the record and at how the account is set up, and at no profile. A repeated call that is refused for it was refused
 * before too, if it came that far. Any other refusal of a repeated call proves nothing: the first one may have been applied and changed what
 * the second finds (PROFILE_EXISTS), or somebody else has between the two (PROFILE_NOT_FOUND).
 */
const ofTheRecordAlone: ReadonlySet<RecordErrorCode> = new Set([
  'MISSING_MATCH_VALUE',
  'UNKNOWN_PROFILE_TYPE',
  'UNKNOWN_ATTRIBUTE',
  'ATTRIBUTE_NOT_IMPORTABLE',
  'INVALID_VALUE',
  'INVALID_EMAIL',
  'INVALID_PHONE',
  'VALUE_TOO_LONG',
  'MALFORMED_RECORD',
  'UNKNOWN_EXTENSION_TYPE',
  'CHANNEL_REQUIRED',
  'INVALID_EXTENSION',
  'PERMISSION_REQUIRED',
])

/** Whether a refusal with this code proves that no earlier attempt was applied either. */
const provesUnapplied = (code: RecordErrorCode): boolean => ofTheRecordAlone.has(code)

/** What is said of a profile, whatever is to be written to it. */
const ofTheProfile: ReadonlySet<RecordErrorCode> = new Set(['PROFILE_NOT_FOUND', 'AMBIGUOUS_MATCH'])

/** Reads an answer. A record that it leaves out, or leaves PENDING, is unanswered. */
export function judgeAnswer(
  answer: Extract<VendorAnswer, { kind: 'settled' }>,
  { sent, options, warnings }: LoadedBatch,
  repeated: boolean,
): JudgedAnswer {
  const fates: Fates = new Map()
  const unanswered: SentRecord[] = []
  const refusedFolds: SentRecord[] = []
  for (const [position, record] of sent.entries()) {
    const fate = answer.fates[position]
    if (!fate || fate.outcome === 'PENDING') {
      unanswered.push(record)
      continue
    }
    const { supersededBy: _, ...own } = { ...requestIdOf(answer), ...fate }
    const { outcome, errors = [] } = own
    const isRefused = outcome === 'FAILED' || outcome === 'SKIPPED'
    if (isRefused && repeated && !errors.some(({ code }) => provesUnapplied(code))) {
      const [first] = errors
      const unknown = unknownAfter(first?.message ?? 'It was refused when it was sent again', 'NO_ANSWER', first)
      addFates(fates, record, { ...own, ...unknown }, warnings)
    } else if (
      outcome === 'FAILED' &&
      record.members.length > 1 &&
      !errors.some(({ code }) => ofTheProfile.has(code))
    ) {
      refusedFolds.push(record)
    } else addFates(fates, record, repeated ? writtenAgain(own, options) : own, warnings)
  }
  return { fates, unanswered, refusedFolds }
}

/** What a repeated call calls updated, the one before it may have created: it is written, and nobody says which way. */
export function writtenAgain(fate: RecordFate, { upsert }: LoadedBatch['options']): RecordFate {
  return fate.outcome === 'UPDATED' && upsert === 'CREATE_OR_UPDATE' ? { ...fate, outcome: 'UPSERTED' } : fate
}

/** The two halves of a fold, in order. */
export function takenApart({ members }: Folded): Folded[] {
  const middle = Math.ceil(members.length / 2)
  const halves = [members.slice(0, middle), members.slice(middle)]
  return halves.flatMap((half) => half.slice(-1).map((index) => ({ index, members: half })))
}

/**
 * The fate of a sent record, and of those folded into it: SUPERSEDED if it was applied. If it was not, they were not either, so they share
 * its fate.
 */
export function addFates(
  fates: Fates,
  { index, members }: SentRecord,
  fate: RecordFate,
  warnings: LoadedBatch['warnings'],
): void {
  for (const member of members) {
    const shared = member === index ? fate : fateWithin(index, fate)
    fates.set(member, { ...shared, warnings: [...(warnings.get(member) ?? []), ...(shared.warnings ?? [])] })
  }
}

function fateWithin(index: number, fate: RecordFate): RecordFate {
  if (applied.includes(fate.outcome)) return { outcome: 'SUPERSEDED', supersededBy: index }
  const errors = (fate.errors ?? []).map((error) => ({
    ...error,
    message: `It was folded into record ${index}, which was not applied: ${error.message}`,
  }))
  return { outcome: fate.outcome, errors }
}
