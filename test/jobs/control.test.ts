import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hasEnded, type JobAction, type JobState, jobActions, jobStates, moveOf } from '../../src/domain/job-state.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { countedKeys, registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import { type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import { acted, holdFirstCall, lastState, openStage, outcomesOf } from './vendor-stage.ts'

let bench: Bench
/** Accepts, watches and acts; the workers of a test are its own. */
let api: JobEngine

beforeAll(async () => {
  bench = await openBench()
  api = await bench.engine({ role: 'api' })
})
afterEach(async () => {
  bench.counting.afterApply = async () => {}
  await bench.releaseOthers(api)
})
afterAll(() => bench.close())

const queue = async (count: number, destinations = ['counting'], tenant = bench.tenant()): Promise<Job> =>
  jobOf(await api.submitProfiles(tenant, inputOf(profilesNamed(count), { destinations, waitSeconds: 0 })))

const stateOf = async ({ tenant, id }: Job): Promise<Job> => {
  const [job] = await api.jobs(tenant, [id])
  if (!job) throw new Error(`job ${id} is not there`)
  return job
}

/** Queues a job, and holds its first batch when the store applies it in its transaction. */
async function queueHeld(count: number, name: string) {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  bench.counting.afterApply = async (_, [first]) => {
    // Jobs of other tests may not have ended.
    if (first?.key !== `${name}-0`) return
    bench.counting.afterApply = async () => {}
    begun.resolve()
    await goOn.promise
  }
  const profiles = profilesNamed(count, (index) => `${name}-${index}`)
  const input = inputOf(profiles, { destinations: ['counting'], waitSeconds: 0 })
  const job = jobOf(await api.submitProfiles(bench.tenant(), input))
  await begun.promise
  return { job, letGo: () => goOn.resolve() }
}

/** Resolves when an action waits for the batch that is held. On PGlite, which has one connection, it waits for its turn from the beginning. */
const actionWaits = async () => {
  if (!process.env['DATABASE_URL']) return
  await eventually(async () => {
    const waiting = await bench.database.query(
      `select 1 from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`,
    )
    expect(waiting).toHaveLength(1)
  })
}

/** As if its records were still being read, by a stager that is not there. */
const setStaging = (job: Job) =>
  bench.database.query(
    `with staging as (update deliveries set staging = true where job_id = $1::uuid returning job_id)
     update jobs set state = 'STAGING' from staging where id = job_id`,
    [job.id],
  )

/** Resolves when these workers have had time for everything that they may do: another job, queued now, has ended. */
const othersHaveEnded = async () =>
  expect(await lastState(api, await queue(1001))).toMatchObject({ state: 'SUCCEEDED' })

describe('every action in every state', () => {
  /** A job in that state, and what ends it. */
  async function jobIn(state: JobState): Promise<{ job: Job; close(): Promise<void> }> {
    const close = async () => {}
    if (hasEnded(state) && state !== 'CANCELLED') {
      const keys = { SUCCEEDED: ['a'], PARTIALLY_FAILED: ['a', 'fails-b'], FAILED: ['fails-b'] }[state]
      const input = inputOf(keys.map((key) => ({ key })))
      return { job: jobOf(await api.submitProfiles(bench.tenant(), input)), close }
    }
    if (state === 'PAUSING' || state === 'CANCELLING' || state === 'RUNNING') {
      const stage = await openStage(bench, { patience: { timeoutMs: 20_000 } })
      const call = holdFirstCall(stage.adapter)
      const job = await stage.submit(profilesNamed(20), { waitSeconds: 0 })
      await call.begun
      if (state !== 'RUNNING') await acted(api, job, state === 'PAUSING' ? 'pause' : 'cancel')
      return {
        job,
        async close() {
          call.letGo()
          await stage.close()
        },
      }
    }
    const job = await queue(1001)
    if (state === 'PAUSED') await acted(api, job, 'pause')
    if (state === 'CANCELLED') await acted(api, job, 'cancel')
    if (state === 'STAGING') await setStaging(job)
    return { job, close }
  }

  test.each(jobStates.flatMap((state) => jobActions.map((action) => ({ state, action }))))(
    '$action when $state',
    async ({ state, action }) => {
      const { job, close } = await jobIn(state)
      const before = await stateOf(job)
      expect(before.state).toBe(state)
      const answer = await api.act(job.tenant, job.id, action)
      const now = await stateOf(job)
      const next = moveOf(action, state)
      if (next === null) {
        expect(answer).toEqual({ kind: 'invalidState', state, message: expect.stringContaining(`that is ${state}`) })
        expect(now).toEqual(before)
      } else if (next === state) {
        expect(answer).toEqual({ kind: 'job', job: before })
        expect(now).toEqual(before)
      } else {
        expect(answer).toEqual({ kind: 'job', job: now })
        expect(now.version).toBe(before.version + 1)
        const inFlight = state === 'RUNNING' || state === 'PAUSING'
        const expected: Record<JobAction, JobState> = {
          cancel: inFlight ? 'CANCELLING' : 'CANCELLED',
          pause: inFlight ? 'PAUSING' : 'PAUSED',
          resume: inFlight ? 'RUNNING' : 'QUEUED',
        }
        expect(now.state).toBe(expected[action])
      }
      await close()
    },
  )

  test("finds no job of another tenant's, and none that is not there", async () => {
    const job = await queue(1001)
    const before = await stateOf(job)
    for (const action of jobActions) {
      for (const [tenant, id] of [
        ['stranger', job.id],
        [job.tenant, '01890000-0000-7000-8000-000000000002'],
        [job.tenant, 'garbage'],
        [job.tenant, ''],
      ] as const) {
        expect(await api.act(tenant, id, action)).toEqual({ kind: 'notFound', message: expect.any(String) })
      }
    }
    expect(await stateOf(job)).toEqual(before)
  })
})

