import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'

let gateway: Awaited<ReturnType<typeof openGateway>>
beforeAll(async () => {
  gateway = await openGateway()
  const profiles = Array.from({ length: 30 }, (_, number) => ({
    key: `contact-${number}`,
    email: number < 2 ? 'shared@example.com' : `contact.${number}@example.com`,
    birthDate: '1980-02-29',
    extensions: [
      { channel: 'PUSH', address: `token-${number}`, provider: 'fcm' },
      { channel: 'TELEGRAM_BOT', address: `7${number}` },
    ],
  }))
  await gateway.request(
    'mutation ($input: BulkUpsertProfilesInput!) { bulkUpsertProfiles(input: $input) { __typename ... on JobPayload { job { state } } } }',
    { input: { profiles } },
  )
})
afterAll(() => gateway.close())

const everything = `query All($first: Int = 2, $with: Boolean!, $channel: Channel, $names: [String!]) {
  __typename
  profiles(first: $first) {
    __typename
    totalCount
    edges { cursor node { ...Known } }
    pageInfo { hasNextPage endCursor }
    nodes {
      again: id
      attributes(names: $names)
      extensions(channel: $channel) @include(if: $with) { id address ... on Extension { profile { ...Known } } }
      ... on Node @skip(if: $with) { id }
    }
  }
}
fragment Known on Profile { id key status birthDate createdAt extensions { channel provider categories } }`

/** What a query is answered the first time, and every further time. */
async function answersTo(query: string, variables: object, accept: string) {
  const answers: unknown[] = []
  for (let turn = 0; turn < 6; turn++) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query, variables, operationName: query === everything ? 'All' : undefined }),
    })
    const text = await response.text()
    answers.push({ status: response.status, type: response.headers.get('content-type'), text })
  }
  return { first: answers[0], others: answers.slice(1) }
}

const shown = `profile(by: $by) { key } `
test.each<[string, string, Record<string, unknown>, string]>([
  ['with all that a document can have', everything, { with: true, channel: 'PUSH' }, 'contact-1'],
  ['without what is skipped', everything, { with: false, first: 5, names: ['size'] }, '"pageInfo"'],
  ['with a required variable left out', everything, {}, 'not provided'],
  ['with a variable of another type', everything, { with: true, first: 'two' }, 'two'],
  ['with a value that the enum does not have', everything, { with: true, channel: 'PIGEON' }, 'PIGEON'],
  ['with a page that is too large', everything, { with: true, first: 100_000 }, '100000 is more'],
  [
    'that several profiles answer',
    '{ profile(by: { email: "shared@example.com" }) { key } all: profiles { nodes { key } } }',
    {},
    'AMBIGUOUS',
  ],
  [
    'that nothing answers',
    '{ profile(by: { key: "nobody" }) { key } node(id: "nothing") { id } }',
    {},
    '"profile":null',
  ],
  [
    'with two values of which there may be one',
    `query ($by: ProfileLookupInput!) { ${shown}}`,
    { by: { key: 'a', email: 'b@c.de' } },
    'Exactly one',
  ],
  [
    'with no value of which there must be one',
    `query ($by: ProfileLookupInput!) { ${shown}}`,
    { by: {} },
    'Exactly one',
  ],
  [
    'with a value where one must be',
    `query ($by: ProfileLookupInput!) { ${shown}}`,
    { by: { key: 'contact-7' } },
    '{"data":{"profile":{"key":"contact-7"}}}',
  ],
  [
    'with a field that its input does not have',
    `query ($by: ProfileLookupInput!) { ${shown}}`,
    { by: { name: 'x' } },
    'does not have',
  ],
  [
    'about nodes of several types',
    '{ nodes(ids: ["Sm9iOjA=", "x"]) { id ... on Profile { key } ... on Extension { address } } }',
    {},
    '"nodes":[null,null]',
  ],
  [
    'about the schema',
    '{ __schema { queryType { name } } __type(name: "Profile") { fields { name type { kind ofType { name } } } } }',
    {},
    '"queryType"',
  ],
  ['that is refused', '{ profiles(first: 1) { nodes { nothing } } }', {}, 'Cannot query'],
  [
    'with an absent variable in an input that has a default',
    'query ($o: UpsertMode) { planBulkUpsertProfiles(input: { upsert: $o, profiles: [{ key: "new" }] }) { __typename } }',
    {},
    '"Plan"',
  ],
  [
    'with null in an input that takes none',
    'query ($o: LogicalOperator) { profiles(filter: [{ attribute: "key", value: "contact-1", logical: $o }]) { totalCount } }',
    { o: null },
    'errors',
  ],
  [
    'with an absent variable in a filter',
    'query ($o: ConditionOperator) { profiles(filter: [{ attribute: "key", value: "contact-1", operator: $o }]) { totalCount } }',
    {},
    '"totalCount":1',
  ],
  ['with null in place of one value', 'query ($k: String) { profile(by: { key: $k }) { key } }', { k: null }, 'errors'],
  [
    'with null for what includes a field',
    'query ($s: Boolean = true) { profiles(first: 1) { nodes { key @include(if: $s) } } }',
    { s: null },
    'errors',
  ],
  [
    'with an object in a variable within a literal',
    'query ($k: JSONObject) { planBulkUpsertProfiles(input: { profiles: [{ key: "a", attributes: $k }] }) { ... on Plan { totalInvalid } } }',
    { k: { nothing: 1 } },
    '"totalInvalid":1',
  ],
])('a query %s is answered the sixth time as the first', async (_name, query, variables, says) => {
  for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
    const { first, others } = await answersTo(query, variables, accept)
    expect(first).toMatchObject({ text: expect.stringContaining(says) })
    for (const other of others) expect(other).toEqual(first)
  }
})

const several = `${everything} query Other { profileTypes { name } }`
test('an answer of an operation that is one of several is its own', async () => {
  for (let turn = 0; turn < 5; turn++) {
    const ask = async (operationName: string) => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: several, variables: { with: true }, operationName }),
      })
      return Object.keys(((await response.json()) as { data: object }).data)
    }
    expect(await ask('All')).toEqual(['__typename', 'profiles'])
    expect(await ask('Other')).toEqual(['profileTypes'])
  }
})
