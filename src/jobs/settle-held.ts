import type { Queryable } from '../contract/adapter.ts'
import { type DeliveryKey, readUnheldBatches } from '../db/job-batches.ts'
import { findCall, lockDelivery, releaseCall } from '../db/job-settle.ts'
import { isHeld } from '../domain/job-state.ts'
import { unknownAfter } from './call-fates.ts'
import { Settlement } from './settle-delivery.ts'

/*
 * What brings a delivery that is paused or being cancelled to rest, beside the calls that end: nobody else would come by to see that nothing
 * of it is in flight any more.
 */

/** Gives back a call that was claimed and never begun. Under the lane's lock. */
export async function settleReleased(transaction: Queryable, leaseId: string, lane: string): Promise<void> {
  const key = await findCall(transaction, leaseId, lane)
  const delivery = key && (await lockDelivery(transaction, key))
  await releaseCall(transaction, leaseId, lane)
  if (delivery && isHeld(delivery.state)) await new Settlement(transaction, delivery).store()
}

/**
 * Ends what a vendor has taken of a delivery that is being cancelled, where the destination is no longer configured (`readForsaken`): nobody can
 * ask what became of it. A call that a process is at still ends by itself, or by its lease.
 */
export async function settleAbandoned(transaction: Queryable, key: DeliveryKey, destinationId: string): Promise<void> {
  const delivery = await lockDelivery(transaction, key)
  if (delivery?.state !== 'CANCELLING') return
  const batches = await readUnheldBatches(transaction, delivery)
  if (batches.length === 0) return
  const settlement = new Settlement(transaction, delivery)
  const message = `The destination ${JSON.stringify(destinationId)} is not configured any more, so it cannot be asked what became of this`
  for (const batch of batches) {
    await settlement.finish(batch, new Map(batch.indexes.map((index) => [index, unknownAfter(message)])))
  }
  await settlement.store()
}
