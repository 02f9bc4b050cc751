import { describe, expect, test } from 'vitest'
import type { Travel } from '../../src/contract/adapter.ts'
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

/** A record that reaches a profile by these addresses too. */
const reaching = (key: string, ...addresses: string[]): ProfileRecord => ({
  key,
  extensions: addresses.map((address) => ({ channel: 'EMAIL', address })),
})

/** A plan whose records travel as `travel` says beside what they do anyway. */
function planTravelling(
  records: ProfileRecord[],
  travel: (record: ProfileRecord) => Partial<Travel>,
  change: Partial<ProfileUpsertOptions> = {},
): PlannedBatch[] {
  const options = requestOptions(change)
  const scripted = createScriptedAdapter()
  const operation = {
    travel: (_options: unknown, record: ProfileRecord) => ({ ...scripted.travel(options, record), ...travel(record) }),
    fold: (_options: unknown, earlier: ProfileRecord, later: ProfileRecord) => scripted.fold(options, earlier, later),
    isRepeatable: () => true,
  }
  const planner = createPlanner(operation, options, { maxBatchSize: 3, maxBatchBytes: 1_000_000 })
  for (const [index, record] of records.entries()) planner.add(index, record, false)
  return planner.batches()
}

const planReaching = (records: ProfileRecord[]) =>
  planTravelling(records, ({ extensions = [] }) => ({ alsoMatches: extensions.map(({ address }) => address) }))

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

  test('ends folding where it would copy much again and again, and goes on in the next wave', () => {
    const records = Array.from(
      { length: 600 },
      (_, index): ProfileRecord => ({ key: 'a', attributes: { [index]: 'x'.repeat(40) } }),
    )
    const bytesOf = ({ attributes = {} }: ProfileRecord) => JSON.stringify(attributes).length
    let copied = 0
    const planner = createPlanner(
      {
        travel: (_options, record: ProfileRecord) => ({ shape: 'plain', matchValue: 'a', bytes: bytesOf(record) }),
        fold: (_options, earlier: ProfileRecord, later: ProfileRecord) => {
          copied += bytesOf(earlier)
          return { key: 'a', attributes: { ...earlier.attributes, ...later.attributes } }
        },
        isRepeatable: () => true,
      },
      requestOptions(),
      { maxBatchSize: 10, maxBatchBytes: 1_000_000 },
    )
    for (const [index, record] of records.entries()) planner.add(index, record, false)
    const batches = planner.batches()
    expect(copied / records.length).toBeLessThan(4096)
    expect(batches.map(({ wave }) => wave)).toEqual(batches.map((_, place) => place))
    expect(batches.flatMap(({ indexes }) => indexes)).toEqual(records.map((_, index) => index))
  })

  test('folds any number of records that state the same', () => {
    const [batch, ...others] = plan(Array.from({ length: 500 }, () => ({ key: 'a' })))
    expect(others).toEqual([])
    expect(batch?.carriers).toEqual(Array.from({ length: 500 }, () => 499))
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

  test('keeps the order of records that reach one profile by different values, whatever joins these', () => {
    const records = [reaching('a', 'x'), reaching('x'), reaching('a', 'y'), reaching('b'), reaching('y', 'b')]
    expect(shapes(planReaching([...records, reaching('b', 'y')]))).toEqual([
      { wave: 0, indexes: [0, 3], carriers: null },
      { wave: 1, indexes: [1], carriers: null },
      { wave: 2, indexes: [2], carriers: null },
      { wave: 3, indexes: [4], carriers: null },
      { wave: 4, indexes: [5], carriers: null },
    ])
  })

  test('folds records that reach the same values besides, and only those of one match value', () => {
    expect(shapes(planReaching([reaching('a', 'x'), reaching('a', 'x'), reaching('b', 'x')]))).toEqual([
      { wave: 0, indexes: [0, 1], carriers: [1, 1] },
      { wave: 1, indexes: [2], carriers: null },
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

  test('gives a record that must be alone a call of its own', () => {
    const alone = ({ gender }: ProfileRecord) =>
      gender === undefined ? {} : ({ shape: 'plain', alone: true } as const)
    const records = [{ key: 'a' }, { key: 'b', gender: 'x' }, { key: 'c', gender: 'x' }, { key: 'd' }]
    expect(planTravelling(records, alone).map(({ indexes }) => indexes)).toEqual([[0], [1], [2], [3]])
    const filtered = planTravelling(records, alone, { matching: 'FILTER' })
    expect(filtered.map(({ wave, indexes }) => [wave, indexes])).toEqual([
      [0, [0]],
      [1, [1]],
      [2, [2]],
      [3, [3]],
    ])
  })
})
