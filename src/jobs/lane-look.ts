import type { DestinationRegistry, Queryable, RemoteAdapter } from '../contract/adapter.ts'
import {
  type BatchRow,
  beginCall,
  claimPoll,
  type DeliveryKey,
  findExpiredCall,
  findGivenUp,
  findReadyBatch,
  findTicketedBatch,
} from '../db/job-batches.ts'
import { settleJob } from '../db/job-deliver.ts'
import { pollAgain } from '../db/job-settle.ts'
import { type LaneDestination, lockLane, paceLane, readLane, tellWhenCalled } from '../db/lanes.ts'
import { pacedIntervalMs, paceOf } from '../domain/pace.ts'
import { Bell } from './bell.ts'
import { leaseMarginMs } from './make-call.ts'
import { remoteOf } from './moved-destinations.ts'
import { settleExpired } from './settle-call.ts'
import { settleReleased } from './settle-held.ts'

/** Polls of one lane in flight in this process. */
const mostPolls = 8
/** A call is claimed so long before it may leave, and made ready meanwhile: what that takes is no loss of pace. */
const leadMs = 250
/** A wait that somebody who watches a job would want to know of. */
const worthTellingMs = 1000

/** A lane as this process is configured: the strictest of the destinations that share it. */
export interface Keeper {
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
  /** Leases of calls that were claimed, as far as is known, and not begun: the database was lost, time ran out, or their owner wants no more. */
  unsure: Set<string>
}

export interface ClaimedCall {
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
export type Look =
  | { kind: 'call'; call: ClaimedCall }
  /** Patience with a delivery is over. */
  | { kind: 'giveUp'; delivery: DeliveryKey; adapter: RemoteAdapter }
  /** A destination has another account by now. */
  | { kind: 'moved'; destination: LaneDestination; to: string }
  | { kind: 'again' }
  | { kind: 'idle'; wakeInMs: number | null }

export function keepersOf(adapters: readonly RemoteAdapter[]): Keeper[] {
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

/** What a look needs beside the lane itself. */
export interface LookParts {
  registry: DestinationRegistry
  now: () => number
}

type LaneBatch = Pick<BatchRow, 'tenant' | 'destinationId' | 'adapter'>

/** Everything that is decided about a lane, under its lock. */
export async function lookAtLane(
  transaction: Queryable,
  keeper: Keeper,
  leaseId: string,
  unsure: readonly string[],
  { registry, now }: LookParts,
): Promise<Look> {
  const adapterOf = ({ tenant, destinationId, adapter }: LaneBatch) =>
    remoteOf(registry, tenant, destinationId, adapter)
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
  // The hold that an ending has on the lane may pass before its next transaction has had its turn.
  const closed = [...skip, ...keeper.ending]
  const ready = async () =>
    (await findTicketedBatch(transaction, lane, closed)) ?? (await findReadyBatch(transaction, lane, closed))
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
    return { kind: 'moved', destination: { ...batch, lane }, to: adapter.lane }
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

/** Names a delivery among those that are passed over. */
export const nameOf = ({ jobId, ordinal }: Pick<DeliveryKey, 'jobId' | 'ordinal'>) => `${jobId}:${ordinal}`
