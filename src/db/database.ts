import { type Queryable, RetryTransaction } from '../contract/adapter.ts'

/** The gateway's database: PostgreSQL or the embedded PGlite behind the few calls that the rest needs. */
export interface Database extends Queryable {
  readonly kind: 'postgres' | 'pglite'
  /**
   * Runs `work` in one transaction and commits when it resolves, rolls back when it throws. Runs it again from its beginning when it
   * met another one (RetryTransaction, a deadlock, a serialization failure), so `work` keeps nothing between two runs.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>
  /** Calls `onNotify` with the payload of each NOTIFY, and `onListen` whenever listening has (again) begun: what came before may be lost. */
  listen(channel: string, onNotify: (payload: string) => void, onListen: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Told of every statement that is sent, for logs and for tests that count. */
  onStatement?: (text: string) => void
  /** Most connections to PostgreSQL, the listening one apart. */
  maxConnections?: number
}

/**
 * Every look-up here has an index, and a plan made when a table was small must not outlive that: no reading of whole tables, and plans
 * that do not depend on the values of the moment. The statistics that make them come with the migrations.
 */
export const plannerSettings = { enable_seqscan: 'off', plan_cache_mode: 'force_generic_plan' }

const transactionAttempts = 50
const metAnother = new Set(['40001', '40P01'])
const connectionLost = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
])

/** The SQLSTATE or the driver's own code of a fault, null where it has none. */
function faultCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** Whether the database went away under the statement: the transaction may or may not have been committed. */
export function isConnectionLoss(error: unknown): boolean {
  const code = faultCode(error)
  return code !== null && connectionLost.has(code)
}

/** Runs a whole transaction again while it meets others; each run begins from nothing. */
export async function untilAlone<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      const met = error instanceof RetryTransaction || metAnother.has(faultCode(error) ?? '')
      if (!met || attempt >= transactionAttempts) throw error
    }
  }
}
