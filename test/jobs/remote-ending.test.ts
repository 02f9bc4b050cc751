import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../src/contract/error.ts'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import { settledAll } from '../support/scripted-adapter.ts'
import { allResults, type Bench, openBench, profilesNamed } from './engine-bench.ts'
import { fault, lastState, openStage, outcomesOf } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

describe('a batch that fails each time', () => {
  test('keeps no other from being sent, and is the only one that is given up', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 2, patience: { giveUpAfterSeconds: 1 } })
    adapter.script = (call, { keys }) => {
      if (keys.includes('key-0')) throw fault('NO_ANSWER')
      return settledAll(call)
    }
    const job = await submit(profilesNamed(6))
    expect(await outcomesOf(engine, job)).toEqual([
      'UNKNOWN',
      'UNKNOWN',
      'UPSERTED',
      'UPSERTED',
      'UPSERTED',
      'UPSERTED',
    ])
    expect(adapter.calls.slice(0, 3).map(({ keys }) => keys[0])).toEqual(['key-0', 'key-2', 'key-4'])
    await close()
  })

  test.each<[string, Fault, RecordOutcome[]]>([
    ['is given up before those that had to wait for it have their turn', 'NO_ANSWER', ['UNKNOWN', 'UPSERTED']],
    ['is given up with them where the account cannot be reached', 'UNREACHABLE', ['FAILED', 'FAILED']],
  ])('%s', async (_name, name, outcomes) => {
    const { adapter, engine, submit, close } = await stage({ patience: { giveUpAfterSeconds: 1 } })
    adapter.script = (call) => {
      if (call.records.some(({ gender }) => gender === undefined)) throw fault(name)
      return settledAll(call)
    }
    // They cannot be folded, so the second waits for the first.
    const job = await submit([{ key: 'a' }, { key: 'a', gender: 'x' }])
    expect(await outcomesOf(engine, job)).toEqual(outcomes)
    await close()
  })

  test('is waited for in peace when patience runs out in the middle of its call', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { timeoutMs: 20_000, giveUpAfterSeconds: 1 } })
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    adapter.script = async (call, _seen, place) => {
      if (place === 0) throw fault('UNREACHABLE')
      if (place > 1) return settledAll(call)
      begun.resolve()
      await goOn.promise
      throw fault('NO_ANSWER')
    }
    // They cannot be folded, so the second waits for the first.
    const job = await submit([{ key: 'a' }, { key: 'a', gender: 'x' }], { waitSeconds: 0 })
    await begun.promise
    const looks = () => bench.statements.filter((text) => text.includes('from lanes where lane = $1 for update')).length
    await delay(1100)
    const before = looks()
    await delay(400)
    expect(looks() - before).toBeLessThan(10)
    goOn.resolve()
    expect(await lastState(engine, job)).toMatchObject({ state: 'PARTIALLY_FAILED' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UPSERTED'])
    await close()
  })

  test('is given up too where it fails before each call', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { giveUpAfterSeconds: 1 } })
    const { preparer } = adapter
    adapter.preparer = async (database, tenant, options, uses) => {
      if (uses === undefined) throw new TypeError('a bug')
      return preparer(database, tenant, options, uses)
    }
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'FAILED'])
    expect((await allResults(engine, job))[0]?.errors[0]).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
    expect(adapter.calls).toEqual([])
    await close()
  })
})

describe('a delivery of many batches', () => {
  test.each<[string, Fault, number]>([
    ['is refused by the account', 'AUTHENTICATION', 60],
    ['is given up', 'UNREACHABLE', 1],
  ])('ends by a few statements, not by one for each batch, when it %s', async (_name, name, giveUpAfterSeconds) => {
    const { adapter, engine, submit, close } = await stage({
      engines: 2,
      maxBatchSize: 1,
      patience: { giveUpAfterSeconds },
    })
    adapter.script = () => {
      throw fault(name, { retryAfterMs: 600_000 })
    }
    const before = bench.statements.length
    const job = await submit(profilesNamed(1200))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['FAILED']))
    expect(job.deliveries[0]).toMatchObject({ state: 'FAILED', batchesTotal: 1200, batchesDone: 1200 })
    const statements = bench.statements.slice(before)
    const closing = statements.filter((text) => text.includes("update batches set state = 'DONE'"))
    expect(closing.length).toBeGreaterThanOrEqual(3)
    expect(closing.length).toBeLessThan(10)
    expect(adapter.calls).toHaveLength(1)
    await close()
  })
})
