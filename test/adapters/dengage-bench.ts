import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { createDengageAdapter, dengageSettings } from '../../src/adapters/dengage/index.ts'
import type { DengageRecord } from '../../src/adapters/dengage/record.ts'
import type { RemoteAdapter, VendorAnswer, VendorCall } from '../../src/contract/adapter.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import { type AdapterBench, noDatabase, suiteOptions } from '../support/adapter-bench.ts'
import { openSandboxBench, type SandboxBench } from '../support/sandbox-bench.ts'

export const userKey = 'dengage-sandbox-user'
export const password = 'dengage-sandbox-password'

type Configuration = z.input<typeof dengageSettings>

export const dengageConfiguration: Configuration = {
  id: 'dengage',
  adapter: 'dengage',
  baseUrl: 'https://api.dengage.com/rest',
  userKey: 'acme-api-user',
  password: 'correct horse battery',
}

export const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/dengage/${name}.json`, import.meta.url), 'utf8'))

export interface DengageBench extends AdapterBench {
  adapter: RemoteAdapter<DengageRecord>
  vendor: SandboxBench
  /** All that the sandbox has stored under the key, by column. */
  row(key: string): Record<string, unknown> | undefined
}

/** The adapter against the sandbox, whose settings are those given. */
export async function openDengageBench(
  settings: VendorSettings['dengage'] = {},
  configuration: Partial<Configuration> = {},
): Promise<DengageBench> {
  const vendor = await openSandboxBench('dengage', '/bulk/contacts', { dengage: settings })
  const { sandbox, fault } = vendor
  const restUrl = `${vendor.baseUrl}/rest`
  const another = ({ baseUrl = restUrl, credential }: { baseUrl?: string; credential?: string } = {}) => {
    const account = credential === undefined ? { userKey, password } : { userKey: credential, password: credential }
    return createDengageAdapter(
      dengageSettings.parse({ ...dengageConfiguration, ...account, baseUrl, ...configuration }),
      { fetch, now: Date.now },
    )
  }
  const row = (key: string) =>
    (sandbox.profiles('dengage') as Record<string, unknown>[]).find((one) => one['contact_key'] === key)
  const bench: DengageBench = {
    adapter: another(),
    tenant: 'acme',
    database: noDatabase,
    async stored(key) {
      const found = row(key)
      if (found === undefined) return null
      const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
      const [firstName, lastName] = [text(found['name']), text(found['surname'])]
      return { ...(firstName === undefined ? {} : { firstName }), ...(lastName === undefined ? {} : { lastName }) }
    },
    reset() {
      sandbox.reset()
      // A reset forgets logins too: the token that the adapter still has would cost a call, which meets the next fault.
      bench.adapter = another()
    },
    close: () => sandbox.stop(),
    remote: { secrets: [userKey, password], another, fault, baseUrl: restUrl },
    vendor,
    row,
  }
  return bench
}

/** One request as it left. */
export interface SentRequest {
  path: string
  headers: Headers
  body: unknown
}

type CannedAnswer = { status?: number; body: unknown; headers?: Record<string, string> }

/** An adapter whose calls are answered from a list, the login apart, which succeeds unless `login` says otherwise. */
export function cannedAdapter(
  answers: CannedAnswer[],
  {
    configuration = {},
    now = () => 0,
    login,
  }: { configuration?: Partial<Configuration>; now?: () => number; login?: () => CannedAnswer } = {},
) {
  const sent: SentRequest[] = []
  let logins = 0
  const answerTo = (path: string): CannedAnswer => {
    if (path.endsWith('/login')) {
      logins += 1
      return login?.() ?? { body: { access_token: `token-${logins}`, expires_in: 3600 } }
    }
    const answer = answers.shift()
    if (answer === undefined) throw new TypeError(`no answer is left for ${path}`)
    return answer
  }
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const path = new URL(String(url)).pathname
    sent.push({ path, headers: new Headers(init?.headers), body: JSON.parse(String(init?.body)) })
    const { status = 200, body, headers = {} } = answerTo(path)
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
  }
  const settings = dengageSettings.parse({ ...dengageConfiguration, ...configuration })
  return { adapter: createDengageAdapter(settings, { fetch, now }), settings, sent, fetch, now }
}

export async function prepared(
  adapter: RemoteAdapter<DengageRecord>,
  options: ProfileUpsertOptions,
  records: readonly ProfileRecord[],
): Promise<DengageRecord[]> {
  const preparer = await adapter.preparer(noDatabase, 'acme', options)
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  return records.map((record) => {
    const one = preparer.prepare(record)
    if (!one.ok) throw new TypeError(JSON.stringify(one.errors))
    return one.value
  })
}

export async function callOf(
  adapter: RemoteAdapter<DengageRecord>,
  records: readonly ProfileRecord[],
  change: Partial<ProfileUpsertOptions> = {},
  more: Partial<Pick<VendorCall<DengageRecord>, 'repeated' | 'sending'>> = {},
): Promise<VendorCall<DengageRecord>> {
  const options = suiteOptions(change)
  const values = await prepared(adapter, options, records)
  return { options, records: values, repeated: false, signal: AbortSignal.timeout(5000), ...more }
}

/** Submits the records and answers their fates. Throws where the call is continued. */
export async function fatesOf(
  adapter: RemoteAdapter<DengageRecord>,
  records: readonly ProfileRecord[],
  change: Partial<ProfileUpsertOptions> = {},
  more: Partial<Pick<VendorCall<DengageRecord>, 'repeated' | 'sending'>> = {},
): Promise<RecordFate[]> {
  return settledFates(await adapter.submit(await callOf(adapter, records, change, more)))
}

export function settledFates(answer: VendorAnswer): RecordFate[] {
  if (answer.kind !== 'settled') throw new TypeError('the call is continued')
  return answer.fates
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new TypeError(`it resolved to ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
}
