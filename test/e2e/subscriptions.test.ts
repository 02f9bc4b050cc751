import type { ExecutionResult } from 'graphql'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { JobStatusDocument, type JobStatusSubscription } from '../../src/cli/generated/graphql.ts'
import { openGateway, type SpawnedGateway, spawnGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedJob, numberedProfiles, readJob } from '../support/jobs.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { type OpenSubscription, openSubscriptions, transports } from '../support/transports.ts'

type Snapshot = JobStatusSubscription['jobStatus']

/** The one that clients are connected to. On PostgreSQL it delivers nothing: the worker is another process. */
let gateway: TestGateway
let worker: SpawnedGateway | null = null
let database: ScratchDatabase | null = null

beforeAll(async () => {
  if (process.env['DATABASE_URL']) {
    database = await openScratchDatabase()
    const shared = { databaseUrl: database.url ?? '' }
    gateway = await openGateway({ ...shared, environment: { ROLE: 'api' } })
    worker = await spawnGateway({ ...shared, environment: { ROLE: 'worker' } })
  } else gateway = await openGateway()
})
afterEach(() => release())
afterAll(async () => {
  await worker?.close()
  await gateway.close()
  await database?.close()
})

/** Stops the worker where it stands, which is between two batches as long as there are none; the embedded store's one process goes on. */
const hold = (): void => void worker?.process.kill('SIGSTOP')
const release = (): void => void worker?.process.kill('SIGCONT')

let loads = 0
/** A job of records that nobody else has, not yet ended. */
async function queueJob(records = 10_000) {
  loads += 1
  return acceptedJob(gateway, { profiles: numberedProfiles(`load-${loads}`, 0, records), waitSeconds: 0 })
}

async function dataOf<Data>(event: Promise<IteratorResult<ExecutionResult<Data>>>): Promise<Data | null> {
  const { done, value } = await event
  if (done) return null
  if (!value.data) throw new Error(`an event came without data: ${JSON.stringify(value)}`)
  return value.data
}

/** Reads what comes until the stream completes. */
async function everyEvent<Data>({ events }: Pick<OpenSubscription<Data>, 'events'>): Promise<Data[]> {
  const seen: Data[] = []
  const reading = events[Symbol.asyncIterator]()
  for (let data = await dataOf(reading.next()); data !== null; data = await dataOf(reading.next())) seen.push(data)
  return seen
}

const snapshots = async (subscription: OpenSubscription<JobStatusSubscription>): Promise<Snapshot[]> =>
  (await everyEvent(subscription)).map(({ jobStatus }) => jobStatus)

/** Versions and progress only grow, and the job ends once, at the end, with every record settled. */
function expectWholeStory(seen: readonly Snapshot[], after = 0): void {
  const versions = seen.map(({ version }) => version)
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
  expect(versions[0]).toBeGreaterThan(after)
  const processed = seen.map(({ progress }) => progress.processed)
  expect(processed).toEqual(processed.toSorted((a, b) => a - b))
  expect(seen.filter(({ finishedAt }) => finishedAt !== null)).toEqual([seen.at(-1)])
  const last = seen.at(-1)
  expect(last).toMatchObject({ state: 'SUCCEEDED', progress: { percent: 100 } })
  expect(last?.progress.created).toBe(last?.progress.total)
}

