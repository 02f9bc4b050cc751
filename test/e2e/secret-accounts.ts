import type { FaultOrder } from '../../src/sandbox/fault.ts'
import type { VendorName } from '../../src/sandbox/vendor.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import type { GatewaySettings } from '../support/gateway.ts'
import type { Secrets } from '../support/secret-search.ts'

// The accounts of the run in secrets.test.ts. Its secrets have characters that JSON, XML, URLs and base64 each write in a way of their own.

/** By the environment variables that gateway.config.json names them by. */
export const environment = {
  ACME_KEY: 'acme/KEY+3f9c1b7e==',
  READING_KEY: 'reading/KEY+b2d05a61==',
  WEBEX_TOKEN: 'webex/TOKEN+a81f40c7==',
  FORBIDDEN_TOKEN: 'webex/FORBIDDEN+6e20d9==',
  DENGAGE_USER: 'dengage/USER+77ab01c2',
  DENGAGE_PASSWORD: 'correct "horse" & battery/staple+4',
  ALTCRAFT_TOKEN: 'altcraft/TOKEN+5c1d&88ef==',
  WRONG_TOKEN: 'nobody/TOKEN+19c3&7a54==',
  WRONG_PASSWORD: 'incorrect "horse" & battery/staple+5',
} as const

export const databasePassword = 'p@ss:word/9%é+7d'

/** As gateway.config.json has it. */
const from = (name: keyof typeof environment) => `\${${name}}`

export const secrets: Secrets = { ...environment, 'database password': databasePassword }

export const vendorSettings: VendorSettings = {
  webex: { tokens: [environment.WEBEX_TOKEN], forbiddenTokens: [environment.FORBIDDEN_TOKEN] },
  dengage: { userKey: environment.DENGAGE_USER, password: environment.DENGAGE_PASSWORD, loginSeconds: 2 },
  altcraft: { tokens: [{ token: environment.ALTCRAFT_TOKEN }] },
}

/** gateway.config.json for the vendors at `url`. */
export function configurationFor(url: string) {
  const patience = { retryBaseMs: 10, pollIntervalMs: 20 }
  const webex = (id: string, token: string, baseUrl = `${url}/webex`) => ({
    ...{ id, adapter: 'webex', baseUrl, token, profileName: 'customers', ...patience },
    fields: { firstName: 'firstname', email: 'email' },
  })
  const dengage = (id: string, password: string) => ({
    ...{ id, adapter: 'dengage', baseUrl: `${url}/dengage/rest`, userKey: from('DENGAGE_USER'), password },
    ...{ ...patience, minIntervalMs: 0 },
  })
  const altcraft = (id: string, token: string, format: string) => ({
    ...{ id, adapter: 'altcraft', baseUrl: `${url}/altcraft`, token, databaseId: 1, keyField: 'CRM_ID', format },
    ...patience,
  })
  return {
    apiKeys: [
      { key: from('ACME_KEY'), tenant: 'acme', scopes: ['read', 'write', 'admin'] },
      { key: from('READING_KEY'), tenant: 'acme', scopes: ['read'] },
    ],
    tenants: {
      acme: {
        destinations: [
          webex('webex', from('WEBEX_TOKEN')),
          webex('webex-forbidden', from('FORBIDDEN_TOKEN')),
          webex('webex-wrong', from('WRONG_TOKEN')),
          { ...webex('webex-nowhere', from('WEBEX_TOKEN'), 'http://127.0.0.1:9'), giveUpAfterSeconds: 1 },
          dengage('dengage', from('DENGAGE_PASSWORD')),
          dengage('dengage-wrong', from('WRONG_PASSWORD')),
          altcraft('altcraft', from('ALTCRAFT_TOKEN'), 'json'),
          altcraft('altcraft-xml', from('ALTCRAFT_TOKEN'), 'xml'),
          altcraft('altcraft-wrong', from('WRONG_TOKEN'), 'json'),
        ],
      },
    },
  }
}

const misplaced = {
  apiKeys: [
    { key: from('ACME_KEY'), tenant: `${from('ACME_KEY')}\n`, scopes: [from('ACME_KEY')] },
    { key: `${from('ACME_KEY')} and more`, tenant: 'acme', scopes: [], [from('ACME_KEY')]: true },
    from('ACME_KEY'),
  ],
  jwt: from('ACME_KEY'),
  tenants: {
    acme: {
      destinations: [
        {
          id: 'a',
          adapter: 'webex',
          baseUrl: from('WEBEX_TOKEN'),
          token: `${from('WEBEX_TOKEN')} `,
          fields: from('WEBEX_TOKEN'),
        },
        {
          id: 'b',
          adapter: 'webex',
          baseUrl: `https://user:${from('DENGAGE_USER')}@example.com`,
          token: [from('WEBEX_TOKEN')],
        },
        {
          id: 'c',
          adapter: 'dengage',
          baseUrl: 'https://example.com',
          userKey: [from('DENGAGE_USER')],
          password: from('DENGAGE_PASSWORD'),
          minIntervalMs: from('DENGAGE_PASSWORD'),
        },
        {
          id: 'd',
          adapter: 'altcraft',
          baseUrl: 'https://example.com',
          token: ` ${from('ALTCRAFT_TOKEN')}`,
          format: from('ALTCRAFT_TOKEN'),
        },
        from('ALTCRAFT_TOKEN'),
      ],
    },
  },
  corsOrigins: [`https://${from('ACME_KEY')}@example.com`],
  limits: { bodyBytes: from('ACME_KEY') },
}

