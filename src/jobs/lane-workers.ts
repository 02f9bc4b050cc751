import { setTimeout as delay } from 'node:timers/promises'
import type { RemoteAdapter } from '../contract/adapter.ts'
import { isConnectionLoss } from '../db/database.ts'
import { type DeliveryKey, isHeld, readBatchRecords } from '../db/job-batches.ts'
import { ensureLanes } from '../db/lanes.ts'
import { newId } from '../domain/new-id.ts'
import { Bell } from './bell.ts'
import type { WorkerParts } from './deliver.ts'
import { type ClaimedCall, type Keeper, keepersOf, type Look, lookAtLane, nameOf } from './lane-look.ts'
import { chunksOf, type LoadedBatch, loadBatch } from './load-batch.ts'
import { fitsLease, makeCall } from './make-call.ts'
import { followDestinations, moveDeliveries } from './moved-destinations.ts'
import { type CallEnd, settleCall } from './settle-call.ts'
import { type EndingCause, settleEnding } from './settle-ending.ts'
import type { Workers } from './work-loops.ts'

export type LaneParts = Omit<WorkerParts, 'workers' | 'onLargeLoad'> & {
  /** Milliseconds on a clock that only goes forward. */
  now?: (() => number) | undefined
  /** 0 to 1; the jitter of back-offs. */
  random?: (() => number) | undefined
}

const leastBackOffMs = 500
const mostBackOffMs = 5000
const settleAgainMs = 250
/** So long before a call may leave it is asked once more whether it is still wanted. */
const lookAgainMs = 20

/**
 * The loops that deliver to vendors, one for each lane. Each turn looks at the lane under its lock, in one short transaction, and takes up at
 * most one call; the call itself is made outside of any transaction, and settled in another.
 */
