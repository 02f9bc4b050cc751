import type { Queryable, RemoteAdapter } from '../contract/adapter.ts'
import type { DestinationError } from '../contract/error.ts'
import type { RecordFate } from '../contract/outcome.ts'
import { type BatchRow, type DeliveryKey, readReadyBatches, readStuckWave } from '../db/job-batches.ts'
import { lockDelivery } from '../db/job-settle.ts'
import { backOffLane, lockLane, notifyLane } from '../db/lanes.ts'
import { refusedBy, unknownAfter } from './call-fates.ts'
import { Settlement } from './settle-delivery.ts'

/*
 * Ends what is left of a delivery, however much that is: some batches in each short transaction, so that nobody waits for all of it.
 */

/** Why it ends: the account refused a call, or nothing went through for too long. */
export type EndingCause = { kind: 'refused'; error: DestinationError } | { kind: 'gaveUp' }

/**
 * While a delivery is ended because the account refuses, nothing goes out on the lane for that long after each transaction, so that nobody begins
 * a further call of it. Should the process die meanwhile, the next call is refused too, and whoever made it goes on.
 */
const holdMs = 1000

/** Keeps the lane closed until the next transaction. Under its lock. */
export function holdLane(transaction: Queryable, lane: string): Promise<void> {
  return backOffLane(transaction, lane, holdMs, false)
}

/** Ends the next batches of the delivery that nobody is at. False: there are none. */
export async function settleEnding(
  transaction: Queryable,
  adapter: RemoteAdapter,
  lane: string,
  key: DeliveryKey,
  cause: EndingCause,
): Promise<boolean> {
  if (cause.kind === 'refused') await lockLane(transaction, lane)
  const delivery = await lockDelivery(transaction, key)
  if (!delivery || (cause.kind === 'gaveUp' && !delivery.isTimeUp)) return false
  const wave = cause.kind === 'gaveUp' ? await readStuckWave(transaction, delivery) : null
  const batches = await readReadyBatches(transaction, delivery, wave)
  if (batches.length === 0) return false

  if (cause.kind === 'refused') await holdLane(transaction, lane)
  const settlement = new Settlement(transaction, delivery)
  const lastError = delivery.lastError ?? 'none'
  await settlement.endAll(adapter, batches, (batch) =>
    cause.kind === 'refused' ? refusedBy(cause.error, mayBeApplied(batch)) : givenUp(adapter, batch, lastError),
  )
  // Those that come after had no chance yet.
  if (wave !== null && (await readReadyBatches(transaction, delivery, wave)).length === 0) {
    settlement.giveUp = { kind: 'clear' }
  }
  await settlement.store()
  await notifyLane(transaction, lane)
  return true
}

const mayBeApplied = ({ uncertain, ticket }: BatchRow) => uncertain || ticket !== null

function givenUp(adapter: RemoteAdapter, batch: BatchRow, lastError: string): RecordFate {
  const message = `${adapter.name} could not be reached for ${adapter.patience.giveUpAfterSeconds} s; the latest fault: ${lastError}`
  return mayBeApplied(batch)
    ? unknownAfter(message)
    : { outcome: 'FAILED', errors: [{ code: 'DESTINATION_UNAVAILABLE', message }] }
}
