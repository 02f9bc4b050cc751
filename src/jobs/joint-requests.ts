import type { Claims } from '../contract/adapter.ts'
import { isConnectionLoss } from '../db/database.ts'
import type { Acceptance, Acceptances } from './acceptance.ts'
import { carryOutAtOnce, type ReadyRequest, readyRecords, type StoreTarget } from './store-job.ts'

/** Records that the requests of one transaction have together at most: a store locks so many value by value. */
const mostRecords = 32
/**
 * Transactions of one kind of request at once, as many as there are connections: another one begins only where those under way take long,
 * as those do that wait for a lock.
 */
const mostAtOnce = 10
const longMs = 25

interface Waiting extends ReadyRequest {
  claims: Claims
  resolve(acceptance: Acceptance): void
  reject(error: unknown): void
}

/** Requests that may share a transaction: of one tenant, for one store, with the same options. */
interface Queue {
  store: StoreTarget
  waiting: Waiting[]
  /** Transactions under way, and when the last of them began. */
  running: number
  latest: number
}

export type CarryOut = (store: StoreTarget, ready: ReadyRequest) => Promise<Acceptance>

/**
 * Carries out small requests, those that come while others are under way together: each is a job of its own, but many share a transaction
 * and its statements, which cost as much for one as for thirty. A request is answered when its transaction is committed. Where one of them
 * makes the transaction fail, each is carried out alone.
 */
export function createJointRequests(acceptances: Acceptances): CarryOut {
  const queues = new Map<string, Queue>()

  async function alone(store: StoreTarget, ready: ReadyRequest): Promise<Acceptance> {
    return acceptances.accept(ready.request, async (transaction) => {
      const [job] = await carryOutAtOnce(transaction, store, ready.request, [ready])
      if (!job) throw new TypeError('a request that was carried out has no job')
      return job
    })
  }

  async function together(store: StoreTarget, group: readonly Waiting[]): Promise<void> {
    const [first] = group
    if (!first) return
    try {
      if (group.length === 1) return first.resolve(await alone(store, first))
      const ids = group.map(({ request }) => request.id)
      const jobs = await acceptances.acceptTogether(first.request.tenant, ids, (transaction) =>
        carryOutAtOnce(transaction, store, first.request, group),
      )
      for (const [place, job] of jobs.entries()) group[place]?.resolve({ kind: 'stored', job })
    } catch (error) {
      if (group.length === 1 || isConnectionLoss(error)) for (const { reject } of group) reject(error)
      else for (const one of group) await alone(store, one).then(one.resolve, one.reject)
    }
  }

  /** Begins a further line of transactions for those that wait. */
  function helpOut(name: string, queue: Queue): void {
    if (queue.waiting.length > 0 && queue.running < mostAtOnce) void work(name, queue)
  }

  /** Carries out what waits, group by group; what comes meanwhile is the next group. */
  async function work(name: string, queue: Queue): Promise<void> {
    queue.running += 1
    queue.latest = performance.now()
    // Requests that came in together are read one after the other: they are gathered first.
    await new Promise(setImmediate)
    for (let group = nextGroup(queue); group.length > 0; group = nextGroup(queue)) {
      queue.latest = performance.now()
      const late = setTimeout(helpOut, longMs, name, queue)
      await together(queue.store, group)
      clearTimeout(late)
    }
    queue.running -= 1
    if (queue.running === 0) queues.delete(name)
  }

  return (store, ready) => {
    const { tenant, kind, operation, options, idempotencyKey } = ready.request
    const values = readyRecords(ready.chunk).map(({ value }) => value)
    const isSmall = ready.request.total <= mostRecords && idempotencyKey === null
    const claims = isSmall ? store.operation.claims?.(options, values) : null
    if (!claims) return alone(store, ready)
    const name = JSON.stringify([tenant, kind.kind, operation, store.destinationId, options])
    const queue = queues.get(name) ?? { store, waiting: [], running: 0, latest: 0 }
    queues.set(name, queue)
    return new Promise<Acceptance>((resolve, reject) => {
      queue.waiting.push({ ...ready, claims, resolve, reject })
      // Where none is under way, or all that are take long.
      if (queue.running === 0 || performance.now() - queue.latest >= longMs) helpOut(name, queue)
    })
  }
}

/** Takes the next requests that may go together out of the queue. One that has to wait for another is not overtaken by what waits for it. */
function nextGroup(queue: Queue): Waiting[] {
  const group: Waiting[] = []
  const left: Waiting[] = []
  const held = new Set<string>()
  const mentioned = new Set<string>()
  let records = 0
  for (const one of queue.waiting) {
    const total = one.request.total
    const { holds, mentions } = one.claims
    const meets =
      holds.some((value) => held.has(value) || mentioned.has(value)) || mentions.some((value) => held.has(value))
    for (const value of holds) held.add(value)
    for (const value of mentions) mentioned.add(value)
    if (!meets && records + total <= mostRecords) {
      group.push(one)
      records += total
    } else left.push(one)
  }
  queue.waiting = left
  return group
}
