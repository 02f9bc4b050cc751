import type { Queryable, RemoteAdapter, VendorAnswer } from '../contract/adapter.ts'
import type { DestinationError, FaultRule } from '../contract/error.ts'
import type { BatchRow } from '../db/job-batches.ts'
import {
  type BatchContent,
  finishBatches,
  holdsLease,
  isExpired,
  keepTicket,
  lockDelivery,
  narrowBatch,
  pollAgain,
  returnBatch,
  spendExtraCalls,
  splitBatch,
} from '../db/job-settle.ts'
import { backOffLane, delayLane, forgiveLane, lockLane, notifyLane, readLane } from '../db/lanes.ts'
import { endStateOf } from '../domain/job-state.ts'
import { backOffMs, halvingCalls } from '../domain/pace.ts'
import {
  type Fates,
  type Folded,
  fatesOf,
  judgeAnswer,
  lostFates,
  refusedBy,
  refusedFates,
  takenApart,
  unknownAfter,
} from './call-fates.ts'
import type { LoadedBatch, SentRecord } from './load-batch.ts'
import { Settlement } from './settle-delivery.ts'
import { holdLane } from './settle-ending.ts'
import { storableJson } from './storable-json.ts'

/** A call that was made, or that could not be. */
export interface MadeCall {
  adapter: RemoteAdapter
  batch: BatchRow
  leaseId: string
  /** null: its records could not be made ready. */
  loaded: LoadedBatch | null
  /** Of the lane, whatever the destination's own is. */
  minIntervalMs: number
  /** 0 to 1. */
  random: number
}

export type CallEnd =
  /** `lateMs`: how long after it was allowed to the call left. */
  | { kind: 'answered'; answer: VendorAnswer; lateMs: number }
  | { kind: 'fault'; error: DestinationError; rule: FaultRule; lateMs: number }
  /** Nothing to send: all records were refused while they were made ready, or one of a call that the vendor has taken. */
  | { kind: 'empty' }
  /** A bug, before anything was sent. */
  | { kind: 'unsent'; reason: string }

/** `late`: its lease had run out, and others have decided. `ending`: all that is left of the delivery is to end as this call did. */
export type Settled = 'settled' | 'late' | 'ending'

/** Settles a call: the lane, the batch, its records, the delivery and the job, all in the open transaction. */
export async function settleCall(transaction: Queryable, call: MadeCall, end: CallEnd): Promise<Settled> {
  const { batch, leaseId } = call
  const isPoll = batch.state === 'POLLING'
  // The lane first, as everywhere; without a fault it is seldom touched.
  if (end.kind === 'fault') await lockLane(transaction, batch.lane)
  if ((end.kind === 'answered' || end.kind === 'fault') && !isPoll && end.lateMs >= 1) {
    await delayLane(transaction, batch.lane, end.lateMs)
  }
  if (end.kind === 'answered') await forgiveLane(transaction, batch.lane)
  const delivery = await lockDelivery(transaction, batch)
  if (!delivery || !(await holdsLease(transaction, batch, leaseId))) return 'late'

  const settlement = new Settlement(transaction, delivery)
  await settleEnd(transaction, settlement, call, end)
  await settlement.store()
  await notifyLane(transaction, batch.lane)
  if (end.kind !== 'fault' || end.rule.next !== 'end' || endStateOf(delivery.counts) !== null) return 'settled'
  await holdLane(transaction, batch.lane)
  return 'ending'
}

