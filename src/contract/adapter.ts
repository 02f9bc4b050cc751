import type { Capabilities } from './capability.ts'
import type { RecordError, RecordFate, RecordWarning } from './outcome.ts'
import type { ProfileRecord } from './profile.ts'
import type { ProfileUpsertOptions } from './request.ts'

/** The one thing that statements are sent through: a pool, or the transaction that is open. */
export interface Queryable {
  /** Runs one statement with `$1` parameters and resolves to its rows as objects. */
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

/** A request-level refusal: the destination cannot do what was asked, whatever the records say. */
export interface Unsupported {
  /** What was asked for, in the schema's words: `matching`, `upsert`, `skipTriggers`, `profileType` … */
  feature: string
  requested: string
  supported: readonly string[]
}

/**
 * A record made ready for one destination, or refused there before anything is stored. `value` is the adapter's own form of the
 * record; nothing but the adapter looks into it.
 */
export type Prepared<Value> =
  | { ok: true; value: Value; warnings: readonly RecordWarning[] }
  | { ok: false; errors: readonly RecordError[] }

/** Turns one record into the destination's own form, synchronously and without side effects. Same record, same answer. */
export type RecordPreparer<Value> = (record: ProfileRecord) => Prepared<Value>

/** A destination whose records live in the gateway's own database: a batch is applied in the transaction that settles it, exactly once. */
export interface StoreAdapter<Value = unknown> {
  kind: 'store'
  name: string
  capabilities: Capabilities
  /** Reads what preparing needs (type definitions), and answers the preparer or why the request cannot be honoured. */
  preparer(
    db: Queryable,
    tenant: string,
    options: ProfileUpsertOptions,
  ): Promise<{ ok: true; prepare: RecordPreparer<Value> } | { ok: false; unsupported: Unsupported }>
  /**
   * Applies the records one after the other, in order, within the open transaction, and resolves to one fate per record in the same
   * order. Throws `RetryTransaction` when another transaction got in between and all of this one has to be done again.
   */
  apply(
    transaction: Queryable,
    tenant: string,
    options: ProfileUpsertOptions,
    records: readonly Value[],
  ): Promise<RecordFate[]>
}

/** Thrown inside a transaction that met another: nothing is wrong, roll it back and run it again from its beginning. */
export class RetryTransaction extends Error {
  override name = 'RetryTransaction'
}

/** One configured account of an adapter, as a tenant names it. */
export interface Destination {
  id: string
  adapter: StoreAdapter
}

/** The destinations of each tenant. */
export interface DestinationRegistry {
  /** In the order of the configuration, `local` first. */
  all(tenant: string): readonly Destination[]
  find(tenant: string, id: string): Destination | undefined
}
