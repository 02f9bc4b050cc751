import type { Database } from '../db/database.ts'
import { removeOldRecords } from '../db/job-retention.ts'
import { Bell } from './bell.ts'
import type { Log } from './log.ts'

const sweepMs = 600_000

export interface Retention {
  start(): void
  /** Resolves when nothing more is removed. */
  stop(): Promise<void>
}

/** Removes the records and results of jobs that ended long ago, job by job, at the start and then every ten minutes. */
export function createRetention(database: Database, log: Log, days: number): Retention {
  const stopping = new Bell()
  const isStopped = () => stopping.rings > 0
  let running: Promise<void> = Promise.resolve()

  async function loop(): Promise<void> {
    while (!isStopped()) {
      try {
        while (!isStopped() && (await removeOldRecords(database, days)));
      } catch (error) {
        if (!isStopped()) log.error({ error }, 'records of old jobs could not be removed; trying again')
      }
      await stopping.wait(sweepMs, 0)
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