const password = encodeURIComponent(databasePassword)

/** Gateways that cannot start, with a secret in what is wrong. */
export const failingStarts: readonly [string, GatewaySettings][] = [
  [
    'secrets in the wrong places',
    { file: misplaced, environment: { LOG_LEVEL: environment.ACME_KEY, PORT: environment.ACME_KEY } },
  ],
  ['another kind of database', { databaseUrl: `mysql://gateway:${password}@127.0.0.1:1/contacts` }],
  ['a password that is not encoded', { databaseUrl: `postgres://gateway:${databasePassword}@127.0.0.1:1/contacts` }],
  ['a database that does not answer', { databaseUrl: `postgres://gateway:${password}@127.0.0.1:1/contacts` }],
  ['a database that is not found', { databaseUrl: `postgres://gateway:${password}@nowhere.invalid:1/contacts` }],
]

const quoted = JSON.stringify(environment.ACME_KEY)
const bulkUpsert = (input: string) =>
  `mutation { bulkUpsertProfiles(input: ${input}) { __typename ... on UserError { message } } }`

/** Bodies of requests to /graphql that hold the API key where it does not belong, and are answered with what is wrong with them. */
export const quotingBodies: readonly string[] = [
  ...[
    `{ jobs(first: ${quoted}) { nodes { id } } }`,
    `{ jobs { nodes { id } } ${quoted}`,
    `{ job(id: ${quoted}) { id } node(id: ${quoted}) { id } }`,
    `{ jobs(after: ${quoted}) { nodes { id } } profiles(after: ${quoted}) { edges { cursor } } }`,
    bulkUpsert(`{ destinations: [${quoted}], profiles: [{ key: "k" }] }`),
    bulkUpsert(`{ profiles: [{ key: "k", birthDate: ${quoted} }] }`),
  ].map((query) => JSON.stringify({ query })),
  ...[
    environment.ACME_KEY,
    { authorization: environment.ACME_KEY },
    { upsert: environment.ACME_KEY, profiles: [{ key: 'k' }] },
  ].map((input) => {
    const query = `mutation ($input: BulkUpsertProfilesInput!) { bulkUpsertProfiles(input: $input) { __typename } }`
    return JSON.stringify({ query, variables: { input } })
  }),
  `{ "query": ${quoted}, `,
]

/** The destinations whose credential the vendor refuses. */
export const refusedDestinations = ['webex-forbidden', 'webex-wrong', 'dengage-wrong', 'altcraft-wrong']

/** The keys of the records that meet the faults. */
export const recordKeys = ['k-1', 'k-2']

/** The path of the calls that carry records. */
const bulkPaths: Readonly<Record<VendorName, string>> = {
  webex: '/updateBulk',
  dengage: '/bulk/contacts',
  altcraft: '/import_batch',
}

type Fault = FaultOrder['fault']

/** Answers that repeat the credentials which the vendor was given. */
function repeating(credentials: readonly string[]) {
  const text = `no right for ${credentials.join(' or ')}`
  const said = { code: 1010, message: text, description: text, error: 4321, error_text: text, actionResult: text }
  const plain = JSON.stringify(said)
  const lists = { inserted: [], updated: [], errors: recordKeys.map((key) => `${key}: ${text}`), warnings: [text] }
  const records = recordKeys.map((Key) => {
    return { Key, Status: '1010', Result: 'Failed', description: text, error: 4321, error_text: text }
  })
  const detailed = JSON.stringify({ ...said, code: 0, error: 0, ...lists, responses: records, result: records })
  const xml = `<xml><error>4321</error><error_text>${text.replaceAll('&', '&amp;')}</error_text></xml>`
  const page = `<html><body>${text}</body></html>`
  const escaped = detailed.replaceAll('/', '\\/').replaceAll('+', '\\u002B')
  const answer = (status: number, body: string): Fault => ({ kind: 'status', status, body })
  return [
    ...[200, 400, 401, 403, 429, 500].map((status) => answer(status, plain)),
    ...[detailed, escaped, xml, page].map((body) => answer(200, body)),
  ]
}

/** Whatever can go wrong with a call, by turns. `token` is the one that D·engage gave last. */
export function faultsOf(vendor: VendorName, token: string): FaultOrder[][] {
  const { WEBEX_TOKEN, DENGAGE_USER, DENGAGE_PASSWORD, ALTCRAFT_TOKEN } = environment
  const account = {
    webex: [WEBEX_TOKEN],
    dengage: [DENGAGE_USER, DENGAGE_PASSWORD],
    altcraft: [ALTCRAFT_TOKEN],
  }[vendor]
  const match = { path: bulkPaths[vendor] }
  const location = `http://127.0.0.1:9/?token=${encodeURIComponent(account.join())}`
  const faults: Fault[] = [
    ...repeating(vendor === 'dengage' ? [...account, token] : account),
    { kind: 'status', status: 302, headers: { location } },
    { kind: 'drop', when: 'before' },
    { kind: 'drop', when: 'after' },
    { kind: 'garble' },
    { kind: 'length', by: 1 },
  ]
  const turns = faults.map((fault) => [{ vendor, match, fault }])
  if (vendor !== 'dengage') return turns
  // A token that is refused leads to a new login, which then goes wrong as well.
  const refusal = { vendor, match, fault: { kind: 'status', status: 401 } } as const
  return [...turns, ...repeating(account).map((fault) => [refusal, { vendor, match: { path: '/login' }, fault }])]
}
