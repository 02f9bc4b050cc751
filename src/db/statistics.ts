import type { Queryable } from '../contract/adapter.ts'

/** Rows from which on the planner tells every look-up's index from the others; the database keeps itself informed after that. */
const enoughRows = 1000
const analyzeLock = 7_261_904

/** What grows together with each table. */
const analyzed = { profiles: 'profiles, extensions, links', extensions: 'extensions' }
export type GrowingTable = keyof typeof analyzed

/**
 * Lets the planner know of a table's first rows. Plans are kept, and one made while the table was empty would last until the database's
 * own ANALYZE, a minute or more into the first load (PGlite has none at all). Answers whether the table has grown past that.
 */
export async function informPlanner(transaction: Queryable, table: GrowingTable): Promise<boolean> {
  const [row] = await transaction.query<{ grown: boolean; mine: boolean }>(
    `select reltuples >= $1::int as grown, reltuples < $1::int and pg_try_advisory_xact_lock($2::bigint) as mine
     from pg_class where oid = $3::regclass`,
    [enoughRows, analyzeLock, table],
  )
  if (row?.mine) await transaction.query(`analyze ${analyzed[table]}`)
  return row?.grown ?? false
}