describe('a job for stores', () => {
  test('that is cancelled before it began applies nothing', async () => {
    const job = await queue(1500, ['counting', 'second'])
    expect(await acted(api, job, 'cancel')).toMatchObject({
      state: 'CANCELLED',
      startedAt: null,
      finishedAt: expect.any(Date),
      deliveries: [
        { state: 'CANCELLED', batchesDone: 0 },
        { state: 'CANCELLED', batchesDone: 0 },
      ],
    })
    expect(new Set(await outcomesOf(api, job))).toEqual(new Set(['CANCELLED']))
    const worker = await bench.engine({ role: 'worker' })
    await othersHaveEnded()
    expect(await countedKeys(bench.database, job.tenant)).toEqual([])
    await bench.release(worker)
  })

  test('that is cancelled in the middle of a batch counts it as it ended, and begins no other', async () => {
    const worker = await bench.engine({ role: 'worker' })
    const { job, letGo } = await queueHeld(5000, 'cancelled')
    const acting = acted(api, job, 'cancel')
    await actionWaits()
    letGo()
    const cancelled = await acting
    expect(cancelled).toMatchObject({ state: 'CANCELLED', deliveries: [{ state: 'CANCELLED', batchesDone: 1 }] })
    await othersHaveEnded()
    expect(await countedKeys(bench.database, job.tenant)).toHaveLength(1000)
    const outcomes = await outcomesOf(api, job)
    expect(outcomes.slice(0, 1000).every((outcome) => outcome === 'CREATED')).toBe(true)
    expect(outcomes.slice(1000).every((outcome) => outcome === 'CANCELLED')).toBe(true)
    await bench.release(worker)
  })

  test('that waits for a batch to be tried again is cancelled at once', async () => {
    bench.counting.afterApply = async (transaction) => {
      const rows = await transaction.query('select 1 from counted where tenant = $1 limit 1', [job.tenant])
      if (rows.length > 0) throw new Error('a bug')
    }
    const job = await queue(1001)
    const worker = await bench.engine({ role: 'worker', workers: 1 })
    await eventually(async () => expect((await stateOf(job)).deliveries[0]?.state).toBe('WAITING'))
    expect(await acted(api, job, 'cancel')).toMatchObject({
      state: 'CANCELLED',
      deliveries: [{ state: 'CANCELLED', nextAttemptAt: null }],
    })
    expect(new Set(await outcomesOf(api, job))).toEqual(new Set(['CANCELLED']))
    await bench.release(worker)
  })

  test('that is paused before it began is queued again, and delivered once', async () => {
    const job = await queue(1500)
    expect(await acted(api, job, 'pause')).toMatchObject({ state: 'PAUSED', deliveries: [{ state: 'PAUSED' }] })
    const worker = await bench.engine({ role: 'worker' })
    await othersHaveEnded()
    expect(await countedKeys(bench.database, job.tenant)).toEqual([])
    await bench.release(worker)
    expect(await acted(api, job, 'resume')).toMatchObject({ state: 'QUEUED', deliveries: [{ state: 'QUEUED' }] })
    const other = await bench.engine({ role: 'worker' })
    expect(await lastState(api, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await countedKeys(bench.database, job.tenant)).toHaveLength(1500)
    await bench.release(other)
  })

  test('that is paused in the middle of a batch rests after it, and goes on behind it', async () => {
    // The sweep is too rare to be what finds it again.
    const worker = await bench.engine({ role: 'worker', sweepMs: 120_000 })
    const { job, letGo } = await queueHeld(4000, 'paused')
    const acting = acted(api, job, 'pause')
    await actionWaits()
    letGo()
    const paused = await acting
    expect(paused).toMatchObject({ state: 'PAUSED', deliveries: [{ state: 'PAUSED', batchesDone: 1 }] })
    await othersHaveEnded()
    expect(await stateOf(job)).toEqual(paused)
    expect(await countedKeys(bench.database, job.tenant)).toHaveLength(1000)
    expect(await acted(api, job, 'resume')).toMatchObject({ state: 'RUNNING', deliveries: [{ state: 'RUNNING' }] })
    expect(await lastState(api, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await countedKeys(bench.database, job.tenant)).toEqual(
      Array.from({ length: 4000 }, (_, index) => `paused-${index}`),
    )
    await bench.release(worker)
  })

  test('shows every move to who watches it, stays open while it is paused, and completes at its end', async () => {
    const job = await queue(1500)
    const snapshots = await api.watch(job.tenant, job.id)
    const next = async () => {
      const turn = await snapshots?.next()
      return turn?.done ? 'completed' : turn?.value.state
    }
    expect(await next()).toBe('QUEUED')
    await acted(api, job, 'pause')
    expect(await next()).toBe('PAUSED')
    await acted(api, job, 'resume')
    expect(await next()).toBe('QUEUED')
    await acted(api, job, 'pause')
    expect(await next()).toBe('PAUSED')
    await acted(api, job, 'cancel')
    expect(await next()).toBe('CANCELLED')
    expect(await next()).toBe('completed')
  })

  test('is waited for to its end, which a pause is not', async () => {
    const [tenant, waiting] = [bench.tenant(), 30]
    const answer = api.submitProfiles(tenant, inputOf(profilesNamed(1001), { waitSeconds: waiting }))
    const job = await eventually(async () => {
      const [edge] = (await api.page(tenant, {})).edges
      return edge?.node ?? expect.fail('it is not stored yet')
    })
    await acted(api, job, 'pause')
    const short = await api.submitProfiles(
      tenant,
      inputOf(profilesNamed(1001), { waitSeconds: 1, idempotencyKey: 'short' }),
    )
    await acted(api, jobOf(short), 'cancel')
    await acted(api, job, 'cancel')
    expect(jobOf(await answer)).toMatchObject({ id: job.id, state: 'CANCELLED' })
  })

  test('is cancelled though its destination is no longer configured', async () => {
    const job = await queue(1001)
    const worker = await bench.engine({
      role: 'worker',
      registry: registryOf({ id: 'second', adapter: bench.second }),
    })
    await eventually(async () => expect((await stateOf(job)).deliveries[0]?.state).toBe('WAITING'))
    expect(await acted(worker, job, 'cancel')).toMatchObject({ state: 'CANCELLED' })
    await bench.release(worker)
  })

  test('has a new day of patience after a pause', async () => {
    const job = await queue(1001)
    let broken = true
    bench.counting.afterApply = async () => {
      if (broken) throw new Error('a bug')
    }
    const worker = await bench.engine({ role: 'worker', workers: 1, sweepMs: 100 })
    await eventually(async () => expect((await stateOf(job)).deliveries[0]?.state).toBe('WAITING'))
    await acted(api, job, 'pause')
    await bench.database.query(
      `update deliveries set give_up_at = now() - interval '1 second' where job_id = $1::uuid`,
      [job.id],
    )
    await acted(api, job, 'resume')
    await eventually(async () => expect((await stateOf(job)).deliveries[0]?.state).toBe('WAITING'))
    broken = false
    expect(await lastState(api, job)).toMatchObject({ state: 'SUCCEEDED' })
    await bench.release(worker)
  })
})

describe('a job that is being staged', () => {
  test('is staged on when it is resumed', async () => {
    const job = await queue(1001, ['counting', 'second'])
    await setStaging(job)
    const held = { state: 'PAUSED', deliveries: [{ state: 'PAUSED' }, { state: 'PAUSED' }] }
    expect(await acted(api, job, 'pause')).toMatchObject(held)
    const staged = { state: 'STAGING', deliveries: [{ state: 'QUEUED' }, { state: 'QUEUED' }] }
    expect(await acted(api, job, 'resume')).toMatchObject(staged)
    expect(await acted(api, job, 'pause')).toMatchObject(held)
    expect(await acted(api, job, 'cancel')).toMatchObject({ state: 'CANCELLED' })
  })

  test('is cancelled at once, at vendors too', async () => {
    const stage = await openStage(bench)
    const { adapter, submit, close } = stage
    // Until it is paused nothing may be called.
    await bench.database.query(
      'insert into lanes (lane, back_off_until) values ($1, now() + interval $$1 hour$$) on conflict (lane) do update set back_off_until = excluded.back_off_until',
      [adapter.lane],
    )
    const job = await submit(profilesNamed(30), { destinations: ['counting', 'vendor'], waitSeconds: 0 })
    await acted(api, job, 'pause')
    await setStaging(job)
    await bench.database.query(`update deliveries set state = 'QUEUED' where job_id = $1::uuid`, [job.id])
    expect(await acted(api, job, 'cancel')).toMatchObject({
      state: 'CANCELLED',
      deliveries: [
        { state: expect.stringMatching(/CANCELLED|SUCCEEDED/) },
        { state: 'CANCELLED', batchesTotal: 3, batchesDone: 0 },
      ],
    })
    expect(adapter.calls).toEqual([])
    await close()
  })
})

// What it takes two connections to see: on PGlite a transaction has the only one.
if (process.env['DATABASE_URL']) {
  test('an action goes before the next batch, however many workers there are', async () => {
    const workers = [await bench.engine({ role: 'worker' }), await bench.engine({ role: 'worker' })]
    for (let round = 0; round < 20; round++) {
      const { job, letGo } = await queueHeld(4000, `round-${round}`)
      const acting = acted(api, job, 'pause')
      await actionWaits()
      letGo()
      expect(await acting).toMatchObject({ state: 'PAUSED', deliveries: [{ batchesDone: 1 }] })
      await acted(api, job, 'cancel')
    }
    for (const worker of workers) await bench.release(worker)
  })
}

/** An engine that loses the connection after the transactions that concern the job, unless `loses` says otherwise of that one. */
async function losingEngine(job: Job, loses: (run: number) => Promise<boolean> = async () => true) {
  let runs = 0
  const losing = await bench.engine({
    role: 'api',
    database: {
      ...bench.database,
      async transaction(work) {
        const done = await bench.database.transaction(work)
        if (JSON.stringify(done)?.includes(job.id) !== true) return done
        runs += 1
        if (!(await loses(runs))) return done
        throw Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED' })
      },
    },
  })
  return { losing, runs: () => runs }
}

test('an action whose answer was lost with its connection is done once, and answered', async () => {
  for (const [action, state] of [
    ['pause', 'PAUSED'],
    ['resume', 'QUEUED'],
    ['cancel', 'CANCELLED'],
  ] as const) {
    const job = await queue(1001)
    if (action === 'resume') await acted(api, job, 'pause')
    const before = await stateOf(job)
    const { losing, runs } = await losingEngine(job)
    expect(await acted(losing, job, action)).toMatchObject({ state, version: before.version + 1 })
    expect(runs()).toBe(1)
    await bench.release(losing)
  }
})

test.each(['pause', 'resume', 'cancel'] as const)(
  'a %s whose answer was lost with its connection is answered though the job has ended since',
  async (action) => {
    const job = await queue(1001)
    if (action === 'resume') await acted(api, job, 'pause')
    // As a batch that was in flight, or another process, would end it.
    const { losing } = await losingEngine(job, async (run) => {
      if (run > 1) return false
      await bench.database.query(`update jobs set state = 'SUCCEEDED', finished_at = now() where id = $1::uuid`, [
        job.id,
      ])
      return true
    })
    expect(await acted(losing, job, action)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await losing.act(job.tenant, job.id, action)).toMatchObject({ kind: 'invalidState' })
    await bench.release(losing)
  },
)
