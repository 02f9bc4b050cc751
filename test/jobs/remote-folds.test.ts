import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordFate } from '../../src/contract/outcome.ts'
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

test('whatever is refused or goes wrong, each record has the fate that it really had, in order', async () => {
  const { adapter, engine, submit, close } = await stage({ maxBatchSize: 7, maxConcurrency: 3 })
  const indexesOf = ({ attributes = {} }: ProfileRecord) => Object.keys(attributes).map(Number)
  adapter.fold = (_options, earlier, later) => ({
    ...earlier,
    ...later,
    attributes: { ...earlier.attributes, ...later.attributes },
  })
  let random = 2468
  const chance = (share: number) => {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff
    return random / 0x7fffffff < share
  }
  const isBadIndex = (index: number) => index % 9 === 4
  const isRefused = (record: ProfileRecord) => indexesOf(record).some(isBadIndex)
  const written: { key: string | undefined; indexes: number[] }[] = []
  adapter.script = (call, _seen, place) => {
    if (chance(0.05)) throw fault('THROTTLED')
    if (chance(0.3) && call.records.some(isRefused)) throw fault('REFUSED_FOR_A_RECORD', { code: 'INVALID_VALUE' })
    const fates = call.records.map((record): RecordFate => {
      if (isRefused(record)) return { outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', message: 'bad' }] }
      written.push({ key: record.key, indexes: indexesOf(record) })
      return upserted
    })
    if (place < 40 && chance(0.1)) throw fault('NO_ANSWER')
    return { kind: 'settled', fates: place < 40 && chance(0.1) ? fates.slice(0, -1) : fates }
  }
  const profiles = Array.from({ length: 90 }, (_, index) => ({
    key: `key-${index % 20}`,
    attributes: { [String(index)]: true },
  }))
  const job = await submit(profiles, { waitSeconds: 25 })
  const outcomes = await outcomesOf(engine, job)
  const applied = new Set(written.flatMap(({ indexes }) => indexes))
  for (const [index, outcome] of outcomes.entries()) {
    const isApplied = outcome === 'UPSERTED' || outcome === 'SUPERSEDED'
    expect([index, outcome, applied.has(index)]).toEqual([index, isApplied ? outcome : 'FAILED', isApplied])
  }
  expect(applied.size).toBeGreaterThan(60)
  for (const group of Map.groupBy(written, ({ key }) => key).values()) {
    const lasts = group.map(({ indexes }) => Math.max(...indexes))
    expect(lasts).toEqual(lasts.toSorted((a, b) => a - b))
  }
  await close()
})
