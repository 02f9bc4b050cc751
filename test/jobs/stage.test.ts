import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { StoreAdapter } from '../../src/contract/adapter.ts'
import type { ImportProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import type { Database } from '../../src/db/database.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { ImportResult, Job, SubmitResult } from '../../src/jobs/job.ts'
import { countedKeys, registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, type SeenCall, settledAll } from '../support/scripted-adapter.ts'
import { allResults, type Bench, everyState, inputOf, openBench, profilesNamed, silent } from './engine-bench.ts'

let bench: Bench
/** Takes imports and reads none: who reads them is started by the test. */
let api: JobEngine
const engines: JobEngine[] = []
// One test holds a call until others have ended, which takes seconds on a busy machine.
const vendor = createScriptedAdapter({ maxBatchSize: 1000, maxConcurrency: 4, patience: { timeoutMs: 20_000 } })

beforeAll(async () => {
  bench = await openBench()
  api = await bench.engine({ role: 'api', registry: registry() })
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await bench.release(engine)
  vendor.calls.length = 0
})
afterAll(() => bench.close())

function registry(counting: StoreAdapter = bench.counting) {
  return registryOf({ id: 'counting', adapter: counting }, { id: 'vendor', adapter: vendor })
}

async function worker(options: Parameters<Bench['engine']>[0] = {}): Promise<JobEngine> {
  const engine = await bench.engine({ role: 'worker', registry: registry(), ...options })
  engines.push(engine)
  return engine
}

async function* linesOf(records: readonly unknown[]): AsyncGenerator<Buffer> {
  yield Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
}

async function upload(tenant: string, records: readonly unknown[]): Promise<string> {
  const file = { format: 'NDJSON', isGzip: false, announcedBytes: null } as const
  return (await api.uploads.receive(tenant, file, linesOf(records))).uploadId
}

function requestOf(uploadId: string, options: Partial<ImportProfilesInput> = {}): ImportProfilesInput {
  const { profiles: _, ...request } = inputOf([])
  return { ...request, onInvalid: 'SKIP_INVALID', waitSeconds: 0, ...options, uploadId }
}

async function accept(
  tenant: string,
  records: readonly ProfileInput[],
  options: Partial<ImportProfilesInput> = {},
): Promise<Job> {
  return jobOf(await api.importProfiles(tenant, requestOf(await upload(tenant, records), options)))
}

function jobOf(result: ImportResult | SubmitResult): Job {
  if (result.kind !== 'job') throw new Error(`expected a job, got ${JSON.stringify(result)}`)
  return result.job
}

async function lastState(job: Job): Promise<Job> {
  const last = (await everyState(await api.watch(job.tenant, job.id))).at(-1)
  if (!last) throw new Error('nothing was seen')
  return last
}

const standing = async ({ tenant, id }: Job) => (await api.jobs(tenant, [id]))[0]

/** What a wait is for, is due. */
const hurry = ({ id }: Job) =>
  bench.database.query('update deliveries set next_attempt_at = now() where job_id = $1::uuid', [id])

/** The counting store, whose records cannot be made ready as long as `isBroken` says. */
const breakable = (isBroken: () => boolean): StoreAdapter => ({
  ...bench.counting,
  async preparer(...request) {
    if (isBroken()) throw new Error('a bug')
    return bench.counting.preparer(...(request as Parameters<typeof bench.counting.preparer>))
  },
})

test('an unforeseen fault while records are read puts the job off, and doubles nothing', async () => {
  const tenant = bench.tenant()
  const records = profilesNamed(6200)
  const job = await accept(tenant, records)
  let turns = 0
  await worker({
    registry: registry(
      breakable(() => {
        turns += 1
        // In the middle of the second window.
        return turns === 9
      }),
    ),
  })
  await eventually(async () => {
    expect(await standing(job)).toMatchObject({
      state: 'STAGING',
      staged: 5000,
      deliveries: [{ state: 'QUEUED', lastError: expect.stringContaining('fault'), nextAttemptAt: expect.any(Date) }],
    })
  })
  await hurry(job)
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED', staged: 6200, deliveries: [{ lastError: null }] })
  expect(await countedKeys(bench.database, tenant)).toEqual(records.map(({ key }) => key))
})

test('a job whose records cannot be read for a day ends FAILED, and says why', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(1200), { destinations: ['counting', 'vendor'] })
  await worker({ registry: registry(breakable(() => true)) })
  await eventually(async () => {
    expect((await standing(job))?.deliveries[0]?.lastError).not.toBeNull()
  })
  await bench.database.query(`update deliveries set give_up_at = now() - interval '1 second' where job_id = $1::uuid`, [
    job.id,
  ])
  await hurry(job)
  const ended = await lastState(job)
  const delivery = { state: 'FAILED', lastError: expect.stringContaining('for a day') }
  expect(ended).toMatchObject({ state: 'FAILED', staged: 0, deliveries: [delivery, delivery] })
  const cancelled = await api.results(tenant, ended, { outcomes: ['CANCELLED'], first: 1 })
  expect(cancelled.totalCount).toBe(2400)
  expect(vendor.calls).toEqual([])
})

