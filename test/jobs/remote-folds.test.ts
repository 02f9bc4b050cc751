import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { type ScriptedAdapter, settledAll, upserted } from '../support/scripted-adapter.ts'
import { allResults, type Bench, openBench } from './engine-bench.ts'
import { fault, openStage, outcomesOf } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

const isBad = ({ lastName }: ProfileRecord) => lastName === 'bad'

/** Refuses what has a bad last name, and writes down what it takes in the order in which it does. */
function refuseBadNames(adapter: ScriptedAdapter): ProfileRecord[] {
  const written: ProfileRecord[] = []
  adapter.script = ({ records }) => ({
    kind: 'settled',
    fates: records.map((record) => {
      if (isBad(record)) return { outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', message: 'bad' }] }
      written.push(record)
      return upserted
    }),
  })
  return written
}

describe('records folded into one that the vendor refuses', () => {
  test('are sent by themselves, so that only the one to blame fails', async () => {
    const { adapter, engine, submit, close } = await stage()
    const written = refuseBadNames(adapter)
    const job = await submit([{ key: 'a', firstName: 'good' }, { key: 'a', lastName: 'bad' }, { key: 'b' }])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'UPSERTED'])
    expect((await allResults(engine, job))[1]?.errors).toEqual([{ code: 'INVALID_VALUE', message: 'bad' }])
    expect(written).toMatchObject([{ key: 'b' }, { key: 'a', firstName: 'good' }])
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', deliveries: [{ batchesTotal: 1, batchesDone: 1 }] })
    await close()
  })

  test('are taken apart in halves, and go in order whatever goes wrong meanwhile', async () => {
    const { adapter, engine, submit, close } = await stage()
    const written = refuseBadNames(adapter)
    const refusing = adapter.script
    adapter.script = (call, seen, place) => {
      if (place === 1) throw fault('NO_ANSWER')
      return refusing(call, seen, place)
    }
    const job = await submit([
      { key: 'a', firstName: 'one' },
      { key: 'a', firstName: 'two', lastName: 'bad' },
      { key: 'a', firstName: 'three' },
      { key: 'a', firstName: 'four' },
    ])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'SUPERSEDED', 'UPSERTED'])
    expect(written.map(({ firstName }) => firstName)).toEqual(['one', 'four'])
    await close()
  })

  test('share a call with records of their own shape only', async () => {
    const { adapter, engine, submit, close } = await stage()
    const written = refuseBadNames(adapter)
    const travel = adapter.travel
    const shapeOf = ({ firstName, lastName }: ProfileRecord) => `${firstName !== undefined} ${lastName !== undefined}`
    adapter.travel = (options, record) => ({ ...travel(options, record), shape: shapeOf(record) })
    const refusing = adapter.script
    adapter.script = (call, seen, place) => {
      expect(new Set(call.records.map(shapeOf)).size).toBe(1)
      return refusing(call, seen, place)
    }
    const job = await submit([
      { key: 'a', firstName: 'good' },
      { key: 'a', lastName: 'bad' },
      { key: 'b', lastName: 'bad' },
      { key: 'b', firstName: 'good' },
    ])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'FAILED', 'UPSERTED'])
    expect(written.map(({ key }) => key).sort()).toEqual(['a', 'b'])
    await close()
  })

  test('are looked for one by one where the whole call is refused for one of them', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call) => {
      if (call.records.some(isBad)) throw fault('REFUSED_FOR_A_RECORD', { code: 'INVALID_VALUE' })
      return settledAll(call)
    }
    const job = await submit([{ key: 'a', firstName: 'good' }, { key: 'a', lastName: 'bad' }, { key: 'b' }])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'UPSERTED'])
    await close()
  })
})
