import type { VendorAnswer } from '../contract/adapter.ts'
import type { DestinationError, FaultDetails } from '../contract/error.ts'
import type { RecordError, RecordErrorCode, RecordFate, RecordOutcome } from '../contract/outcome.ts'
import type { LoadedBatch, SentRecord } from './load-batch.ts'

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

/** It was certainly not applied. */
export function failedBy({ message, details }: DestinationError, code: RecordErrorCode = details.code): RecordFate {
  return { outcome: 'FAILED', errors: [errorOf(code, message, details)], ...requestIdOf(details) }
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

/** An answer record by record. */
export interface JudgedAnswer {
  /** Of all records that were answered, those folded into them included. */
  fates: Fates
  unanswered: SentRecord[]
}

/**
 * Reads an answer. A record that it leaves out, or leaves PENDING, is unanswered. CREATE_ONLY that finds a profile when the call is repeated
 * may have found the one that it made itself.
 */
export function judgeAnswer(
  answer: Extract<VendorAnswer, { kind: 'settled' }>,
  { sent, options, warnings }: LoadedBatch,
  repeated: boolean,
): JudgedAnswer {
  const fates: Fates = new Map()
  const unanswered: SentRecord[] = []
  for (const [position, record] of sent.entries()) {
    const fate = answer.fates[position]
    if (!fate || fate.outcome === 'PENDING') {
      unanswered.push(record)
      continue
    }
    const { supersededBy: _, ...own } = { ...requestIdOf(answer), ...fate }
    const isOwnDoing = repeated && options.upsert === 'CREATE_ONLY' && own.outcome === 'FAILED'
    const found = isOwnDoing ? own.errors?.find(({ code }) => code === 'PROFILE_EXISTS') : undefined
    const judged = found ? { ...own, ...unknownAfter(found.message, 'NO_ANSWER', found) } : own
    addFates(fates, record, judged, warnings)
  }
  return { fates, unanswered }
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
