import { setTimeout as delay } from 'node:timers/promises'
import type { RecordKind, RemoteAdapter, VendorAnswer, VendorCall } from '../contract/adapter.ts'
import { DestinationError, faultRules } from '../contract/error.ts'
import type { BatchRow } from '../db/job-batches.ts'
import type { LoadedBatch } from './load-batch.ts'
import type { Log } from './log.ts'
import type { CallEnd } from './settle-call.ts'

/** How long an adapter may take to notice that its time is over. */
const noticeMs = 1000

/** How much longer than a call's own time its lease is: to make it ready, to notice the end, and to settle it. */
export const leaseMarginMs = 6000

/** Whether a call that is begun now ends before its lease does, at the latest. */
export function fitsLease({ patience }: RemoteAdapter, leaseLeftMs: number): boolean {
  return patience.timeoutMs + noticeMs <= leaseLeftMs
}

/**
 * Calls the vendor, or goes on with a call that it has taken, and never throws: what is thrown is the call's fate. `dueAt`, on the
 * clock `now`, is when it was allowed to leave.
 */
export async function makeCall(
  adapter: RemoteAdapter,
  batch: BatchRow,
  loaded: LoadedBatch,
  { dueAt, now, log }: { dueAt: number; now: () => number; log: Log },
): Promise<CallEnd> {
  if (loaded.sent.length === 0 || (batch.ticket !== null && loaded.refused.size > 0)) return { kind: 'empty' }
  const { operation } = loaded
  let leftAt = now()
  try {
    const answer = await withinTime(adapter, (signal) => {
      const call: VendorCall<unknown, RecordKind> = {
        options: loaded.options,
        records: loaded.sent.map(({ value }) => value),
        repeated: batch.uncertain,
        signal,
        sending: () => {
          leftAt = now()
        },
      }
      return batch.ticket === null ? operation.submit(call) : operation.resume(batch.ticket[0], call)
    })
    checkLength(adapter, answer, loaded)
    return { kind: 'answered', answer, lateMs: leftAt - dueAt }
  } catch (error) {
    const lateMs = leftAt - dueAt
    if (error instanceof DestinationError) return { kind: 'fault', error, rule: error.rule, lateMs }
    const { tenant, jobId, destinationId } = batch
    log.error(
      { error, tenant, jobId, destinationId, batch: batch.batch },
      'an adapter failed in a way that it does not name',
    )
    const message =
      'An unforeseen fault in the middle of a call; the log of the gateway has it under the id of this job'
    const unforeseen = new DestinationError('NO_ANSWER', message, { code: 'NO_ANSWER' }, error)
    // It says nothing about the account: others go on.
    return { kind: 'fault', error: unforeseen, rule: { ...faultRules.NO_ANSWER, backsOff: false }, lateMs }
  }
}

/** Ends a call when its time is over, even if the adapter does not. */
async function withinTime(
  { name, patience }: RemoteAdapter,
  call: (signal: AbortSignal) => Promise<VendorAnswer>,
): Promise<VendorAnswer> {
  const ended = new AbortController()
  const overdue = new AbortController()
  const late = async (): Promise<never> => {
    await delay(patience.timeoutMs, undefined, { signal: ended.signal })
    overdue.abort(new DOMException('the time of the call is over', 'TimeoutError'))
    await delay(noticeMs, undefined, { signal: ended.signal })
    throw new DestinationError('NO_ANSWER', `${name} did not answer within ${patience.timeoutMs} ms`, {
      code: 'NO_ANSWER',
    })
  }
  try {
    return await Promise.race([call(overdue.signal), late()])
  } catch (error) {
    if (overdue.signal.aborted && error === overdue.signal.reason) {
      const message = `${name} did not answer within ${patience.timeoutMs} ms`
      throw new DestinationError('NO_ANSWER', message, { code: 'NO_ANSWER' }, error)
    }
    throw error
  } finally {
    ended.abort()
  }
}

/** An answer longer than its question cannot be laid beside it. A shorter one leaves records unanswered. */
function checkLength({ name }: RemoteAdapter, answer: VendorAnswer, { sent }: LoadedBatch): void {
  if (answer.kind === 'settled' && answer.fates.length > sent.length) {
    const message = `${name} answered ${answer.fates.length} outcomes for ${sent.length} records`
    throw new DestinationError('NO_ANSWER', message, { code: 'NO_ANSWER' })
  }
}
