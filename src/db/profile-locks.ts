import type { Queryable } from '../contract/adapter.ts'
import { plainArray } from './literals.ts'

/**
 * Advisory locks that keep two batches from creating one profile twice, whatever modes they match by. A batch takes the gate of its
 * tenant shared, or exclusively when it may touch what it cannot name beforehand (FILTER, renames, type definitions); so does a dry run
 * of several batches, which locks the rows of one after those of another. Under a shared gate it takes, in a fixed number of buckets, the
 * values it looks for exclusively and the values it writes shared. KEY batches look for nothing exclusively: the unique index arbitrates
 * between them. All locks are taken in one statement in ascending order and before any row lock, so they cannot deadlock; they end with
 * the transaction.
 */
export interface LockPlan {
  gate: 'shared' | 'exclusive'
  /** Values looked for; null: too many to tell apart, all buckets. */
  exclusive: Iterable<string> | null
  /** Values written; null: too many to tell apart, all buckets. */
  shared: Iterable<string> | null
}

/** Nobody else is at anything of the tenant. */
export const wholeTenant: LockPlan = { gate: 'exclusive', exclusive: [], shared: [] }

const bucketCount = 64
const gatePlace = 0

/** FNV-1a over UTF-16 units: spreads values over buckets; a collision only makes two batches wait for each other. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193)
  }
  return value | 0
}

const bucketOf = (value: string) => 1 + ((hash(value) >>> 0) % bucketCount)

function bucketModes(plan: LockPlan): Map<number, boolean> {
  const modes = new Map<number, boolean>()
  if (plan.shared === null) for (let bucket = 1; bucket <= bucketCount; bucket++) modes.set(bucket, false)
  else for (const value of plan.shared) modes.set(bucketOf(value), false)
  if (plan.exclusive === null) for (let bucket = 1; bucket <= bucketCount; bucket++) modes.set(bucket, true)
  else for (const value of plan.exclusive) modes.set(bucketOf(value), true)
  return modes
}

/** Waits until every lock of the plan is held. Statements sent after it see what earlier holders committed. */
export async function takeProfileLocks(transaction: Queryable, tenant: string, plan: LockPlan): Promise<void> {
  const buckets = plan.gate === 'exclusive' ? new Map<number, boolean>() : bucketModes(plan)
  const places = [gatePlace, ...[...buckets.keys()].sort((a, b) => a - b)]
  const modes = places.map((place) => (place === gatePlace ? plan.gate === 'exclusive' : buckets.get(place) === true))
  await transaction.query(
    `select count(case when exclusive then pg_advisory_xact_lock($1::int, place)::text
                       else pg_advisory_xact_lock_shared($1::int, place)::text end)
       from unnest($2::int[], $3::bool[]) as wanted(place, exclusive)`,
    [hash(`profiles:${tenant}`), plainArray(places), plainArray(modes)],
  )
}
