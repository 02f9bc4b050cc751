import type { RemoteAdapter } from '../contract/adapter.ts'
import type { CallLimits } from '../contract/capability.ts'

const longestMs = 300_000

/**
 * How long nothing goes out after a fault, in milliseconds: `baseMs` doubled for each fault before it, of which a random part, at least half,
 * is taken (`random` is 0 to 1); at most five minutes. Longer only by the vendor's own word: one that says "now" each time would be called without end.
 */
export function backOffMs(baseMs: number, faultsBefore: number, random: number, retryAfterMs?: number): number {
  return Math.max(retryAfterMs ?? 0, Math.min(longestMs, baseMs * 2 ** Math.min(faultsBefore, 30)) * (0.5 + random / 2))
}

/** A little more than the least interval between two calls, as calls do not all travel equally fast: 1 %, at most a quarter of a second. */
export function pacedIntervalMs(minIntervalMs: number): number {
  return minIntervalMs + Math.min(250, minIntervalMs / 100)
}

/** Most further calls that looking for one bad record among `records` may cost. */
export function halvingCalls(records: number): number {
  return 2 * Math.ceil(Math.log2(Math.max(1, records)))
}

/** The limits by which a destination's calls are paced. */
export function paceOf({
  capabilities,
}: Pick<RemoteAdapter, 'capabilities'>): Pick<CallLimits, 'minIntervalMs' | 'maxConcurrency'> {
  return capabilities.profiles ?? capabilities.extensions ?? { minIntervalMs: 0, maxConcurrency: 1 }
}
