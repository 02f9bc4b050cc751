import type { Queryable } from '../contract/adapter.ts'
import { type DeliveryRow, type JobRow, readJobs } from '../db/jobs.ts'
import type { Delivery, Job } from './job.ts'

const dateFrom = (text: string | null) => (text === null ? null : new Date(text))

/** The batches that are left, each after the least interval. */
export function pacedLeftMs({
  batchesTotal,
  batchesDone,
  minIntervalMs,
}: Pick<DeliveryRow, 'batchesTotal' | 'batchesDone' | 'minIntervalMs'>): number {
  return Math.max(0, batchesTotal - batchesDone) * minIntervalMs
}

function deliveryFrom({ minIntervalMs, ...row }: DeliveryRow): Delivery {
  return {
    ...row,
    pacedLeftMs: pacedLeftMs({ ...row, minIntervalMs }),
    nextAttemptAt: dateFrom(row.nextAttemptAt),
    startedAt: dateFrom(row.startedAt),
    progressedAt: new Date(row.progressedAt),
    finishedAt: dateFrom(row.finishedAt),
  }
}

export function longestOf(deliveries: readonly Pick<Delivery, 'pacedLeftMs'>[]): number {
  return Math.max(0, ...deliveries.map((delivery) => delivery.pacedLeftMs))
}

export function jobFrom(row: JobRow): Job {
  const deliveries = row.deliveries.map(deliveryFrom)
  return { ...row, pacedLeftMs: longestOf(deliveries), deliveries }
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
