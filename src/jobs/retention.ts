import type { Database } from '../db/database.ts'
import { removeOldRecords } from '../db/job-retention.ts'
import type { Log } from './log.ts'
import { createSweep, type Sweep } from './sweep.ts'

/** Removes the records and results of jobs that ended long ago, job by job, at the start and then every ten minutes. */
export function createRetention(database: Database, log: Log, days: number): Sweep {
  return createSweep({
    log,
    everyMs: 600_000,
    failure: 'records of old jobs could not be removed; trying again',
    async round(isStopped) {
      while (!isStopped() && (await removeOldRecords(database, days)));
    },
  })
}
