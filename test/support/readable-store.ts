import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../../src/db/database.ts'
import { openPglite } from '../../src/db/pglite.ts'
import type { GatewaySettings } from './gateway.ts'
import { openScratchDatabase } from './scratch-database.ts'

/** An empty store for one gateway, that can be read whole when the gateway has stopped. */
export interface ReadableStore {
  settings: Pick<GatewaySettings, 'databaseUrl' | 'environment'>
  /** Ends the gateway's connections, if it has any. */
  cutConnections(): Promise<void>
  /** Every row of every table, as JSON, by the table's name. The embedded store can be read only when its gateway has stopped. */
  readTables(): Promise<Map<string, string>>
  close(): Promise<void>
}

/** On PostgreSQL the gateway comes as a user of its own with that password, whether or not the server asks for it. */
export function openReadableStore(password: string): Promise<ReadableStore> {
  return process.env['DATABASE_URL'] ? openOnServer(password) : openEmbedded()
}

async function openOnServer(password: string): Promise<ReadableStore> {
  const database = await openScratchDatabase()
  const role = `scratch_${randomBytes(8).toString('hex')}`
  const literal = `'${password.replaceAll("'", "''")}'`
  await database.query(`create role ${role} login password ${literal}`)
  await database.query('drop schema public cascade')
  await database.query(`create schema public authorization ${role}`)
  const url = new URL(database.url ?? '')
  url.username = role
  url.password = encodeURIComponent(password)
  return {
    settings: { databaseUrl: url.href },
    async cutConnections() {
      await database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role])
    },
    readTables: () => readTables(database),
    async close() {
      await database.query(`drop owned by ${role} cascade`)
      await database.query(`drop role ${role}`)
      await database.close()
    },
  }
}

async function openEmbedded(): Promise<ReadableStore> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-store-'))
  return {
    settings: { environment: { DATA_DIR: directory } },
    async cutConnections() {},
    async readTables() {
      const database = await openPglite(directory)
      try {
        return await readTables(database)
      } finally {
        await database.close()
      }
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

async function readTables(database: Database): Promise<Map<string, string>> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema')`,
  )
  const texts = new Map<string, string>()
  for (const { name } of tables) {
    const rows = await database.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`)
    texts.set(name, rows.map(({ text }) => text).join('\n'))
  }
  return texts
}
