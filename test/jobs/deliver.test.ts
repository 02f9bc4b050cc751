import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { countedKeys, registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import {
  allResults,
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
/** Accepts and watches; the workers of a test are its own. */
let api: JobEngine

beforeAll(async () => {
  bench = await openBench()
  api = await bench.engine({ role: 'api' })
})
afterEach(() => {
  bench.counting.afterApply = async () => {}
})
afterAll(() => bench.close())

const queue = async (tenant: string, count: number, destinations = ['counting']): Promise<Job> =>
  jobOf(await api.submitProfiles(tenant, inputOf(profilesNamed(count), { destinations, waitSeconds: 0 })))

const lastState = async (job: Job) => (await everyState(await api.watch(job.tenant, job.id))).at(-1)

test('a queued job waits until a worker is there, and is then delivered in order', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 2500)
  expect(job).toMatchObject({ state: 'QUEUED', startedAt: null, deliveries: [{ batchesTotal: 3, batchesDone: 0 }] })
  const worker = await bench.engine({ role: 'worker' })
  const ended = await lastState(job)
  expect(ended).toMatchObject({ state: 'SUCCEEDED', version: 4, deliveries: [{ state: 'SUCCEEDED', batchesDone: 3 }] })
  expect(await countedKeys(bench.database, tenant)).toEqual(profilesNamed(2500).map((profile) => profile.key))
  const times = [ended?.createdAt, ended?.startedAt, ended?.finishedAt].map((time) => Number(time))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  await bench.release(worker)
})

test('a job ends when the last of its destinations has ended', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 3000, ['counting', 'second'])
  const worker = await bench.engine({ role: 'worker', workers: 2 })
  const ended = await lastState(job)
  expect(ended).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ state: 'SUCCEEDED' }, { state: 'SUCCEEDED' }] })
  for (const adapter of ['counting', 'second']) {
    expect(await countedKeys(bench.database, tenant, adapter)).toHaveLength(3000)
  }
  await bench.release(worker)
})

test('many jobs and workers apply every record exactly once', async () => {
  const tenants = Array.from({ length: 12 }, () => bench.tenant())
  const jobs = await Promise.all(tenants.map((tenant) => queue(tenant, 1001, ['counting', 'second'])))
  const workers = [await bench.engine({ role: 'worker' }), await bench.engine({ role: 'worker' })]
  const ended = await Promise.all(jobs.map(lastState))
  expect(new Set(ended.map((job) => job?.state))).toEqual(new Set(['SUCCEEDED']))
  for (const tenant of tenants) {
    expect(await countedKeys(bench.database, tenant)).toHaveLength(1001)
    expect(await countedKeys(bench.database, tenant, 'second')).toHaveLength(1001)
  }
  for (const worker of workers) await bench.release(worker)
})

test('a batch whose connection dies is taken up by another and loses nothing', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 2500)
  let deaths = 0
  bench.counting.afterApply = async (transaction, records) => {
    if (records[0]?.key !== 'key-1000' || deaths > 0) return
    deaths += 1
    if (bench.database.kind === 'postgres') {
      const [own] = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid')
      await bench.database.query('select pg_terminate_backend($1::int)', [own?.pid])
      await transaction.query('select 1')
    }
    throw Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED' })
  }
  const worker = await bench.engine({ role: 'worker', workers: 1 })
  const ended = await lastState(job)
  expect(deaths).toBe(1)
  expect(ended).toMatchObject({ state: 'SUCCEEDED', version: 4 })
  expect(await countedKeys(bench.database, tenant)).toEqual(profilesNamed(2500).map((profile) => profile.key))
  await bench.release(worker)
})

