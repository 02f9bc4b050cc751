import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RemoteAdapter } from '../../src/contract/adapter.ts'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, type Script, settledAll, upserted } from '../support/scripted-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import {
  acted,
  continued,
  fault,
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

type StageOptions = NonNullable<Parameters<typeof openStage>[1]>

/** Two records a call, one call at a time, and all the time in the world for one. */
const stage = (options: StageOptions = {}) =>
  openStage(bench, { maxBatchSize: 2, ...options, patience: { timeoutMs: 20_000, ...options.patience } })

/** Six records in three batches, the first of them in flight. */
async function inFlight(ending: Script, options: StageOptions = {}, changed: Parameters<typeof inputOf>[1] = {}) {
  const opened = await stage(options)
  const call = holdFirstCall(opened.adapter, ending)
  const job = await opened.submit(profilesNamed(6), { waitSeconds: 0, ...changed })
  await call.begun
  return { ...opened, job, letGo: call.letGo }
}

const inAnyOrder = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).toSorted()

const rest: RecordOutcome[] = ['CANCELLED', 'CANCELLED', 'CANCELLED', 'CANCELLED']

describe('a job that is cancelled', () => {
  test('before anything was sent ends at once, and nothing is', async () => {
    const opened = await stage({ maxBatchSize: 10 })
    const call = holdFirstCall(opened.adapter)
    const before = await opened.submit(profilesNamed(2), { waitSeconds: 0 })
    await call.begun
    const job = await opened.submit(profilesNamed(6), { waitSeconds: 0 })
    expect(await acted(opened.engine, job, 'cancel')).toMatchObject({
      state: 'CANCELLED',
      startedAt: null,
      deliveries: [{ state: 'CANCELLED', batchesDone: 0, nextAttemptAt: null }],
    })
    call.letGo()
    expect(await lastState(opened.engine, before)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await outcomesOf(opened.engine, job)).toEqual(['CANCELLED', 'CANCELLED', ...rest])
    expect(opened.adapter.calls).toHaveLength(1)
    await opened.close()
  })

  const endings: [string, Script, RecordOutcome[], Parameters<typeof inputOf>[1]?][] = [
    ['is answered', settledAll, ['UPSERTED', 'UPSERTED']],
    ['is throttled', throwing('THROTTLED', { retryAfterMs: 600_000 }), ['CANCELLED', 'CANCELLED']],
    ['never left', throwing('UNREACHABLE'), ['CANCELLED', 'CANCELLED']],
    ['may have been applied', throwing('NO_ANSWER'), ['UNKNOWN', 'UNKNOWN']],
    [
      'may have been applied and cannot be repeated',
      throwing('NO_ANSWER'),
      ['UNKNOWN', 'UNKNOWN'],
      { upsert: 'CREATE_ONLY' },
    ],
    ['is refused', throwing('REFUSED'), ['FAILED', 'FAILED']],
    ['is refused for one of its records', throwing('REFUSED_FOR_A_RECORD'), ['CANCELLED', 'CANCELLED']],
    ['is refused for its account', throwing('AUTHENTICATION'), ['FAILED', 'FAILED']],
    ['is answered in part', () => ({ kind: 'settled', fates: [upserted] }), ['UPSERTED', 'UNKNOWN']],
    [
      'meets a bug',
      () => {
        throw new TypeError('a bug')
      },
      ['UNKNOWN', 'UNKNOWN'],
    ],
  ]
  test.each(endings)('ends when its call in flight %s', async (_name, ending, outcomes, changed) => {
    const { adapter, engine, job, letGo, close } = await inFlight(ending, {}, changed)
    const cancelling = await acted(engine, job, 'cancel')
    expect(cancelling).toMatchObject({
      state: 'CANCELLING',
      finishedAt: null,
      deliveries: [{ state: 'CANCELLING', nextAttemptAt: null }],
    })
    expect(await outcomesOf(engine, job)).toEqual(Array.from({ length: 6 }, () => 'PENDING'))
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED', deliveries: [{ state: 'CANCELLED' }] })
    expect(await outcomesOf(engine, job)).toEqual([...outcomes, ...rest])
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test.each(['poll', 'call'] as const)('is asked after by a further %s what the vendor has taken', async (by) => {
    const { adapter, engine, job, letGo, close } = await inFlight(() => continued(by))
    const answered = Promise.withResolvers<void>()
    const held = adapter.script
    adapter.script = async (call, seen, place) => {
      if (seen.kind === 'resume') await answered.promise
      return held(call, seen, place)
    }
    await acted(engine, job, 'cancel')
    letGo()
    await eventually(() => expect(adapter.calls).toHaveLength(2))
    expect((await engine.jobs(job.tenant, [job.id]))[0]).toMatchObject({ state: 'CANCELLING' })
    answered.resolve()
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED', deliveries: [{ batchesDone: 1 }] })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', ...rest])
    expect(adapter.calls.map(({ kind }) => kind)).toEqual(['submit', 'resume'])
    await close()
  })

  test('makes the further call that is due, when the pace allows', async () => {
    const { adapter, engine, submit, close } = await stage({ minIntervalMs: 700 })
    adapter.script = (call, { kind }) => (kind === 'submit' ? continued('call') : settledAll(call))
    const job = await submit(profilesNamed(6), { waitSeconds: 0 })
    await eventually(async () =>
      expect((await engine.jobs(job.tenant, [job.id]))[0]?.deliveries).toMatchObject([{ state: 'WAITING' }]),
    )
    expect(adapter.calls).toHaveLength(1)
    expect(await acted(engine, job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED' })
    expect(adapter.calls.map(({ kind }) => kind)).toEqual(['submit', 'resume'])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', ...rest])
    await close()
  })

  test('tries a further call again, and ends as its adapter knows when that is refused', async () => {
    const abandon: RemoteAdapter['abandon'] = (_ticket, { records }) => records.map(() => ({ outcome: 'UPDATED' }))
    const { adapter, engine, job, letGo, close } = await inFlight(() => continued('call'))
    adapter.abandon = abandon
    const held = adapter.script
    adapter.script = (call, seen, place) => {
      if (place === 1) throw fault('THROTTLED')
      if (place === 2) throw fault('NO_ANSWER')
      if (place === 3) throw fault('FORBIDDEN')
      return held(call, seen, place)
    }
    await acted(engine, job, 'cancel')
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(engine, job)).toEqual(['UPDATED', 'UPDATED', ...rest])
    expect(adapter.calls.map(({ kind }) => kind)).toEqual(['submit', 'resume', 'resume', 'resume'])
    await close()
  })

  test('gives up a further call when its time is over', async () => {
    const patience = { giveUpAfterSeconds: 1 }
    const { adapter, engine, job, letGo, close } = await inFlight(() => continued('call'), { patience })
    const held = adapter.script
    adapter.script = (call, seen, place) => {
      if (seen.kind === 'resume') throw fault('THROTTLED', { retryAfterMs: 600_000 })
      return held(call, seen, place)
    }
    await acted(engine, job, 'cancel')
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN', ...rest])
    await close()
  })

  test('leaves UNKNOWN what would have been sent again because it may have been applied', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = throwing('NO_ANSWER', { retryAfterMs: 600_000 })
    const job = await submit(profilesNamed(6), { waitSeconds: 0 })
    await eventually(async () =>
      expect((await engine.jobs(job.tenant, [job.id]))[0]?.deliveries).toMatchObject([{ state: 'WAITING' }]),
    )
    expect(await acted(engine, job, 'cancel')).toMatchObject({ state: 'CANCELLED', deliveries: [{ batchesDone: 1 }] })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN', ...rest])
    const [first] = await allResults(engine, job)
    expect(first?.errors).toMatchObject([
      { code: 'NO_ANSWER', message: expect.stringContaining('cancelled before it could be sent again') },
    ])
    await close()
  })

  test('is FAILED, not CANCELLED, where all of it was sent and refused', async () => {
    const { engine, job, letGo, close } = await inFlight(throwing('REFUSED'), { maxBatchSize: 6 })
    await acted(engine, job, 'cancel')
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'FAILED', deliveries: [{ state: 'FAILED' }] })
    await close()
  })

  test('ends at a store at once, and altogether with the vendor', async () => {
    const { engine, job, letGo, close } = await inFlight(settledAll, {}, { destinations: ['counting', 'vendor'] })
    await eventually(async () =>
      expect((await engine.jobs(job.tenant, [job.id]))[0]?.deliveries[0]?.state).toBe('SUCCEEDED'),
    )
    expect(await acted(engine, job, 'cancel')).toMatchObject({
      state: 'CANCELLING',
      deliveries: [{ state: 'SUCCEEDED' }, { state: 'CANCELLING' }],
    })
    letGo()
    expect(await lastState(engine, job)).toMatchObject({
      state: 'CANCELLED',
      deliveries: [{ state: 'SUCCEEDED' }, { state: 'CANCELLED' }],
    })
    await close()
  })
})

