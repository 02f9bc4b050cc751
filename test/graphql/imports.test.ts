import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import {
  acceptedImport,
  type ImportInput,
  importProfiles,
  lineResults,
  ndjson,
  type SentFile,
  sendFile,
  withRecordsAt,
} from '../support/imports.ts'
import { countProfiles, endedJobs, numberedProfiles } from '../support/jobs.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

const tenants = ['ndjson', 'csv', 'whole', 'everywhere', 'unable', 'repeated', 'other'] as const
type Tenant = (typeof tenants)[number]
const as = (tenant: Tenant) => ({ authorization: `Bearer key-of-${tenant}` })

let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
  const destinations = vendorDestinations(sandbox)
  gateway = await openGateway({
    file: {
      apiKeys: tenants.map((tenant) => ({ key: `key-of-${tenant}`, tenant, scopes: ['read', 'write', 'admin'] })),
      tenants: Object.fromEntries(tenants.map((tenant) => [tenant, { destinations }])),
    },
  })
})
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})

type Options = Omit<ImportInput, 'uploadId'>

async function refused(tenant: Tenant, file: SentFile, options: Options = {}) {
  const uploadId = await sendFile(gateway, file, as(tenant))
  return importProfiles(gateway, { ...options, uploadId }, as(tenant))
}

/** Sends a file and imports it, and resolves to the job once it has ended. */
async function imported(tenant: Tenant, file: SentFile, options: Options = {}) {
  const uploadId = await sendFile(gateway, file, as(tenant))
  const { id } = await acceptedImport(gateway, { ...options, uploadId }, as(tenant))
  const [job] = await endedJobs(gateway, [id], 60_000, as(tenant))
  if (!job) throw new Error(`job ${id} is not there`)
  return job
}

const resultsOf = (tenant: Tenant, { id }: { id: string }, outcomes: Parameters<typeof lineResults>[2] = null) =>
  lineResults(gateway, id, outcomes, as(tenant))

async function profileOf(tenant: Tenant, key: string) {
  const { data } = await gateway.request<{ profile: Record<string, unknown> | null }>(
    'query ($key: String!) { profile(by: { key: $key }) { key email firstName lastName phone } }',
    { key },
    as(tenant),
  )
  return data?.profile ?? null
}

describe('an NDJSON file', () => {
  test('has each record with its line, and those that cannot be read fail alone', async () => {
    const records = withRecordsAt(numberedProfiles('nd', 0, 6500), {
      5000: [1],
      6000: { key: 'nd-6000', email: 'not an address' },
      6100: { key: 'nd-6100', emailPermission: 'perhaps' },
    })
    const lines = ndjson(records).content.split('\n')
    lines[2] = '{"key": "nd-2",'
    const job = await imported('ndjson', { format: 'NDJSON', content: lines.join('\n') })
    expect(job).toMatchObject({
      kind: 'PROFILES',
      state: 'PARTIALLY_FAILED',
      staged: 6500,
      progress: { total: 6500, processed: 6500, created: 6496, failed: 4, percent: 100 },
      deliveries: [{ destinationId: 'local', state: 'PARTIALLY_FAILED', batchesTotal: 7, batchesDone: 7 }],
    })
    expect(await resultsOf('ndjson', job, ['FAILED'])).toMatchObject([
      { index: 2, line: 3, key: null, errors: [{ code: 'MALFORMED_RECORD' }] },
      { index: 5000, line: 5001, key: null, errors: [{ code: 'MALFORMED_RECORD' }] },
      { index: 6000, line: 6001, key: 'nd-6000', errors: [{ code: 'INVALID_EMAIL', field: 'email' }] },
      { index: 6100, line: 6101, key: 'nd-6100', errors: [{ code: 'INVALID_VALUE', field: 'emailPermission' }] },
    ])
    const created = await resultsOf('ndjson', job, ['CREATED'])
    expect(created.map(({ line, index }) => (line ?? 0) - index)).toEqual(created.map(() => 1))
    expect(new Set(created.map(({ key }) => key)).size).toBe(6496)
    expect(await countProfiles(gateway, as('ndjson'))).toBe(6496)
  })
})

