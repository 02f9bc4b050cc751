import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Api, openApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

let tenants = 0
let tenant = ''
beforeEach(() => {
  tenants += 1
  tenant = `tenant-${tenants}`
})

const data = (source: string, variables: Record<string, unknown> = {}) => api.data({ tenant }, source, variables)

const upsert = `mutation ($input: BulkUpsertExtensionsInput!) {
  bulkUpsertExtensions(input: $input) {
    __typename
    ... on JobPayload { job {
      id kind state staged audit
      progress { total processed created updated unchanged superseded failed }
      results { totalCount nodes { index clientRef key outcome affected supersededBy profileId profile { key } errors { code field } } }
    } }
    ... on UserError { message }
    ... on InvalidInputError { issues { path } }
    ... on InvalidRecordsError { totalInvalid records { index clientRef destinationIds errors { code field } } }
    ... on UnsupportedByDestinationError { destinationId feature requested supported }
    ... on IdempotencyConflictError { jobId }
  }
}`
const submit = async (input: Record<string, unknown>): Promise<Answer> =>
  (await data(upsert, { input })).bulkUpsertExtensions
const makeProfiles = (...keys: string[]) =>
  data(
    'mutation ($profiles: [ProfileInput!]!) { bulkUpsertProfiles(input: { profiles: $profiles, waitSeconds: 30 }) { __typename } }',
    { profiles: keys.map((key) => ({ key })) },
  )
const extensionsOf = async (key: string) =>
  (
    await data(
      'query ($key: String!) { profile(by: { key: $key }) { extensions { channel address name permission profile { key } } } }',
      { key },
    )
  ).profile.extensions

const mail = (key: string, address = `${key}@example.com`) => ({ key, address, channel: 'EMAIL' })

