import { expect } from 'vitest'
import type { Expectations } from '../../src/adapters/local/expectation.ts'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import { createProfileTypeStore } from '../../src/adapters/local/profile-type-store.ts'
import type { Preparation, RecordKind, StoreOperation, Unsupported } from '../../src/contract/adapter.ts'
import type { ExtensionInput, ProfileInput } from '../../src/contract/input.ts'
import type { RecordError, RecordFate } from '../../src/contract/outcome.ts'
import type { Channel } from '../../src/contract/profile.ts'
import type { InputIssue, ProfileTypeDefinitionInput } from '../../src/contract/profile-type.ts'
import type { ExtensionUpsertOptions, ProfileUpsertOptions } from '../../src/contract/request.ts'
import type { Database } from '../../src/db/database.ts'
import { normaliseKeyedExtension } from '../../src/domain/normalise-keyed-extension.ts'
import { normaliseProfile } from '../../src/domain/normalise-profile.ts'
import { extensionOptions, requestOptions } from '../domain/request-options.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { countWritten, readStoredProfiles, type StoredProfile, setClocksBack } from './stored-state.ts'

/** The local store of one tenant, driven past the job engine: one call is one batch in one transaction. */
export interface LocalTenant {
  readonly name: string
  /** Normalises, prepares and applies; a record that does not get that far has FAILED with what refused it. */
  upsert(records: readonly ProfileInput[], options?: Partial<ProfileUpsertOptions>): Promise<RecordFate[]>
  /** Applies one record and says what became of it: its outcome, or the codes that failed it. */
  outcome(record: ProfileInput, options?: Partial<ProfileUpsertOptions>): Promise<string>
  /** The same for extensions by themselves. */
  upsertExtensions(records: readonly ExtensionInput[], options?: Partial<ExtensionUpsertOptions>): Promise<RecordFate[]>
  extensionOutcome(record: ExtensionInput, options?: Partial<ExtensionUpsertOptions>): Promise<string>
  /** Creates a profile past the outcome: throws when it was not created. */
  create(record: ProfileInput, options?: Partial<ProfileUpsertOptions>): Promise<string>
  define(type: ProfileTypeDefinitionInput): Promise<readonly InputIssue[]>
  extensionType(channel: Channel, name: string): Promise<readonly InputIssue[]>
  profiles(): Promise<StoredProfile[]>
  /** The only profile of that key. */
  byKey(key: string, type?: string): Promise<StoredProfile>
  /** After this, `written` and `created` of the stored profiles, and `written()`, tell what was written from now on. */
  setClocksBack(): Promise<void>
  written(): Promise<{ profiles: number; extensions: number }>
}

export interface LocalBench {
  readonly database: ScratchDatabase
  /** A tenant that nobody else uses. */
  tenant(): LocalTenant
  /** How many statements were sent meanwhile, and what came of it. */
  counted<Result>(work: () => Promise<Result>): Promise<[statements: number, result: Result]>
  close(): Promise<void>
}

export async function openLocalBench(): Promise<LocalBench> {
  let statements = 0
  const database = await openScratchDatabase({
    onStatement: () => {
      statements += 1
    },
  })
  let tenants = 0
  return {
    database,
    tenant() {
      tenants += 1
      return localTenant(database, `tenant-${tenants}`)
    },
    async counted(work) {
      const before = statements
      const result = await work()
      return [statements - before, result]
    },
    close: () => database.close(),
  }
}

export const globalProfileId = (id: string) => Buffer.from(`Profile:${id}`).toString('base64')

/** The outcome, or the codes that failed the record. */
export const said = (fate: RecordFate | undefined) =>
  fate?.errors ? fate.errors.map((error) => error.code).join(' ') : String(fate?.outcome)

/** `expectations`: which way its batches are expected to go, where that is not learned. */
export function localTenant(database: Database, name: string, expectations?: Expectations): LocalTenant {
  const adapter = createLocalAdapter(expectations)
  const types = createProfileTypeStore(database)

  const { extensions } = adapter
  if (!extensions) throw new TypeError('the local store upserts extensions')

  /** One batch in one transaction; a record that does not get that far has FAILED with what refused it. */
  async function carryOut<Value, Kind extends RecordKind, Input>(
    operation: StoreOperation<Value, Kind>,
    options: Kind['options'],
    records: readonly Input[],
    normalise: (input: Input) => { ok: true; record: Kind['record'] } | { ok: false; errors: RecordError[] },
  ): Promise<RecordFate[]> {
    const preparer: Preparation<Value, Kind> | { ok: false; unsupported: Unsupported } = await operation.preparer(
      database,
      name,
      options,
    )
    if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
    const prepared = records.map((record) => {
      const normalised = normalise(record)
      return normalised.ok ? preparer.prepare(normalised.record) : normalised
    })
    const values = prepared.flatMap((one) => (one.ok ? [one.value] : []))
    const fates = await database.transaction((transaction) => operation.apply(transaction, name, options, values))
    expect(fates).toHaveLength(values.length)
    const next = fates.values()
    return prepared.map((one): RecordFate => {
      if (!one.ok) return { outcome: 'FAILED', errors: [...one.errors] }
      const fate = next.next().value ?? { outcome: 'PENDING' }
      return one.warnings.length > 0 ? { ...fate, warnings: [...one.warnings] } : fate
    })
  }

  const upsert: LocalTenant['upsert'] = (records, changed = {}) => {
    const options = requestOptions(changed)
    return carryOut(adapter, options, records, (record) => normaliseProfile(record, options))
  }
  const upsertExtensions: LocalTenant['upsertExtensions'] = (records, changed = {}) => {
    const options = extensionOptions(changed)
    return carryOut(extensions, options, records, (record) => normaliseKeyedExtension(record, options))
  }

  return {
    name,
    upsert,
    async outcome(record, options) {
      return said((await upsert([record], options))[0])
    },
    upsertExtensions,
    async extensionOutcome(record, options) {
      return said((await upsertExtensions([record], options))[0])
    },
    async create(record, options) {
      const [fate] = await upsert([record], { ...options, upsert: 'CREATE_ONLY' })
      if (fate?.outcome !== 'CREATED' || fate.profileId === undefined) throw new TypeError(`not created: ${said(fate)}`)
      return fate.profileId
    },
    async define(type) {
      const defined = await types.define(name, type)
      return defined.ok ? [] : defined.issues
    },
    extensionType: (channel, extension) => types.defineExtensionType(name, { channel, name: extension }),
    profiles: () => readStoredProfiles(database, name),
    async byKey(key, type = 'contact') {
      const found = (await readStoredProfiles(database, name)).filter((one) => one.key === key && one.type === type)
      const [only] = found
      if (!only || found.length > 1)
        throw new TypeError(`${found.length} profiles of the type ${type} have the key ${key}`)
      return only
    },
    setClocksBack: () => setClocksBack(database, name),
    written: () => countWritten(database, name),
  }
}
