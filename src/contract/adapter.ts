import type { Capabilities } from './capability.ts'
import type { RecordError, RecordFate, RecordWarning } from './outcome.ts'
import type { JsonValue, KeyedExtensionRecord, ProfileRecord } from './profile.ts'
import type {
  ExtensionUpsertOptions,
  ExtensionUses,
  ProfileUpsertOptions,
  RecordUses,
  UpsertOptions,
} from './request.ts'

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
export type RecordPreparer<Value, Kind extends RecordKind = ProfileKind> = (record: Kind['record']) => Prepared<Value>

/** What an operation is about: its records, what its requests ask for, and what their records use. */
export interface RecordKind {
  record: unknown
  options: UpsertOptions
  uses: unknown
}

export interface ProfileKind extends RecordKind {
  record: ProfileRecord
  options: ProfileUpsertOptions
  uses: RecordUses
}

export interface ExtensionKind extends RecordKind {
  record: KeyedExtensionRecord
  options: ExtensionUpsertOptions
  uses: ExtensionUses
}

/** How records are made ready by a destination that can do what the request wants. */
export interface Preparation<Value, Kind extends RecordKind> {
  ok: true
  prepare(record: Kind['record']): Prepared<Value>
}

export interface Operation<Value, Kind extends RecordKind> {
  /**
   * Reads what preparing needs (type definitions), and answers the preparer or why the request cannot be honoured. `uses` is there when a
   * request is checked, so that a field it uses and the destination cannot name is refused beforehand; at delivery it is absent.
   */
  preparer(
    db: Queryable,
    tenant: string,
    options: Kind['options'],
    uses?: Kind['uses'],
  ): Promise<Preparation<Value, Kind> | { ok: false; unsupported: Unsupported }>
  /**
   * What the destination does differently from what a caller would expect of these options and records, or loses, beyond the warnings of
   * single records: one sentence each, for the dry run.
   */
  caveats?(options: Kind['options'], uses: Kind['uses']): string[]
}

/**
 * Values by which the records of a request and those of another meet. One call may apply both requests, in order, each as if it were alone,
 * where neither holds what the other holds (a record would be folded into another request's) or mentions (a link would see a profile that
 * only the request after it creates).
 */
export interface Claims {
  holds: readonly string[]
  mentions: readonly string[]
}

/** Is told of fates before they are certain: see `apply`. */
export type OnHoped = (fates: readonly RecordFate[]) => void

/** An operation on the gateway's own database: a batch is applied in the transaction that settles it, exactly once. */
export interface StoreOperation<Value = unknown, Kind extends RecordKind = RecordKind> extends Operation<Value, Kind> {
  /**
   * Applies the records one after the other, in order, within the open transaction, and resolves to one fate per record in the same
   * order. Throws `RetryTransaction` when another transaction got in between and all of this one has to be done again.
   *
   * `onHoped` may be called once before that, with the fates that the records have if nothing is met that was not expected, when all
   * statements for them have been sent. What the caller sends then stands if the very same list is what this resolves to; otherwise it has
   * been taken back with those statements.
   */
  apply(
    transaction: Queryable,
    tenant: string,
    options: Kind['options'],
    records: readonly Value[],
    onHoped?: OnHoped,
  ): Promise<RecordFate[]>
  /** null: these records have to be applied alone. Absent: all have. */
  claims?(options: Kind['options'], records: readonly Value[]): Claims | null
  /**
   * What `apply` would answer of these batches, one after the other, for a dry run: whoever calls it rolls the transaction back. As this
   * holds what one batch has locked while it takes the locks of the next, the destination sees to it that no other waits the other way
   * round. Absent: the destination cannot be asked.
   */
  rehearse?(
    transaction: Queryable,
    tenant: string,
    options: Kind['options'],
    batches: readonly (readonly Value[])[],
  ): Promise<RecordFate[]>
}

/** A destination whose records live in the gateway's own database. It upserts profiles; `extensions` is there where it upserts those too. */
export interface StoreAdapter<Value = unknown> extends StoreOperation<Value, ProfileKind> {
  kind: 'store'
  name: string
  capabilities: Capabilities
  extensions?: StoreOperation<unknown, ExtensionKind>
}

