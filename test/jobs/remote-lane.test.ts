import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Queryable } from '../../src/contract/adapter.ts'
import type { Database } from '../../src/db/database.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, settledAll } from '../support/scripted-adapter.ts'
import { type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import { fault, lastState, openStage, outcomesOf, registryFor } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

/** A tenant that has a vendor, and an input for it that nobody waits for. */
function vendorOf(adapter = createScriptedAdapter()) {
  const tenant = bench.tenant()
  const registry = registryFor(tenant, { id: 'vendor', adapter })
  const input = (profiles: Parameters<typeof inputOf>[0]) =>
    inputOf(profiles, { destinations: ['vendor'], upsert: 'CREATE_ONLY', waitSeconds: 0 })
  return { adapter, tenant, registry, input }
}

/** The bench's database, with transactions that go through `around`. */
const databaseWith = (around: Database['transaction']): Database => ({ ...bench.database, transaction: around })

test.each([
  ['a call', 1],
  ['a further call', 2],
])('a process that stood still after it claimed %s claims it again before it calls', async (_name, place) => {
  const { adapter, tenant, registry, input } = vendorOf()
  const { preparer } = adapter
  let stoodStillMs = 0
  let prepared = 0
  adapter.preparer = (database, of, options, uses) => {
    if (uses === undefined) {
      prepared += 1
      if (prepared === place) stoodStillMs = 60_000
    }
    return preparer(database, of, options, uses)
  }
  adapter.script = (call, { kind }) =>
    kind === 'submit' ? { kind: 'continued', by: 'call', ticket: 'status' } : settledAll(call)
  const engine = await bench.engine({ registry, now: () => performance.now() + stoodStillMs })
  const job = jobOf(await engine.submitProfiles(tenant, input([{ key: 'a' }])))
  expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
  expect(prepared).toBe(3)
  expect(adapter.calls.map(({ kind, repeated }) => [kind, repeated])).toEqual([
    ['submit', false],
    ['resume', false],
  ])
  await bench.release(engine)
})

test('a stopping engine waits for a call whose claim was under way', async () => {
  const { adapter, tenant, registry, input } = vendorOf()
  const claimed = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const database = databaseWith(async (work) => {
    const result = await bench.database.transaction(work)
    if (typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'call') {
      claimed.resolve()
      await goOn.promise
    }
    return result
  })
  adapter.script = async (call) => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return settledAll(call)
  }
  const engine = await bench.engine({ registry, database })
  const job = jobOf(await engine.submitProfiles(tenant, input([{ key: 'a' }])))
  await claimed.promise
  const stopped = engine.stop()
  goOn.resolve()
  await stopped
  expect(adapter.calls.map(({ endedAt }) => endedAt)).toEqual([expect.any(Number)])
  expect(await outcomesOf(engine, job)).toEqual(['UPSERTED'])
  await bench.release(engine)
})

test('the records of a call are read when its claim has been committed', async () => {
  const { adapter, tenant, registry, input } = vendorOf()
  const database = databaseWith((work) =>
    bench.database.transaction((transaction) => {
      const watched: Queryable = {
        query(text, params) {
          if (text.includes('records from job_chunks')) throw new Error('records are read within a transaction')
          return transaction.query(text, params)
        },
      }
      return work(watched)
    }),
  )
  const engine = await bench.engine({ registry, database })
  const job = jobOf(await engine.submitProfiles(tenant, input(profilesNamed(3))))
  expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
  expect(adapter.calls).toHaveLength(1)
  await bench.release(engine)
})

test('a delivery that was planned for another account leaves by the pace of its own', async () => {
  const { tenant, registry, adapter: former } = vendorOf()
  const adapter = createScriptedAdapter({ minIntervalMs: 250 })
  const neighbour = createScriptedAdapter({ lane: former.lane })
  const own = registryFor(tenant, { id: 'vendor', adapter }, { id: 'neighbour', adapter: neighbour })
  const before = bench.statements.length
  const worker = await bench.engine({ registry: own })
  // It has looked for deliveries of other accounts, and will not again for long.
  const looks = () => bench.statements.slice(before).filter((text) => text.includes('select distinct tenant'))
  await eventually(() => expect(looks()).toHaveLength(1))
  const api = await bench.engine({ registry, role: 'api' })
  for (let place = 0; place < 4; place++) {
    const input = inputOf([{ key: `key-${place}` }], { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await api.submitProfiles(tenant, input))
    if (place === 3) expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
  }
  await vi.waitFor(() => expect(adapter.calls).toHaveLength(4), { timeout: 10_000 })
  const starts = adapter.calls.map(({ startedAt }) => startedAt)
  const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
  await bench.release(worker)
  await bench.release(api)
})

test.each([
  ['cancel', 'CANCELLED'],
  ['pause', 'PAUSED'],
] as const)('a call that waits for the pace is not made after a %s was answered', async (action, state) => {
  const { adapter, engine, tenant, submit, close } = await stage({ maxBatchSize: 2, minIntervalMs: 1500 })
  const job = await submit(profilesNamed(6), { waitSeconds: 0 })
  // It is taken up a moment before the pace lets it leave.
  const calling = `select 1 from batches where job_id = $1::uuid and state = 'CALLING' and batch = 1`
  await eventually(async () => expect(await bench.database.query(calling, [job.id])).toHaveLength(1), { interval: 2 })
  const answer = await engine.act(tenant, job.id, action)
  expect(adapter.calls).toHaveLength(1)
  expect(answer).toMatchObject({ kind: 'job', job: { state: `${action === 'cancel' ? 'CANCELL' : 'PAUS'}ING` } })
  await eventually(async () => expect((await engine.jobs(tenant, [job.id]))[0]).toMatchObject({ state }))
  expect(adapter.calls).toHaveLength(1)
  if (action === 'pause') {
    await engine.act(tenant, job.id, 'resume')
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(adapter.calls.map(({ keys }) => keys.length)).toEqual([2, 2, 2])
  }
  await close()
})

test('calls are scarce for all destinations of a lane that one of them paces', async () => {
  const { adapter, engine, tenant, close } = await stage({ maxBatchSize: 16 })
  const paced = createScriptedAdapter({ lane: adapter.lane, minIntervalMs: 10 })
  await bench.release(engine)
  const both = registryFor(tenant, { id: 'vendor', adapter }, { id: 'paced', adapter: paced })
  const worker = await bench.engine({ registry: both })
  adapter.script = () => {
    throw fault('REFUSED_FOR_A_RECORD')
  }
  const input = inputOf(profilesNamed(16), { destinations: ['vendor'] })
  const job = jobOf(await worker.submitProfiles(tenant, input))
  expect(new Set(await outcomesOf(worker, job))).toEqual(new Set(['FAILED']))
  expect(adapter.calls).toHaveLength(1)
  await bench.release(worker)
  await close()
})