async function settleEnd(transaction: Queryable, settlement: Settlement, call: MadeCall, end: CallEnd): Promise<void> {
  const { adapter, batch, loaded } = call
  if (end.kind === 'unsent' || loaded === null) {
    const reason = end.kind === 'unsent' ? end.reason : 'It could not be made ready'
    settlement.delivery.lastError = reason
    const delayMs = backOffMs(Math.max(1000, adapter.patience.retryBaseMs), batch.attempts, call.random)
    if (batch.state === 'POLLING' && batch.isOverdue) await settlement.end(adapter, batch, unknownAfter(reason))
    else if (batch.state === 'POLLING') await pollAgain(transaction, batch, delayMs)
    else {
      settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
      await returnBatch(transaction, batch, batch, { uncertain: batch.uncertain, delayMs, keepsTicket: true })
    }
    return
  }
  const refused = refusedFates(batch, loaded)
  if (end.kind === 'empty') {
    await settlement.finish(batch, batch.ticket === null ? refused : new Map([...lostFates(batch, loaded), ...refused]))
  } else if (end.kind === 'answered') {
    settlement.giveUp = { kind: 'clear' }
    settlement.delivery.lastError = null
    settlement.showVendorIds([end.answer.vendorRequestId])
    if (end.answer.kind === 'continued') await goOn(transaction, settlement, call, loaded, end.answer, refused)
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

/** The call is not over. */
async function goOn(
  transaction: Queryable,
  settlement: Settlement,
  { adapter, batch }: MadeCall,
  { sent, waiting }: LoadedBatch,
  { by, ticket }: Extract<VendorAnswer, { kind: 'continued' }>,
  refused: Fates,
): Promise<void> {
  const { pollIntervalMs, pollTimeoutMs } = adapter.patience
  if (by === 'poll' && batch.isOverdue) {
    const fate = unknownAfter(`${adapter.name} has not told what became of it within ${pollTimeoutMs / 1000} s`)
    await settlement.end(adapter, { ...batch, ticket: [ticket] }, fate)
    return
  }
  const wait = by === 'poll' ? { by, pollMs: pollIntervalMs, pollTimeoutMs } : { by }
  await keepTicket(transaction, batch, storableJson([ticket]), wait)
  if (refused.size === 0) return
  settlement.learn(refused)
  await narrowBatch(transaction, batch, contentOf([...sent, ...waiting]))
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
  const { fates, unanswered, refusedFolds } = judgeAnswer(answer, loaded, batch.uncertain)
  settlement.showVendorIds(
    [...fates.values()].flatMap(({ vendorRequestId, vendorTransactionId }) => [vendorRequestId, vendorTransactionId]),
  )
  const all: Fates = new Map([...refused, ...fates])
  const rest = [...refusedFolds.flatMap(takenApart), ...loaded.waiting]
  if (unanswered.length === 0) {
    await finishSent(transaction, settlement, batch, all, rest)
    return
  }
  const message = `${adapter.name} answered ${loaded.sent.length - unanswered.length} of ${loaded.sent.length} records`
  settlement.delivery.lastError = message
  settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
  const values = unanswered.map(({ value }) => value)
  if (!loaded.operation.isRepeatable(loaded.options, values)) {
    await finishSent(
      transaction,
      settlement,
      batch,
      new Map([...all, ...fatesOf(unanswered, unknownAfter(message))]),
      rest,
    )
    return
  }
  settlement.learn(all)
  const delayMs = backOffMs(adapter.patience.retryBaseMs, batch.attempts, call.random)
  const content = contentOf([...unanswered, ...rest])
  await returnBatch(transaction, batch, content, { uncertain: true, delayMs, keepsTicket: false })
}

/** Ends a batch, or goes on with what is still to be sent of it. */
async function finishSent(
  transaction: Queryable,
  settlement: Settlement,
  batch: BatchRow,
  fates: Fates,
  rest: readonly Folded[],
): Promise<void> {
  if (rest.length === 0) {
    await settlement.finish(batch, fates)
    return
  }
  settlement.learn(fates)
  await returnBatch(transaction, batch, contentOf(rest), { uncertain: false, delayMs: 0, keepsTicket: false })
}

/** The records of a batch that is to be called with again; those that were refused are left out. */
function contentOf(sent: readonly Folded[]): BatchContent {
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
    const milliseconds = mayPoll
      ? backOffMs(adapter.patience.retryBaseMs, faults, random, retryAfterMs)
      : (retryAfterMs ?? 0)
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
  const { sent, waiting, options, operation } = loaded

  if (rule.next === 'retry') {
    const values = sent.map(({ value }) => value)
    settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
    if (rule.mayHaveApplied && !operation.isRepeatable(options, values)) {
      const fate = unknownAfter(error.message, 'NO_ANSWER', error.details)
      await finishSent(transaction, settlement, batch, new Map([...refused, ...fatesOf(sent, fate)]), waiting)
      return
    }
    settlement.learn(refused)
    const uncertain = batch.uncertain || rule.mayHaveApplied
    const delayMs = rule.backsOff ? 0 : backOffMs(Math.max(1000, adapter.patience.retryBaseMs), batch.attempts, random)
    await returnBatch(transaction, batch, contentOf([...sent, ...waiting]), { uncertain, delayMs, keepsTicket: false })
    return
  }
  if (rule.next === 'halve' && call.minIntervalMs === 0 && (await halve(transaction, settlement, batch, loaded))) {
    settlement.learn(refused)
    return
  }
  const fate = refusedBy(error, batch.uncertain)
  if (rule.next === 'end')
    await settlement.finish(batch, new Map([...refused, ...fatesOf([...sent, ...waiting], fate)]))
  else await finishSent(transaction, settlement, batch, new Map([...refused, ...fatesOf(sent, fate)]), waiting)
}

/** Looks for the record that is to blame in two halves, or in the two halves of a fold. False: there is nothing to halve, or no call left for it. */
async function halve(
  transaction: Queryable,
  { delivery }: Settlement,
  batch: BatchRow,
  { sent, waiting }: LoadedBatch,
): Promise<boolean> {
  const records = sent.flatMap(({ members }) => members)
  if (records.length < 2 || !(await spendExtraCalls(transaction, batch, halvingCalls(records.length)))) return false
  if (sent.length === 1) {
    const content = contentOf([...sent.flatMap(takenApart), ...waiting])
    await returnBatch(transaction, batch, content, { uncertain: batch.uncertain, delayMs: 0, keepsTicket: false })
    return true
  }
  const middle = Math.ceil(sent.length / 2)
  const second = sent.slice(middle)
  // What waits for a record stays with it.
  const follows = ({ matchValue }: SentRecord) => second.some((record) => record.matchValue === matchValue)
  const contents = [
    contentOf([...sent.slice(0, middle), ...waiting.filter((record) => !follows(record))]),
    contentOf([...second, ...waiting.filter(follows)]),
  ] as const
  await splitBatch(transaction, batch, ...contents, delivery.batchesTotal)
  delivery.batchesTotal += 1
  return true
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
  if (rule.next === 'retry' && !(isPoll && batch.isOverdue)) {
    if (isPoll)
      await pollAgain(transaction, batch, Math.max(adapter.patience.pollIntervalMs, error.details.retryAfterMs ?? 0))
    else {
      settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
      await returnBatch(transaction, batch, batch, { uncertain: batch.uncertain, delayMs: 0, keepsTicket: true })
    }
    return
  }
  await settlement.end(adapter, batch, unknownAfter(error.message, 'NO_ANSWER', error.details))
}

/**
 * Decides about a call whose process has died or has lost the database: it may have been applied. It is repeated where that is safe, and
 * is UNKNOWN otherwise. Under the lane's lock.
 */
export async function settleExpired(transaction: Queryable, adapter: RemoteAdapter, batch: BatchRow): Promise<void> {
  const delivery = await lockDelivery(transaction, batch)
  if (!delivery) {
    await finishBatches(transaction, batch, [batch.batch])
    return
  }
  if (!(await isExpired(transaction, batch))) return
  const settlement = new Settlement(transaction, delivery)
  const message = 'A process of the gateway ended in the middle of a call'
  delivery.lastError = message
  if (batch.repeatable) {
    settlement.giveUp = { kind: 'within', seconds: adapter.patience.giveUpAfterSeconds }
    await returnBatch(transaction, batch, batch, { uncertain: true, delayMs: 0, keepsTicket: true })
  } else await settlement.finish(batch, fatesOf([{ members: batch.indexes }], unknownAfter(message)))
  await settlement.store()
}