describe('a CSV file', () => {
  test('is read by its header, however it is packed, each record with the line at which it begins', async () => {
    const content = [
      '\ufeffKEY;EMail;firstName;lastName',
      'c-1;c-1@example.com;"Ada\nAugusta";Lovelace',
      'c-2;c-2@example.com;;',
      'c-3;not an address;;',
      'c-4;c-4@example.com',
      'c-5;c-5@example.com;"Grace ""Amazing""";Hopper',
    ].join('\r\n')
    const job = await imported('csv', { format: 'CSV', content, gzip: true })
    expect(await resultsOf('csv', job)).toMatchObject([
      { index: 0, line: 2, key: 'c-1', outcome: 'CREATED' },
      { index: 1, line: 4, key: 'c-2', outcome: 'CREATED' },
      { index: 2, line: 5, key: 'c-3', outcome: 'FAILED', errors: [{ code: 'INVALID_EMAIL' }] },
      { index: 3, line: 6, outcome: 'FAILED', errors: [{ code: 'MALFORMED_RECORD' }] },
      { index: 4, line: 7, key: 'c-5', outcome: 'CREATED' },
    ])
    expect(await profileOf('csv', 'c-1')).toMatchObject({ firstName: 'Ada\nAugusta', email: 'c-1@example.com' })
    expect(await profileOf('csv', 'c-2')).toMatchObject({ firstName: null, email: 'c-2@example.com' })
    expect(await profileOf('csv', 'c-5')).toMatchObject({ firstName: 'Grace "Amazing"', lastName: 'Hopper' })
  })

  test('is taken as a spreadsheet writes it', async () => {
    const content = 'sep=;\r\nKey;Email;\r\ns-1;s-1@example.com;\r\n;;\r\ns-2;s-2@example.com;note\r\n;;\r\n'
    const job = await imported('csv', { format: 'CSV', content })
    expect(await resultsOf('csv', job)).toMatchObject([
      { index: 0, line: 3, key: 's-1', outcome: 'CREATED' },
      { index: 1, line: 5, outcome: 'FAILED', errors: [{ code: 'MALFORMED_RECORD' }] },
    ])
  })

  test('names extensions by the numbers of its header, whatever a row leaves empty', async () => {
    const columns = [0, 1, 4].flatMap((number) =>
      ['channel', 'address', 'name'].map((field) => `extensions[${number}].${field}`),
    )
    const content = [
      ['key', ...columns],
      ['n-1', 'SMS', '', '', 'EMAIL', 'n-1@example.com', '', 'EMAIL', 'nobody', ''],
      ['n-2', 'SMS', '', '', 'EMAIL', '', '', 'EMAIL', 'n-2@example.com', 'unknown'],
      ['n-3', 'SMS', '+4915112345678', '', 'EMAIL', 'nobody', '', 'EMAIL', '', ''],
    ]
    const file: SentFile = { format: 'CSV', content: `${content.map((row) => row.join(',')).join('\n')}\n` }
    const results = await resultsOf('csv', await imported('csv', file))
    expect(results.map(({ errors }) => errors.map(({ field, message }) => [field, message]))).toEqual([
      [['extensions[4].address', expect.stringMatching(/^extensions\[4\].address /)]],
      [['extensions[4].name', expect.any(String)]],
      [['extensions[1].address', expect.stringMatching(/^extensions\[1\].address /)]],
    ])
  })

  const shop: SentFile = { format: 'CSV', content: 'Kunde,Mail,Vorname\nk-1,k-1@example.com,Ada\n' }

  test('is read by the columns that the request maps', async () => {
    const columns = [
      { column: 'Kunde', field: 'key' },
      { column: 'Mail', field: 'email' },
      { column: 'Vorname', field: '' },
    ]
    const job = await imported('csv', shop, { columns })
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1 } })
    expect(await profileOf('csv', 'k-1')).toMatchObject({ email: 'k-1@example.com', firstName: null })
  })

  test('may write the name of an attribute in another case than its definition', async () => {
    await gateway.request(
      'mutation ($input: DefineProfileTypeInput!) { defineProfileType(input: $input) { __typename } }',
      { input: { name: 'contact', attributes: [{ name: 'tier' }, { name: 'homeTown' }] } },
      as('csv'),
    )
    const content = 'Key,Tier,HOMETOWN,other\nt-1,gold,Ulm,\nt-2,gold,Ulm,x\n'
    const results = await resultsOf('csv', await imported('csv', { format: 'CSV', content }))
    expect(results).toMatchObject([
      { key: 't-1', outcome: 'CREATED' },
      { key: 't-2', outcome: 'FAILED', errors: [{ code: 'UNKNOWN_ATTRIBUTE', field: 'attributes.other' }] },
    ])
    const { data } = await gateway.request<{ profile: { attributes: unknown } }>(
      '{ profile(by: { key: "t-1" }) { attributes } }',
      {},
      as('csv'),
    )
    expect(data?.profile.attributes).toEqual({ tier: 'gold', homeTown: 'Ulm' })
  })

  test('is refused with columns that it does not have, before anything is stored', async () => {
    const columns = [
      { column: 'Kunde', field: 'key' },
      { column: 'Post', field: 'email' },
    ]
    expect(await refused('csv', shop, { columns })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'columns', '1', 'column'], message: expect.stringContaining('Post') }],
    })
  })

  test('alone takes columns', async () => {
    const result = await refused('csv', ndjson([{ key: 'k-2' }]), { columns: [{ column: 'Kunde', field: 'key' }] })
    expect(result).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['input', 'columns'] }] })
  })
})

