import type { Queryable } from '../contract/adapter.ts'
import { textArray } from './literals.ts'

/**
 * Asks for a NOTIFY with each change of these jobs during the next minute. The version stays: nothing about the job has changed. A batch
 * that is being settled holds the row, so this waits until it is committed and a read afterwards sees it. Jobs that have ended are not
 * written, and rows are taken in order of id, so that two watchers cannot deadlock.
 */
export async function watchJobs(db: Queryable, tenant: string, ids: readonly string[]): Promise<void> {
  await db.query(
    `with watched as (
       select id from jobs where tenant = $1 and id = any($2::uuid[]) and finished_at is null order by id for no key update)
     update jobs set watched_until = now() + interval '60 seconds'
       from watched where jobs.tenant = $1 and jobs.id = watched.id`,
    [tenant, textArray(ids)],
  )
}
