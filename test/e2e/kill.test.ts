import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/cli/generated/graphql.ts'
import { openBreakingProxy } from '../support/breaking-proxy.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import {
  acceptedJob,
  bulkUpsert,
  countProfiles,
  endedJobs,
  numberedProfiles,
  readJob,
  settledIn,
} from '../support/jobs.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'

const takeOverMs = 30_000

let directory: string
let database: ScratchDatabase | null
let opened: SpawnedGateway[]
beforeEach(async () => {
  opened = []
  directory = await mkdtemp(join(tmpdir(), 'gateway-kill-'))
  database = process.env['DATABASE_URL'] ? await openScratchDatabase() : null
})
afterEach(async () => {
  for (const gateway of opened) await gateway.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

/** A process on the store of this test. */
async function startProcess(): Promise<SpawnedGateway> {
  const gateway = await spawnGateway(
    database?.url ? { databaseUrl: database.url } : { environment: { DATA_DIR: join(directory, 'data') } },
  )
  opened.push(gateway)
  return gateway
}

/** Two processes on PostgreSQL; on the embedded store one, which is started again after its death. */
async function startProcesses() {
  const victim = await startProcess()
  const other = database ? await startProcess() : null
  return {
    victim,
    /** Kills the victim, and gives the one that goes on, with the moment of the death (on the embedded store: of the new start). */
    async kill(): Promise<{ survivor: SpawnedGateway; since: number }> {
      victim.process.kill('SIGKILL')
      expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' })
      const died = performance.now()
      const survivor = other ?? (await startProcess())
      return { survivor, since: other ? died : performance.now() }
    },
  }
}

/** A record's place in the whole load decides its key: those beyond `distinct` come a second time. */
function partsOf(parts: number, size: number, distinct: number): ProfileInput[][] {
  const all = numberedProfiles('load', 0, distinct)
  const load = Array.from({ length: parts * size }, (_, place) => all[place % distinct] ?? {})
  return Array.from({ length: parts }, (_, part) => load.slice(part * size, (part + 1) * size))
}

/** Sends every part under a key of its own; one that was not answered is undefined. */
function sendAll(gateway: SpawnedGateway, parts: readonly ProfileInput[][]): Promise<string | undefined>[] {
  return parts.map((profiles, part) =>
    acceptedJob(gateway, inputOf(profiles, part)).then(
      ({ id }) => id,
      () => undefined,
    ),
  )
}

function inputOf(profiles: ProfileInput[], part: number): BulkUpsertProfilesInput {
  return { profiles, waitSeconds: 0, idempotencyKey: `part ${part}` }
}

async function processedOf(gateway: SpawnedGateway): Promise<number> {
  const { data } = await gateway.request<{ jobs: { nodes: { progress: { processed: number } }[] } }>(
    '{ jobs(first: 1000) { nodes { progress { processed } } } }',
  )
  return data?.jobs.nodes.reduce((sum, { progress }) => sum + progress.processed, 0) ?? 0
}

/** Every job's counts are exact, every profile is there once, and nothing is left to do. */
async function expectExact(gateway: SpawnedGateway, ids: readonly string[], size: number, distinct: number) {
  const jobs = await endedJobs(gateway, ids)
  for (const job of jobs) {
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { total: size, processed: size, percent: 100 } })
    expect(settledIn(job)).toBe(size)
    const { created, unchanged } = job.progress
    const counted = await gateway.request<Record<string, { results: { totalCount: number } }>>(
      /* GraphQL */ `
        query ($id: ID!) {
          created: job(id: $id) { results(outcomes: [CREATED], first: 0) { totalCount } }
          unchanged: job(id: $id) { results(outcomes: [UNCHANGED], first: 0) { totalCount } }
          pending: job(id: $id) { results(outcomes: [PENDING], first: 0) { totalCount } }
        }
      `,
      { id: job.id },
    )
    expect(counted.data).toEqual({
      created: { results: { totalCount: created } },
      unchanged: { results: { totalCount: unchanged } },
      pending: { results: { totalCount: 0 } },
    })
  }
  expect(jobs.reduce((sum, { progress }) => sum + progress.created, 0)).toBe(distinct)
  expect(jobs.reduce((sum, { progress }) => sum + progress.unchanged, 0)).toBe(ids.length * size - distinct)
  expect(await countProfiles(gateway)).toBe(distinct)
}

