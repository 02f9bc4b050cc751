import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { print } from 'graphql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { JobStatusDocument } from '../../src/cli/generated/graphql.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedJob, countProfiles, endedJobs, numberedProfiles, readJob, settledIn } from '../support/jobs.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { overServerSentEvents } from '../support/transports.ts'
import { openReadySocket } from '../support/web-socket.ts'

let directory: string
let database: ScratchDatabase | null
let opened: SpawnedGateway[]
beforeEach(async () => {
  opened = []
  directory = await mkdtemp(join(tmpdir(), 'gateway-drain-'))
  database = process.env['DATABASE_URL'] ? await openScratchDatabase() : null
})
afterEach(async () => {
  for (const gateway of opened) await gateway.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

async function startProcess(role = 'all'): Promise<SpawnedGateway> {
  const gateway = await spawnGateway({
    ...(database?.url ? { databaseUrl: database.url } : {}),
    environment: { ROLE: role, ...(database ? {} : { DATA_DIR: join(directory, 'data') }) },
  })
  opened.push(gateway)
  return gateway
}

async function processed(gateway: SpawnedGateway, ids: readonly string[]): Promise<number> {
  const jobs = await Promise.all(ids.map((id) => readJob(gateway, id)))
  return jobs.reduce((sum, { progress }) => sum + progress.processed, 0)
}

test('a process told to stop in mid-job ends its batches, says good-bye, and leaves the rest exactly', {
  timeout: 120_000,
}, async () => {
  const stopping = await startProcess()
  const profiles = numberedProfiles('drain', 0, 40_000)
  const jobs = await Promise.all(
    [0, 1, 2, 3].map((part) =>
      acceptedJob(stopping, { profiles: profiles.slice(part * 10_000, (part + 1) * 10_000), waitSeconds: 0 }),
    ),
  )
  const ids = jobs.map(({ id }) => id)
  const [id = ''] = ids
  const socket = await openReadySocket(stopping.url)
  socket.send({ type: 'subscribe', id: '1', payload: { query: print(JobStatusDocument), variables: { id } } })
  const stream = overServerSentEvents.subscribe(stopping, JobStatusDocument, { id })
  const streamed = readAll(stream.events)
  const waiting = acceptedJob(stopping, { profiles: numberedProfiles('waits', 0, 10_000), waitSeconds: 30 })
  await vi.waitFor(async () => expect(await processed(stopping, ids)).toBeGreaterThanOrEqual(3000), {
    timeout: 30_000,
    interval: 10,
  })

  const signalled = performance.now()
  stopping.process.kill('SIGTERM')
  expect((await socket.closed).code).toBe(1001)
  expect(await stopping.exited).toEqual({ code: 0, signal: null })
  expect(performance.now() - signalled).toBeLessThan(10_000)
  // A caller in the middle of its wait is answered with the job as it stands, a stream ends without its last state.
  const waited = await waiting
  const last = (await streamed).at(-1)
  expect(last?.finishedAt ?? null).toBeNull()
  expect(stopping.log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])

  // Without anybody who delivers, it can be seen that no batch was left in the middle.
  const onlooker = await startProcess('api')
  const left = await Promise.all(ids.map((one) => readJob(onlooker, one)))
  for (const job of left) {
    expect(job.progress.processed % 1000).toBe(0)
    expect(job.deliveries).toMatchObject([{ batchesDone: job.progress.processed / 1000 }])
  }
  const settled = await processed(onlooker, [...ids, waited.id])
  expect(settled).toBeLessThan(50_000)
  expect(await countProfiles(onlooker)).toBe(settled)

  if (!database) {
    onlooker.process.kill('SIGTERM')
    await onlooker.exited
  }
  const successor = await startProcess()
  for (const job of await endedJobs(successor, [...ids, waited.id])) {
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 10_000, total: 10_000 } })
    expect(settledIn(job)).toBe(10_000)
  }
  expect(await countProfiles(successor)).toBe(50_000)
})

test('a process told to stop answers every small request that it carries out', { timeout: 60_000 }, async () => {
  const stopping = await startProcess()
  const answered = new Map<string, string>()
  const refused: string[] = []
  let sent = 0
  const stream = async () => {
    for (;;) {
      sent += 1
      const key = `small-${sent}`
      const job = await acceptedJob(stopping, { profiles: [{ key }] }).catch(() => null)
      if (job === null) return refused.push(key)
      answered.set(key, job.id)
    }
  }
  const streams = [stream(), stream(), stream(), stream()]
  await vi.waitFor(() => expect(answered.size).toBeGreaterThan(40), { timeout: 20_000, interval: 5 })
  stopping.process.kill('SIGTERM')
  await Promise.all(streams)
  expect(await stopping.exited).toEqual({ code: 0, signal: null })
  expect(refused).toHaveLength(4)

  const successor = await startProcess()
  for (const [key, id] of answered) {
    expect([key, await readJob(successor, id)]).toMatchObject([key, { progress: { created: 1 } }])
  }
  expect(await countProfiles(successor)).toBe(answered.size)
})

if (process.env['DATABASE_URL']) {
  test('another process goes on with the jobs of one that stops', { timeout: 120_000 }, async () => {
    const [stopping, other] = await Promise.all([startProcess(), startProcess()])
    const jobs = await Promise.all(
      [0, 1, 2].map((part) =>
        acceptedJob(stopping, { profiles: numberedProfiles('handed', part * 10_000, 10_000), waitSeconds: 0 }),
      ),
    )
    const ids = jobs.map(({ id }) => id)
    await vi.waitFor(async () => expect(await processed(other, ids)).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 10,
    })
    stopping.process.kill('SIGTERM')
    expect(await stopping.exited).toEqual({ code: 0, signal: null })
    for (const job of await endedJobs(other, ids)) {
      expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 10_000, total: 10_000 } })
    }
    expect(await countProfiles(other)).toBe(30_000)
  })
}

interface StatusEvent {
  data?: { jobStatus: { finishedAt: string | null } } | null
}

/** What came before the stream broke off; an end of the stream is no matter here. */
async function readAll(events: AsyncIterable<StatusEvent>): Promise<{ finishedAt: string | null }[]> {
  const seen: { finishedAt: string | null }[] = []
  try {
    for await (const { data } of events) if (data) seen.push(data.jobStatus)
  } catch {
    return seen
  }
  return seen
}
