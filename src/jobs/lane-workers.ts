import { setTimeout as delay } from 'node:timers/promises'
import { v7 as newId } from 'uuid'
import type { Queryable, RemoteAdapter } from '../contract/adapter.ts'
import { isConnectionLoss } from '../db/database.ts'
import {
  type BatchRow,
  beginCall,
  claimPoll,
  type DeliveryKey,
  findExpiredCall,
  findGivenUp,
  findReadyBatch,
  findTicketedBatch,
  readBatchRecords,
} from '../db/job-batches.ts'
import { settleJob } from '../db/job-deliver.ts'
import { pollAgain } from '../db/job-settle.ts'
import {
  ensureLanes,
  type LaneDestination,
  lockLane,
  moveToLane,
  notifyLane,
  paceLane,
  readLane,
  tellWhenCalled,
} from '../db/lanes.ts'
import { pacedIntervalMs, paceOf } from '../domain/pace.ts'
import { Bell } from './bell.ts'
import type { WorkerParts } from './deliver.ts'
import { chunksOf, type LoadedBatch, loadBatch } from './load-batch.ts'
import { fitsLease, leaseMarginMs, makeCall } from './make-call.ts'
import { followDestinations, remoteOf } from './moved-destinations.ts'
import { type CallEnd, settleCall, settleExpired } from './settle-call.ts'
import { type EndingCause, settleEnding } from './settle-ending.ts'
import { settleReleased } from './settle-held.ts'
import type { Workers } from './work-loops.ts'

export type LaneParts = Omit<WorkerParts, 'workers'> & {
  /** Milliseconds on a clock that only goes forward. */
  now?: (() => number) | undefined
  /** 0 to 1; the jitter of back-offs. */
  random?: (() => number) | undefined
}

/** Polls of one lane in flight in this process. */
const mostPolls = 8
const leastBackOffMs = 500
const mostBackOffMs = 5000
const settleAgainMs = 250
/** A call is claimed so long before it may leave, and made ready meanwhile: what that takes is no loss of pace. */
const leadMs = 250
/** A wait that somebody who watches a job would want to know of. */
const worthTellingMs = 1000

/** A lane as this process is configured: the strictest of the destinations that share it. */
interface Keeper {
  lane: string
  minIntervalMs: number
  maxConcurrency: number
  leaseMs: number
  bell: Bell
  polls: number
  /** Deliveries (`job:ordinal`) whose destination is not configured here. */
  passedOver: Set<string>
  /** Deliveries that this process is ending. */
  ending: Set<string>
  /** Leases of calls that may have been claimed and were not begun: the database was lost under the claim, or too much time has passed since. */
  unsure: Set<string>
}

interface ClaimedCall {
  batch: BatchRow
  adapter: RemoteAdapter
  leaseId: string
  /** When its lease runs out, on the clock `now`; never later than the database means. */
  leaseEndsAt: number
  /** When it may leave, never later than the database means. */
  dueAt: number
  /** The same, never earlier. */
  leaveAt: number
}

/** What a look at a lane came to. */
type Look =
  | { kind: 'call'; call: ClaimedCall }
  /** Patience with a delivery is over. */
  | { kind: 'giveUp'; delivery: DeliveryKey; adapter: RemoteAdapter }
  /** A destination has another account by now. */
  | { kind: 'moved'; destination: LaneDestination; to: string }
  | { kind: 'again' }
  | { kind: 'idle'; wakeInMs: number | null }

