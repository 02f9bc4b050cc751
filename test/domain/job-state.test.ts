import { describe, expect, test } from 'vitest'
import { type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import {
  addCounts,
  countOf,
  deliveryStates,
  endStateOf,
  hasEnded,
  jobStates,
  pendingCounts,
} from '../../src/domain/job-state.ts'

const counts = (...outcomes: RecordOutcome[]) =>
  recordOutcomes.map((outcome) => outcomes.filter((one) => one === outcome).length)

describe('the state in which a job ends', () => {
  test.each<[string | null, RecordOutcome[]]>([
    [null, ['CREATED', 'PENDING']],
    ['SUCCEEDED', ['CREATED', 'UPDATED', 'UPSERTED', 'UNCHANGED', 'SUPERSEDED']],
    ['SUCCEEDED', []],
    ['PARTIALLY_FAILED', ['CREATED', 'FAILED']],
    ['PARTIALLY_FAILED', ['UNCHANGED', 'SKIPPED']],
    ['PARTIALLY_FAILED', ['SUPERSEDED', 'UNKNOWN']],
    ['FAILED', ['FAILED', 'SKIPPED', 'UNKNOWN']],
    ['CANCELLED', ['CREATED', 'CANCELLED']],
    ['CANCELLED', ['FAILED', 'CANCELLED']],
  ])('is %s for %j', (state, outcomes) => {
    expect(endStateOf(counts(...outcomes))).toBe(state)
  })

  test('is one of four for jobs and deliveries alike', () => {
    const ends = ['CANCELLED', 'SUCCEEDED', 'PARTIALLY_FAILED', 'FAILED']
    expect(jobStates.filter(hasEnded)).toEqual(ends)
    expect(deliveryStates.filter(hasEnded)).toEqual(ends)
  })
})

test('the counts of several deliveries add up outcome by outcome', () => {
  const sum = addCounts([pendingCounts(3), counts('CREATED', 'FAILED'), counts('CREATED')])
  expect([countOf(sum, 'PENDING'), countOf(sum, 'CREATED'), countOf(sum, 'FAILED')]).toEqual([3, 2, 1])
})
