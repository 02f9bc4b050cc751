import { Bell } from './bell.ts'
import type { Log } from './log.ts'

export interface Sweep {
  start(): void
  /** Resolves when nothing more is done. */
  stop(): Promise<void>
}

export interface SweepParts {
  log: Log
  /** From the end of one round to the beginning of the next. */
  everyMs: number
  /** What the log says of a round that failed; the next one tries again. */
  failure: string
  /** One round; it asks now and then whether to go on. */
  round(isStopped: () => boolean): Promise<void>
}

/** Does something at its start, and then again and again. */
export function createSweep({ log, everyMs, failure, round }: SweepParts): Sweep {
  const stopping = new Bell()
  const isStopped = () => stopping.rings > 0
  let running: Promise<void> = Promise.resolve()

  async function loop(): Promise<void> {
    while (!isStopped()) {
      try {
        await round(isStopped)
      } catch (error) {
        if (!isStopped()) log.error({ error }, failure)
      }
      await stopping.wait(everyMs, 0)
    }
  }

  return {
    start() {
      running = loop()
    },
    stop() {
      stopping.ring()
      return running
    },
  }
}