describe.each(transports)('jobStatus over $name', (transport) => {
  const subscribe = (id: string, afterVersion?: number) =>
    transport.subscribe(gateway, JobStatusDocument, afterVersion === undefined ? { id } : { id, afterVersion })
  const openNow = () => openSubscriptions(gateway, transport)

  test('joined before anything was delivered tells the whole story, with and without a version', async () => {
    hold()
    const job = await queueJob()
    const fromNothing = subscribe(job.id)
    const first = fromNothing.events[Symbol.asyncIterator]()
    const before = await dataOf(first.next())
    if (worker) expect(before?.jobStatus).toEqual(await readJob(gateway, job.id))
    const knowing = snapshots(subscribe(job.id, job.version))
    const fromZero = snapshots(subscribe(job.id, 0))
    if (worker) await vi.waitFor(async () => expect(await openNow()).toBe(3), 5000)
    release()
    const rest = await everyEvent({ events: { [Symbol.asyncIterator]: () => first } })
    const whole = [before, ...rest].flatMap((event) => event?.jobStatus ?? [])
    expectWholeStory(whole)
    expectWholeStory(await fromZero)
    expectWholeStory(await knowing, job.version)
    const last = await readJob(gateway, job.id)
    for (const story of [whole, await fromZero, await knowing]) expect(story.at(-1)).toEqual(last)
    await vi.waitFor(async () => expect(await openNow()).toBe(0), 5000)
  })

  test('joined during the job begins with where it stands', async () => {
    const job = await queueJob()
    const early = subscribe(job.id, job.version)
    const reading = early.events[Symbol.asyncIterator]()
    const running = (await dataOf(reading.next()))?.jobStatus
    const version = running?.version ?? 0
    expect(version).toBeGreaterThan(job.version)
    const [late, known, future] = await Promise.all([
      snapshots(subscribe(job.id)),
      snapshots(subscribe(job.id, version)),
      snapshots(subscribe(job.id, 1_000_000)),
    ])
    expect(late[0]?.version).toBeGreaterThanOrEqual(version)
    expectWholeStory(late)
    expectWholeStory(known)
    if (running?.finishedAt === null) expect(known[0]?.version).toBeGreaterThan(version)
    expectWholeStory(future)
    expect(await everyEvent({ events: { [Symbol.asyncIterator]: () => reading } })).toSatisfy(
      (rest: JobStatusSubscription[]) => rest.length > 0 || running?.finishedAt !== null,
    )
  })

  test('joined after the end gives the last state once, whatever version is known', async () => {
    const job = await acceptedJob(gateway, { profiles: numberedProfiles(`${transport.name}-after`, 0, 3) })
    expect(job.finishedAt).not.toBeNull()
    for (const afterVersion of [undefined, 0, job.version - 1, job.version, job.version + 1, 2_147_483_647]) {
      const seen = await snapshots(subscribe(job.id, afterVersion))
      expect(seen).toEqual([await readJob(gateway, job.id)])
    }
  })

  test('loses nothing to a client that leaves after every event and comes again with the version it saw', async () => {
    hold()
    const job = await queueJob()
    const seen: Snapshot[] = []
    for (;;) {
      const subscription = subscribe(job.id, seen.at(-1)?.version)
      const event = await dataOf(subscription.events[Symbol.asyncIterator]().next())
      await subscription.close()
      if (event) seen.push(event.jobStatus)
      release()
      if (event?.jobStatus.finishedAt !== null) break
    }
    expectWholeStory(seen)
    expect(seen.at(-1)).toEqual(await readJob(gateway, job.id))
    await vi.waitFor(async () => expect(await openNow()).toBe(0), 5000)
  })

  test('answers each event with results and profiles as they are then', async () => {
    const prefix = `${transport.name}-fresh`
    const profiles = numberedProfiles(prefix, 0, 10_000)
    // One profile is in the first batch and again in the last, with another name.
    profiles[9999] = { ...profiles[0], firstName: 'At last' }
    hold()
    const job = await acceptedJob(gateway, { profiles, waitSeconds: 0 })
    const events = everyEvent(
      transport.subscribe<FreshEvent, { id: string }>(
        gateway,
        /* GraphQL */ `
          subscription ($id: ID!) {
            jobStatus(id: $id) {
              version
              finishedAt
              progress { processed total }
              deliveries { progress { processed } batchesDone }
              pending: results(outcomes: [PENDING], first: 0) { totalCount }
              settled: results(outcomes: [CREATED, UPDATED], first: 0) { totalCount }
              results(first: 1) { nodes { outcome profile { key firstName updatedAt } } }
            }
          }
        `,
        { id: job.id },
      ),
    )
    if (worker) await vi.waitFor(async () => expect(await openNow()).toBe(1), 5000)
    release()
    const seen = (await events).map(({ jobStatus }) => jobStatus)
    for (const { progress, deliveries, pending, settled, results } of seen) {
      expect(deliveries.map((delivery) => delivery.progress.processed)).toEqual([progress.processed])
      expect(deliveries[0]?.batchesDone).toBe(progress.processed / 1000)
      // Results are read after the snapshot: they may know more, and never less.
      expect(settled.totalCount).toBeGreaterThanOrEqual(progress.processed)
      expect(pending.totalCount).toBeLessThanOrEqual(progress.total - progress.processed)
      const [first] = results.nodes
      if (first?.outcome === 'PENDING') expect([first.profile, progress.processed]).toEqual([null, 0])
      else expect(['First 0', 'At last']).toContain(first?.profile?.firstName)
    }
    expect(seen.at(-1)).toMatchObject({
      pending: { totalCount: 0 },
      settled: { totalCount: 10_000 },
      results: { nodes: [{ outcome: 'CREATED', profile: { key: `${prefix}-0`, firstName: 'At last' } }] },
    })
  })

  test('leaves nothing behind when clients go away in the middle', async () => {
    hold()
    const job = await queueJob(2000)
    const clients = Array.from({ length: 5 }, () => subscribe(job.id))
    for (const { events } of clients) await dataOf(events[Symbol.asyncIterator]().next())
    if (worker) expect(await openNow()).toBe(5)
    await Promise.all(clients.map((client) => client.close()))
    await vi.waitFor(async () => expect(await openNow()).toBe(0), 5000)
    release()
    // It goes on for whoever comes next.
    expectWholeStory(await snapshots(subscribe(job.id)))
  })

  test('is an error NOT_FOUND for ids that no job has', async () => {
    const ids = ['', 'x', 'Sm9iOjE=', Buffer.from('Job:01890000-0000-7000-8000-000000000000').toString('base64')]
    for (const id of ids) {
      const reading = subscribe(id).events[Symbol.asyncIterator]()
      const fault = await reading.next().then(
        ({ value }) => value?.errors ?? value,
        (error: unknown) => error,
      )
      expect(fault).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
    }
    await vi.waitFor(async () => expect(await openNow()).toBe(0), 5000)
  })
})

interface FreshEvent {
  jobStatus: {
    version: number
    finishedAt: string | null
    progress: { processed: number; total: number }
    deliveries: { batchesDone: number; progress: { processed: number } }[]
    pending: { totalCount: number }
    settled: { totalCount: number }
    results: { nodes: { outcome: string; profile: { key: string; firstName: string; updatedAt: string } | null }[] }
  }
}
