import { describe, expect, test } from 'vitest'
import { type OutcomeCounts, type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import { jobProgressOf, type ProgressMoments, progressOf } from '../../src/domain/progress.ts'

const counts = (of: Partial<Record<RecordOutcome, number>>): OutcomeCounts =>
  recordOutcomes.map((outcome) => of[outcome] ?? 0)
const at = (seconds: number) => new Date(seconds * 1000)
const goingOn = { state: 'RUNNING', finishedAt: null } as const
const succeeded = { state: 'SUCCEEDED' } as const

describe('progress', () => {
  test('before the first record there is no rate and no end in sight', () => {
    expect(
      progressOf({
        ...goingOn,
        counts: counts({ PENDING: 10 }),
        startedAt: at(0),
        progressedAt: at(5),
      }),
    ).toMatchObject({ total: 10, processed: 0, percent: 0, recordsPerSecond: null, etaSeconds: null })
    expect(
      progressOf({ ...goingOn, counts: counts({ PENDING: 10 }), startedAt: null, progressedAt: null }),
    ).toMatchObject({ recordsPerSecond: null, etaSeconds: null })
  })

  test('while it runs, the rate is that up to the latest progress, and what is left is told by it', () => {
    const running = {
      ...goingOn,
      counts: counts({ PENDING: 750, CREATED: 200, FAILED: 50 }),
      startedAt: at(10),
      progressedAt: at(12),
    }
    expect(progressOf(running)).toMatchObject({
      processed: 250,
      created: 200,
      failed: 50,
      percent: 25,
      recordsPerSecond: 125,
      etaSeconds: 6,
    })
  })

  test('every outcome but PENDING counts as processed and is shown under its own name', () => {
    const all = Object.fromEntries(recordOutcomes.map((outcome, place) => [outcome, place + 1]))
    expect(progressOf({ ...goingOn, counts: counts(all), startedAt: null, progressedAt: null })).toMatchObject({
      processed: 54,
      created: 2,
      updated: 3,
      upserted: 4,
      unchanged: 5,
      skipped: 6,
      superseded: 7,
      failed: 8,
      cancelled: 9,
      unknown: 10,
    })
  })

  test('at the end nothing is left, and the rate is that of the whole time', () => {
    const ended = {
      ...succeeded,
      counts: counts({ CREATED: 30 }),
      startedAt: at(0),
      progressedAt: at(2),
      finishedAt: at(3),
    }
    expect(progressOf(ended)).toMatchObject({ percent: 100, recordsPerSecond: 10, etaSeconds: 0 })
  })

  test('a time too short to measure gives no rate rather than an endless one', () => {
    const ended = {
      ...succeeded,
      counts: counts({ CREATED: 3 }),
      startedAt: at(1),
      progressedAt: at(1),
      finishedAt: at(1),
    }
    expect(progressOf(ended)).toMatchObject({ percent: 100, recordsPerSecond: null, etaSeconds: 0 })
  })

  test.each(['PAUSING', 'PAUSED', 'CANCELLING'] as const)('%s has no end in sight, whatever the pace says', (state) => {
    const moments = { counts: counts({ PENDING: 5, CREATED: 5 }), startedAt: at(0), progressedAt: at(1) }
    const held = { ...moments, state, finishedAt: null, pacedLeftMs: 60_000 }
    expect(progressOf(held)).toMatchObject({ processed: 5, recordsPerSecond: 5, etaSeconds: null })
    const job = { state, startedAt: at(0), progressedAt: at(1), finishedAt: null, deliveries: [held] }
    expect(jobProgressOf(job)).toMatchObject({ processed: 5, recordsPerSecond: 5, etaSeconds: null })
  })

  test('what was cancelled is processed, and says nothing about the rate', () => {
    const cancelled = { state: 'CANCELLED', startedAt: at(0), progressedAt: at(2), finishedAt: at(4) } as const
    const progress = progressOf({ ...cancelled, counts: counts({ CREATED: 8, CANCELLED: 992 }) })
    expect(progress).toMatchObject({ processed: 1000, percent: 100, recordsPerSecond: 2, etaSeconds: 0 })
    expect(progressOf({ ...cancelled, counts: counts({ CANCELLED: 9 }) }).recordsPerSecond).toBeNull()
  })

  test('a job without records is done', () => {
    const empty = { ...succeeded, counts: counts({}), startedAt: null, progressedAt: null, finishedAt: at(1) }
    expect(progressOf(empty)).toMatchObject({ processed: 0, percent: 100, etaSeconds: 0 })
  })
})

test('the pace of a destination makes the rest last as long as its calls do', () => {
  const counts = recordOutcomes.map((outcome) => (outcome === 'PENDING' ? 90 : outcome === 'UPSERTED' ? 10 : 0))
  const startedAt = new Date(0)
  const moments = { ...goingOn, counts, startedAt, progressedAt: new Date(1000) }
  expect(progressOf(moments).etaSeconds).toBe(9)
  expect(progressOf({ ...moments, pacedLeftMs: 540_000 }).etaSeconds).toBe(540)
  const before = { ...moments, startedAt: null, progressedAt: null, pacedLeftMs: 60_000 }
  expect(progressOf(before).etaSeconds).toBe(60)
})

describe('the progress of a job', () => {
  const delivery = (startedAt: Date | null, progressedAt: Date, pending: number, created: number): ProgressMoments => ({
    ...goingOn,
    counts: counts({ PENDING: pending, CREATED: created }),
    startedAt,
    progressedAt,
  })
  const job = { ...goingOn, startedAt: at(0), progressedAt: at(4) }

  test('ends with the last of its deliveries', () => {
    const deliveries = [delivery(at(0), at(4), 40, 60), delivery(at(2), at(4), 90, 10), delivery(null, at(0), 100, 0)]
    expect(jobProgressOf({ ...job, deliveries })).toMatchObject({ total: 300, processed: 70, etaSeconds: 18 })
  })

  test('is told by nothing while none of those that are left has begun', () => {
    const ended = { ...delivery(at(0), at(4), 0, 100), ...succeeded, finishedAt: at(4) }
    expect(jobProgressOf({ ...job, deliveries: [ended, delivery(null, at(0), 100, 0)] }).etaSeconds).toBeNull()
  })

  test('leaves out the time of a pause, by which the starts of its deliveries were moved on', () => {
    const deliveries = [delivery(at(1000), at(1004), 60, 40)]
    const resumed = { ...job, progressedAt: at(1004), deliveries }
    expect(jobProgressOf(resumed)).toMatchObject({ recordsPerSecond: 10, etaSeconds: 6 })
    const ended = { ...resumed, ...succeeded, finishedAt: at(1010) }
    expect(jobProgressOf(ended)).toMatchObject({ recordsPerSecond: 4, etaSeconds: 0 })
  })
})