/** A call to a vendor. */
export interface VendorCall<Value, Kind extends RecordKind = ProfileKind> {
  options: Kind['options']
  /** In the order in which fates are answered. */
  records: readonly Value[]
  /** An earlier attempt at this very call may have been applied: CREATE_ONLY that finds a profile says UNKNOWN then, not FAILED. */
  repeated: boolean
  /** Aborts when the time that the destination allows a call has passed. */
  signal: AbortSignal
  /** To be called right before the request that the pace counts leaves, after a login say: the next one is paced from there. */
  sending?: () => void
}

/**
 * What a call came to. `settled`: one fate per record, in order. `continued`: it is not over; the ticket, plain JSON without secrets, is
 * stored, and any process goes on with it by `resume`: a `poll` after the poll interval and outside the pace, a further `call` (D·engage's
 * status-only one) when the lane allows it.
 */
export type VendorAnswer = (
  | { kind: 'settled'; fates: RecordFate[] }
  | { kind: 'continued'; by: 'poll' | 'call'; ticket: JsonValue }
) & {
  /** The vendor's own id of the request, shown on the delivery. */
  vendorRequestId?: string
}

/** How a record may travel. */
export interface Travel {
  /** Records of different shapes never share a call: another column set, a rename beside an insert. */
  shape: string
  /** What identifies its profile there; records of one value are applied in order, never in two calls at once. null: could be any (FILTER). */
  matchValue: string | null
  /**
   * What else it reaches there: the new key of a rename, an address that another record could be matched by. Each counts as a match value
   * of its own wherever order matters.
   */
  alsoMatches?: readonly string[]
  /** It shares its call with no other: what the call's answer counts is its own. */
  alone?: true
  /** Its bytes in the call's body, about. */
  bytes: number
}

/** How long to wait for what, as configured. */
export interface Patience {
  timeoutMs: number
  retryBaseMs: number
  pollIntervalMs: number
  pollTimeoutMs: number
  giveUpAfterSeconds: number
}

/**
 * An operation of a vendor. It never waits, retries or splits, and holds no state but an access token: the engine cuts batches, keeps the
 * pace, repeats and settles.
 */
export interface RemoteOperation<Value = unknown, Kind extends RecordKind = RecordKind> extends Operation<Value, Kind> {
  /** Most bytes of a call's records together. */
  maxBatchBytes: number
  travel(options: Kind['options'], record: Value): Travel
  /** The later of two records of one match value with what only the earlier one states; null where they must stay apart. */
  fold(options: Kind['options'], earlier: Value, later: Value): Value | null
  /** Whether sending these records again is harmless when nobody knows if they were applied (semantics: safe to repeat). */
  isRepeatable(options: Kind['options'], records: readonly Value[]): boolean
  /** Throws a DestinationError for the call's fate; anything else thrown is a bug. */
  submit(call: VendorCall<Value, Kind>): Promise<VendorAnswer>
  resume(ticket: JsonValue, call: VendorCall<Value, Kind>): Promise<VendorAnswer>
  /**
   * The fates of a call that answered `continued` and will not be gone on with: patience has ended, the delivery ends, the job is
   * cancelled. Absent: nothing is known of its records (UNKNOWN).
   */
  abandon?(ticket: JsonValue, call: Omit<VendorCall<Value, Kind>, 'signal'>): RecordFate[]
}

/** A vendor's interface. Everything of the outside is handed to it when it is made. It upserts profiles; `extensions` is there where it upserts those too. */
export interface RemoteAdapter<Value = unknown> extends RemoteOperation<Value, ProfileKind> {
  kind: 'remote'
  name: string
  capabilities: Capabilities
  /** Names the vendor account (base URL and credential) without giving it away; destinations with the same lane share one pace. */
  lane: string
  patience: Patience
  extensions?: RemoteOperation<unknown, ExtensionKind>
}

/** Thrown inside a transaction that met another: nothing is wrong, roll it back and run it again from its beginning. */
export class RetryTransaction extends Error {
  override name = 'RetryTransaction'
}

/** One configured account of an adapter, as a tenant names it. */
export interface Destination {
  id: string
  adapter: StoreAdapter | RemoteAdapter
}

/** The destinations of each tenant. */
export interface DestinationRegistry {
  /** In the order of the configuration, `local` first. */
  all(tenant: string): readonly Destination[]
  find(tenant: string, id: string): Destination | undefined
  /** Every remote adapter that any tenant has, for the pace of their lanes. */
  remotes(): readonly RemoteAdapter[]
}