export function createLaneWorkers(parts: LaneParts): Workers {
  const { database, registry, log, sweepMs, now = () => performance.now(), random = Math.random } = parts
  const keepers = keepersOf(registry.remotes())
  const stopping = new Bell()
  const inFlight = new Set<Promise<void>>()
  let stopped = false
  let unlisten = async () => {}
  let loops: Promise<void>[] = []

  async function turn(keeper: Keeper): Promise<Look> {
    const leaseId = newId()
    const unsure = [...keeper.unsure]
    try {
      const found = await database.transaction((transaction) =>
        stopped
          ? Promise.resolve({ kind: 'idle' as const, wakeInMs: null })
          : lookAtLane(transaction, keeper, leaseId, unsure, { registry, now }),
      )
      for (const one of unsure) keeper.unsure.delete(one)
      return found
    } catch (error) {
      if (isConnectionLoss(error)) keeper.unsure.add(leaseId)
      throw error
    }
  }

  /** Makes a call and settles it. Never rejects: what cannot be settled is left to its lease. */
  async function carryOut(
    keeper: Keeper,
    { batch, adapter, leaseId, leaseEndsAt, dueAt, leaveAt }: ClaimedCall,
  ): Promise<void> {
    const facts = {
      tenant: batch.tenant,
      jobId: batch.jobId,
      destinationId: batch.destinationId,
      batch: batch.batch,
    }
    let loaded: LoadedBatch | null = null
    let end: CallEnd
    try {
      loaded = await loadBatch(database, adapter, batch, await readBatchRecords(database, batch, chunksOf(batch)))
      const waitMs = leaveAt - now()
      if (waitMs > lookAgainMs) {
        await delay(waitMs - lookAgainMs)
        // Its owner may want nothing more by now.
        if (batch.ticket === null && (await isHeld(database, batch))) {
          keeper.unsure.add(leaseId)
          return
        }
      }
      if (now() < leaveAt) await delay(leaveAt - now())
      // Timers may be a little early.
      while (now() < leaveAt) await delay(1)
      // Of a process that stood still, or was too slow: others could find the lease run out before the call has ended.
      if (!fitsLease(adapter, leaseEndsAt - now())) {
        log.warn(facts, 'a call was not begun: too much time had passed since it was claimed; it is claimed again')
        keeper.unsure.add(leaseId)
        return
      }
      end = await makeCall(adapter, batch, loaded, { dueAt, now, log })
    } catch (error) {
      log.error({ error, ...facts }, 'a batch could not be made ready and will be tried again')
      end = {
        kind: 'unsent',
        reason:
          'An unforeseen fault before the call; it will be tried again. The log of the gateway has it under the id of this job.',
      }
    }
    if (end.kind === 'fault') {
      log.warn({ ...facts, fault: end.error.fault, message: end.error.message }, 'a call to a destination failed')
    }
    if ((end.kind === 'answered' || end.kind === 'fault') && keeper.minIntervalMs === 0) end.lateMs = 0
    const call = { adapter, batch, leaseId, loaded, minIntervalMs: keeper.minIntervalMs, random: random() }
    for (;;) {
      try {
        const settled = await database.transaction((transaction) => settleCall(transaction, call, end))
        if (settled === 'late')
          log.warn(facts, 'a call was settled by others: it ended after its lease, or its delivery has ended')
        if (settled === 'ending' && end.kind === 'fault') {
          await endDelivery(keeper, adapter, batch, { kind: 'refused', error: end.error })
        }
        return
      } catch (error) {
        if (stopped || now() >= leaseEndsAt || !isConnectionLoss(error)) {
          log.error({ error, ...facts }, 'a call could not be settled: it is left until its lease runs out')
          return
        }
        await stopping.wait(settleAgainMs)
      }
    }
  }

  /** Ends all that is left of a delivery. Never rejects: what could not be ended is come upon again. */
  async function endDelivery(
    keeper: Keeper,
    adapter: RemoteAdapter,
    delivery: DeliveryKey,
    cause: EndingCause,
  ): Promise<void> {
    const name = nameOf(delivery)
    keeper.ending.add(name)
    try {
      let isLeft = true
      while (isLeft && !stopped) {
        isLeft = await database.transaction((transaction) =>
          settleEnding(transaction, adapter, keeper.lane, delivery, cause),
        )
      }
    } catch (error) {
      const { tenant, jobId, ordinal } = delivery
      log.error(
        { error, tenant, jobId, ordinal },
        'what is left of a delivery could not be ended; trying again after a pause',
      )
      await stopping.wait(mostBackOffMs)
    } finally {
      keeper.ending.delete(name)
    }
  }

  function track(keeper: Keeper, work: Promise<void>): void {
    const running = work.finally(() => {
      inFlight.delete(running)
      keeper.bell.ring()
    })
    inFlight.add(running)
  }

  function begin(keeper: Keeper, call: ClaimedCall): void {
    const isPoll = call.batch.state === 'POLLING'
    if (isPoll) keeper.polls += 1
    const carriedOut = carryOut(keeper, call).finally(() => {
      if (isPoll) keeper.polls -= 1
    })
    track(keeper, carriedOut)
  }

  async function loop(keeper: Keeper): Promise<void> {
    let backOff = leastBackOffMs
    while (!stopped) {
      const rings = keeper.bell.rings
      try {
        const found = await turn(keeper)
        backOff = leastBackOffMs
        if (found.kind === 'call') begin(keeper, found.call)
        if (found.kind === 'giveUp')
          track(keeper, endDelivery(keeper, found.adapter, found.delivery, { kind: 'gaveUp' }))
        if (found.kind === 'moved') await moveDeliveries(database, found.destination, found.to)
        if (found.kind !== 'idle' || stopped) continue
        const sweep = sweepMs * (0.75 + Math.random() / 2)
        await keeper.bell.wait(Math.ceil(Math.min(sweep, found.wakeInMs ?? sweep)), rings)
      } catch (error) {
        if (stopped) return
        log.error(
          { error, lane: keeper.lane, backOffMs: backOff },
          'a lane could not be looked at; it goes on after a pause',
        )
        await stopping.wait(backOff)
        backOff = Math.min(2 * backOff, mostBackOffMs)
      }
    }
  }

  const wakeOne = (lane: string) => keepers.find((keeper) => keeper.lane === lane)?.bell.ring()
  const wake = () => {
    for (const keeper of keepers) keeper.bell.ring()
  }

  return {
    async start() {
      await ensureLanes(
        database,
        keepers.map(({ lane }) => lane),
      )
      unlisten = await database.listen('gateway_work', wakeOne, wake)
      loops = [...keepers.map(loop), followDestinations({ database, registry, log, stopping })]
    },
    wake,
    async stop() {
      stopped = true
      stopping.ring()
      wake()
      // Not waited for: without a connection it would wait for one, and the listener ends with the database in any case.
      void unlisten().catch(() => {})
      // A loop that was about to begin a call begins it.
      await Promise.all(loops)
      await Promise.all(inFlight)
    },
  }
}
