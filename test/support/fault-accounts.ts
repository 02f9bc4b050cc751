import { altcraftConfiguration } from '../adapters/altcraft-bench.ts'
import { password, userKey } from '../adapters/dengage-bench.ts'
import { webexConfiguration } from '../adapters/webex-bench.ts'
import type { FaultAccount } from './fault-stands.ts'

export const webexAccount: FaultAccount = {
  vendor: 'webex',
  destination: (baseUrl) => ({ ...webexConfiguration, baseUrl }),
  path: '/profiles/updateBulk',
  read: ({ key, attributes }) => {
    const { firstname: firstName, lastname: lastName } = attributes as Record<string, unknown>
    return { key, firstName, lastName }
  },
}

export const dengageAccount: FaultAccount = {
  vendor: 'dengage',
  destination: (baseUrl) => ({ id: 'dengage', adapter: 'dengage', baseUrl: `${baseUrl}/rest`, userKey, password }),
  path: '/bulk/contacts',
  read: ({ contact_key: key, name: firstName, surname: lastName }) => ({ key, firstName, lastName }),
}

export const altcraftAccount = (format: 'json' | 'xml'): FaultAccount => ({
  vendor: 'altcraft',
  destination: (baseUrl) => ({ ...altcraftConfiguration, baseUrl, format }),
  path: '_batch',
  read: ({ CRM_ID: key, _fname: firstName, _lname: lastName }) => ({ key, firstName, lastName }),
})