describe('bulkUpsertExtensions', () => {
  it('answers the job that it made, and the profiles whose extensions they are', async () => {
    await makeProfiles('ada', 'bob')
    const { job } = await submit({
      audit: ['spring'],
      extensions: [
        { ...mail('ada', ' Ada@Example.com'), clientRef: 'r1' },
        { ...mail('nobody'), permission: true },
        mail('bob'),
        { ...mail('ada'), permission: true },
      ],
    })
    expect(job).toMatchObject({
      kind: 'EXTENSIONS',
      state: 'PARTIALLY_FAILED',
      staged: 4,
      audit: ['spring'],
      progress: { total: 4, processed: 4, created: 2, superseded: 1, failed: 1 },
    })
    const profileOf = async (key: string) =>
      (await data('query ($key: String!) { profile(by: { key: $key }) { id } }', { key })).profile.id
    const [ada, bob] = [await profileOf('ada'), await profileOf('bob')]
    expect(job.results.nodes).toEqual([
      {
        index: 0,
        clientRef: 'r1',
        key: 'ada',
        outcome: 'SUPERSEDED',
        affected: 0,
        supersededBy: 3,
        profileId: ada,
        profile: { key: 'ada' },
        errors: [],
      },
      {
        index: 1,
        clientRef: null,
        key: 'nobody',
        outcome: 'FAILED',
        affected: 0,
        supersededBy: null,
        profileId: null,
        profile: null,
        errors: [{ code: 'PROFILE_NOT_FOUND', field: 'key' }],
      },
      expect.objectContaining({ index: 2, outcome: 'CREATED', affected: 1, profileId: bob, profile: { key: 'bob' } }),
      expect.objectContaining({ index: 3, outcome: 'CREATED', affected: 1, profileId: ada, profile: { key: 'ada' } }),
    ])
    expect(await extensionsOf('ada')).toEqual([
      { channel: 'EMAIL', address: 'ada@example.com', name: null, permission: true, profile: { key: 'ada' } },
    ])
  })

  it('moves an address to another profile, and answers that one', async () => {
    await makeProfiles('ada', 'bob')
    await submit({ extensions: [mail('ada')] })
    const { job } = await submit({ upsert: 'UPDATE_ONLY', extensions: [{ ...mail('ada'), newKey: 'bob' }] })
    expect(job.results.nodes).toMatchObject([{ key: 'ada', outcome: 'UPDATED', profile: { key: 'bob' } }])
    expect([await extensionsOf('ada'), await extensionsOf('bob')]).toMatchObject([[], [{ address: 'ada@example.com' }]])
  })

  it('answers each kind of refusal as its own type', async () => {
    await makeProfiles('ada')
    expect(await submit({ extensions: [], waitSeconds: 31, destinations: ['nowhere'] })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [
        { path: ['input', 'extensions'] },
        { path: ['input', 'waitSeconds'] },
        { path: ['input', 'destinations', '0'] },
      ],
    })
    expect(await submit({ extensions: Array.from({ length: 10_001 }, () => mail('ada')) })).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('10000'),
    })
    expect(await submit({ profileType: 'company', extensions: [mail('ada')] })).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: 'local',
      feature: 'profileType',
      requested: 'company',
      supported: ['contact'],
    })
    const { job } = await submit({ idempotencyKey: 'once', extensions: [mail('ada')] })
    expect(await submit({ idempotencyKey: 'once', extensions: [mail('ada', 'other@example.com')] })).toMatchObject({
      __typename: 'IdempotencyConflictError',
      jobId: job.id,
    })
  })

  const wrong = { key: 'ada', channel: 'SMS', address: '1', newAddress: 'x', name: 'boat', clientRef: 'r1' }

  it('under REJECT_ALL stores nothing if one record is invalid, and says all that is wrong', async () => {
    await makeProfiles('ada')
    const refused = await submit({ idempotencyKey: 'k', extensions: [mail('ada'), wrong] })
    expect(refused).toMatchObject({
      __typename: 'InvalidRecordsError',
      totalInvalid: 1,
      records: [{ index: 1, clientRef: 'r1', destinationIds: ['local'] }],
    })
    expect(refused.records[0].errors).toEqual([
      { code: 'INVALID_PHONE', field: 'address' },
      { code: 'INVALID_PHONE', field: 'newAddress' },
      { code: 'INVALID_VALUE', field: 'newAddress' },
    ])
    const named = await submit({ extensions: [{ ...mail('ada'), name: 'boat' }] })
    expect(named.records[0].errors).toEqual([{ code: 'UNKNOWN_EXTENSION_TYPE', field: 'name' }])
    expect(await extensionsOf('ada')).toEqual([])
    // A refused request takes no key.
    expect((await submit({ idempotencyKey: 'k', extensions: [mail('ada')] })).job.state).toBe('SUCCEEDED')
  })

  it('takes a provider for push tokens alone, as extensions of a profile do', async () => {
    await makeProfiles('ada')
    const push = { key: 'ada', address: 'token', channel: 'PUSH', provider: 'fcm' }
    expect((await submit({ extensions: [push] })).job.progress).toMatchObject({ created: 1 })
    expect(await submit({ extensions: [{ ...mail('ada'), provider: 'fcm' }] })).toMatchObject({
      records: [{ errors: [{ code: 'INVALID_VALUE', field: 'provider' }] }],
    })
    const { key, ...address } = mail('ada')
    const { bulkUpsertProfiles } = await data(
      `mutation ($input: BulkUpsertProfilesInput!) {
        bulkUpsertProfiles(input: $input) { ... on InvalidRecordsError { records { errors { code field } } } }
      }`,
      { input: { profiles: [{ key, extensions: [{ ...address, provider: 'fcm' }] }] } },
    )
    expect(bulkUpsertProfiles.records[0].errors).toEqual([
      { code: 'INVALID_EXTENSION', field: 'extensions[0].provider' },
    ])
  })

  it('under SKIP_INVALID fails it alone', async () => {
    await makeProfiles('ada')
    const { job } = await submit({ onInvalid: 'SKIP_INVALID', extensions: [wrong, mail('ada')] })
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', progress: { created: 1, failed: 1 } })
    expect(job.results.nodes).toMatchObject([{ outcome: 'FAILED', key: 'ada' }, { outcome: 'CREATED' }])
  })

  it('makes one job of a request that is repeated, whatever bulkUpsertProfiles has under that key', async () => {
    await makeProfiles('ada')
    await data(
      'mutation { bulkUpsertProfiles(input: { idempotencyKey: "once", profiles: [{ key: "ada" }] }) { __typename } }',
    )
    const input = { idempotencyKey: 'once', extensions: [{ ...mail('ada'), permission: true }] }
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(input)))
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1)
    expect(answers[0].job).toMatchObject({ kind: 'EXTENSIONS', progress: { created: 1 } })
    // The default is the same input as what it stands for; an absent value is another one than null.
    expect((await submit({ ...input, upsert: 'CREATE_OR_UPDATE', waitSeconds: 0 })).job.id).toBe(answers[0].job.id)
    const withNull = { ...input, extensions: [{ ...input.extensions[0], name: null }] }
    expect((await submit(withNull)).__typename).toBe('IdempotencyConflictError')
  })

  it('is retried where it failed', async () => {
    await makeProfiles('ada')
    const { job } = await submit({
      extensions: [mail('ada'), mail('bob', ' Bob@Example.com'), { key: 'bob', address: 'x' }],
    })
    expect(job.progress).toMatchObject({ created: 1, failed: 2 })
    await makeProfiles('bob')
    const { retryJob } = await data(
      `mutation ($id: ID!) { retryJob(input: { jobId: $id, waitSeconds: 20 }) { ... on JobPayload { job {
        kind state results { nodes { sourceIndex outcome profile { key } errors { code } } } } } } }`,
      { id: job.id },
    )
    expect(retryJob.job).toMatchObject({
      kind: 'EXTENSIONS',
      state: 'PARTIALLY_FAILED',
      results: {
        nodes: [
          { sourceIndex: 1, outcome: 'CREATED', profile: { key: 'bob' } },
          { sourceIndex: 2, outcome: 'FAILED', errors: [{ code: 'CHANNEL_REQUIRED' }] },
        ],
      },
    })
    expect(await extensionsOf('bob')).toMatchObject([{ address: 'bob@example.com' }])
  })

  it('delivers more than a thousand records in chunks, in order', async () => {
    const keys = Array.from({ length: 400 }, (_, number) => `p-${number}`)
    await makeProfiles(...keys)
    // Each address comes three times, and the last one wins; where two of them meet in a chunk, they are folded. Every hundredth has no profile.
    const extensions = Array.from({ length: 2400 }, (_, number) => {
      const place = number % 800
      const key = place % 100 === 99 ? 'nobody' : `p-${place % 400}`
      return { ...mail(key, `a-${place}@example.com`), permission: number >= 1600 }
    })
    const { job } = await submit({ extensions, waitSeconds: 30 })
    expect(job).toMatchObject({
      state: 'PARTIALLY_FAILED',
      progress: {
        total: 2400,
        processed: 2400,
        failed: 24,
        created: 792,
        updated: 792,
        unchanged: 396,
        superseded: 396,
      },
    })
    expect(job.results.totalCount).toBe(2400)
    expect(await extensionsOf('p-7')).toEqual(
      ['a-7@example.com', 'a-407@example.com'].map((address) => ({
        channel: 'EMAIL',
        address,
        name: null,
        permission: true,
        profile: { key: 'p-7' },
      })),
    )
  })
})