test('a load of 100,000 records outlives the death of its process, every count exact', {
  timeout: 300_000,
}, async () => {
  const [size, distinct] = [10_000, 80_000]
  const parts = partsOf(10, size, distinct)
  const processes = await startProcesses()
  const ids = (await Promise.all(sendAll(processes.victim, parts))).flatMap((id) => id ?? [])
  expect(ids).toHaveLength(10)
  await vi.waitFor(async () => expect(await processedOf(processes.victim)).toBeGreaterThan(20_000), {
    timeout: 60_000,
    interval: 20,
  })
  const { survivor, since } = await processes.kill()
  const left = 100_000 - (await processedOf(survivor))
  expect(left).toBeGreaterThan(0)
  await endedJobs(survivor, ids, 120_000)
  expect(performance.now() - since).toBeLessThan(takeOverMs)
  await expectExact(survivor, ids, size, distinct)

  for (const profiles of parts) {
    const again = await acceptedJob(survivor, { profiles, waitSeconds: 30 })
    const [job] = await endedJobs(survivor, [again.id])
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { total: size, unchanged: size } })
  }
  expect(await countProfiles(survivor)).toBe(distinct)
})

type Victim = SpawnedGateway
const moments: [string, (victim: Victim, answers: Promise<string | undefined>[]) => Promise<unknown>][] = [
  ['before anything was answered', async () => {}],
  ['when the first request was accepted', (_victim, answers) => Promise.race(answers)],
  ...[2000, 7000].map((records): (typeof moments)[number] => [
    `when ${records} records were settled`,
    (victim) =>
      vi.waitFor(async () => expect(await processedOf(victim)).toBeGreaterThanOrEqual(records), {
        timeout: 20_000,
        interval: 5,
      }),
  ]),
]

describe('a process killed', () => {
  test.each(moments)('%s loses and doubles nothing', { timeout: 120_000 }, async (_when, moment) => {
    const [size, distinct] = [2500, 9000]
    const parts = partsOf(4, size, distinct)
    const processes = await startProcesses()
    const answers = sendAll(processes.victim, parts)
    await moment(processes.victim, answers)
    const { survivor, since } = await processes.kill()
    const answered = await Promise.all(answers)
    // What was answered is kept; what was not can be sent again under its key.
    const ids: string[] = []
    for (const [part, profiles] of parts.entries()) {
      const { id } = await acceptedJob(survivor, inputOf(profiles, part))
      if (answered[part] !== undefined) expect(id).toBe(answered[part])
      ids.push(id)
    }
    expect(new Set(ids).size).toBe(parts.length)
    await endedJobs(survivor, ids)
    expect(performance.now() - since).toBeLessThan(takeOverMs)
    await expectExact(survivor, ids, size, distinct)
  })

  test('in a stream of single records keeps all that it answered', { timeout: 120_000 }, async () => {
    const processes = await startProcesses()
    const answered = new Map<string, string>()
    const unanswered: string[] = []
    const created = (key: string): BulkUpsertProfilesInput => ({
      profiles: [{ key }],
      upsert: 'CREATE_ONLY',
      idempotencyKey: key,
    })
    let numbers = 0
    const stream = async () => {
      for (;;) {
        numbers += 1
        const key = `single-${numbers}`
        const job = await acceptedJob(processes.victim, created(key)).catch(() => null)
        if (job === null) return unanswered.push(key)
        answered.set(key, job.id)
      }
    }
    const streams = [stream(), stream(), stream(), stream()]
    await vi.waitFor(() => expect(answered.size).toBeGreaterThan(50), { timeout: 20_000, interval: 5 })
    const { survivor } = await processes.kill()
    await Promise.all(streams)
    expect(unanswered).toHaveLength(4)
    // A record applied a second time would fail with PROFILE_EXISTS.
    for (const [key, id] of answered) {
      expect(await readJob(survivor, id)).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1 } })
      expect(await bulkUpsert(survivor, created(key))).toMatchObject({ job: { id } })
    }
    for (const key of unanswered) {
      expect(await acceptedJob(survivor, created(key))).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1 } })
    }
    expect(await countProfiles(survivor)).toBe(answered.size + unanswered.length)
  })
})

if (process.env['DATABASE_URL']) {
  test('a process cut off in the middle of a statement is replaced, and does nothing twice when it is back', {
    timeout: 120_000,
  }, async () => {
    const proxy = await openBreakingProxy(database?.url ?? '')
    try {
      const lost = await spawnGateway({ databaseUrl: proxy.url, environment: { ROLE: 'worker' } })
      opened.push(lost)
      const other = await startProcess()
      const [size, distinct] = [5000, 20_000]
      const parts = partsOf(4, size, distinct)
      const broken = proxy.breakInMidMessage()
      const ids = (await Promise.all(sendAll(other, parts))).flatMap((id) => id ?? [])
      expect(ids).toHaveLength(4)
      await broken
      const since = performance.now()
      await endedJobs(other, ids, takeOverMs)
      expect(performance.now() - since).toBeLessThan(takeOverMs)
      proxy.mend()
      await expectExact(other, ids, size, distinct)
      await vi.waitFor(async () => expect((await fetch(`${lost.url}/health/ready`)).status).toBe(200), 15_000)
    } finally {
      await proxy.close()
    }
  })
}