test('a batch that meets an unforeseen fault is put off, says so, and holds up no other job', async () => {
  const [broken, healthy] = [bench.tenant(), bench.tenant()]
  const job = await queue(broken, 1001)
  bench.counting.afterApply = async (transaction) => {
    const rows = await transaction.query('select 1 from counted where tenant = $1 limit 1', [broken])
    if (rows.length > 0) throw new Error('a bug')
  }
  const errors: string[] = []
  const log = { ...silent, error: (_facts: object, message: string) => void errors.push(message) }
  const worker = await bench.engine({ role: 'worker', workers: 1, sweepMs: 200, log })
  const snapshots = await api.watch(broken, job.id, job.version)
  expect((await snapshots?.next())?.value).toMatchObject({
    state: 'QUEUED',
    version: 2,
    deliveries: [{ state: 'WAITING', lastError: expect.stringContaining('unforeseen'), batchesDone: 0 }],
  })
  expect(await lastState(await queue(healthy, 1001))).toMatchObject({ state: 'SUCCEEDED' })
  expect(errors).toEqual(['a batch failed and will be tried again'])

  bench.counting.afterApply = async () => {}
  expect((await everyState(snapshots)).at(-1)).toMatchObject({
    state: 'SUCCEEDED',
    deliveries: [{ lastError: null, nextAttemptAt: null }],
  })
  expect(await countedKeys(bench.database, broken)).toHaveLength(1001)
  await bench.release(worker)
})

test('a batch that fails each time for a day is given up, and those behind it go on', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 1500)
  bench.counting.afterApply = async (transaction) => {
    const [row] = await transaction.query<{ count: number }>(
      'select count(*)::int as count from counted where tenant = $1',
      [tenant],
    )
    if (row?.count === 1000) throw new Error('a bug')
  }
  const worker = await bench.engine({ role: 'worker', workers: 1, sweepMs: 200 })
  const snapshots = await api.watch(tenant, job.id, job.version)
  await snapshots?.next()
  // A day has passed.
  await bench.database.query(
    `update deliveries set give_up_at = now() - interval '1 second', next_attempt_at = null where tenant = $1`,
    [tenant],
  )
  const ended = (await everyState(snapshots)).at(-1)
  bench.counting.afterApply = async () => {}
  expect(ended).toMatchObject({ state: 'PARTIALLY_FAILED', deliveries: [{ batchesDone: 2 }] })
  expect(await countedKeys(bench.database, tenant)).toEqual(
    profilesNamed(1500)
      .slice(1000)
      .map((profile) => profile.key),
  )
  const failed = await api.results(tenant, ended ?? job, { outcomes: ['FAILED'], first: 1 })
  expect(failed).toMatchObject({
    totalCount: 1000,
    edges: [{ node: { index: 0, errors: [{ code: 'DESTINATION_UNAVAILABLE' }] } }],
  })
  await bench.release(worker)
})

test('a delivery to a destination that is no longer configured waits, and is logged once', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 1001)
  const other = await queue(tenant, 1001)
  const warnings: string[] = []
  const log = { ...silent, warn: (_facts: object, message: string) => void warnings.push(message) }
  const without = await bench.engine({
    role: 'worker',
    registry: registryOf({ id: 'second', adapter: bench.second }),
    log,
  })
  await eventually(async () => {
    for (const waiting of await api.jobs(tenant, [job.id, other.id])) {
      expect(waiting?.deliveries[0]).toMatchObject({
        state: 'WAITING',
        lastError: expect.stringContaining('"counting" is not configured'),
      })
    }
  })
  expect(warnings).toEqual(['deliveries wait for a destination that is not configured here'])
  await without.stop()
  await bench.database.query('update deliveries set next_attempt_at = now() where job_id = any($1::uuid[])', [
    [job.id, other.id],
  ])
  const worker = await bench.engine({ role: 'worker' })
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
  expect(await lastState(other)).toMatchObject({ state: 'SUCCEEDED' })
  await bench.release(worker)
})

