import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedJob } from '../support/jobs.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
  gateway = await openGateway({ file: { tenants: { default: { destinations: vendorDestinations(sandbox) } } } })
})
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})
afterEach(() => sandbox.reset())

const upsert = `mutation ($input: BulkUpsertExtensionsInput!) { bulkUpsertExtensions(input: $input) {
  __typename
  ... on JobPayload { job {
    id kind state progress { total processed created updated skipped superseded failed }
    deliveries { destinationId state batchesTotal batchesDone }
    results(first: 1000) { nodes { index destinationId outcome profileId supersededBy errors { code } warnings { code } vendorTransactionId } }
  } }
  ... on UserError { message }
  ... on UnsupportedByDestinationError { destinationId feature requested supported }
} }`

interface Result {
  index: number
  destinationId: string
  outcome: string
  profileId: string | null
  supersededBy: number | null
  errors: { code: string }[]
  warnings: { code: string }[]
  vendorTransactionId: string | null
}
interface Answered {
  __typename: string
  job: {
    kind: string
    state: string
    progress: Record<string, number>
    deliveries: { destinationId: string; state: string; batchesTotal: number; batchesDone: number }[]
    results: { nodes: Result[] }
  }
}

async function submit(input: Record<string, unknown>): Promise<Answered> {
  const { data, errors } = await gateway.request<{ bulkUpsertExtensions: Answered }>(upsert, {
    input: { waitSeconds: 30, ...input },
  })
  if (!data?.bulkUpsertExtensions) throw new Error(JSON.stringify(errors))
  return data.bulkUpsertExtensions
}
const said = ({ outcome, errors }: Result) => errors[0]?.code ?? outcome
const at = ({ job }: Answered, destinationId: string) =>
  job.results.nodes.filter((result) => result.destinationId === destinationId)

interface Contact {
  contact_key: string
  extensions: { address: string; channel: string; permission: boolean; name: string | null }[]
}
const contactOf = (key: string) =>
  (sandbox.profiles('dengage') as Contact[]).find(({ contact_key }) => contact_key === key)

/** Makes contacts of those keys at the store and at D·engage. */
async function makeProfiles(...keys: string[]): Promise<void> {
  const profiles = keys.map((key) => ({ key, emailPermission: true, phonePermission: true }))
  const job = await acceptedJob(gateway, { destinations: ['local', 'dengage'], profiles, waitSeconds: 30 })
  expect(job.state).toBe('SUCCEEDED')
}

const extensionsOf = async (key: string) => {
  const { data } = await gateway.request<{
    profile: { extensions: { address: string; permission: boolean | null }[] }
  }>('query ($key: String!) { profile(by: { key: $key }) { extensions { address permission } } }', { key })
  return data?.profile.extensions
}

test('one request goes to the store and to D·engage, each with outcomes of its own', async () => {
  await makeProfiles('one-1', 'one-2')
  const address = 'work@example.com'
  const first = await submit({
    destinations: ['local', 'dengage'],
    onInvalid: 'SKIP_INVALID',
    extensions: [
      { key: 'one-1', channel: 'EMAIL', address: ' Work@Example.com', permission: true },
      { key: 'one-2', channel: 'SMS', address: '+90 535 123 45 67' },
      { key: 'nobody', channel: 'EMAIL', address, permission: true },
      { key: 'one-1', channel: 'EMAIL', address, permission: false },
    ],
  })
  expect(first.job).toMatchObject({ kind: 'EXTENSIONS', state: 'PARTIALLY_FAILED' })
  expect(at(first, 'local').map(said)).toEqual(['SUPERSEDED', 'CREATED', 'PROFILE_NOT_FOUND', 'CREATED'])
  expect(at(first, 'dengage').map(said)).toEqual(['SUPERSEDED', 'CREATED', 'PROFILE_NOT_FOUND', 'CREATED'])
  // D·engage gives the permission by itself, and does not tell ids.
  expect(at(first, 'dengage').map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([
    [],
    ['PERMISSION_DEFAULTED'],
    [],
    [],
  ])
  expect(at(first, 'dengage').every(({ profileId }) => profileId === null)).toBe(true)
  expect(at(first, 'dengage')[3]?.vendorTransactionId).not.toBeNull()
  expect(contactOf('one-1')?.extensions).toMatchObject([{ address, channel: 'E', permission: false }])
  expect(contactOf('one-2')?.extensions).toMatchObject([{ address: '905351234567', channel: 'S', permission: true }])
  expect(await extensionsOf('one-1')).toEqual([{ address, permission: false }])
  expect(await extensionsOf('one-2')).toEqual([{ address: '+905351234567', permission: null }])

  const moves = await submit({
    destinations: ['local', 'dengage'],
    upsert: 'UPDATE_ONLY',
    extensions: [
      { key: 'one-1', channel: 'EMAIL', address, newAddress: 'home@example.com', newKey: 'one-2' },
      { key: 'one-1', channel: 'EMAIL', address, permission: true },
    ],
  })
  expect(at(moves, 'local').map(said)).toEqual(['UPDATED', 'EXTENSION_NOT_FOUND'])
  expect(at(moves, 'dengage').map(said)).toEqual(['UPDATED', 'EXTENSION_NOT_FOUND'])
  expect(
    contactOf('one-2')
      ?.extensions.map((one) => one.address)
      .sort(),
  ).toEqual(['905351234567', 'home@example.com'])
  expect((await extensionsOf('one-2'))?.map((one) => one.address).sort()).toEqual(['+905351234567', 'home@example.com'])
})

test('more than a thousand go in chunks at the store and in batches at D·engage', async () => {
  const keys = Array.from({ length: 300 }, (_, number) => `many-${number}`)
  await makeProfiles(...keys)
  const extensions = Array.from({ length: 2400 }, (_, number) => ({
    key: `many-${number % 300}`,
    channel: 'EMAIL',
    address: `a-${number % 1200}@example.com`,
    // Two sets of columns: they travel apart.
    ...(number % 3 === 0 ? { permission: true } : { permission: false, name: 'Work Email' }),
  }))
  await gateway.request(
    'mutation { defineExtensionType(input: { channel: EMAIL, name: "Work Email" }) { __typename } }',
  )
  const { job } = await submit({ destinations: ['dengage', 'local'], extensions })
  expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { total: 4800, processed: 4800, failed: 0 } })
  expect(job.deliveries.map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect(job.deliveries.every(({ batchesDone, batchesTotal }) => batchesDone === batchesTotal)).toBe(true)
  for (const key of ['many-0', 'many-7', 'many-299']) {
    const [stored, sent] = [await extensionsOf(key), contactOf(key)?.extensions]
    expect(stored).toHaveLength(4)
    expect(sent?.map(({ address, permission }) => `${address} ${permission}`).sort()).toEqual(
      stored?.map(({ address, permission }) => `${address} ${permission}`).sort(),
    )
  }
})

