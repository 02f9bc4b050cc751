import type { OutcomeCounts } from '../contract/outcome.ts'
import { addCounts, countOf, type DeliveryState, isHeld, type JobState } from './job-state.ts'

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
  /** Over the time in which they were processed, without those CANCELLED; null before the first, and where that took no measurable time. */
  recordsPerSecond: number | null
  /**
   * What is left at that rate, and not before the pace allows; 0 at the end, null where there is nothing to tell it by, and while the job is
   * paused or being cancelled.
   */
  etaSeconds: number | null
}

/** What a stored version of a job or delivery says about its progress. */
export interface ProgressMoments {
  state: JobState | DeliveryState
  counts: OutcomeCounts
  /** A pause moves it on by its length. */
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
  const { state, counts, startedAt, progressedAt, finishedAt, pacedLeftMs = 0 } = moments
  const total = counts.reduce((sum, count) => sum + count, 0)
  const processed = total - countOf(counts, 'PENDING')
  const until = finishedAt ?? progressedAt
  const milliseconds = startedAt && until ? until.getTime() - startedAt.getTime() : 0
  const treated = processed - countOf(counts, 'CANCELLED')
  const recordsPerSecond = treated > 0 && milliseconds > 0 ? (treated * 1000) / milliseconds : null
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
    etaSeconds: finishedAt
      ? 0
      : ratedSeconds === null || isHeld(state)
        ? null
        : Math.max(ratedSeconds, pacedSeconds ?? 0),
  }
}

/** What a stored version of a job says about its progress, with its deliveries. */
export interface JobMoments extends Omit<ProgressMoments, 'counts'> {
  deliveries: readonly ProgressMoments[]
}

/** The progress of all deliveries of a job together: it ends when the last of them does, and begins with the first, without the pauses. */
export function jobProgressOf({ deliveries, ...job }: JobMoments): Progress {
  const starts = deliveries.flatMap(({ startedAt }) => startedAt?.getTime() ?? [])
  const startedAt = starts.length > 0 ? new Date(Math.min(...starts)) : job.startedAt
  const progress = progressOf({ ...job, startedAt, counts: addCounts(deliveries.map(({ counts }) => counts)) })
  if (job.finishedAt !== null || isHeld(job.state)) return progress
  const going = deliveries.filter(({ finishedAt }) => finishedAt === null)
  const ends = going.flatMap((delivery) => progressOf(delivery).etaSeconds ?? [])
  return { ...progress, etaSeconds: ends.length > 0 ? Math.max(...ends) : null }
}
