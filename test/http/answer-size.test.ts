import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'

let gateway: Awaited<ReturnType<typeof openGateway>>
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const upsert =
  'mutation ($input: BulkUpsertProfilesInput!) { bulkUpsertProfiles(input: $input) { __typename ... on InvalidInputError { issues { message } } ... on JobPayload { job { results { nodes { outcome errors { code } } } } } } }'

test('an answer that lists lead round in circles is given up as a whole, and says which limit it met', async () => {
  const extensions = Array.from({ length: 100 }, (_, place) => ({ channel: 'TELEGRAM_BOT', address: `7${place}` }))
  await gateway.request(upsert, { input: { profiles: [{ key: 'round', extensions }] } })
  const inside = (turns: number): string => (turns === 0 ? 'key' : `extensions { profile { ${inside(turns - 1)} } }`)
  const once = await gateway.request(`{ profile(by: { key: "round" }) { ${inside(1)} } }`)
  expect(once.errors).toBeUndefined()
  const often = await gateway.request(`{ profile(by: { key: "round" }) { ${inside(5)} } }`)
  expect(often.data ?? null).toBeNull()
  expect(often.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'objects', value: 50_000 } }])
  expect(JSON.stringify(often).length).toBeLessThan(2000)
})

test('of a request with too many destinations and audit texts, the answer stays small', async () => {
  const destinations = Array.from({ length: 10_000 }, (_, place) => `d${place}`)
  const audit = Array.from({ length: 10_000 }, () => '\u0000')
  const answer = await gateway.request(upsert, { input: { destinations, audit, profiles: [{ key: 'a' }] } })
  expect(answer.data).toMatchObject({ bulkUpsertProfiles: { __typename: 'InvalidInputError' } })
  expect(JSON.stringify(answer).length).toBeLessThan(20_000)
})

test('a set of tags is bounded, and fails its record alone', async () => {
  await gateway.request(
    'mutation ($input: DefineProfileTypeInput!) { defineProfileType(input: $input) { __typename } }',
    {
      input: { name: 'contact', attributes: [{ name: 'tags', type: 'TAGS' }] },
    },
  )
  const tags = (count: number) => Array.from({ length: count }, (_, place) => `t${place}`)
  const profiles = [
    { key: 'few', attributes: { tags: tags(1000) } },
    { key: 'many', attributes: { tags: tags(1001) } },
  ]
  const answer = await gateway.request(upsert, { input: { onInvalid: 'SKIP_INVALID', profiles } })
  expect(answer.data).toMatchObject({
    bulkUpsertProfiles: {
      job: {
        results: { nodes: [{ outcome: 'CREATED' }, { outcome: 'FAILED', errors: [{ code: 'VALUE_TOO_LONG' }] }] },
      },
    },
  })
})
