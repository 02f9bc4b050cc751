import type { z } from 'zod'
import { altcraftSettings, createAltcraftAdapter } from '../../src/adapters/altcraft/index.ts'
import type { AltcraftRecord } from '../../src/adapters/altcraft/record.ts'
import type { Prepared, RecordPreparer, RemoteAdapter, Unsupported, VendorAnswer } from '../../src/contract/adapter.ts'
import { DestinationError } from '../../src/contract/error.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions, RecordUses } from '../../src/contract/request.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import { type AdapterBench, noDatabase, suiteOptions } from '../support/adapter-bench.ts'
import { openSandboxBench, type SandboxBench } from '../support/sandbox-bench.ts'
import { type ScriptedAnswer, type ScriptedCall, scriptedVendor } from './scripted-vendor.ts'

/** The token of the vendor's example, and of the sandbox. */
export const altcraftToken = 'abcdefghijklmnqrstuvwxyz'

export type Configuration = Partial<z.input<typeof altcraftSettings>>

export const altcraftConfiguration = {
  id: 'altcraft',
  adapter: 'altcraft',
  baseUrl: 'https://altcraft.example.com',
  token: altcraftToken,
  databaseId: 1,
  keyField: 'CRM_ID',
} as const satisfies z.input<typeof altcraftSettings>

/** What the sandbox has stored of a profile. */
export interface StoredProfile {
  id: string
  subscriptions: Record<string, unknown>[]
  triggers: { event: string; fired: boolean }[]
  [field: string]: unknown
}

export interface AltcraftBench extends AdapterBench {
  adapter: RemoteAdapter<AltcraftRecord>
  vendor: SandboxBench
  profiles(): StoredProfile[]
}

/** The adapter against the sandbox, whose settings are those given. */
export async function openAltcraftBench(
  configuration: Configuration = {},
  settings: VendorSettings['altcraft'] = {},
): Promise<AltcraftBench> {
  const vendor = await openSandboxBench('altcraft', '_batch', { altcraft: settings })
  const { sandbox, baseUrl, fault } = vendor
  const another = ({ baseUrl: url = baseUrl, credential = altcraftToken } = {}) => {
    const own = { baseUrl: url, token: credential }
    const parsed = altcraftSettings.parse({ ...altcraftConfiguration, ...configuration, ...own })
    return createAltcraftAdapter(parsed, { fetch, now: Date.now })
  }
  const profiles = () => sandbox.profiles('altcraft') as StoredProfile[]
  return {
    adapter: another(),
    tenant: 'acme',
    database: noDatabase,
    async stored(key) {
      const found = profiles().find((profile) => profile['CRM_ID'] === key)
      if (found === undefined) return null
      const { _fname: firstName, _lname: lastName } = found
      return {
        ...(typeof firstName === 'string' ? { firstName } : {}),
        ...(typeof lastName === 'string' ? { lastName } : {}),
      }
    },
    reset: () => sandbox.reset(),
    close: () => sandbox.stop(),
    remote: { secrets: [altcraftToken], another, fault, baseUrl, unknownCredential: 'FORBIDDEN' },
    vendor,
    profiles,
  }
}

export function altcraftAdapter(configuration: Configuration = {}, ...answers: ScriptedAnswer[]) {
  const { fetch, calls } = scriptedVendor(...answers)
  const settings = altcraftSettings.parse({ ...altcraftConfiguration, ...configuration })
  return { adapter: createAltcraftAdapter(settings, { fetch, now: Date.now }), calls }
}

/** Why the request cannot be honoured, or null. */
export async function unsupportedFor(
  change: Partial<ProfileUpsertOptions>,
  uses: Partial<RecordUses> = {},
  configuration: Configuration = {},
): Promise<Unsupported | null> {
  const { adapter } = altcraftAdapter(configuration)
  const all = { newKey: false, channels: new Set(), fields: new Set(), attributes: new Set(), conditions: new Set() }
  const preparer = await adapter.preparer(noDatabase, 'acme', suiteOptions(change), { ...all, ...uses } as RecordUses)
  return preparer.ok ? null : preparer.unsupported
}

export async function preparerOf(
  change: Partial<ProfileUpsertOptions> = {},
  configuration: Configuration = {},
): Promise<RecordPreparer<AltcraftRecord>> {
  const preparer = await altcraftAdapter(configuration).adapter.preparer(noDatabase, 'acme', suiteOptions(change))
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  return preparer.prepare
}

export async function prepare(
  record: ProfileRecord,
  change: Partial<ProfileUpsertOptions> = {},
  configuration: Configuration = {},
): Promise<Prepared<AltcraftRecord>> {
  return (await preparerOf(change, configuration))(record)
}

/** Prepares the records, sends them in one call to a vendor that gives this answer, and shows all of it. */
export async function ask(
  records: readonly ProfileRecord[],
  change: Partial<ProfileUpsertOptions> = {},
  configuration: Configuration = {},
  reply: ScriptedAnswer = { body: { error: 0, result: records.map(() => ({ error: 0 })) } },
  repeated = false,
): Promise<{ answer: VendorAnswer | DestinationError; call: ScriptedCall | undefined }> {
  const { adapter, calls } = altcraftAdapter(configuration, reply)
  const prepareOne = await preparerOf(change, configuration)
  const values = records.map((record) => preparedValue(prepareOne(record)))
  const options = suiteOptions(change)
  const answer = await adapter
    .submit({ options, records: values, repeated, signal: AbortSignal.timeout(5000) })
    .catch((error: unknown) => {
      if (error instanceof DestinationError) return error
      throw error
    })
  return { answer, call: calls[0] }
}

/** The first profile that is sent for the record. */
export async function sentProfile(
  record: ProfileRecord,
  change: Partial<ProfileUpsertOptions> = {},
  configuration: Configuration = {},
): Promise<unknown> {
  const { call } = await ask([record], change, configuration)
  if (call === undefined) throw new TypeError('nothing was sent')
  const { data } = call.body as { data: unknown[] }
  return data[0]
}

export function preparedValue(prepared: Prepared<AltcraftRecord>): AltcraftRecord {
  if (!prepared.ok) throw new TypeError(JSON.stringify(prepared.errors))
  return prepared.value
}

export function errorsOf(prepared: Prepared<AltcraftRecord>) {
  return prepared.ok ? [] : prepared.errors
}

export function fatesOf(answer: VendorAnswer | DestinationError): RecordFate[] {
  if (answer instanceof DestinationError) throw answer
  if (answer.kind !== 'settled') throw new TypeError('the call is continued')
  return answer.fates
}
