import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { eventually } from '../support/eventually.ts'
import {
  type Bench,
  countTimers,
  everyState,
  inputOf,
  jobOf,
  openBench,
  profilesNamed,
  silent,
} from './engine-bench.ts'

let bench: Bench
let api: JobEngine
let worker: JobEngine

/** Lets the worker begin its next batch. */
const goOn: () => void = () => {}

beforeAll(async () => {
  bench = await openBench()
  api = await bench.engine({ role: 'api' })
  worker = await bench.engine({ role: 'worker', workers: 1, sweepMs: 100 })
})
afterEach(() => {
  bench.counting.afterApply = async () => {}
  goOn()
})
afterAll(() => bench.close())

/**
 * Queues a job that nobody delivers before `release()`. The worker leaves it alone because it is put off until then: a batch that is held
 * open would hold the only connection of PGlite.
 */
async function queueHeld(tenant: string, count: number, waitSeconds = 0): Promise<Job> {
  await worker.stop()
  return jobOf(await api.submitProfiles(tenant, inputOf(profilesNamed(count), { waitSeconds })))
}

async function release(): Promise<void> {
  worker = await bench.engine({ role: 'worker', workers: 1, sweepMs: 100 })
}

describe('a subscriber', () => {
  test('who comes before the work sees the job queued, then growing versions, the last one at the end', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 5000)
    const states = everyState(await api.watch(tenant, job.id))
    await release()
    const seen = await states
    expect(seen[0]).toEqual(job)
    expect(seen.at(-1)).toMatchObject({ state: 'SUCCEEDED', version: 6 })
    const versions = seen.map((state) => state.version)
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
    expect(await api.jobs(tenant, [job.id])).toEqual([seen.at(-1)])
  })

  test('who comes during the work sees it as it stands and then to its end', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 8000)
    const first = await api.watch(tenant, job.id, 1)
    await release()
    const running = (await first?.next())?.value
    expect(running?.version).toBeGreaterThan(1)
    const seen = await everyState(await api.watch(tenant, job.id))
    expect(seen[0]?.version).toBeGreaterThanOrEqual(running?.version ?? 0)
    expect(seen.at(-1)).toMatchObject({ state: 'SUCCEEDED', version: 9 })
    // On a fast machine the first thing that it is told may be the end.
    expect((await everyState(first)).at(-1) ?? running).toEqual(seen.at(-1))
  })

  test('who comes after the end sees the last state once, whatever version it knows', async () => {
    const tenant = bench.tenant()
    const job = jobOf(await api.submitProfiles(tenant, inputOf(profilesNamed(3))))
    for (const afterVersion of [undefined, 0, job.version, 99]) {
      expect(await everyState(await api.watch(tenant, job.id, afterVersion))).toEqual([job])
    }
  })

  test('who knows the version of an unfinished job is told only of changes', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 1001)
    const states = everyState(await api.watch(tenant, job.id, job.version))
    const other = await api.watch(tenant, job.id, 77)
    expect((await other?.next())?.value).toEqual(job)
    await release()
    expect((await states)[0]?.version).toBeGreaterThan(job.version)
    expect((await everyState(other)).at(-1)).toEqual((await states).at(-1))
  })

  test('of another tenant finds no such job', async () => {
    const job = jobOf(await api.submitProfiles(bench.tenant(), inputOf(profilesNamed(1))))
    expect(await api.watch(bench.tenant(), job.id)).toBeNull()
    expect(await api.watch(bench.tenant(), 'no uuid')).toBeNull()
  })

  test('who takes nothing for a while gets the newest state only', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 3000)
    const slow = await api.watch(tenant, job.id)
    const quick = everyState(await api.watch(tenant, job.id))
    await release()
    const last = (await quick).at(-1)
    expect(await everyState(slow)).toEqual([last])
  })

  test('is one of a hundred for whom the job is read once per version', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 3000)
    const sent = bench.statements.length
    const all = Array.from({ length: 100 }, async () => everyState(await api.watch(tenant, job.id)))
    await eventually(() => expect(bench.statements.slice(sent).some((text) => text.includes('from jobs j'))).toBe(true))
    await release()
    const seen = await Promise.all(all)
    expect(new Set(seen.map((states) => states.at(-1)?.version))).toEqual(new Set([4]))
    const reads = bench.statements.slice(sent).filter((text) => text.includes('from jobs j where'))
    expect(reads.length).toBeLessThanOrEqual(5)
  })

  test('is one of a thousand, who see the beginning and the end, and less of what is between', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 12_000)
    bench.counting.afterApply = () => new Promise((resolve) => setTimeout(resolve, 100))
    const subscribers = await Promise.all(Array.from({ length: 1000 }, () => api.watch(tenant, job.id)))
    const seen = Promise.all(subscribers.map(everyState))
    const begun = performance.now()
    await release()
    const states = await seen
    // One a second, beside the first, the last and the one that is told as the state changes.
    const most = 4 + (performance.now() - begun) / 1000
    for (const own of states) {
      expect(own[0]).toEqual(job)
      expect(own.at(-1)).toMatchObject({ state: 'SUCCEEDED', version: 13 })
      expect(own.length).toBeLessThan(most)
    }
  })

  test('who leaves is told no more, and the last one leaves no timer behind', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 1001)
    const engine = await bench.engine({ role: 'api' })
    const timers = countTimers('watch.ts')
    const [one, two] = [await engine.watch(tenant, job.id), await engine.watch(tenant, job.id)]
    expect((await one?.next())?.value).toEqual(job)
    const waiting = one?.next()
    await one?.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(timers.pending()).toBeGreaterThan(0)
    await two?.return?.()
    await eventually(() => expect(timers.pending()).toBe(0))
    timers.stop()
    await release()
    await everyState(await api.watch(tenant, job.id))
  })

  test('outlasts a database that is away', async () => {
    const tenant = bench.tenant()
    const job = await queueHeld(tenant, 1001)
    let away = false
    const warnings: string[] = []
    const engine = await bench.engine({
      role: 'api',
      log: { ...silent, warn: (_facts: object, message: string) => void warnings.push(message) },
      database: {
        ...bench.database,
        query: (text, params) =>
          away
            ? Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
            : bench.database.query(text, params),
      },
    })
    const snapshots = await engine.watch(tenant, job.id, job.version)
    away = true
    await release()
    await vi.waitFor(() => expect(warnings).toEqual(['watched jobs could not be read; trying again']), 5000)
    away = false
    expect((await everyState(snapshots)).at(-1)?.state).toBe('SUCCEEDED')
  })
})

