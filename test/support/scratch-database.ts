import { randomBytes } from 'node:crypto'
import type { Database, DatabaseOptions } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPglite } from '../../src/db/pglite.ts'
import { openPostgres } from '../../src/db/postgres.ts'

/** A migrated database of a test's own. `close()` leaves nothing of it behind. */
export interface ScratchDatabase extends Database {
  /** What another process would find it at; null on PGlite, which belongs to one process. */
  readonly url: string | null
}

/**
 * Opens an empty database of the current schema: on the server of DATABASE_URL under a name of its own, else PGlite in memory. PGlite
 * takes about two seconds to open: share one among the tests of a file, each with a tenant of its own.
 */
export async function openScratchDatabase(options: DatabaseOptions = {}): Promise<ScratchDatabase> {
  const server = process.env['DATABASE_URL']
  if (!server) {
    const database = await openPglite(null, options)
    await migrate(database)
    return { ...database, url: null }
  }
  const name = `scratch_${randomBytes(8).toString('hex')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  await onServer(server, `create database ${name}`)
  const database = openPostgres(url.href, options)
  try {
    await migrate(database)
  } catch (error) {
    await database.close()
    await onServer(server, `drop database ${name} with (force)`)
    throw error
  }
  return {
    ...database,
    url: url.href,
    async close() {
      await database.close()
      await onServer(server, `drop database if exists ${name} with (force)`)
    },
  }
}

async function onServer(server: string, statement: string): Promise<void> {
  const database = openPostgres(server, { maxConnections: 1 })
  try {
    await database.query(statement)
  } finally {
    await database.close()
  }
}
