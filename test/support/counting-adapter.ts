import type { Destination, DestinationRegistry, Queryable, StoreAdapter } from '../../src/contract/adapter.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import { channels, linkPolicies, matchingModes, type ProfileRecord, upsertModes } from '../../src/contract/profile.ts'
import { textArray } from '../../src/db/literals.ts'

export interface CountingAdapter extends StoreAdapter<ProfileRecord> {
  /** Runs in the transaction after a batch was written; throw here to break it. */
  afterApply: (transaction: Queryable, records: readonly ProfileRecord[]) => Promise<void>
}

/**
 * A store that writes one row for each record it is given, so that a record applied twice or never shows. What a key begins with decides its
 * fate: `fails-`, `same-` (UNCHANGED), `folded-` (into the record before it); `refused-` is not even prepared, `refused-by-NAME-` not by that adapter.
 */
export function createCountingAdapter(name = 'counting'): CountingAdapter {
  return {
    kind: 'store',
    name,
    capabilities: {
      profiles: {
        matching: matchingModes,
        upsert: upsertModes,
        linkPolicy: linkPolicies,
        channels,
        options: ['newKey', 'nulls', 'skipInvalidExtensions'],
        maxBatchSize: 1000,
        minIntervalMs: 0,
        maxConcurrency: 1,
        source: 'this test',
      },
      extensions: null,
    },
    afterApply: async () => {},
    async preparer() {
      return {
        ok: true,
        prepare: (record) =>
          isRefused(record, name)
            ? { ok: false, errors: [{ code: 'UNKNOWN_ATTRIBUTE', message: `${name} refuses it`, field: 'attributes' }] }
            : { ok: true, value: record, warnings: [] },
      }
    },
    async apply(transaction, tenant, _options, records) {
      await transaction.query(
        'insert into counted (tenant, adapter, key) select $1, $2, key from unnest($3::text[]) with ordinality as given(key, place) order by place',
        [tenant, name, textArray(records.map((record) => record.key ?? null))],
      )
      await this.afterApply(transaction, records)
      return records.map((record, position): RecordFate => fateOf(record, position))
    },
  }
}

function isRefused({ key = '' }: ProfileRecord, name: string): boolean {
  const [refused, by] = /^refused-(?:by-(\w+)-)?/.exec(key) ?? []
  return refused !== undefined && (by === undefined || by === name)
}

function fateOf({ key = '' }: ProfileRecord, position: number): RecordFate {
  if (key.startsWith('fails-')) {
    return { outcome: 'FAILED', errors: [{ code: 'PROFILE_NOT_FOUND', message: `no profile ${key}` }] }
  }
  if (key.startsWith('same-')) return { outcome: 'UNCHANGED', profileId: `id of ${key}` }
  if (key.startsWith('folded-')) return { outcome: 'SUPERSEDED', supersededBy: position - 1 }
  return { outcome: 'CREATED', profileId: `id of ${key}` }
}

export async function createCountedTable(db: Queryable): Promise<void> {
  await db.query(
    'create table counted (id bigserial primary key, tenant text not null, adapter text not null, key text)',
  )
}

/** The keys that were applied for a tenant, in the order of their application. */
export async function countedKeys(db: Queryable, tenant: string, adapter = 'counting'): Promise<(string | null)[]> {
  const rows = await db.query<{ key: string | null }>(
    'select key from counted where tenant = $1 and adapter = $2 order by id',
    [tenant, adapter],
  )
  return rows.map((row) => row.key)
}

/** The same destinations for every tenant. */
export function registryOf(...destinations: Destination[]): DestinationRegistry {
  return {
    all: () => destinations,
    find: (_tenant, id) => destinations.find((destination) => destination.id === id),
    remotes: () => destinations.flatMap(({ adapter }) => (adapter.kind === 'remote' ? [adapter] : [])),
  }
}
