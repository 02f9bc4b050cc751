import type { Queryable, RemoteAdapter, VendorAnswer } from '../contract/adapter.ts'
import type { DestinationError, FaultRule } from '../contract/error.ts'
import type { RecordFate } from '../contract/outcome.ts'
import type { BatchRow } from '../db/job-batches.ts'
import {
  type BatchContent,
  finishBatch,
  holdsLease,
  isExpired,
  keepTicket,
  lockDelivery,
  pollAgain,
  returnBatch,
  spendExtraCalls,
  splitBatch,
} from '../db/job-settle.ts'
import { backOffLane, delayLane, forgiveLane, lockLane, notifyLane, readLane } from '../db/lanes.ts'
import { backOffMs, halvingCalls } from '../domain/pace.ts'
import { type Fates, failedBy, judgeAnswer, unknownAfter } from './call-fates.ts'
import type { LoadedBatch, SentRecord } from './load-batch.ts'
import { Settlement } from './settle-delivery.ts'

/** A call that was made, or that could not be. */
export interface MadeCall {
  adapter: RemoteAdapter
  batch: BatchRow
  leaseId: string
  /** null: its records could not be made ready. */
  loaded: LoadedBatch | null
  /** 0 to 1. */
  random: number
}

export type CallEnd =
  /** `lateMs`: how long after it was allowed to the call left. */
  | { kind: 'answered'; answer: VendorAnswer; lateMs: number }
  | { kind: 'fault'; error: DestinationError; rule: FaultRule; lateMs: number }
  /** Nothing to send: all records were refused while they were made ready. */
  | { kind: 'empty' }
  /** A bug, before anything was sent. */
  | { kind: 'unsent'; reason: string }

/**
 * Settles a call: the lane, the batch, its records, the delivery and the job, all in the open transaction. False when it came too late:
 * its lease had run out and others have decided.
 */
export async function settleCall(transaction: Queryable, call: MadeCall, end: CallEnd): Promise<boolean> {
  const { batch, leaseId } = call
  const isPoll = batch.state === 'POLLING'
  // The lane first, as everywhere; without a fault it is seldom touched.
  if (end.kind === 'fault') await lockLane(transaction, batch.lane)
  if ((end.kind === 'answered' || end.kind === 'fault') && !isPoll && end.lateMs >= 1) {
    await delayLane(transaction, batch.lane, end.lateMs)
  }
  if (end.kind === 'answered') await forgiveLane(transaction, batch.lane)
  const delivery = await lockDelivery(transaction, batch)
  if (!delivery || !(await holdsLease(transaction, batch, leaseId))) return false

  const settlement = new Settlement(transaction, delivery)
  await settleEnd(transaction, settlement, call, end)
  await settlement.store()
  await notifyLane(transaction, batch.lane)
  return true
}

async function settleEnd(transaction: Queryable, settlement: Settlement, call: MadeCall, end: CallEnd): Promise<void> {
  const { adapter, batch, loaded } = call
  if (end.kind === 'unsent' || loaded === null) {
    settlement.delivery.lastError = end.kind === 'unsent' ? end.reason : null
    const delayMs = backOffMs(Math.max(1000, adapter.patience.retryBaseMs), batch.attempts, call.random)
    if (batch.state === 'POLLING') await pollAgain(transaction, batch, delayMs)
    else await returnBatch(transaction, batch, batch, { uncertain: batch.uncertain, delayMs, keepsTicket: true })
    return
  }
  const refused = refusedFates(batch, loaded)
  if (end.kind === 'empty') await settlement.finish(batch, refused)
  else if (end.kind === 'answered') {
    settlement.giveUp = { kind: 'clear' }
    settlement.showVendorIds([end.answer.vendorRequestId])
    if (end.answer.kind === 'continued') await goOn(transaction, settlement, call, end.answer)
    else await settleAnswer(transaction, settlement, call, loaded, end.answer, refused)
  } else {
    const { error, rule } = end
    settlement.delivery.lastError = error.message
    settlement.showVendorIds([error.details.vendorRequestId])
    if (rule.backsOff) await backOff(transaction, call, error)
    if (batch.ticket === null) await settleFault(transaction, settlement, call, loaded, error, rule, refused)
    else await settleTicketFault(transaction, settlement, call, error, rule)
  }
}

