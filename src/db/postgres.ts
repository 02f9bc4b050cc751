import { drizzle } from 'drizzle-orm/pg-proxy'
import postgres from 'postgres'
import type { Queryable } from '../contract/adapter.ts'
import { type Database, type DatabaseOptions, untilAlone } from './database.ts'

const asText = (value: unknown) => String(value)
const asJson = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/**
 * Opens PostgreSQL 15 or newer. Connections are made when first needed. `date` stays text, JSON parameters that are text already are
 * sent as they are. A transaction that a stuck process leaves idle is ended by the server after 20 s, so its rows come free.
 */
export function openPostgres(url: string, { onStatement, maxConnections = 10 }: DatabaseOptions = {}): Database {
  const sql = postgres(url, {
    max: maxConnections,
    connect_timeout: 10,
    onnotice: () => {},
    types: {
      date: { to: 1082, from: [1082], serialize: asText, parse: (text: string) => text },
      json: { to: 114, from: [114, 3802], serialize: asJson, parse: (text: string) => JSON.parse(text) },
      jsonb: { to: 3802, from: [], serialize: asJson, parse: (text: string) => JSON.parse(text) },
    },
    connection: { application_name: 'contact-gateway', jit: false, idle_in_transaction_session_timeout: 20_000 },
  })

  const queryable = (connection: Pick<postgres.Sql, 'unsafe'>): Queryable => ({
    async query<Row>(text: string, params: readonly unknown[] = []) {
      onStatement?.(text)
      const rows = await connection.unsafe(text, [...params] as postgres.ParameterOrJSON<never>[], { prepare: true })
      return rows as unknown as Row[]
    },
  })
  const pool = queryable(sql)

  return {
    kind: 'postgres',
    query: pool.query,
    transaction: <T>(work: (transaction: Queryable) => Promise<T>) =>
      untilAlone(() => sql.begin((connection) => work(queryable(connection))) as Promise<T>),
    async listen(channel, onNotify, onListen) {
      const { unlisten } = await sql.listen(channel, onNotify, onListen)
      return unlisten
    },
    drizzle: drizzle(async (text, params) => {
      onStatement?.(text)
      return { rows: await sql.unsafe(text, params, { prepare: true }).values() }
    }),
    close: () => sql.end({ timeout: 5 }),
  }
}
