import type { Sandbox } from '../../src/sandbox/server.ts'

/** The sandbox's three accounts, as gateway.config.json names them. D·engage keeps no pace there. */
export function vendorDestinations({ url }: Pick<Sandbox, 'url'>) {
  return [
    {
      id: 'webex',
      adapter: 'webex',
      baseUrl: `${url}/webex`,
      token: 'webex-sandbox-secret',
      profileName: 'customers',
      fields: { firstName: 'firstname', lastName: 'lastname', email: 'email', phone: 'msisdn' },
    },
    {
      id: 'dengage',
      adapter: 'dengage',
      baseUrl: `${url}/dengage/rest`,
      userKey: 'dengage-sandbox-user',
      password: 'dengage-sandbox-password',
      minIntervalMs: 0,
    },
    {
      id: 'altcraft',
      adapter: 'altcraft',
      baseUrl: `${url}/altcraft`,
      token: 'abcdefghijklmnqrstuvwxyz',
      databaseId: 1,
      keyField: 'CRM_ID',
    },
  ] as const
}
