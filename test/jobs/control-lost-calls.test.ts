import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, settledAll } from '../support/scripted-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed, silent } from './engine-bench.ts'
import {
  acted,
  continued,
  holdFirstCall,
  jobIn,
  lastState,
  openStage,
  outcomesOf,
  registryFor,
  throwing,
} from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterEach(() => bench.releaseOthers())
afterAll(() => bench.close())

/** Nobody has been at the tenant's deliveries for a while, though it was time. */
async function forsake(tenant: string): Promise<void> {
  await bench.database.query(
    `update batches set next_attempt_at = next_attempt_at - interval '1 hour', lease_until = lease_until - interval '1 hour' where tenant = $1`,
    [tenant],
  )
  await standStill(tenant)
}

const standStill = (tenant: string) =>
  bench.database.query(`update deliveries set progressed_at = now() - interval '1 hour' where tenant = $1`, [tenant])

const rest: RecordOutcome[] = ['CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED']

describe('a call whose process has died', () => {
  /** The job's first batch is taken up as an engine would, with a ticket perhaps, by one that is never heard of again. */
  async function dead(ticket: string | null, changed: Parameters<typeof inputOf>[1] = {}) {
    const adapter = createScriptedAdapter({ maxBatchSize: 2 })
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'vendor', adapter })
    const api = await bench.engine({ registry, role: 'api' })
    const input = inputOf(profilesNamed(6), { destinations: ['vendor'], waitSeconds: 0, ...changed })
    const job = jobOf(await api.submitProfiles(tenant, input))
    await bench.database.query(
      `update batches set state = 'CALLING', attempts = 1, ticket = $2::jsonb, lease_id = gen_random_uuid(),
              lease_until = now() + interval '500 ms'
        where tenant = $1 and batch = 0`,
      [tenant, ticket === null ? null : JSON.stringify([ticket])],
    )
    await bench.database.query(`update deliveries set state = 'RUNNING', started_at = now() where tenant = $1`, [
      tenant,
    ])
    await bench.database.query(`update jobs set state = 'RUNNING', started_at = now() where tenant = $1`, [tenant])
    return { adapter, api, job, registry, start: () => bench.engine({ registry, sweepMs: 60_000 }) }
  }

  test.each<[string, string | null, Parameters<typeof inputOf>[1], RecordOutcome, number]>([
    ['is not repeated', null, {}, 'UNKNOWN', 0],
    ['that cannot be repeated is UNKNOWN too', null, { upsert: 'CREATE_ONLY' }, 'UNKNOWN', 0],
    ['is gone on with where the vendor has taken it', 'ticket', {}, 'UPSERTED', 1],
  ])('under a cancelled job %s', async (_name, ticket, changed, outcome, calls) => {
    const { adapter, api, job, start } = await dead(ticket, changed)
    expect(await acted(api, job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    const worker = await start()
    expect(await lastState(worker, job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(worker, job)).toEqual([outcome, outcome, ...rest])
    expect(adapter.calls.map(({ kind }) => kind)).toEqual(Array.from({ length: calls }, () => 'resume'))
    await bench.release(worker)
    await bench.release(api)
  })

  test('under a paused job is repeated when that is resumed', async () => {
    const { adapter, api, job, start } = await dead(null)
    expect(await acted(api, job, 'pause')).toMatchObject({ state: 'PAUSING' })
    const worker = await start()
    await jobIn(worker, job, 'PAUSED')
    expect(adapter.calls).toEqual([])
    await acted(worker, job, 'resume')
    expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(adapter.calls.map(({ repeated }) => repeated)).toEqual([false, false, true])
    await bench.release(worker)
    await bench.release(api)
  })

  test('to a destination that is no longer configured ends with its lease, and the job with it', async () => {
    const { adapter, api, job } = await dead(null)
    expect(await acted(api, job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    await forsake(job.tenant)
    const worker = await bench.engine({ registry: registryFor(job.tenant) })
    expect(await lastState(worker, job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(worker, job)).toEqual(['UNKNOWN', 'UNKNOWN', ...rest])
    expect((await allResults(worker, job))[0]?.errors[0]?.message).toContain('"vendor" is not configured any more')
    expect(adapter.calls).toEqual([])
    await bench.release(worker)
    await bench.release(api)
  })
})

test.each(['poll', 'call'] as const)(
  'what the vendor has taken and is asked after by a %s is UNKNOWN when its destination is gone and the job is cancelled',
  async (by) => {
    const first = await openStage(bench, {
      maxBatchSize: 2,
      minIntervalMs: 60_000,
      patience: { pollIntervalMs: 60_000 },
    })
    first.adapter.script = () => continued(by)
    const job = await first.submit(profilesNamed(4), { waitSeconds: 0 })
    await eventually(async () => {
      const rows = await bench.database.query('select 1 from batches where tenant = $1 and ticket is not null', [
        job.tenant,
      ])
      expect(rows).toHaveLength(1)
    })
    await first.close()
    const api = await bench.engine({ role: 'api', registry: registryFor(job.tenant) })
    expect(await acted(api, job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    await forsake(job.tenant)
    const worker = await bench.engine({ registry: registryFor(job.tenant) })
    expect(await lastState(worker, job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(worker, job)).toEqual(['UNKNOWN', 'UNKNOWN', 'CANCELLED', 'CANCELLED'])
    await bench.release(worker)
    await bench.release(api)
  },
)

test.each<[string, number, (tenant: string) => Promise<unknown>]>([
  ['between two polls, however far apart', 60_000, standStill],
  ['when a poll was due a moment ago', 200, async () => {}],
])(
  'what the vendor has taken of a cancelled job is left to a process that can ask it %s',
  async (_name, pollIntervalMs, before) => {
    const { adapter, engine, tenant, submit, close } = await openStage(bench, {
      maxBatchSize: 2,
      patience: { pollIntervalMs },
    })
    let isAnswered = false
    adapter.script = (call) => (isAnswered ? settledAll(call) : continued('poll'))
    const job = await submit(profilesNamed(6), { waitSeconds: 0 })
    await eventually(async () => {
      const rows = await bench.database.query(`select from batches where tenant = $1 and state = 'POLLING'`, [tenant])
      expect(rows).not.toHaveLength(0)
    })
    await acted(engine, job, 'pause')
    expect(await acted(engine, job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    await before(tenant)
    const looked = Promise.withResolvers<void>()
    const stranger = await bench.engine({
      registry: registryFor(tenant),
      log: { ...silent, warn: () => looked.resolve() },
    })
    await looked.promise
    // Its look is over when it has stopped.
    await bench.release(stranger)
    expect((await engine.jobs(tenant, [job.id]))[0]).toMatchObject({ state: 'CANCELLING' })
    isAnswered = true
    await bench.database.query(`update batches set next_attempt_at = now() where tenant = $1 and state = 'POLLING'`, [
      tenant,
    ])
    await bench.database.query(`select pg_notify('gateway_work', $1)`, [adapter.lane])
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED' })
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UPSERTED', 'CANCELLED']))
    await close()
  },
)

test('a job for a vendor whose lane nobody has kept yet is cancelled', async () => {
  const adapter = createScriptedAdapter()
  const tenant = bench.tenant()
  const api = await bench.engine({ registry: registryFor(tenant, { id: 'vendor', adapter }), role: 'api' })
  const input = inputOf(profilesNamed(4), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await api.submitProfiles(tenant, input))
  expect(await acted(api, job, 'cancel')).toMatchObject({ state: 'CANCELLED', deliveries: [{ state: 'CANCELLED' }] })
  await bench.release(api)
})

describe('a call that was claimed and never begun, because the database was lost', () => {
  test.each([
    ['cancel', 'CANCELLED'],
    ['pause', 'PAUSED'],
  ] as const)('does not hold up a %s', async (action, state) => {
    const adapter = createScriptedAdapter({ maxBatchSize: 2 })
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'vendor', adapter })
    const api = await bench.engine({ registry, role: 'api' })
    const [claimed, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let lost = false
    const worker = await bench.engine({
      registry,
      database: {
        ...bench.database,
        async transaction(work) {
          if (lost) await goOn.promise
          const done = await bench.database.transaction(work)
          const isCall = typeof done === 'object' && done !== null && 'kind' in done && done.kind === 'call'
          if (!isCall || lost) return done
          lost = true
          claimed.resolve()
          throw Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED' })
        },
      },
    })
    const input = inputOf(profilesNamed(4), { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await api.submitProfiles(tenant, input))
    await claimed.promise
    expect(await acted(api, job, action)).toMatchObject({ state: action === 'cancel' ? 'CANCELLING' : 'PAUSING' })
    goOn.resolve()
    await jobIn(api, job, state)
    expect(adapter.calls).toEqual([])
    await bench.release(worker)
    await bench.release(api)
  })
})

test('a job that is paused when it is about to be given up is not', async () => {
  const adapter = createScriptedAdapter({ patience: { giveUpAfterSeconds: 1 } })
  const tenant = bench.tenant()
  const registry = registryFor(tenant, { id: 'vendor', adapter })
  adapter.script = throwing('UNREACHABLE')
  const [found, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const worker = await bench.engine({
    registry,
    database: {
      ...bench.database,
      async transaction(work) {
        const done = await bench.database.transaction(work)
        const isOver = typeof done === 'object' && done !== null && 'kind' in done && done.kind === 'giveUp'
        if (isOver) {
          found.resolve()
          await goOn.promise
        }
        return done
      },
    },
  })
  const input = inputOf(profilesNamed(4), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await worker.submitProfiles(tenant, input))
  await found.promise
  expect(await acted(worker, job, 'pause')).toMatchObject({ state: 'PAUSED' })
  goOn.resolve()
  adapter.script = settledAll
  const next = jobOf(await worker.submitProfiles(tenant, inputOf([{ key: 'next' }], { destinations: ['vendor'] })))
  expect(next).toMatchObject({ state: 'SUCCEEDED' })
  await acted(worker, job, 'resume')
  expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
  await bench.release(worker)
})

// What it takes two connections to see: on PGlite a transaction has the only one.
if (process.env['DATABASE_URL']) {
  test.each([
    ['cancel', 'CANCELLED'],
    ['pause', 'PAUSED'],
  ] as const)('a call that was found before a %s, and not yet begun, is not begun after it', async (action, state) => {
    const adapter = createScriptedAdapter({ maxBatchSize: 2 })
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'vendor', adapter })
    const api = await bench.engine({ registry, role: 'api' })
    const [found, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let isFound = false
    const worker = await bench.engine({
      registry,
      database: {
        ...bench.database,
        transaction: (work) =>
          bench.database.transaction((transaction) =>
            work({
              async query(text, params) {
                // The first statement by which a call is begun.
                if (/update deliveries\s.*started_at = coalesce/s.test(text)) {
                  isFound = true
                  found.resolve()
                }
                if (isFound) await goOn.promise
                return transaction.query(text, params)
              },
            }),
          ),
      },
    })
    const input = inputOf(profilesNamed(4), { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await api.submitProfiles(tenant, input))
    await found.promise
    expect(await acted(api, job, action)).toMatchObject({ state })
    goOn.resolve()
    // It goes on to the next job, and leaves this one alone.
    const next = jobOf(await api.submitProfiles(tenant, inputOf([{ key: 'next' }], { destinations: ['vendor'] })))
    expect(next).toMatchObject({ state: 'SUCCEEDED' })
    expect(adapter.calls.map(({ keys }) => keys)).toEqual([['next']])
    expect((await api.jobs(tenant, [job.id]))[0]).toMatchObject({ state })
    await bench.release(worker)
    await bench.release(api)
  })

  test('a pause is over though its last two calls end at the same moment', async () => {
    const [one, two] = ['one', 'two'].map((name) => createScriptedAdapter({ name, maxBatchSize: 2 }))
    if (!one || !two) throw new Error('there are two vendors')
    const calls = [one, two].map((adapter) => holdFirstCall(adapter))
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'one', adapter: one }, { id: 'two', adapter: two })
    const settled = Promise.withResolvers<void>()
    let isFirst = true
    const engine = await bench.engine({
      registry,
      database: {
        ...bench.database,
        transaction: (work) =>
          bench.database.transaction(async (transaction) => {
            const done = await work(transaction)
            if (done !== 'settled' || !isFirst) return done
            isFirst = false
            settled.resolve()
            await eventually(async () => {
              const rows = await bench.database.query(
                `select 1 from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`,
              )
              expect(rows).not.toHaveLength(0)
            })
            return done
          }),
      },
    })
    const input = inputOf(profilesNamed(4), { destinations: ['one', 'two'], waitSeconds: 0 })
    const job = jobOf(await engine.submitProfiles(tenant, input))
    for (const call of calls) await call.begun
    expect(await acted(engine, job, 'pause')).toMatchObject({ state: 'PAUSING' })
    calls[0]?.letGo()
    await settled.promise
    calls[1]?.letGo()
    await jobIn(engine, job, 'PAUSED')
    await bench.release(engine)
  })
}