function keepersOf(adapters: readonly RemoteAdapter[]): Keeper[] {
  return [...Map.groupBy(adapters, ({ lane }) => lane)].map(([lane, sharing]) => ({
    lane,
    minIntervalMs: Math.max(...sharing.map((adapter) => paceOf(adapter).minIntervalMs)),
    maxConcurrency: Math.min(...sharing.map((adapter) => paceOf(adapter).maxConcurrency)),
    leaseMs: Math.max(...sharing.map(({ patience }) => patience.timeoutMs)) + leaseMarginMs,
    bell: new Bell(),
    polls: 0,
    passedOver: new Set(),
    ending: new Set(),
    unsure: new Set(),
  }))
}

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

  /** The adapter of a delivery, if it is configured here. */
  function adapterOf({ tenant, destinationId, adapter }: Pick<BatchRow, 'tenant' | 'destinationId' | 'adapter'>) {
    return remoteOf(registry, tenant, destinationId, adapter)
  }

  /** Everything that is decided about a lane, under its lock. */
  async function look(
    transaction: Queryable,
    keeper: Keeper,
    leaseId: string,
    unsure: readonly string[],
  ): Promise<Look> {
    const { lane, leaseMs, passedOver } = keeper
    await lockLane(transaction, lane)
    const lookedAt = now()
    for (const one of unsure) await settleReleased(transaction, one, lane)
    const skip = [...passedOver]
    const [standing, expired, givenUp] = await Promise.all([
      readLane(transaction, lane, leadMs),
      findExpiredCall(transaction, lane),
      findGivenUp(transaction, lane, [...skip, ...keeper.ending]),
    ])
    const readAt = now()
    if (expired) {
      const adapter = adapterOf(expired) ?? registry.remotes().find((one) => one.lane === lane)
      if (adapter) await settleExpired(transaction, adapter, expired)
      return { kind: 'again' }
    }
    if (givenUp) {
      const adapter = adapterOf(givenUp)
      if (adapter) return { kind: 'giveUp', delivery: givenUp, adapter }
      passedOver.add(nameOf(givenUp))
      return { kind: 'again' }
    }
    const mayPoll = standing.mayPoll && keeper.polls < mostPolls
    const polled = mayPoll ? await claimPoll(transaction, lane, leaseId, leaseMs, skip) : null
    const mayCall = standing.callInMs <= leadMs && standing.inFlight < keeper.maxConcurrency
    const ready = async () =>
      (await findTicketedBatch(transaction, lane, skip)) ?? (await findReadyBatch(transaction, lane, skip))
    const batch = polled ?? (mayCall ? await ready() : null)
    if (!batch) {
      if (standing.callInMs >= worthTellingMs) await tellWhenCalled(transaction, lane)
      return { kind: 'idle', wakeInMs: standing.wakeInMs }
    }
    const adapter = adapterOf(batch)
    if (!adapter) {
      passedOver.add(nameOf(batch))
      return { kind: 'again' }
    }
    if (adapter.lane !== lane) {
      if (polled) await pollAgain(transaction, polled, 0)
      return { kind: 'moved', destination: batch, to: adapter.lane }
    }
    if (!polled) {
      if (!(await beginCall(transaction, batch, leaseId, leaseMs))) return { kind: 'again' }
      if (keeper.minIntervalMs > 0) await paceLane(transaction, lane, pacedIntervalMs(keeper.minIntervalMs))
      await settleJob(transaction, batch.tenant, batch.jobId, null)
    }
    const waitMs = polled ? 0 : standing.callInMs
    const times = { leaseEndsAt: lookedAt + leaseMs, dueAt: lookedAt + waitMs, leaveAt: readAt + waitMs }
    return { kind: 'call', call: { batch, adapter, leaseId, ...times } }
  }

  async function turn(keeper: Keeper): Promise<Look> {
    const leaseId = newId()
    const unsure = [...keeper.unsure]
    try {
      const found = await database.transaction((transaction) =>
        stopped
          ? Promise.resolve({ kind: 'idle' as const, wakeInMs: null })
          : look(transaction, keeper, leaseId, unsure),
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
      if (waitMs > 0) await delay(waitMs)
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

  /** The destination's unfinished deliveries go on by the pace of its own account. */
  async function move(from: string, destination: LaneDestination, to: string): Promise<void> {
    await database.transaction(async (transaction) => {
      await lockLane(transaction, from)
      await moveToLane(transaction, destination, to)
      await notifyLane(transaction, to)
    })
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
        if (found.kind === 'moved') await move(keeper.lane, found.destination, found.to)
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
      loops = [...keepers.map(loop), followDestinations({ database, registry, log, stopping, onMoved: wakeOne })]
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

const nameOf = ({ jobId, ordinal }: Pick<BatchRow, 'jobId' | 'ordinal'>) => `${jobId}:${ordinal}`