describe('REJECT_ALL', () => {
  const onInvalid = 'REJECT_ALL' as const

  test('has one invalid record end the whole job FAILED, nothing written anywhere', async () => {
    const records = withRecordsAt(numberedProfiles('all', 0, 6200), { 6150: { key: 'all-6150', phone: 'none' } })
    const calls = sandbox.requests('webex').length
    const job = await imported('whole', ndjson(records), { onInvalid, destinations: ['local', 'webex'] })
    const counts = { total: 6200, processed: 6200, failed: 1, cancelled: 6199 }
    expect(job).toMatchObject({
      state: 'FAILED',
      staged: 6200,
      progress: { total: 12_400, processed: 12_400, failed: 2, cancelled: 12_398 },
      deliveries: [
        { destinationId: 'local', state: 'FAILED', progress: counts },
        { destinationId: 'webex', state: 'FAILED', progress: counts },
      ],
    })
    expect(await resultsOf('whole', job, ['FAILED'])).toMatchObject([
      { index: 6150, line: 6151, destinationId: 'local', errors: [{ code: 'INVALID_PHONE' }] },
      { index: 6150, line: 6151, destinationId: 'webex', errors: [{ code: 'INVALID_PHONE' }] },
    ])
    expect(await resultsOf('whole', job, ['CANCELLED'])).toHaveLength(12_398)
    expect(await resultsOf('whole', job, ['PENDING'])).toEqual([])
    expect(await countProfiles(gateway, as('whole'))).toBe(0)
    expect(sandbox.requests('webex')).toHaveLength(calls)
  })

  test('delivers a file without invalid records', async () => {
    const job = await imported('whole', ndjson(numberedProfiles('fine', 0, 1200)), { onInvalid })
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1200 } })
  })
})

describe('several destinations', () => {
  test('are all delivered what was read, each by its own batches', async () => {
    const destinations = ['local', 'webex', 'dengage', 'altcraft']
    const job = await imported('everywhere', ndjson(numberedProfiles('all', 0, 2300)), { destinations })
    expect(job).toMatchObject({ state: 'SUCCEEDED', staged: 2300, progress: { total: 9200, processed: 9200 } })
    expect(job.deliveries).toMatchObject([
      { destinationId: 'local', state: 'SUCCEEDED', batchesTotal: 3, batchesDone: 3 },
      { destinationId: 'webex', state: 'SUCCEEDED', batchesTotal: 23, batchesDone: 23 },
      { destinationId: 'dengage', state: 'SUCCEEDED', batchesTotal: 3, batchesDone: 3 },
      { destinationId: 'altcraft', state: 'SUCCEEDED', batchesTotal: 3, batchesDone: 3 },
    ])
    for (const [vendor, name] of [
      ['webex', 'key'],
      ['dengage', 'contact_key'],
      ['altcraft', 'CRM_ID'],
    ] as const) {
      const keys = sandbox.profiles(vendor).map((profile) => (profile as Record<string, string>)[name])
      expect(new Set(keys.filter((key) => key?.startsWith('all-'))).size).toBe(2300)
    }
  })
})

