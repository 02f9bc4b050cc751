import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Queryable, RemoteAdapter, StoreAdapter, VendorAnswer, VendorCall } from '../../src/contract/adapter.ts'
import type { RecordFate, RecordOutcome } from '../../src/contract/outcome.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'

/** What goes wrong with the next call that carries records (logins and polls are let through). Shaped as the sandbox takes it. */
export type BenchFault =
  | {
      kind: 'status'
      status: number
      body?: unknown
      headers?: Record<string, string>
      /** The vendor has applied the call first; `before` unless given. */
      when?: 'before' | 'after'
    }
  | { kind: 'delay'; ms: number; when?: 'before' | 'after' }
  | { kind: 'drop'; when: 'before' | 'after' }
  | { kind: 'garble' }
  | { kind: 'length'; by: number }
  | { kind: 'numbersAsStrings' }

/** What a remote adapter's bench can do beside. */
export interface RemoteBench {
  /** Texts of the settings that must show nowhere. */
  secrets: readonly string[]
  /** The adapter of another process: the same settings but for what is changed. `credential` takes the place of token or password. */
  another(change?: { baseUrl?: string; credential?: string }): RemoteAdapter
  /** Orders a fault for the next calls that carry records: the next one, or as many as `times` says. */
  fault(fault: BenchFault, times?: number): void
  /** Where the vendor stands on the wire. */
  baseUrl: string
  /** What a credential that the vendor does not know comes to; AUTHENTICATION unless given. */
  unknownCredential?: 'FORBIDDEN'
}

/**
 * What `describeAdapter` needs of an adapter's own test file. The suite makes its own records: `key`, `firstName` and `lastName`, and finds
 * them by KEY; the destination must take these (map them in `fields`, configure a `keyField`).
 */
export interface AdapterBench {
  adapter: StoreAdapter | RemoteAdapter
  tenant: string
  /** Where a store keeps its records; for a vendor anything will do (`noDatabase`). */
  database: Queryable & { transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> }
  /** What the destination has stored under the key; null without such a profile. A name that it does not have is absent. */
  stored(key: string): Promise<{ firstName?: string; lastName?: string } | null>
  /** What a record needs at this destination beside key and names: an e-mail, say. */
  extras?(key: string): Partial<ProfileRecord>
  /** Empties the destination and forgets all faults; run before every test. */
  reset(): Promise<void> | void
  close(): Promise<void> | void
  /** null for a store. */
  remote: RemoteBench | null
}

/** For adapters that read nothing from it. */
export const noDatabase: AdapterBench['database'] = {
  query: () => Promise.reject(new TypeError('a vendor adapter has no business in the database')),
  transaction: () => Promise.reject(new TypeError('a vendor adapter has no business in the database')),
}

const applied: ReadonlySet<RecordOutcome> = new Set(['CREATED', 'UPDATED', 'UPSERTED', 'UNCHANGED'])
const notApplied: ReadonlySet<RecordOutcome> = new Set(['FAILED', 'SKIPPED', 'CANCELLED'])

export const isApplied = (outcome: RecordOutcome) => applied.has(outcome)
export const isNotApplied = (outcome: RecordOutcome) => notApplied.has(outcome)

export function expectApplied(fates: readonly (RecordFate | undefined)[], length: number): void {
  expect(fates).toHaveLength(length)
  for (const fate of fates) expect(fate, JSON.stringify(fate)).toSatisfy((one: RecordFate) => isApplied(one.outcome))
}

/** A record of the suite: with what the destination needs beside key and names. */
export function suiteRecord(bench: AdapterBench, key: string, firstName: string, lastName?: string): ProfileRecord {
  return { key, ...bench.extras?.(key), firstName, ...(lastName === undefined ? {} : { lastName }) }
}

/** KEY and CREATE_OR_UPDATE, everything else as the schema defaults it. */
export function suiteOptions(change: Partial<ProfileUpsertOptions> = {}): ProfileUpsertOptions {
  return {
    profileType: null,
    matching: 'KEY',
    matchingField: null,
    upsert: 'CREATE_OR_UPDATE',
    linkPolicy: 'CREATE',
    nulls: 'IGNORE',
    onInvalid: 'SKIP_INVALID',
    skipInvalidExtensions: false,
    skipTriggers: false,
    detectGeo: false,
    resourceId: null,
    maxAffected: 1000,
    audit: [],
    ...change,
  }
}

/** The records in the adapter's own form. Throws for one that is refused. */
export async function prepareAll(
  { adapter, database, tenant }: AdapterBench,
  options: ProfileUpsertOptions,
  records: readonly ProfileRecord[],
): Promise<unknown[]> {
  const preparer = await adapter.preparer(database, tenant, options)
  if (!preparer.ok) throw new TypeError(`unsupported: ${JSON.stringify(preparer.unsupported)}`)
  return records.map((record) => {
    const prepared = preparer.prepare(record)
    if (!prepared.ok) throw new TypeError(`refused: ${JSON.stringify(prepared.errors)}`)
    return prepared.value
  })
}

/** How a call to a vendor goes. */
export interface CallOptions {
  repeated?: boolean
  timeoutMs?: number
}

/** Sends prepared records in one call and sees it through, as the engine would. Throws the call's fate. */
export async function sendValues(
  bench: AdapterBench,
  options: ProfileUpsertOptions,
  values: readonly unknown[],
  { repeated = false, timeoutMs = 10_000 }: CallOptions = {},
): Promise<RecordFate[]> {
  const { adapter, remote, database, tenant } = bench
  if (adapter.kind === 'store' || remote === null) {
    if (adapter.kind !== 'store') throw new TypeError('a remote adapter needs a remote bench')
    return database.transaction((transaction) => adapter.apply(transaction, tenant, options, values))
  }
  const call = (): VendorCall<unknown> => ({
    options,
    records: values,
    repeated,
    signal: AbortSignal.timeout(timeoutMs),
  })
  let answer: VendorAnswer = await adapter.submit(call())
  for (let step = 0; answer.kind === 'continued'; step += 1) {
    if (step >= 20) throw new TypeError('the call is continued without an end')
    // Any process may go on with it: the ticket travels as JSON, and another adapter takes it up.
    const ticket = JSON.parse(JSON.stringify(answer.ticket))
    await wait(1)
    answer = await remote.another().resume(ticket, call())
  }
  return answer.fates
}

export async function send(
  bench: AdapterBench,
  options: ProfileUpsertOptions,
  records: readonly ProfileRecord[],
  callOptions?: CallOptions,
): Promise<RecordFate[]> {
  return sendValues(bench, options, await prepareAll(bench, options, records), callOptions)
}
