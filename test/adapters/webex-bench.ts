import type { z } from 'zod'
import { createWebexAdapter, webexSettings } from '../../src/adapters/webex/index.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import { type AdapterBench, noDatabase } from '../support/adapter-bench.ts'
import { openSandboxBench, type SandboxBench } from '../support/sandbox-bench.ts'

export const webexToken = 'webex-sandbox-secret'

export const webexConfiguration = {
  id: 'webex',
  adapter: 'webex',
  baseUrl: 'https://acme.webexcampaign.io',
  token: webexToken,
  profileName: 'customers',
  fields: { firstName: 'firstname', lastName: 'lastname', email: 'email', phone: 'msisdn' },
} as const satisfies z.input<typeof webexSettings>

export const outside = { fetch, now: Date.now }

interface Row {
  key: string
  attributes: Record<string, string>
}

export interface WebexBench extends AdapterBench {
  vendor: SandboxBench
}

/** The adapter against the sandbox, whose settings are those given. */
export async function openWebexBench(settings: VendorSettings['webex'] = {}): Promise<WebexBench> {
  const vendor = await openSandboxBench('webex', '/profiles/updateBulk', { webex: settings })
  const { sandbox, baseUrl, fault } = vendor
  const another = ({ baseUrl: url = baseUrl, credential = webexToken } = {}) =>
    createWebexAdapter(webexSettings.parse({ ...webexConfiguration, baseUrl: url, token: credential }), outside)
  return {
    adapter: another(),
    tenant: 'acme',
    database: noDatabase,
    async stored(key) {
      const row = (sandbox.profiles('webex') as Row[]).find((one) => one.key === key)
      if (row === undefined) return null
      const { firstname: firstName, lastname: lastName } = row.attributes
      return { ...(firstName === undefined ? {} : { firstName }), ...(lastName === undefined ? {} : { lastName }) }
    },
    reset: () => sandbox.reset(),
    close: () => sandbox.stop(),
    remote: { secrets: [webexToken], another, fault, baseUrl },
    vendor,
  }
}
