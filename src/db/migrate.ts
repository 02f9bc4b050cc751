import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { Database } from './database.ts'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
const migrationLock = 7_261_903

/**
 * Brings the database to the schema of this version. Any number of processes may do so at once: they take turns at a lock, and all but
 * the first find nothing left to do. All missing migrations are one transaction. A database that is ahead of this version is refused.
 */
export async function migrate(database: Database): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder })
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1::bigint)', [migrationLock])
    await transaction.query(
      'create table if not exists gateway_migrations (created_at bigint primary key, hash text not null)',
    )
    const done = await transaction.query<{ hash: string }>('select hash from gateway_migrations order by created_at')
    const known = new Set(migrations.map((migration) => migration.hash))
    if (done.some((row) => !known.has(row.hash))) {
      throw new Error('The database was migrated by another version of the gateway: start that version or a newer one')
    }
    for (const migration of migrations.slice(done.length)) {
      for (const statement of migration.sql) await transaction.query(statement)
      await transaction.query('insert into gateway_migrations (created_at, hash) values ($1::bigint, $2)', [
        migration.folderMillis,
        migration.hash,
      ])
    }
  })
}
