import postgres from 'postgres'
import type { Queryable } from '../contract/adapter.ts'
import { type Database, type DatabaseOptions, isConnectionLoss, plannerSettings, untilAlone } from './database.ts'
import { arrayTypes } from './postgres-arrays.ts'

const asText = (value: unknown) => String(value)
const asJson = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Statements that are kept prepared on every connection; the gateway's own are about a hundred. */
const mostPrepared = 500

/**
 * Opens PostgreSQL 15 or newer. Connections are made when first needed. `date` stays text, JSON parameters that are text already are
 * sent as they are. A transaction that a stuck process leaves idle is ended by the server after 20 s, so its rows come
 * free; one that is left in the middle of a statement is ended by endStuckSessions.
 */
export function openPostgres(url: string, { onStatement, maxConnections = 10 }: DatabaseOptions = {}): Database {
  const sql = postgres(url, {
    max: maxConnections,
    connect_timeout: 10,
    // The driver's own pause grows to 20 s over the attempts of all connections: a restart of 3 s would cost 10.
    backoff: (attempts) => Math.min(0.1 * 2 ** attempts, 1),
    onnotice: () => {},
    fetch_types: false,
    types: {
      ...arrayTypes,
      date: { to: 1082, from: [1082], serialize: asText, parse: (text: string) => text },
      json: { to: 114, from: [114, 3802], serialize: asJson, parse: (text: string) => JSON.parse(text) },
      jsonb: { to: 3802, from: [], serialize: asJson, parse: (text: string) => JSON.parse(text) },
    },
    connection: {
      application_name: 'contact-gateway',
      jit: false,
      idle_in_transaction_session_timeout: 20_000,
      ...plannerSettings,
    },
  })

  // The shape of a filter, or which fields a batch touches, is in the text: callers may not fill the memory of both sides with them.
  const prepared = new Set<string>()
  const isPrepared = (text: string) => {
    if (prepared.size < mostPrepared) prepared.add(text)
    return prepared.has(text)
  }

  const queryable = (connection: Pick<postgres.Sql, 'unsafe'>): Queryable => ({
    async query<Row>(text: string, params: readonly unknown[] = []) {
      onStatement?.(text)
      const values = [...params] as postgres.ParameterOrJSON<never>[]
      const rows = await connection.unsafe(text, values, { prepare: isPrepared(text) })
      return rows as unknown as Row[]
    },
  })
  const pool = queryable(sql)

  /**
   * One run of a transaction, which sends nothing more once its connection is lost. The driver would write to a socket that is no longer
   * there, in a callback where nobody can catch it, and the process would die (porsager/postgres#1208). Its own rollback would be such a
   * write: so lost work never settles, and `begin` rejects because the connection closed.
   */
  const runTransaction = <T>(work: (transaction: Queryable) => Promise<T>): Promise<T> => {
    let lost: unknown = null
    const run = async (connection: Queryable): Promise<T> => {
      const result = await work({
        async query<Row>(text: string, params?: readonly unknown[]) {
          if (lost !== null) throw lost
          try {
            return await connection.query<Row>(text, params)
          } catch (error) {
            if (isConnectionLoss(error)) lost ??= error
            throw error
          }
        },
      }).catch((error: unknown) => {
        if (lost === null) throw error
      })
      return lost === null ? (result as T) : new Promise<never>(() => {})
    }
    const running = sql.begin((connection) => run(queryable(connection))) as Promise<T>
    running.catch((error: unknown) => {
      lost ??= error
    })
    return running
  }

  return {
    kind: 'postgres',
    query: pool.query,
    transaction: (work) => untilAlone(() => runTransaction(work)),
    async listen(channel, onNotify, onListen) {
      const { unlisten } = await sql.listen(channel, onNotify, onListen)
      return unlisten
    },
    close: () => sql.end({ timeout: 5 }),
  }
}