test('a record that can no longer be prepared fails alone', async () => {
  const tenant = bench.tenant()
  const job = await queue(tenant, 1500)
  const changed = {
    ...bench.counting,
    preparer: async () => ({
      ok: true as const,
      prepare: (record: { key?: string }) =>
        record.key === 'key-1200'
          ? { ok: false as const, errors: [{ code: 'UNKNOWN_ATTRIBUTE' as const, message: 'it went' }] }
          : { ok: true as const, value: record, warnings: [] },
    }),
  }
  const worker = await bench.engine({ role: 'worker', registry: registryOf({ id: 'counting', adapter: changed }) })
  const ended = await lastState(job)
  expect(ended?.state).toBe('PARTIALLY_FAILED')
  expect(await allResults(api, ended ?? job, { outcomes: ['FAILED'] })).toMatchObject([
    { index: 1200, errors: [{ code: 'UNKNOWN_ATTRIBUTE' }] },
  ])
  await bench.release(worker)
})

test('an adapter that answers for too few records is found out', async () => {
  const tenant = bench.tenant()
  const short = { ...bench.counting, apply: async () => [] }
  const engine = await bench.engine({ role: 'api', registry: registryOf({ id: 'counting', adapter: short }) })
  await expect(engine.submitProfiles(tenant, inputOf(profilesNamed(4)))).rejects.toThrow(
    'counting returned 0 outcomes for 4 records',
  )
})

describe('stopping', () => {
  test('lets the batch in flight end, takes up no other, completes watchers and leaves no timer', async () => {
    const timers = countTimers()
    const tenant = bench.tenant()
    const engine = await bench.engine({ workers: 2 })
    const inBatch = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    bench.counting.afterApply = async () => {
      inBatch.resolve()
      await goOn.promise
    }
    const job = jobOf(await engine.submitProfiles(tenant, inputOf(profilesNamed(5000), { waitSeconds: 0 })))
    await inBatch.promise
    const snapshots = bench.database.kind === 'postgres' ? await engine.watch(tenant, job.id) : null
    const stopped = engine.stop()
    goOn.resolve()
    await stopped
    const states = snapshots ? await everyState(snapshots) : []
    expect(states.every((state) => state.state !== 'SUCCEEDED')).toBe(true)
    const applied = await countedKeys(bench.database, tenant)
    expect(applied).toHaveLength(1000)
    await eventually(() => expect(timers.pending()).toBe(0))
    timers.stop()

    // What was left is finished by another.
    const worker = await bench.engine({ role: 'worker' })
    expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await countedKeys(bench.database, tenant)).toHaveLength(5000)
    await bench.release(worker)
  })

  test('answers those who wait for a job with the job as it stands', async () => {
    const tenant = bench.tenant()
    const engine = await bench.engine({ role: 'api' })
    const answer = engine.submitProfiles(tenant, inputOf(profilesNamed(1001), { waitSeconds: 30 }))
    await eventually(async () => expect((await api.page(tenant, {})).edges).toHaveLength(1))
    await engine.stop()
    const job = jobOf(await answer)
    expect(job.state).toBe('QUEUED')
    const worker = await bench.engine({ role: 'worker' })
    await lastState(job)
    await bench.release(worker)
  })
})

test('deliveries of several jobs take turns', async () => {
  const tenants = [bench.tenant(), bench.tenant()]
  const jobs = [await queue(tenants[0] ?? '', 3000), await queue(tenants[1] ?? '', 3000)]
  const worker = await bench.engine({ role: 'worker', workers: 1 })
  await Promise.all(jobs.map(lastState))
  const rows = await bench.database.query<{ tenant: string }>(
    'select tenant from counted where tenant = any($1::text[]) group by tenant, (id - 1) / 1000, id / 1000 order by min(id)',
    [tenants],
  )
  const order = rows.map((row) => row.tenant).filter((tenant, place, all) => tenant !== all[place - 1])
  expect(order.length).toBeGreaterThan(2)
  await bench.release(worker)
})

// The sweep is too rare to be what finds the job: without the wake-up this test would run out of time.
if (process.env['DATABASE_URL']) {
  test('another process takes up work as soon as it is queued', async () => {
    const worker = await bench.engine({ role: 'worker', sweepMs: 120_000 })
    try {
      const job = await queue(bench.tenant(), 1001)
      expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
    } finally {
      await bench.release(worker)
    }
  })
}
