import type { Database } from './database.ts'

/**
 * Removes the records and results of one job that ended more than so many days ago; its row and its counts stay. All of it in one
 * transaction, so that nobody reads a part. False when there is none.
 */
export async function removeOldRecords(database: Database, days: number): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [job] = await transaction.query<{ tenant: string; id: string }>(
      `select tenant, id from jobs
        where finished_at is not null and removed_at is null and finished_at < now() - make_interval(days => $1::int)
        order by finished_at limit 1 for update skip locked`,
      [days],
    )
    if (!job) return false
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
