import type { Queryable } from '../contract/adapter.ts'
import { type DeliveryRow, type JobRow, readJobs } from '../db/jobs.ts'
import type { Delivery, Job } from './job.ts'

const dateFrom = (text: string | null) => (text === null ? null : new Date(text))

function deliveryFrom(row: DeliveryRow): Delivery {
  return {
    ...row,
    nextAttemptAt: dateFrom(row.nextAttemptAt),
    startedAt: dateFrom(row.startedAt),
    progressedAt: new Date(row.progressedAt),
    finishedAt: dateFrom(row.finishedAt),
  }
}

export function jobFrom(row: JobRow): Job {
  return { ...row, deliveries: row.deliveries.map(deliveryFrom) }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a text can be the id of a job; the database refuses to compare others. */
export function isJobId(text: string): boolean {
  return uuid.test(text)
}

/** The tenant's jobs in the order of the ids, null for those it does not have; one statement. */
export async function jobsById(db: Queryable, tenant: string, ids: readonly string[]): Promise<(Job | null)[]> {
  const asked = [...new Set(ids.filter(isJobId))]
  if (asked.length === 0) return ids.map(() => null)
  const found = new Map((await readJobs(db, tenant, asked)).map((row) => [row.id, jobFrom(row)]))
  return ids.map((id) => found.get(id) ?? null)
}