test('a job that is paused when it is about to be given up is not', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(3))
  let broken = true
  const [about, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isAbout = false
  const log = {
    ...silent,
    error(_fields: object, message: string) {
      if (!message.includes('is given up')) return
      isAbout = true
      about.resolve()
    },
  }
  const database: Database = {
    ...bench.database,
    async transaction(work) {
      if (isAbout) await goOn.promise
      return bench.database.transaction(work)
    },
  }
  await worker({ registry: registry(breakable(() => broken)), log, database })
  await eventually(async () => {
    expect((await standing(job))?.deliveries[0]?.lastError).not.toBeNull()
  })
  await bench.database.query(`update deliveries set give_up_at = now() - interval '1 second' where job_id = $1::uuid`, [
    job.id,
  ])
  await hurry(job)
  await about.promise
  expect(await api.act(tenant, job.id, 'pause')).toMatchObject({ kind: 'job', job: { state: 'PAUSED' } })
  broken = false
  goOn.resolve()
  expect(await api.act(tenant, job.id, 'resume')).toMatchObject({ kind: 'job', job: { state: 'STAGING' } })
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
})

test('a job waits for a destination that is not configured here, and goes on where it is', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(3), { destinations: ['counting', 'vendor'] })
  const warnings: string[] = []
  const log = { ...silent, warn: (_fields: object, message: string) => warnings.push(message) }
  const without = await worker({ registry: registryOf({ id: 'counting', adapter: bench.counting }), log })
  await eventually(async () => {
    expect(await standing(job)).toMatchObject({
      state: 'STAGING',
      deliveries: [{ state: 'QUEUED', lastError: expect.stringContaining('"vendor" is not configured') }, {}],
    })
  })
  expect(warnings).toEqual(['jobs to be read wait for a destination that is not configured here'])
  await without.stop()
  await hurry(job)
  await worker()
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
})

test('a job that waits to be read stays with those who read, though its destination is not configured here', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(3), { destinations: ['vendor'] })
  const input = inputOf(profilesNamed(1), { destinations: ['vendor'], waitSeconds: 0 })
  const queued = jobOf(await api.submitProfiles(tenant, input))
  // Both have stood still for a while; the next look of those who read is not due yet.
  await bench.database.query(
    `update deliveries set progressed_at = now() - interval '1 minute', next_attempt_at = case when staging then now() + interval '1 minute' end
      where tenant = $1`,
    [tenant],
  )
  const without = await worker({ registry: registryOf({ id: 'counting', adapter: bench.counting }) })
  await eventually(async () => {
    expect((await standing(queued))?.deliveries).toMatchObject([{ lastError: expect.stringContaining('"vendor"') }])
  })
  expect(await standing(job)).toMatchObject({ state: 'STAGING', deliveries: [{ state: 'QUEUED', lastError: null }] })
  await without.stop()
  await hurry(job)
  await worker()
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED' })
})

test('a destination that cannot do any more what was asked fails its records, and the others go on', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(3), { destinations: ['counting', 'vendor'] })
  const unable: StoreAdapter = {
    ...bench.counting,
    async preparer() {
      return { ok: false, unsupported: { feature: 'profileType', requested: 'shop', supported: [] } }
    },
  }
  await worker({ registry: registry(unable) })
  const ended = await lastState(job)
  expect(ended).toMatchObject({ state: 'PARTIALLY_FAILED', deliveries: [{ state: 'FAILED' }, { state: 'SUCCEEDED' }] })
  const failed = await api.results(tenant, ended, { outcomes: ['FAILED'], first: 1 })
  expect(failed.totalCount).toBe(3)
  expect(failed.edges[0]?.node.errors).toMatchObject([{ code: 'DESTINATION_REJECTED' }])
})

test('a job that is paused is not read until it is resumed', async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(1200))
  await api.act(tenant, job.id, 'pause')
  await worker()
  const later = await accept(tenant, profilesNamed(3))
  expect(await lastState(later)).toMatchObject({ state: 'SUCCEEDED' })
  expect(await standing(job)).toMatchObject({ state: 'PAUSED', staged: 0 })
  await api.act(tenant, job.id, 'resume')
  expect(await lastState(job)).toMatchObject({ state: 'SUCCEEDED', staged: 1200 })
})

