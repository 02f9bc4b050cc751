import type { Queryable } from '../contract/adapter.ts'

/** Rows from which on the planner tells every look-up's index from the others; the database keeps itself informed after that. */
const enoughRows = 1000
const analyzeLock = 7_261_904

/**
 * Lets the planner know of a store's first rows. Plans are kept, and one made while the store was empty would last until the database's
 * own ANALYZE, a minute or more into the first load (PGlite has none at all). Answers whether the store has grown past that.
 */
export async function informPlanner(transaction: Queryable): Promise<boolean> {
  const [row] = await transaction.query<{ grown: boolean; mine: boolean }>(
    `select reltuples >= $1::int as grown, reltuples < $1::int and pg_try_advisory_xact_lock($2::bigint) as mine
     from pg_class where oid = 'profiles'::regclass`,
    [enoughRows, analyzeLock],
  )
  if (row?.mine) await transaction.query('analyze profiles, extensions, links')
  return row?.grown ?? false
}
