import { describe, expect, test } from 'vitest'
import { type OutcomeCounts, type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import { progressOf } from '../../src/domain/progress.ts'

const counts = (of: Partial<Record<RecordOutcome, number>>): OutcomeCounts =>
  recordOutcomes.map((outcome) => of[outcome] ?? 0)
const at = (seconds: number) => new Date(seconds * 1000)

describe('progress', () => {
  test('before the first record there is no rate and no end in sight', () => {
    expect(
      progressOf({
        counts: counts({ PENDING: 10 }),
        startedAt: at(0),
        progressedAt: at(5),
        finishedAt: null,
      }),
    ).toMatchObject({ total: 10, processed: 0, percent: 0, recordsPerSecond: null, etaSeconds: null })
    expect(
      progressOf({ counts: counts({ PENDING: 10 }), startedAt: null, progressedAt: null, finishedAt: null }),
    ).toMatchObject({ recordsPerSecond: null, etaSeconds: null })
  })

  test('while it runs, the rate is that up to the latest progress, and what is left is told by it', () => {
    const running = {
      counts: counts({ PENDING: 750, CREATED: 200, FAILED: 50 }),
      startedAt: at(10),
      progressedAt: at(12),
      finishedAt: null,
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
    expect(progressOf({ counts: counts(all), startedAt: null, progressedAt: null, finishedAt: null })).toMatchObject({
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
      counts: counts({ CREATED: 30 }),
      startedAt: at(0),
      progressedAt: at(2),
      finishedAt: at(3),
    }
    expect(progressOf(ended)).toMatchObject({ percent: 100, recordsPerSecond: 10, etaSeconds: 0 })
  })

  test('a time too short to measure gives no rate rather than an endless one', () => {
    const ended = { counts: counts({ CREATED: 3 }), startedAt: at(1), progressedAt: at(1), finishedAt: at(1) }
    expect(progressOf(ended)).toMatchObject({ percent: 100, recordsPerSecond: null, etaSeconds: 0 })
  })

  test('a job without records is done', () => {
    const empty = { counts: counts({}), startedAt: null, progressedAt: null, finishedAt: at(1) }
    expect(progressOf(empty)).toMatchObject({ processed: 0, percent: 100, etaSeconds: 0 })
  })
})

test('the pace of a destination makes the rest last as long as its calls do', () => {
  const counts = recordOutcomes.map((outcome) => (outcome === 'PENDING' ? 90 : outcome === 'UPSERTED' ? 10 : 0))
  const startedAt = new Date(0)
  const moments = { counts, startedAt, progressedAt: new Date(1000), finishedAt: null }
  expect(progressOf(moments).etaSeconds).toBe(9)
  expect(progressOf({ ...moments, pacedLeftMs: 540_000 }).etaSeconds).toBe(540)
  const before = { ...moments, startedAt: null, progressedAt: null, pacedLeftMs: 60_000 }
  expect(progressOf(before).etaSeconds).toBe(60)
})
