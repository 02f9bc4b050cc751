import type { Queryable } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import { type GrowingTable, informPlanner } from '../../db/statistics.ts'

/** While a table is young, the planner is informed each time that so many rows have been added. */
const createdBetweenLooks = 100

/** Called after each batch that writes to the table, in its transaction. */
export type Growth = (transaction: Queryable, fates: readonly RecordFate[]) => Promise<void>

export function watchGrowth(table: GrowingTable): Growth {
  let hasGrown = false
  let createdUnseen = 0
  return async (transaction, fates) => {
    if (hasGrown) return
    createdUnseen += fates.filter((fate) => fate.outcome === 'CREATED').length
    if (createdUnseen < createdBetweenLooks) return
    hasGrown = await informPlanner(transaction, table)
    createdUnseen = 0
  }
}