const define = `mutation ($input: DefineExtensionTypeInput!) { defineExtensionType(input: $input) {
  __typename
  ... on ExtensionTypePayload { extensionType { channel name } }
  ... on InvalidInputError { message issues { path message } }
} }`

describe('defineExtensionType', () => {
  const defined = async (channel: string, name: string): Promise<Answer> =>
    (await data(define, { input: { channel, name } })).defineExtensionType

  it('creates a name for one channel, once', async () => {
    for (const _ of [1, 2]) {
      expect(await defined('EMAIL', 'Work e-mail')).toEqual({
        __typename: 'ExtensionTypePayload',
        extensionType: { channel: 'EMAIL', name: 'Work e-mail' },
      })
    }
    await defined('SMS', 'x'.repeat(100))
    await defined('EMAIL', 'Home')
    expect((await data('{ extensionTypes { channel name } }')).extensionTypes).toEqual([
      { channel: 'EMAIL', name: 'Home' },
      { channel: 'EMAIL', name: 'Work e-mail' },
      { channel: 'SMS', name: 'x'.repeat(100) },
    ])
    await makeProfiles('ada')
    const named = (name: string, channel = 'EMAIL') =>
      submit({ onInvalid: 'SKIP_INVALID', extensions: [{ ...mail('ada'), channel, name }] })
    expect((await named('Home')).job.results.nodes).toMatchObject([{ outcome: 'CREATED' }])
    expect((await named('Holiday')).job.results.nodes).toMatchObject([{ errors: [{ code: 'UNKNOWN_EXTENSION_TYPE' }] }])
    // Those of another tenant are not there.
    const other = await api.data({ tenant: 'somebody else' }, '{ extensionTypes { name } }')
    expect(other.extensionTypes).toEqual([])
  })

  it.each(['', ' ', ' Work', 'x'.repeat(101), 'a\u0000b', 'a\nb', '\ud800'])('refuses the name %j', async (name) => {
    expect(await defined('EMAIL', name)).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining("The extension type's name"),
      issues: [{ path: ['input', 'name'] }],
    })
    expect((await data('{ extensionTypes { name } }')).extensionTypes).toEqual([])
  })
})
