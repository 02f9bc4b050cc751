import type { Database } from '../db/database.ts'
import { watchJobs } from '../db/job-watch.ts'
import { hasEnded } from '../domain/job-state.ts'
import type { Job } from './job.ts'
import { isJobId, jobsById } from './job-rows.ts'
import type { Log } from './log.ts'
import { Mailbox } from './mailbox.ts'

/** Least time between two reads of one job, however many batches end: a new state is handed out at once. */
const spacingMs = 50
/** Least time between two snapshots of mere progress; and for each who watches the job at this process, if that is longer. */
const progressMs = { least: 100, each: 1 }
/** Every watched job is read at least so often, in case a NOTIFY was lost. */
const safetyMs = 2000
/** `watched_until` is good for a minute; this leaves two more tries when one fails. */
const renewMs = 20_000

/** A job that is watched here, with all its subscribers. */
interface Topic {
  tenant: string
  jobId: string
  mailboxes: Set<Mailbox>
  latest: Job | null
  /** Resolves when the job was first read; rejects if that failed. */
  opening: Promise<void>
  /** False while the job is being accepted: it is not there to be read. */
  stored: boolean
  /** Something may have changed since the last read began. */
  stale: boolean
  reading: boolean
  readAt: number
  handedOutAt: number
  /** Somebody has come who was given nothing yet. */
  awaited: boolean
  renewedAt: number
  timer: NodeJS.Timeout | null
}

/** A wait for a job that is about to be stored; it is stored with somebody watching it. */
export interface Expectation {
  snapshots: AsyncIterableIterator<Job>
  /** To be called with the job once it is committed. */
  begin(job: Job): void
}

export interface Watches {
  /** Begins to listen. Rejects when the database cannot be reached. */
  start(): Promise<void>
  /**
   * The job as it stands, unless `afterVersion` is its version and it has not ended; then its changes; then completes after its last
   * state. null: the tenant has no such job. Rejects when the database cannot be reached; once it has begun it outlasts such faults.
   */
  watch(tenant: string, jobId: string, afterVersion?: number | null): Promise<AsyncIterableIterator<Job> | null>
  expect(tenant: string, jobId: string): Expectation
  /** Completes all that watch, and leaves no timer and no listener behind. */
  stop(): Promise<void>
}

export interface WatchParts {
  database: Database
  log: Log
  /** Milliseconds on a clock that only goes forward. */
  now?: (() => number) | undefined
}

