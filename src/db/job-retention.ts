import type { Database } from './database.ts'

/** A retry of the job is still to read its records. */
const isRead = `exists (
  select from jobs r join deliveries d on d.tenant = r.tenant and d.job_id = r.id and d.ordinal = 0
   where r.tenant = j.tenant and r.state in ('STAGING', 'PAUSING', 'PAUSED') and r.parent_id = j.id and d.staging)`

/**
 * Removes the records and results of one job that ended more than so many days ago; its row and its counts stay. All of it in one
 * transaction, so that nobody reads a part. False when there is none. Whether a retry reads it is asked again once it is locked: that may
 * have been stored until then.
 */
export async function removeOldRecords(database: Database, days: number): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [job] = await transaction.query<{ tenant: string; id: string }>(
      `select tenant, id from jobs j
        where finished_at is not null and removed_at is null and finished_at < now() - make_interval(days => $1::int) and not ${isRead}
        order by finished_at limit 1 for update skip locked`,
      [days],
    )
    if (!job) return false
    const spared = await transaction.query(`select 1 from jobs j where tenant = $1 and id = $2::uuid and ${isRead}`, [
      job.tenant,
      job.id,
    ])
    if (spared.length > 0) return true
    for (const table of ['result_chunks', 'job_chunks', 'batches']) {
      await transaction.query(`delete from ${table} where tenant = $1 and job_id = $2::uuid`, [job.tenant, job.id])
    }
    await transaction.query(
      'update jobs set removed_at = now(), version = version + 1 where tenant = $1 and id = $2::uuid',
      [job.tenant, job.id],
    )
    return true
  })
}