test('what a destination cannot do refuses the whole request, and nothing is stored or sent', async () => {
  await makeProfiles('none-1')
  const record = { key: 'none-1', channel: 'EMAIL', address: 'a@example.com' }
  const refusal = async (input: Record<string, unknown>, ...destinations: string[]) => {
    const answered: unknown = await submit({ destinations: ['local', ...destinations], extensions: [record], ...input })
    return answered
  }
  for (const id of ['webex', 'altcraft']) {
    expect(await refusal({}, id)).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: id,
      feature: 'operation',
      requested: 'bulkUpsertExtensions',
      supported: ['bulkUpsertProfiles'],
    })
  }
  expect(await refusal({ upsert: 'CREATE_ONLY' }, 'dengage')).toMatchObject({
    feature: 'upsert',
    requested: 'CREATE_ONLY',
  })
  const using = (more: Record<string, unknown>) => refusal({ extensions: [record, { ...record, ...more }] }, 'dengage')
  expect(await using({ channel: 'PUSH', address: 'token' })).toMatchObject({
    feature: 'channel',
    requested: 'PUSH',
    supported: ['EMAIL', 'SMS', 'WHATSAPP'],
  })
  expect(await using({ resourceId: 1 })).toMatchObject({ destinationId: 'dengage', feature: 'resourceId' })
  expect(await using({ provider: 'fcm' })).toMatchObject({ destinationId: 'dengage', feature: 'provider' })
  expect(await extensionsOf('none-1')).toEqual([])
  expect(contactOf('none-1')?.extensions).toEqual([])
})

test('a call whose answer is lost is repeated where that is safe, and is UNKNOWN where it is not', async () => {
  await makeProfiles('lost-1', 'lost-2')
  const lose = () =>
    sandbox.fault({
      vendor: 'dengage',
      match: { path: '/bulk/contact_extensions', times: 1 },
      fault: { kind: 'drop', when: 'after' },
    })
  const record = { key: 'lost-1', channel: 'EMAIL', address: 'a@example.com', permission: true }
  lose()
  const safe = await submit({ destinations: ['dengage'], extensions: [record] })
  expect(safe.job.state).toBe('SUCCEEDED')
  expect(contactOf('lost-1')?.extensions).toHaveLength(1)
  lose()
  const move = await submit({
    destinations: ['dengage'],
    upsert: 'UPDATE_ONLY',
    extensions: [{ ...record, newKey: 'lost-2' }],
  })
  expect(at(move, 'dengage')).toMatchObject([{ outcome: 'UNKNOWN', errors: [{ code: 'NO_ANSWER' }] }])
})

test('what is accepted and applied is counted, whatever its kind', async () => {
  const counters = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    const numberAt = (labels: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.includes(labels))
          ?.split(' ')
          .at(-1) ?? 0,
      )
    return { jobs: numberAt('{kind="EXTENSIONS"}'), created: numberAt('{outcome="CREATED"}') }
  }
  await makeProfiles('count-1')
  const before = await counters()
  const { job } = await submit({
    destinations: ['local', 'dengage'],
    extensions: [{ key: 'count-1', channel: 'EMAIL', address: 'a@example.com', permission: true }],
  })
  expect(job.progress).toMatchObject({ created: 2 })
  expect(await counters()).toEqual({ jobs: before.jobs + 1, created: before.created + 2 })
})