/** Keeps one topic per watched job: its row is read once per version for all subscribers, and a NOTIFY is only the hint to read it. */
export function createWatches({ database, log, now = () => performance.now() }: WatchParts): Watches {
  /** By job, then by tenant: who asks for another tenant's job has a topic of its own, with nothing in it. */
  const topics = new Map<string, Map<string, Topic>>()
  let pulse: NodeJS.Timeout | null = null
  let unlisten = async () => {}
  let stopped = false
  let unreachable = false

  const allTopics = () => [...topics.values()].flatMap((byTenant) => [...byTenant.values()])
  const isOpen = (topic: Topic) => topics.get(topic.jobId)?.get(topic.tenant) === topic

  function createTopic(tenant: string, jobId: string, stored: boolean): Topic {
    const topic: Topic = {
      tenant,
      jobId,
      mailboxes: new Set(),
      latest: null,
      opening: Promise.resolve(),
      stored,
      stale: false,
      reading: false,
      readAt: Number.NEGATIVE_INFINITY,
      handedOutAt: Number.NEGATIVE_INFINITY,
      awaited: false,
      renewedAt: now(),
      timer: null,
    }
    const byTenant = topics.get(jobId) ?? new Map<string, Topic>()
    topics.set(jobId, byTenant.set(tenant, topic))
    pulse ??= setInterval(() => void beat(), safetyMs)
    return topic
  }

  function closeTopic(topic: Topic): void {
    if (!isOpen(topic)) return
    const byTenant = topics.get(topic.jobId)
    byTenant?.delete(topic.tenant)
    if (byTenant?.size === 0) topics.delete(topic.jobId)
    if (topic.timer) clearTimeout(topic.timer)
    topic.timer = null
    for (const mailbox of [...topic.mailboxes]) mailbox.close()
    if (topics.size === 0 && pulse) {
      clearInterval(pulse)
      pulse = null
    }
  }

  function addMailbox(topic: Topic, afterVersion: number | null): Mailbox {
    const mailbox: Mailbox = new Mailbox(afterVersion, () => {
      topic.mailboxes.delete(mailbox)
      if (topic.mailboxes.size === 0) closeTopic(topic)
    })
    topic.mailboxes.add(mailbox)
    return mailbox
  }

  /** Whether mere progress has to wait: what is handed out then is read then. */
  const isTooEarly = ({ latest, handedOutAt, awaited, mailboxes }: Topic, job: Job) =>
    !awaited &&
    latest?.state === job.state &&
    now() < handedOutAt + Math.max(progressMs.least, mailboxes.size * progressMs.each)

  function publish(topic: Topic, job: Job | null): void {
    if (job === null) {
      closeTopic(topic)
      return
    }
    if (isTooEarly(topic, job)) {
      topic.stale = true
      return
    }
    topic.latest = job
    topic.handedOutAt = now()
    topic.awaited = false
    for (const mailbox of [...topic.mailboxes]) mailbox.offer(job)
    if (hasEnded(job.state)) closeTopic(topic)
  }

  /** Reads the jobs of some topics of one tenant by one statement and gives them out. */
  async function read(tenant: string, read: readonly Topic[]): Promise<void> {
    for (const topic of read) Object.assign(topic, { stale: false, reading: true, readAt: now() })
    try {
      const jobs = await jobsById(
        database,
        tenant,
        read.map((topic) => topic.jobId),
      )
      for (const [place, topic] of read.entries()) {
        topic.reading = false
        if (isOpen(topic)) publish(topic, jobs[place] ?? null)
      }
      if (unreachable) log.info({}, 'watched jobs can be read again')
      unreachable = false
    } catch (error) {
      for (const topic of read) Object.assign(topic, { stale: true, reading: false })
      throw error
    }
    for (const topic of read) if (topic.stale) schedule(topic)
  }

  /** The same where nobody waits for the answer: the subscribers stay, and the pulse tries again. */
  async function readAnyway(tenant: string, some: readonly Topic[]): Promise<void> {
    try {
      await read(tenant, some)
    } catch (error) {
      if (!unreachable && !stopped) log.warn({ error }, 'watched jobs could not be read; trying again')
      unreachable = true
    }
  }

  /** Reads a topic that may have changed as soon as its last read is long enough ago. */
  function schedule(topic: Topic): void {
    topic.stale = true
    if (!topic.stored || topic.reading || topic.timer || !isOpen(topic)) return
    const wait = topic.readAt + spacingMs - now()
    if (wait <= 0) void readAnyway(topic.tenant, [topic])
    else {
      topic.timer = setTimeout(() => {
        topic.timer = null
        if (!topic.reading) void readAnyway(topic.tenant, [topic])
      }, wait)
    }
  }

  /** The safety net: everything watched is read and kept watched, by one statement each for a tenant. */
  async function beat(): Promise<void> {
    const at = now()
    const stored = allTopics().filter((topic) => topic.stored)
    for (const [tenant, some] of Map.groupBy(stored, (topic) => topic.tenant)) {
      // Whenever they were read last: a job that changes all the time is never due for a read here.
      const aged = some.filter((topic) => at - topic.renewedAt >= renewMs)
      if (aged.length > 0) {
        const ids = aged.map((topic) => topic.jobId)
        const renewed = await watchJobs(database, tenant, ids).then(
          () => true,
          () => false,
        )
        if (renewed) for (const topic of aged) topic.renewedAt = at
      }
      const idle = some.filter((topic) => isOpen(topic) && !topic.reading && at - topic.readAt >= safetyMs - spacingMs)
      if (idle.length > 0) await readAnyway(tenant, idle)
    }
  }

  /** Listening has begun long before: ask for NOTIFY, then read. What changes in between, is told. */
  async function open(topic: Topic): Promise<void> {
    topic.reading = true
    await watchJobs(database, topic.tenant, [topic.jobId])
    await read(topic.tenant, [topic])
  }

  return {
    async start() {
      unlisten = await database.listen(
        'gateway_job',
        (jobId) => {
          for (const topic of topics.get(jobId)?.values() ?? []) schedule(topic)
        },
        () => {
          for (const topic of allTopics()) schedule(topic)
        },
      )
    },

    async watch(tenant, jobId, afterVersion = null) {
      if (stopped) throw new Error('the gateway is stopping: watch the job at another process, or when it is up again')
      if (!isJobId(jobId)) return null
      let topic = topics.get(jobId)?.get(tenant)
      const first = !topic
      topic ??= createTopic(tenant, jobId, true)
      const mailbox = addMailbox(topic, afterVersion)
      if (first) topic.opening = open(topic)
      try {
        await topic.opening
      } catch (error) {
        closeTopic(topic)
        throw error
      }
      if (topic.latest === null) {
        mailbox.close()
        return null
      }
      // A subscriber that has seen more than this process must not be taken back: it gets the next read.
      if (afterVersion !== null && afterVersion > topic.latest.version) schedule(topic)
      else if (topic.stale) topic.awaited = true
      else mailbox.offer(topic.latest)
      return mailbox
    },

    expect(tenant, jobId) {
      if (stopped) return { snapshots: closedMailbox(), begin: () => {} }
      const topic = createTopic(tenant, jobId, false)
      return {
        snapshots: addMailbox(topic, null),
        begin(job) {
          topic.stored = true
          publish(topic, job)
          if (topic.stale) schedule(topic)
        },
      }
    },

    async stop() {
      stopped = true
      for (const topic of allTopics()) closeTopic(topic)
      // Not waited for: without a connection it would wait for one, and the listener ends with the database in any case.
      void unlisten().catch(() => {})
    },
  }
}

/** For who comes when nothing is watched any more: completes at once. */
function closedMailbox(): Mailbox {
  const mailbox = new Mailbox(null, () => {})
  mailbox.close()
  return mailbox
}

/** Follows the snapshots until the job has ended or the time is up, and leaves them. `job` is what is known so far. */
export async function lastStateWithin(
  snapshots: AsyncIterableIterator<Job>,
  milliseconds: number,
  job: Job,
): Promise<Job> {
  const timer = setTimeout(() => void snapshots.return?.(), milliseconds)
  let latest = job
  try {
    for await (const snapshot of snapshots) latest = snapshot
  } finally {
    clearTimeout(timer)
  }
  return latest
}