test('what is cancelled before it was read has a result for each record, with its line', async () => {
  const tenant = bench.tenant()
  const records = profilesNamed(7300)
  let read = 0
  const job = await accept(tenant, records)
  const reading = breakable(() => {
    read += 1
    // The second window waits to be tried again.
    return read > 8
  })
  await worker({ registry: registry(reading) })
  await eventually(async () =>
    expect(await standing(job)).toMatchObject({ staged: 5000, deliveries: [{ lastError: expect.any(String) }] }),
  )
  expect(await api.act(tenant, job.id, 'cancel')).toMatchObject({ kind: 'job', job: { state: 'CANCELLED' } })
  const cancelled = (await standing(job)) ?? job
  const results = await allResults(api, cancelled)
  expect(results.map(({ index, line }) => [index, line])).toEqual(records.map((_, place) => [place, place + 1]))
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['CANCELLED']))
})

test("a vendor's calls begin when all is read, and those of one window when those before it have ended", async () => {
  const tenant = bench.tenant()
  const job = await accept(tenant, profilesNamed(21_500), { destinations: ['vendor'] })
  let readBeforeCall: number | undefined
  const isOfFirst = ({ keys }: SeenCall) => Number(keys[0]?.slice(4)) < 20_000
  vendor.script = async (call, seen) => {
    readBeforeCall ??= (await standing(job))?.staged
    if (seen.keys[0] === 'key-0') {
      await vi.waitFor(() => expect(vendor.calls.filter(({ endedAt }) => endedAt !== null)).toHaveLength(19), 20_000)
      // The others of its window have ended, and there is room for more calls: none may begin.
      await delay(300)
      expect(vendor.calls.filter((one) => !isOfFirst(one))).toEqual([])
    }
    return settledAll(call)
  }
  await worker()
  const ended = await lastState(job)
  vendor.script = settledAll
  expect(ended).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ batchesTotal: 22, batchesDone: 22 }] })
  expect(readBeforeCall).toBe(21_500)
  expect(vendor.calls.filter(isOfFirst)).toHaveLength(20)
  expect(new Set(vendor.calls.flatMap(({ keys }) => keys)).size).toBe(21_500)
})

test('a file that is rejected whole leaves no call behind', async () => {
  const tenant = bench.tenant()
  const records = [...profilesNamed(20_100), { key: 'bad', email: 'none' }]
  const job = await accept(tenant, records, { destinations: ['vendor'], onInvalid: 'REJECT_ALL' })
  await worker()
  expect(await lastState(job)).toMatchObject({ state: 'FAILED', deliveries: [{ state: 'FAILED' }] })
  const batches = await bench.database.query('select 1 from batches where job_id = $1::uuid', [job.id])
  expect(batches).toEqual([])
  expect(vendor.calls).toEqual([])
})

test('a repeated import is known by its key when its upload is not kept any more', async () => {
  const tenant = bench.tenant()
  const uploadId = await upload(tenant, profilesNamed(3))
  const request = requestOf(uploadId, { idempotencyKey: 'night' })
  const { id } = jobOf(await api.importProfiles(tenant, request))
  await worker()
  await everyState(await api.watch(tenant, id))
  for (const table of ['upload_parts', 'uploads']) {
    await bench.database.query(`delete from ${table} where tenant = $1`, [tenant])
  }
  expect(jobOf(await api.importProfiles(tenant, request))).toMatchObject({ id, state: 'SUCCEEDED' })
  expect(await api.importProfiles(tenant, { ...request, nulls: 'CLEAR' })).toMatchObject({
    kind: 'idempotencyConflict',
    jobId: id,
  })
  expect(await api.importProfiles(tenant, { ...request, idempotencyKey: 'day' })).toMatchObject({ kind: 'notFound' })
})

test('tells of large files and jobs while they pass through the process, and of no small ones', async () => {
  const tenant = bench.tenant()
  const told = { receiving: 0, working: 0 }
  const receiver = await bench.engine({ role: 'api', registry: registry(), onLargeLoad: () => (told.receiving += 1) })
  engines.push(receiver)
  await worker({ onLargeLoad: () => (told.working += 1) })
  const file = { format: 'NDJSON', isGzip: false, announcedBytes: null } as const
  const load = async (records: number) => {
    const { uploadId } = await receiver.uploads.receive(
      tenant,
      file,
      linesOf(profilesNamed(records, (index) => `of-${records}-${index}`)),
    )
    const job = await lastState(jobOf(await api.importProfiles(tenant, requestOf(uploadId))))
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: records })
  }
  await load(4999)
  expect(told).toEqual({ receiving: 0, working: 0 })
  await load(5000)
  expect(told.receiving).toBeGreaterThan(0)
  expect(told.working).toBeGreaterThan(0)
})
