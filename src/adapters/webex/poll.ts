import { z } from 'zod'
import type { VendorAnswer, VendorCall } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import type { JsonValue } from '../../contract/profile.ts'
import { numberOf, type WireAnswer } from '../wire.ts'
import { type Body, bodyOf, member, recordBodies, textMember, wholeRefusal } from './answer-body.ts'
import { type ErrorFileContent, locateErrorFile, readErrorFile } from './error-file.ts'
import { readings } from './readings.ts'
import { appliedOutcome, mayExistByUs, settledFates, withAffected } from './record-fates.ts'
import { callError, refusedFate, unknownFate } from './refusal.ts'
import type { WebexRecord } from './webex-record.ts'

type Call = VendorCall<WebexRecord>
/** GETs an address with the destination's credential. */
export type Get = (url: string, signal: AbortSignal) => Promise<WireAnswer>

const ticketSchema = z.object({
  requestId: z.string(),
  transactionId: z.string().optional(),
  /** How often the error file has left records open. */
  misreads: z.int().optional(),
})
export type WebexTicket = z.output<typeof ticketSchema>

/** The ticket of a call that Webex has accepted and not done yet; null where the answer is not of that kind. */
export function acceptedTicket(body: Body): WebexTicket | null {
  const requestId = textMember(body, readings.acceptedMember)
  if (requestId === undefined || member(body, 'update-count') !== undefined || recordBodies(body).length > 0)
    return null
  const transactionId = textMember(body, 'transaction-id')
  return transactionId === undefined ? { requestId } : { requestId, transactionId }
}

export function pending({ requestId, transactionId, misreads }: WebexTicket): VendorAnswer {
  const ticket = {
    requestId,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(misreads === undefined ? {} : { misreads }),
  }
  return { kind: 'continued', by: 'poll', ticket, vendorRequestId: requestId }
}

/** Asks once after an asynchronous call. `address` is where the status APIs stand, `baseUrl` what an error file's path is below. */
export async function askStatus(
  get: Get,
  { address, baseUrl }: { address: string; baseUrl: string },
  stored: JsonValue,
  call: Call,
): Promise<VendorAnswer> {
  const ticket = ticketSchema.parse(stored)
  const answer = await get(`${address}${readings.statusPath(ticket.requestId)}`, call.signal)
  const body = bodyOf(answer.text)
  if (body === null) throw callError(answer, null)
  const refusal = wholeRefusal(body)
  if (refusal?.code === readings.pendingCode) return pending(ticket)
  if (refusal !== null || answer.status >= 300) throw callError(answer, refusal)
  const isOver = ['update-count', 'error-file', 'file'].some((name) => member(body, name) !== undefined)
  if (!isOver && recordBodies(body).length === 0) return pending(ticket)
  if (recordBodies(body).length > 0) return settled(ticket, settledFates(call, body))

  const updates = numberOf(member(body, 'update-count'))
  const errorFile = member(body, 'error-file')
  const value = typeof errorFile === 'string' ? errorFile : ''
  if (value.trim() === '') return settled(ticket, finishedFates(call, updates, null, ''))
  const file = locateErrorFile(value, baseUrl)
  if (file.kind === 'inline') {
    return settled(ticket, finishedFates(call, updates, readErrorFile(file.text, call.records.length), ''))
  }
  if (file.kind === 'elsewhere') {
    const why = `; its error file is at ${file.origin}, which is not the configured origin and is not asked`
    return settled(ticket, finishedFates(call, updates, null, why))
  }
  const read = await get(file.url, call.signal)
  if (read.status === readings.missingErrorFile) return pending(ticket)
  if (read.status >= 300) {
    const error = callError(read, null)
    if (error.rule.next === 'retry') throw error
    const why = `; its error file cannot be read (HTTP ${read.status})`
    return settled(ticket, finishedFates(call, updates, null, why))
  }
  const fates = finishedFates(call, updates, readErrorFile(read.text, call.records.length), '')
  const { misreads = 0 } = ticket
  const isUnclear = fates.some(({ outcome }) => outcome === 'UNKNOWN')
  if (isUnclear && misreads < readings.mostMisreads) return pending({ ...ticket, misreads: misreads + 1 })
  return settled(ticket, fates)
}

/**
 * One fate per record of a call that is over: FAILED for those that the error file names. The others are applied if the count of updates
 * covers them; without a count, if the file was read whole.
 */
function finishedFates(
  call: Call,
  updates: number | undefined,
  file: ErrorFileContent | null,
  whyUnread: string,
): RecordFate[] {
  const refusals = file?.refusals ?? new Map()
  const others = call.records.length - refusals.size
  const isProven =
    updates === undefined ? file?.strayRows === 0 : updates >= others && !hidesFailures(call, file, whyUnread)
  const told = updates === undefined ? 'no count of updates' : `update-count ${updates}`
  return call.records.map((_, place) => {
    const refusal = refusals.get(place)
    if (refusal !== undefined) return refusedFate(refusal, mayExistByUs(call))
    if (isProven) return withAffected(call, { outcome: appliedOutcome(call) }, updates)
    return unknownFate(`Webex Campaign does not say what became of the record (${told}${whyUnread})`)
  })
}

/** With filters one may have reached many rows and another none: failures that no row places may be any of them. */
function hidesFailures({ options }: Call, file: ErrorFileContent | null, whyUnread: string): boolean {
  return options.matching === 'FILTER' && ((file?.strayRows ?? 0) > 0 || whyUnread !== '')
}

function settled({ requestId, transactionId }: WebexTicket, fates: readonly RecordFate[]): VendorAnswer {
  const ids = {
    vendorRequestId: requestId,
    ...(transactionId === undefined ? {} : { vendorTransactionId: transactionId }),
  }
  return { kind: 'settled', fates: fates.map((fate) => ({ ...fate, ...ids })), vendorRequestId: requestId }
}