describe('what a destination cannot do', () => {
  const jobs = async () => {
    const { data } = await gateway.request<{ jobs: { nodes: unknown[] } }>(
      '{ jobs { nodes { id } } }',
      {},
      as('unable'),
    )
    return data?.jobs.nodes.length
  }

  test('is refused beforehand where the header of a CSV file asks for it', async () => {
    const file: SentFile = { format: 'CSV', content: 'key,birthDate\nu-1,\n' }
    expect(await refused('unable', file, { destinations: ['local', 'webex'] })).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: 'webex',
      feature: 'field',
      requested: 'birthDate',
    })
    expect(await refused('unable', file, { matching: 'EMAIL', destinations: ['dengage'] })).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: 'dengage',
      feature: 'matching',
    })
    expect(await jobs()).toBe(0)
  })

  test('fails the records that ask for it, and only there', async () => {
    const extensions = [{ channel: 'EMAIL', address: 'u-3@example.com' }]
    const job = await imported(
      'unable',
      ndjson([
        { key: 'u-1', email: 'u-1@example.com' },
        { key: 'u-2', birthDate: '1990-02-03' },
        { key: 'u-3', extensions },
      ]),
      { destinations: ['local', 'webex', 'dengage'] },
    )
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', progress: { failed: 3 } })
    expect(await resultsOf('unable', job, ['FAILED'])).toMatchObject([
      { index: 1, destinationId: 'webex', errors: [{ code: 'UNKNOWN_ATTRIBUTE', field: 'birthDate' }] },
      { index: 2, destinationId: 'webex', errors: [{ code: 'INVALID_EXTENSION', field: 'extensions' }] },
      { index: 2, destinationId: 'dengage', errors: [{ code: 'INVALID_EXTENSION', field: 'extensions' }] },
    ])
  })

  test('fails a key beside another mode where it would be written over another', async () => {
    const job = await imported(
      'unable',
      ndjson([
        { email: 'u-4@example.com', firstName: 'Four' },
        { email: 'u-5@example.com', key: 'u-5' },
      ]),
      { matching: 'EMAIL', destinations: ['altcraft'] },
    )
    expect(await resultsOf('unable', job)).toMatchObject([
      { index: 0, outcome: 'UPSERTED' },
      { index: 1, outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', field: 'key' }] },
    ])
  })
})

describe('an idempotency key', () => {
  const file = ndjson(numberedProfiles('idem', 0, 3))

  test('answers the first job for the same content, whichever upload holds it', async () => {
    const first = await refused('repeated', file, { idempotencyKey: 'night' })
    const again = await refused('repeated', file, { idempotencyKey: 'night', waitSeconds: 10 })
    if (first.__typename !== 'JobPayload' || again.__typename !== 'JobPayload') throw new Error('refused')
    expect(again.job.id).toBe(first.job.id)
    expect(again.job.state).toBe('SUCCEEDED')
  })

  test('conflicts with other content, and with other options', async () => {
    const first = await refused('repeated', file, { idempotencyKey: 'day' })
    if (first.__typename !== 'JobPayload') throw new Error('refused')
    const conflict = { __typename: 'IdempotencyConflictError', jobId: first.job.id }
    const other = ndjson(numberedProfiles('other', 0, 3))
    expect(await refused('repeated', other, { idempotencyKey: 'day' })).toMatchObject(conflict)
    expect(await refused('repeated', file, { idempotencyKey: 'day', nulls: 'CLEAR' })).toMatchObject(conflict)
  })

  test('makes one job of two imports at the same instant', async () => {
    const uploadId = await sendFile(gateway, file, as('repeated'))
    const jobs = await Promise.all(
      [1, 2, 3].map(() => acceptedImport(gateway, { uploadId, idempotencyKey: 'noon' }, as('repeated'))),
    )
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
  })
})

describe('an upload', () => {
  test('of another tenant is not there, nor is one that was never sent', async () => {
    const uploadId = await sendFile(gateway, ndjson([{ key: 'o-1' }]), as('other'))
    const notFound = { __typename: 'NotFoundError', message: expect.stringContaining('POST /uploads') }
    expect(await importProfiles(gateway, { uploadId }, as('repeated'))).toMatchObject(notFound)
    expect(await importProfiles(gateway, { uploadId: 'none' }, as('other'))).toMatchObject(notFound)
    expect(await importProfiles(gateway, { uploadId }, as('other'))).toMatchObject({ __typename: 'JobPayload' })
  })

  test('is not there under a text that is no id, with an idempotency key too', async () => {
    const answer = await importProfiles(gateway, { uploadId: 'a\0b', idempotencyKey: 'no id' }, as('other'))
    expect(answer.__typename).toBe('NotFoundError')
  })

  test('is not named at length, whatever stands in its place', async () => {
    const answer = await importProfiles(gateway, { uploadId: 'x'.repeat(100_000) }, as('other'))
    if (answer.__typename !== 'NotFoundError') throw new Error(answer.__typename)
    expect(answer.message).toMatch(/^There is no upload "x{80}…": .{1,100}$/)
  })

  test('is not looked at while something else is wrong with the request', async () => {
    const input = { uploadId: 'none', destinations: ['nowhere'], waitSeconds: 99 }
    expect(await importProfiles(gateway, input, as('other'))).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'waitSeconds'] }, { path: ['input', 'destinations', '0'] }],
    })
  })
})
