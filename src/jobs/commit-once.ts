import type { Queryable } from '../contract/adapter.ts'
import { type Database, isConnectionLoss } from '../db/database.ts'
import type { Bell } from './bell.ts'

const patienceMs = 10_000
const askAgainMs = 250

/**
 * Runs a transaction that stores a row under an id made beforehand, and neither loses nor doubles it when the connection is lost under
 * its commit. Nobody can tell then whether it was committed, so once the database answers again `find` asks after the row: it is there,
 * or the transaction is run again under the same id, which two runs cannot both store. After ten seconds, or when `stopping` rings, the original error is thrown.
 */
export async function commitOnce<T>(
  database: Database,
  work: (transaction: Queryable) => Promise<T>,
  find: () => Promise<T | null>,
  stopping: Bell,
): Promise<T> {
  let lost: { error: unknown; until: number; rings: number } | null = null
  for (;;) {
    try {
      const found = lost === null ? null : await find()
      return found ?? (await database.transaction(work))
    } catch (error) {
      // The first run may have been committed after `find` looked: the second one then fails on its row, whatever the error is called.
      const found = lost === null || isConnectionLoss(error) ? null : await find().catch(() => null)
      if (found !== null) return found
      if (!isConnectionLoss(error)) throw error
      lost ??= { error, until: Date.now() + patienceMs, rings: stopping.rings }
      if (Date.now() >= lost.until || stopping.rings > lost.rings) throw lost.error
      await stopping.wait(askAgainMs, lost.rings)
    }
  }
}
