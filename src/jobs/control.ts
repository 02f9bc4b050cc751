import type { Queryable } from '../contract/adapter.ts'
import type { OutcomeCounts } from '../contract/outcome.ts'
import type { Database } from '../db/database.ts'
import {
  endDelivery,
  type HandledDelivery,
  hasInFlight,
  lockDeliveries,
  lockJobState,
  moveJob,
  pauseDeliveries,
  resumeDeliveries,
} from '../db/job-control.ts'
import { notifyWork } from '../db/job-submit.ts'
import { notifyLane } from '../db/lanes.ts'
import {
  addCounts,
  cancelPending,
  endStateOf,
  hasEnded,
  type JobAction,
  type JobState,
  moveOf,
  whyForbidden,
} from '../domain/job-state.ts'
import type { Bell } from './bell.ts'
import { commitOnce } from './commit-once.ts'
import type { JobActionResult } from './job.ts'
import { isJobId, jobsById } from './job-rows.ts'
import { Settlement } from './settle-delivery.ts'

export interface ControlParts {
  database: Database
  stopping: Bell
}

/** Does what the owner of a job asks for. Resolves when it is stored; what is in flight then still ends as it really ends. */
export type Control = (tenant: string, jobId: string, action: JobAction) => Promise<JobActionResult>

/** A job as the transaction has locked it, its deliveries first. */
interface LockedJob {
  tenant: string
  jobId: string
  hasStarted: boolean
  deliveries: readonly HandledDelivery[]
}

/** Carries an action out on a locked job, and resolves to the state that the job is in then. */
type Move = (transaction: Queryable, job: LockedJob) => Promise<JobState>

const moves: Record<JobAction, Move> = { cancel, pause, resume }

/** What a job may be in after an action, by which an action whose answer was lost is known again. */
const reached: Record<JobAction, readonly JobState[]> = {
  cancel: ['CANCELLING', 'CANCELLED'],
  pause: ['PAUSING', 'PAUSED'],
  resume: ['STAGING', 'QUEUED', 'RUNNING'],
}

export function createControl({ database, stopping }: ControlParts): Control {
  return (tenant, jobId, action) => {
    if (!isJobId(jobId)) return Promise.resolve(notFound)
    /** A run got as far as its commit; if there is another, it is because nobody knows whether it was committed. */
    let wasDone = false
    const work = async (transaction: Queryable): Promise<JobActionResult> => {
      const answer = await act(transaction, tenant, jobId, action, wasDone)
      wasDone ||= answer.kind === 'job'
      return answer
    }
    const afterwards = async (): Promise<JobActionResult | null> => {
      const [job] = await jobsById(database, tenant, [jobId])
      return job && reached[action].includes(job.state) ? { kind: 'job', job } : null
    }
    return commitOnce(database, work, afterwards, stopping)
  }
}

const notFound: JobActionResult = { kind: 'notFound', message: 'There is no job with this id: look it up in `jobs`' }

/**
 * One transaction: all deliveries, then the job are locked, so nothing of it is settled meanwhile, and what is decided is decided about the
 * job as it is. `wasDone`: a run before this one may have been committed, and a job that has ended may have ended after it: it is answered.
 */
async function act(
  transaction: Queryable,
  tenant: string,
  jobId: string,
  action: JobAction,
  wasDone: boolean,
): Promise<JobActionResult> {
  const deliveries = await lockDeliveries(transaction, tenant, jobId)
  const locked = await lockJobState(transaction, tenant, jobId)
  if (!locked) return notFound
  const { state, hasStarted } = locked
  const next = moveOf(action, state)
  if (next === null && !(wasDone && hasEnded(state))) {
    return { kind: 'invalidState', message: whyForbidden(action, state), state }
  }
  if (next !== null && next !== state) {
    const moved = await moves[action](transaction, { tenant, jobId, hasStarted, deliveries })
    await moveJob(transaction, tenant, jobId, moved)
    await Promise.all([notifyWork(transaction), ...lanesOf(deliveries).map((lane) => notifyLane(transaction, lane))])
  }
  const [job] = await jobsById(transaction, tenant, [jobId])
  if (!job) throw new Error(`job ${jobId} went away under its lock`)
  return { kind: 'job', job }
}

const lanesOf = (deliveries: readonly HandledDelivery[]) => [...new Set(deliveries.flatMap(({ lane }) => lane ?? []))]

/** Ends every delivery that has nothing in flight; of a vendor's that has, whatever nobody is at. */
async function cancel(transaction: Queryable, { deliveries }: LockedJob): Promise<JobState> {
  const counts: OutcomeCounts[] = []
  for (const delivery of deliveries) counts.push(await cancelDelivery(transaction, delivery))
  return endStateOf(addCounts(counts)) ?? 'CANCELLING'
}

async function cancelDelivery(transaction: Queryable, delivery: HandledDelivery): Promise<OutcomeCounts> {
  if (hasEnded(delivery.state)) return delivery.counts
  if (delivery.lane === null) {
    const counts = cancelPending(delivery.counts)
    await endDelivery(transaction, delivery, endStateOf(counts) ?? 'CANCELLED', counts)
    return counts
  }
  const settlement = new Settlement(transaction, { ...delivery, state: 'CANCELLING' })
  if (delivery.state === 'PAUSED') settlement.giveUp = { kind: 'clear' }
  await settlement.storeDelivery()
  return settlement.delivery.counts
}

async function pause(transaction: Queryable, { tenant, jobId }: LockedJob): Promise<JobState> {
  await pauseDeliveries(transaction, tenant, jobId)
  return (await hasInFlight(transaction, tenant, jobId)) ? 'PAUSING' : 'PAUSED'
}

async function resume(transaction: Queryable, { tenant, jobId, hasStarted, deliveries }: LockedJob): Promise<JobState> {
  await resumeDeliveries(transaction, tenant, jobId)
  // One that has begun may have to wait for the pace again, and says so.
  for (const delivery of deliveries) {
    if (delivery.state !== 'PAUSED' || delivery.lane === null || !delivery.hasStarted) continue
    await new Settlement(transaction, { ...delivery, state: 'RUNNING' }).storeDelivery()
  }
  if (deliveries.some(({ staging }) => staging)) return 'STAGING'
  return hasStarted ? 'RUNNING' : 'QUEUED'
}