test('a cancelled job whose last call is refused for its account leaves the lane open', async () => {
  const { adapter, engine, job, letGo, close } = await inFlight(throwing('AUTHENTICATION'))
  await acted(engine, job, 'cancel')
  letGo()
  expect(await lastState(engine, job)).toMatchObject({ state: 'CANCELLED' })
  expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'FAILED', ...rest])
  const lanes = await bench.database.query(`select 1 from lanes where lane = $1 and back_off_until = '-infinity'`, [
    adapter.lane,
  ])
  expect(lanes).toHaveLength(1)
  await close()
})

describe('a job that is paused', () => {
  type Seen = { keys: number; repeated: boolean }
  const endings: [string, Script, Seen[], Parameters<typeof inputOf>[1]?][] = [
    ['is answered', settledAll, []],
    ['is throttled', throwing('THROTTLED'), [{ keys: 2, repeated: false }]],
    ['never left', throwing('UNREACHABLE'), [{ keys: 2, repeated: false }]],
    ['may have been applied', throwing('NO_ANSWER'), [{ keys: 2, repeated: true }]],
    [
      'is refused for one of its records',
      throwing('REFUSED_FOR_A_RECORD'),
      [
        { keys: 1, repeated: false },
        { keys: 1, repeated: false },
      ],
    ],
    ['is answered in part', () => ({ kind: 'settled', fates: [upserted] }), [{ keys: 1, repeated: true }]],
  ]
  test.each(endings)('rests when its call in flight %s, and goes on from there', async (_name, ending, again) => {
    const { adapter, engine, job, letGo, close } = await inFlight(ending)
    const pausing = await acted(engine, job, 'pause')
    expect(pausing).toMatchObject({ state: 'PAUSING', deliveries: [{ state: 'PAUSED', nextAttemptAt: null }] })
    letGo()
    const paused = await jobIn(engine, job, 'PAUSED')
    expect(paused).toMatchObject({ deliveries: [{ state: 'PAUSED', nextAttemptAt: null }] })
    // Another job of the account goes on meanwhile.
    const input = inputOf([{ key: 'other' }], { destinations: ['vendor'] })
    expect(jobOf(await engine.submitProfiles(job.tenant, input))).toMatchObject({ state: 'SUCCEEDED' })
    expect(adapter.calls.map(({ keys }) => keys.length)).toEqual([2, 1])
    expect((await engine.jobs(job.tenant, [job.id]))[0]).toEqual(paused)
    expect(await acted(engine, job, 'resume')).toMatchObject({ state: 'RUNNING' })
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    const seen = adapter.calls.slice(2).map(({ keys, repeated }) => ({ keys: keys.length, repeated }))
    const untouched = { keys: 2, repeated: false }
    expect(inAnyOrder(seen)).toEqual(inAnyOrder([untouched, untouched, ...again]))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UPSERTED']))
    await close()
  })

  test.each(['poll', 'call'] as const)('rests after the further %s about what the vendor has taken', async (by) => {
    const { adapter, engine, job, letGo, close } = await inFlight(() => continued(by))
    await acted(engine, job, 'pause')
    letGo()
    await jobIn(engine, job, 'PAUSED')
    expect(adapter.calls.map(({ kind }) => kind)).toEqual(['submit', 'resume'])
    const done = ['UPSERTED', 'UPSERTED']
    expect(await outcomesOf(engine, job)).toEqual([...done, 'PENDING', 'PENDING', 'PENDING', 'PENDING'])
    await acted(engine, job, 'resume')
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    await close()
  })

  test('ends by its last call', async () => {
    const { engine, job, letGo, close } = await inFlight(settledAll, { maxBatchSize: 6 })
    await acted(engine, job, 'pause')
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ state: 'SUCCEEDED' }] })
    await close()
  })

  test('ends when its account is refused', async () => {
    const { engine, job, letGo, close } = await inFlight(throwing('FORBIDDEN'))
    await acted(engine, job, 'pause')
    letGo()
    expect(await lastState(engine, job)).toMatchObject({ state: 'FAILED' })
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['FAILED']))
    await close()
  })

  test('rests when the last of several calls has ended, at whatever vendor', async () => {
    const { adapter, tenant, close } = await stage()
    const other = createScriptedAdapter({
      name: 'other',
      maxBatchSize: 2,
      maxConcurrency: 2,
      patience: adapter.patience,
    })
    const registry = registryFor(tenant, { id: 'vendor', adapter }, { id: 'other', adapter: other })
    const engine = await bench.engine({ registry })
    const waiting: (() => void)[] = []
    const held: Script = async (call) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return settledAll(call)
    }
    adapter.script = held
    other.script = held
    const input = inputOf(profilesNamed(10), { destinations: ['vendor', 'other'], waitSeconds: 0 })
    const job = jobOf(await engine.submitProfiles(tenant, input))
    await eventually(() => expect(waiting).toHaveLength(3))
    expect(await acted(engine, job, 'pause')).toMatchObject({ state: 'PAUSING' })
    for (let ended = 1; ended <= 2; ended++) {
      waiting.pop()?.()
      await eventually(async () => {
        const [now] = await engine.jobs(tenant, [job.id])
        expect(now?.deliveries.reduce((sum, { batchesDone }) => sum + batchesDone, 0)).toBe(ended)
        expect(now?.state).toBe('PAUSING')
      })
    }
    waiting.pop()?.()
    await jobIn(engine, job, 'PAUSED')
    expect(waiting).toHaveLength(0)
    adapter.script = settledAll
    other.script = settledAll
    await acted(engine, job, 'resume')
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    await bench.release(engine)
    await close()
  })

  test('is resumed, or cancelled, while its call is still in flight', async () => {
    const resumed = await inFlight(settledAll)
    await acted(resumed.engine, resumed.job, 'pause')
    expect(await acted(resumed.engine, resumed.job, 'resume')).toMatchObject({
      state: 'RUNNING',
      deliveries: [{ state: 'RUNNING' }],
    })
    resumed.letGo()
    expect(await lastState(resumed.engine, resumed.job)).toMatchObject({ state: 'SUCCEEDED' })
    await resumed.close()

    const cancelled = await inFlight(settledAll)
    await acted(cancelled.engine, cancelled.job, 'pause')
    expect(await acted(cancelled.engine, cancelled.job, 'cancel')).toMatchObject({ state: 'CANCELLING' })
    cancelled.letGo()
    expect(await lastState(cancelled.engine, cancelled.job)).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(cancelled.engine, cancelled.job)).toEqual(['UPSERTED', 'UPSERTED', ...rest])
    await cancelled.close()
  })

  test('is cancelled at once when nothing is in flight any more', async () => {
    const { adapter, engine, job, letGo, close } = await inFlight(throwing('NO_ANSWER'))
    await acted(engine, job, 'pause')
    letGo()
    await jobIn(engine, job, 'PAUSED')
    expect(await acted(engine, job, 'cancel')).toMatchObject({ state: 'CANCELLED' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN', ...rest])
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test('is not given up, and has all its patience again when it is resumed', async () => {
    const { adapter, engine, job, letGo, close } = await inFlight(throwing('UNREACHABLE'))
    await acted(engine, job, 'pause')
    letGo()
    await jobIn(engine, job, 'PAUSED')
    await bench.database.query(`update deliveries set give_up_at = now() - interval '1 hour' where tenant = $1`, [
      job.tenant,
    ])
    const input = inputOf([{ key: 'other' }], { destinations: ['vendor'] })
    expect(jobOf(await engine.submitProfiles(job.tenant, input))).toMatchObject({ state: 'SUCCEEDED' })
    expect((await engine.jobs(job.tenant, [job.id]))[0]).toMatchObject({ state: 'PAUSED' })
    adapter.script = (call, _seen, place) => {
      if (place === 2) throw fault('UNREACHABLE')
      return settledAll(call)
    }
    await acted(engine, job, 'resume')
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    await close()
  })

  test('says when the pace lets it go on', async () => {
    const { engine, job, letGo, close } = await inFlight(settledAll, { minIntervalMs: 60_000 })
    await acted(engine, job, 'pause')
    letGo()
    await jobIn(engine, job, 'PAUSED')
    expect(await acted(engine, job, 'resume')).toMatchObject({
      state: 'RUNNING',
      deliveries: [{ state: 'WAITING', nextAttemptAt: expect.any(Date) }],
    })
    await close()
  })

  test('goes on at the account that its destination has by then', async () => {
    const { adapter, engine, job, letGo, tenant, close } = await inFlight(settledAll)
    await acted(engine, job, 'pause')
    letGo()
    await jobIn(engine, job, 'PAUSED')
    await close()
    const moved = createScriptedAdapter({ maxBatchSize: 2 })
    const worker = await bench.engine({ registry: registryFor(tenant, { id: 'vendor', adapter: moved }) })
    await eventually(async () => {
      const rows = await bench.database.query('select 1 from deliveries where lane = $1', [moved.lane])
      expect(rows).toHaveLength(1)
    })
    await acted(worker, job, 'resume')
    expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect([adapter.calls.length, moved.calls.length]).toEqual([1, 2])
    await bench.release(worker)
  })
})
