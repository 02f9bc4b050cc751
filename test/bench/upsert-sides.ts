import { v7 as uuidv7 } from 'uuid'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import type { MatchingMode } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import type { DatabaseOptions } from '../../src/db/database.ts'
import { textArray } from '../../src/db/literals.ts'
import { normaliseProfile } from '../../src/domain/normalise-profile.ts'
import { createJobEngine } from '../../src/jobs/engine.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'

/** One way of upserting a batch, in a database of its own. */
export interface Side {
  name: 'bare' | 'adapter' | 'engine'
  database: ScratchDatabase
  /** Where its rows are. */
  table: 'bare_profiles' | 'profiles'
  /** Does what is not measured; the answer upserts the batch and resolves when that is committed. */
  ready(matching: MatchingMode, profiles: readonly ProfileInput[]): Promise<() => Promise<unknown>>
  close(): Promise<void>
}

const tenant = 'bench'
const columns = ['email', 'phone', 'first_name', 'last_name', 'email_status', 'phone_status'] as const

/**
 * What the ratio is measured against: one statement, committed by itself, into a copy of the profiles table with all its indexes. No
 * validation, no look-up by anything but the key, no outcomes, no locks beyond the rows', a write even where nothing changes.
 */
async function openBareSide(database: ScratchDatabase): Promise<Side> {
  await database.query('create table bare_profiles (like profiles including all)')
  await database.query(
    'alter table bare_profiles alter column tenant set (n_distinct = 1), alter column type set (n_distinct = 1)',
  )
  const statement = `insert into bare_profiles (tenant, id, type, key, attributes, ${columns.join(', ')})
     select $1, id, 'contact', key, attributes, ${columns.join(', ')}
       from unnest($2::uuid[], $3::text[], $4::jsonb[], ${columns.map((_, place) => `$${place + 5}::text[]`).join(', ')})
         as v(id, key, attributes, ${columns.join(', ')})
     on conflict (tenant, type, key) do update
       set attributes = bare_profiles.attributes || excluded.attributes, updated_at = now(),
           ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`
  return {
    name: 'bare',
    database,
    table: 'bare_profiles',
    ready: async (_matching, profiles) => () => {
      const texts = (read: (profile: ProfileInput) => string | null | undefined) =>
        textArray(profiles.map((profile) => read(profile) ?? null))
      return database.query(statement, [
        tenant,
        textArray(profiles.map(() => uuidv7())),
        texts((profile) => profile.key),
        texts((profile) => JSON.stringify(profile.attributes ?? {})),
        texts((profile) => profile.email),
        texts((profile) => profile.phone),
        texts((profile) => profile.firstName),
        texts((profile) => profile.lastName),
        texts(() => 'ACTIVE'),
        texts(() => 'ACTIVE'),
      ])
    },
    close: () => database.close(),
  }
}

const optionsFor = (matching: MatchingMode): ProfileUpsertOptions => ({
  profileType: null,
  matching,
  matchingField: null,
  upsert: 'CREATE_OR_UPDATE',
  linkPolicy: 'CREATE',
  nulls: 'IGNORE',
  onInvalid: 'REJECT_ALL',
  skipInvalidExtensions: false,
  skipTriggers: false,
  detectGeo: false,
  resourceId: null,
  maxAffected: 1000,
  audit: [],
})

/** The store adapter as the job engine uses it: records, normalised already, are made ready and applied in one transaction. No job is stored. */
async function openAdapterSide(database: ScratchDatabase): Promise<Side> {
  const adapter = createLocalAdapter()
  await defineAttributes(database)
  return {
    name: 'adapter',
    database,
    table: 'profiles',
    async ready(matching, profiles) {
      const options = optionsFor(matching)
      const records = profiles.map((profile) => {
        const normalised = normaliseProfile(profile, options)
        if (!normalised.ok) throw new Error(normalised.errors[0]?.message)
        return normalised.record
      })
      return async () => {
        const preparing = await adapter.preparer(database, tenant, options)
        if (!preparing.ok) throw new Error(`local refuses ${preparing.unsupported.feature}`)
        const values = records.map((record) => {
          const prepared = preparing.prepare(record)
          if (!prepared.ok) throw new Error(prepared.errors[0]?.message)
          return prepared.value
        })
        const fates = await database.transaction((transaction) => adapter.apply(transaction, tenant, options, values))
        const failed = fates.find((fate) => fate.outcome === 'FAILED')
        if (failed) throw new Error(failed.errors?.[0]?.message)
      }
    },
    close: () => database.close(),
  }
}

/** A whole request: checked, applied, and stored as a job with its results, in one transaction. */
async function openEngineSide(database: ScratchDatabase): Promise<Side> {
  const destination = { id: 'local', adapter: createLocalAdapter() }
  const silent = () => {}
  const engine = createJobEngine({
    database,
    registry: { all: () => [destination], find: () => destination, remotes: () => [] },
    limits: { recordsPerMutation: 10_000, uploadBytes: 1_000_000_000, uploadTtlHours: 24 },
    role: 'api',
    log: { info: silent, warn: silent, error: silent },
  })
  await defineAttributes(database)
  await engine.start()
  return {
    name: 'engine',
    database,
    table: 'profiles',
    async ready(matching, profiles) {
      const { profileType: _, matchingField: __, resourceId: ___, ...options } = optionsFor(matching)
      const input: BulkUpsertProfilesInput = {
        ...options,
        destinations: ['local'],
        waitSeconds: 10,
        profiles: [...profiles],
      }
      return async () => {
        const result = await engine.submitProfiles(tenant, input)
        if (result.kind !== 'job' || result.job.state !== 'SUCCEEDED') {
          throw new Error(`the request ended as ${result.kind === 'job' ? result.job.state : result.message}`)
        }
      }
    },
    async close() {
      await engine.stop()
      await database.close()
    },
  }
}

async function defineAttributes(database: ScratchDatabase): Promise<void> {
  await database.query(
    `insert into attribute_definitions (tenant, profile_type, name, type, importable)
     values ($1, 'contact', 'tier', 'STRING', true), ($1, 'contact', 'points', 'INTEGER', true)`,
    [tenant],
  )
}

const openers = { bare: openBareSide, adapter: openAdapterSide, engine: openEngineSide }

/** The sides of those names. Each has a database of its own, so that their tables grow alike. */
export async function openSides(names: readonly string[], options: DatabaseOptions): Promise<readonly Side[]> {
  const sides: Side[] = []
  for (const name of names) {
    const open = openers[name as Side['name']]
    if (!open) throw new Error(`There is no side ${name}: choose among ${Object.keys(openers).join(', ')}`)
    sides.push(await open(await openScratchDatabase(options)))
  }
  // The database's own housekeeping would fall on one side or another.
  for (const { database, table } of sides) await database.query(`alter table ${table} set (autovacuum_enabled = off)`)
  return sides
}
