import { describe, expect, test } from 'vitest'
import { type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import {
  addCounts,
  cancelPending,
  countOf,
  deliveryStates,
  endStateOf,
  hasEnded,
  isHeld,
  jobActions,
  jobStates,
  moveOf,
  pendingCounts,
  whyForbidden,
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

test('what is cancelled moves from PENDING alone', () => {
  const cancelled = cancelPending(counts('PENDING', 'PENDING', 'CREATED', 'UNKNOWN', 'CANCELLED'))
  expect(cancelled).toEqual(counts('CREATED', 'UNKNOWN', 'CANCELLED', 'CANCELLED', 'CANCELLED'))
})

describe('what can be done with a job', () => {
  const states = (action: (typeof jobActions)[number]) =>
    Object.fromEntries(jobStates.flatMap((state) => (moveOf(action, state) ? [[state, moveOf(action, state)]] : [])))

  test('is one table', () => {
    expect(states('cancel')).toEqual({
      STAGING: 'CANCELLING',
      QUEUED: 'CANCELLING',
      RUNNING: 'CANCELLING',
      PAUSING: 'CANCELLING',
      PAUSED: 'CANCELLING',
      CANCELLING: 'CANCELLING',
    })
    expect(states('pause')).toEqual({
      STAGING: 'PAUSING',
      QUEUED: 'PAUSING',
      RUNNING: 'PAUSING',
      PAUSING: 'PAUSING',
      PAUSED: 'PAUSED',
    })
    expect(states('resume')).toEqual({ PAUSING: 'RUNNING', PAUSED: 'RUNNING' })
  })

  test('leaves no way out of an end', () => {
    for (const action of jobActions) {
      for (const state of jobStates.filter(hasEnded)) expect(moveOf(action, state)).toBeNull()
    }
  })

  test.each([
    ['resume', 'RUNNING', 'A job that is RUNNING cannot be resumed: it can be cancelled or paused'],
    ['pause', 'CANCELLING', 'A job that is CANCELLING cannot be paused: wait for its end, which comes when'],
    ['cancel', 'SUCCEEDED', 'A job that is SUCCEEDED cannot be cancelled: it has ended, and its results stay'],
  ] as const)('refuses to %s what is %s, and says what can be done', (action, state, message) => {
    expect(moveOf(action, state)).toBeNull()
    expect(whyForbidden(action, state)).toContain(message)
  })

  test('is no more than waiting where it is held', () => {
    expect(jobStates.filter(isHeld)).toEqual(['PAUSING', 'PAUSED', 'CANCELLING'])
    expect(deliveryStates.filter(isHeld)).toEqual(['PAUSED', 'CANCELLING'])
  })
})
