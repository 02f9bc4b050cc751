import type { OutcomeCounts } from '../contract/outcome.ts'
import { countOf } from './job-state.ts'

/** How far a job or delivery has come, as the schema shows it. */
export interface Progress {
  total: number
  /** Records of any outcome but PENDING. */
  processed: number
  created: number
  updated: number
  upserted: number
  unchanged: number
  skipped: number
  superseded: number
  failed: number
  cancelled: number
  unknown: number
  /** 0 to 100. */
  percent: number
  /** Over the time in which they were processed; null before the first, and where that took no measurable time. */
  recordsPerSecond: number | null
  /** What is left at that rate, and not before the pace allows; 0 at the end, null where there is nothing to tell it by. */
  etaSeconds: number | null
}

/** What a stored version of a job or delivery says about its progress. */
export interface ProgressMoments {
  counts: OutcomeCounts
  startedAt: Date | null
  /** When a record was last processed. */
  progressedAt: Date | null
  finishedAt: Date | null
  /** Milliseconds that the pace of a destination needs for what is left; 0 or absent: there is none. */
  pacedLeftMs?: number
}

/**
 * Drawn from the stored moments alone: the clock is not asked, so that every process and every reading shows one version of a job alike.
 * While it runs, the rate is that up to the latest progress.
 */
export function progressOf(moments: ProgressMoments): Progress {
  const { counts, startedAt, progressedAt, finishedAt, pacedLeftMs = 0 } = moments
  const total = counts.reduce((sum, count) => sum + count, 0)
  const processed = total - countOf(counts, 'PENDING')
  const until = finishedAt ?? progressedAt
  const milliseconds = startedAt && until ? until.getTime() - startedAt.getTime() : 0
  const recordsPerSecond = processed > 0 && milliseconds > 0 ? (processed * 1000) / milliseconds : null
  const left = Math.max(0, total - processed)
  const pacedSeconds = pacedLeftMs > 0 ? pacedLeftMs / 1000 : null
  const ratedSeconds = recordsPerSecond === null ? pacedSeconds : left / recordsPerSecond
  return {
    total,
    processed,
    created: countOf(counts, 'CREATED'),
    updated: countOf(counts, 'UPDATED'),
    upserted: countOf(counts, 'UPSERTED'),
    unchanged: countOf(counts, 'UNCHANGED'),
    skipped: countOf(counts, 'SKIPPED'),
    superseded: countOf(counts, 'SUPERSEDED'),
    failed: countOf(counts, 'FAILED'),
    cancelled: countOf(counts, 'CANCELLED'),
    unknown: countOf(counts, 'UNKNOWN'),
    percent: total === 0 ? 100 : Math.min(100, (processed / total) * 100),
    recordsPerSecond,
    etaSeconds: finishedAt ? 0 : ratedSeconds === null ? null : Math.max(ratedSeconds, pacedSeconds ?? 0),
  }
}