describe('waitSeconds', () => {
  test('answers with the ended job as soon as it has ended', async () => {
    const tenant = bench.tenant()
    const job = jobOf(await worker.submitProfiles(tenant, inputOf(profilesNamed(2000), { waitSeconds: 20 })))
    expect(job).toMatchObject({ state: 'SUCCEEDED', version: 3 })
  })

  test('answers with the job as it stands when the time is up', async () => {
    const tenant = bench.tenant()
    const started = performance.now()
    const job = await queueHeld(tenant, 1001, 1)
    expect(job.state).toBe('QUEUED')
    expect(performance.now() - started).toBeGreaterThan(900)
    await release()
    await everyState(await api.watch(tenant, job.id))
  })

  test('sends no NOTIFY for a job that nobody watches', async () => {
    const tenant = bench.tenant()
    const told: string[] = []
    const unlisten = await bench.database.listen(
      'gateway_job',
      (id) => void told.push(id),
      () => {},
    )
    const job = await queueHeld(tenant, 1001)
    await release()
    await vi.waitFor(async () => expect((await api.jobs(tenant, [job.id]))[0]?.state).toBe('SUCCEEDED'), 5000)
    const watched = jobOf(await worker.submitProfiles(tenant, inputOf(profilesNamed(1001))))
    await vi.waitFor(() => expect(told).toContain(watched.id), 5000)
    expect(told).not.toContain(job.id)
    await unlisten()
  })
})