/** Records that could not be prepared any more: not applied, unless an earlier attempt may have been. */
function refusedFates(batch: BatchRow, { refused }: LoadedBatch): Fates {
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

/** The call is not over. */
async function goOn(
  transaction: Queryable,
  settlement: Settlement,
  { adapter, batch }: MadeCall,
  { by, ticket }: Extract<VendorAnswer, { kind: 'continued' }>,
): Promise<void> {
  const { pollIntervalMs, pollTimeoutMs } = adapter.patience
  if (by === 'poll' && batch.isOverdue) {
    const fate = unknownAfter(`${adapter.name} has not told what became of it within ${pollTimeoutMs / 1000} s`)
    await settlement.end(adapter, { ...batch, ticket: [ticket] }, fate)
    return
  }
  const wait = by === 'poll' ? { by, pollMs: pollIntervalMs, pollTimeoutMs } : { by }
  await keepTicket(transaction, batch, ticket, wait)
}

async function settleAnswer(
  transaction: Queryable,
  settlement: Settlement,
  call: MadeCall,
  loaded: LoadedBatch,
  answer: Extract<VendorAnswer, { kind: 'settled' }>,
  refused: Fates,
): Promise<void> {
  const { adapter, batch } = call
  const { fates, unanswered } = judgeAnswer(answer, loaded, batch.uncertain)
  settlement.showVendorIds(
    [...fates.values()].flatMap(({ vendorRequestId, vendorTransactionId }) => [vendorRequestId, vendorTransactionId]),
  )
  const all: Fates = new Map([...refused, ...fates])
  if (unanswered.length === 0) {
    await settlement.finish(batch, all)
    return
  }
  const message = `${adapter.name} answered ${loaded.sent.length - unanswered.length} of ${loaded.sent.length} records`
  settlement.delivery.lastError = message
  settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
  const values = unanswered.map(({ value }) => value)
  if (settlement.delivery.isTimeUp || !loaded.operation.isRepeatable(loaded.options, values)) {
    for (const index of unanswered.flatMap(({ members }) => members)) all.set(index, unknownAfter(message))
    await settlement.finish(batch, all)
    return
  }
  for (const [index, fate] of all) settlement.fates.set(index, fate)
  const delayMs = backOffMs(adapter.patience.retryBaseMs, batch.attempts, call.random)
  await returnBatch(transaction, batch, contentOf(unanswered), { uncertain: true, delayMs, keepsTicket: false })
}

/** The records of a batch that is to be called with again; those that were refused are left out. */
function contentOf(sent: readonly SentRecord[]): BatchContent {
  const places = sent
    .flatMap(({ index, members }) => members.map((member) => ({ member, index })))
    .sort((a, b) => a.member - b.member)
  const isFolded = places.length > sent.length
  return {
    indexes: places.map(({ member }) => member),
    carriers: isFolded ? places.map(({ index }) => index) : null,
  }
}

/** Several calls that were in flight when the account began to refuse are one fault of it. */
async function backOff(transaction: Queryable, { adapter, batch, random }: MadeCall, error: DestinationError) {
  const { faults, mayPoll } = await readLane(transaction, batch.lane)
  const { retryAfterMs } = error.details
  if (mayPoll || retryAfterMs !== undefined) {
    const milliseconds = backOffMs(adapter.patience.retryBaseMs, faults, random, retryAfterMs)
    await backOffLane(transaction, batch.lane, milliseconds, mayPoll)
  }
}

async function settleFault(
  transaction: Queryable,
  settlement: Settlement,
  call: MadeCall,
  loaded: LoadedBatch,
  error: DestinationError,
  rule: FaultRule,
  refused: Fates,
): Promise<void> {
  const { adapter, batch, random } = call
  const { delivery } = settlement
  const { sent, options, operation } = loaded
  const finishAll = (fate: RecordFate) =>
    settlement.finish(
      batch,
      new Map([...refused, ...sent.flatMap(({ members }) => members.map((one) => [one, fate] as const))]),
    )

  if (rule.next === 'retry') {
    const values = sent.map(({ value }) => value)
    if (rule.mayHaveApplied && !operation.isRepeatable(options, values)) {
      await finishAll(unknownAfter(error.message, 'NO_ANSWER', error.details))
      return
    }
    settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
    const uncertain = batch.uncertain || rule.mayHaveApplied
    if (delivery.isTimeUp) {
      await finishAll(givenUp(adapter, uncertain, error.message))
      await giveUpRest(settlement, adapter, error.message)
      return
    }
    const delayMs = rule.backsOff ? 0 : backOffMs(Math.max(1000, adapter.patience.retryBaseMs), batch.attempts, random)
    for (const [index, fate] of refused) settlement.fates.set(index, fate)
    await returnBatch(transaction, batch, contentOf(sent), { uncertain, delayMs, keepsTicket: false })
    return
  }
  const fateAfter = (uncertain: boolean) =>
    uncertain ? unknownAfter(error.message, 'NO_ANSWER', error.details) : failedBy(error)
  if (rule.next === 'end') {
    await finishAll(fateAfter(batch.uncertain))
    await settlement.endReady(adapter, ({ uncertain, ticket }) => fateAfter(uncertain || ticket !== null))
    return
  }
  const [first, second] = halves(sent)
  const mayHalve = rule.next === 'halve' && second.length > 0 && loaded.minIntervalMs === 0
  if (mayHalve && (await spendExtraCalls(transaction, batch, halvingCalls(sent.length)))) {
    for (const [index, fate] of refused) settlement.fates.set(index, fate)
    await splitBatch(transaction, batch, contentOf(first), contentOf(second), delivery.batchesTotal)
    delivery.batchesTotal += 1
    return
  }
  await finishAll(fateAfter(batch.uncertain))
}

const halves = (sent: readonly SentRecord[]): [SentRecord[], SentRecord[]] => {
  const middle = Math.ceil(sent.length / 2)
  return [sent.slice(0, middle), sent.slice(middle)]
}

/** A fault of going on with a call that the vendor has taken: its records are never FAILED by it. */
async function settleTicketFault(
  transaction: Queryable,
  settlement: Settlement,
  { adapter, batch }: MadeCall,
  error: DestinationError,
  rule: FaultRule,
): Promise<void> {
  const isPoll = batch.state === 'POLLING'
  const isTimeUp = isPoll ? batch.isOverdue : settlement.delivery.isTimeUp
  if (rule.next === 'retry' && !isTimeUp) {
    if (isPoll)
      await pollAgain(transaction, batch, Math.max(adapter.patience.pollIntervalMs, error.details.retryAfterMs ?? 0))
    else {
      settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
      await returnBatch(transaction, batch, batch, { uncertain: batch.uncertain, delayMs: 0, keepsTicket: true })
    }
    return
  }
  await settlement.end(adapter, batch, unknownAfter(error.message, 'NO_ANSWER', error.details))
  if (rule.next === 'end') {
    await settlement.endReady(adapter, ({ uncertain, ticket }) =>
      uncertain || ticket !== null ? unknownAfter(error.message, 'NO_ANSWER', error.details) : failedBy(error),
    )
  }
}

function givenUp(adapter: RemoteAdapter, uncertain: boolean, lastError: string): RecordFate {
  const message = `${adapter.name} could not be reached for ${adapter.patience.giveUpAfterSeconds} s; the latest fault: ${lastError}`
  return uncertain
    ? unknownAfter(message)
    : { outcome: 'FAILED', errors: [{ code: 'DESTINATION_UNAVAILABLE', message }] }
}

const giveUpRest = (settlement: Settlement, adapter: RemoteAdapter, lastError: string) =>
  settlement.endReady(adapter, ({ uncertain, ticket }) => givenUp(adapter, uncertain || ticket !== null, lastError))

/** Ends a delivery whose patience is over. */
export async function settleGivenUp(
  transaction: Queryable,
  adapter: RemoteAdapter,
  key: Parameters<typeof lockDelivery>[1],
): Promise<void> {
  const delivery = await lockDelivery(transaction, key)
  if (!delivery?.isTimeUp) return
  const settlement = new Settlement(transaction, delivery)
  await giveUpRest(settlement, adapter, delivery.lastError ?? 'none')
  await settlement.store()
}

/**
 * Decides about a call whose process has died or has lost the database: it may have been applied. It is repeated where that is safe, and
 * is UNKNOWN otherwise. Under the lane's lock.
 */
export async function settleExpired(transaction: Queryable, adapter: RemoteAdapter, batch: BatchRow): Promise<void> {
  const delivery = await lockDelivery(transaction, batch)
  if (!delivery) {
    await finishBatch(transaction, batch)
    return
  }
  if (!(await isExpired(transaction, batch))) return
  const settlement = new Settlement(transaction, delivery)
  const message = 'A process of the gateway ended in the middle of a call'
  delivery.lastError = message
  if (batch.repeatable) {
    settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
    await returnBatch(transaction, batch, batch, { uncertain: true, delayMs: 0, keepsTicket: true })
  } else await settlement.finish(batch, new Map(batch.indexes.map((index) => [index, unknownAfter(message)])))
  await settlement.store()
}
