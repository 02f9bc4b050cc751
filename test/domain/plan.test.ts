import { describe, expect, test } from 'vitest'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { createPlanner, hashOf, type PlannedBatch } from '../../src/domain/plan.ts'
import { createScriptedAdapter } from '../support/scripted-adapter.ts'
import { requestOptions } from './request-options.ts'

const plan = (
  records: ProfileRecord[],
  options: Partial<ProfileUpsertOptions> = {},
  limits = { maxBatchSize: 3, maxBatchBytes: 1_000_000 },
): PlannedBatch[] => {
  const planner = createPlanner(createScriptedAdapter(), requestOptions(options), limits)
  for (const [index, record] of records.entries()) planner.add(index, record, record.newKey !== undefined)
  return planner.batches()
}
const shapes = (batches: PlannedBatch[]) => batches.map(({ wave, indexes, carriers }) => ({ wave, indexes, carriers }))
const keyed = (...keys: string[]): ProfileRecord[] => keys.map((key) => ({ key }))

describe('a plan', () => {
  test('cuts by size and by bytes, in order', () => {
    expect(shapes(plan(keyed('a', 'b', 'c', 'd')))).toEqual([
      { wave: 0, indexes: [0, 1, 2], carriers: null },
      { wave: 0, indexes: [3], carriers: null },
    ])
    const byBytes = plan(keyed('a', 'b', 'c'), {}, { maxBatchSize: 10, maxBatchBytes: 200 })
    expect(byBytes.map(({ indexes }) => indexes)).toEqual([[0, 1], [2]])
  })

  test('sends a record that is too large by itself alone', () => {
    const batches = plan(keyed('a', 'b'), {}, { maxBatchSize: 10, maxBatchBytes: 50 })
    expect(batches.map(({ indexes }) => indexes)).toEqual([[0], [1]])
  })

  test('folds records of one value into the last of them', () => {
    const [batch, ...others] = plan(keyed('a', 'b', 'a', 'a'))
    expect(others).toEqual([])
    expect(batch).toEqual({
      wave: 0,
      indexes: [0, 1, 2, 3],
      carriers: [3, 1, 3, 3],
      valueHashes: [hashOf('b'), hashOf('a')],
      repeatable: true,
    })
  })

  test('does not fold under CREATE_ONLY: the later ones go in later waves', () => {
    const batches = plan(keyed('a', 'b', 'a', 'a'), { upsert: 'CREATE_ONLY' })
    expect(shapes(batches)).toEqual([
      { wave: 0, indexes: [0, 1], carriers: null },
      { wave: 1, indexes: [2], carriers: null },
      { wave: 2, indexes: [3], carriers: null },
    ])
    expect(batches[0]?.repeatable).toBe(false)
  })

  test('keeps what cannot be folded apart, and folds again after it', () => {
    const records = [{ key: 'a' }, { key: 'a', gender: 'x' }, { key: 'a', gender: 'y' }, { key: 'b' }]
    expect(shapes(plan([...records, { key: 'a', gender: 'y' }]))).toEqual([
      { wave: 0, indexes: [0, 3], carriers: null },
      { wave: 1, indexes: [1], carriers: null },
      { wave: 2, indexes: [2, 4], carriers: [4, 4] },
    ])
  })

  test('keeps the order of a rename and of all that the new key means', () => {
    const records = [{ key: 'b' }, { key: 'a', newKey: 'b' }, { key: 'b' }, { key: 'a' }, { key: 'c' }]
    expect(shapes(plan(records))).toEqual([
      { wave: 0, indexes: [0, 4], carriers: null },
      { wave: 1, indexes: [1], carriers: null },
      { wave: 2, indexes: [2, 3], carriers: null },
    ])
  })

  test('lets records that could reach any profile go one call after the other', () => {
    const batches = plan(keyed('a', 'a', 'a', 'a'), { matching: 'FILTER' })
    expect(shapes(batches)).toEqual([
      { wave: 0, indexes: [0, 1, 2], carriers: null },
      { wave: 1, indexes: [3], carriers: null },
    ])
    expect(batches[0]?.valueHashes).toBeNull()
  })
})
