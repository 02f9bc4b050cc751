import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, type ImportInput, ndjson, type SentFile, sendFile } from '../support/imports.ts'
import { endedJobs } from '../support/jobs.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

interface Told {
  code: string
  field: string
}

interface Result {
  key: string
  outcome: string
  errors: Told[]
  warnings: (Told & { message: string })[]
}

async function imported(file: SentFile, options: Omit<ImportInput, 'uploadId'>): Promise<Result[]> {
  const { id } = await acceptedImport(gateway, { ...options, uploadId: await sendFile(gateway, file) })
  await endedJobs(gateway, [id])
  return resultsOf(id)
}

async function resultsOf(id: string): Promise<Result[]> {
  const { data } = await gateway.request<{ job: { results: { nodes: Result[] } } }>(
    'query ($id: ID!) { job(id: $id) { results { nodes { key outcome errors { code field } warnings { code field message } } } } }',
    { id },
  )
  return data?.job.results.nodes ?? []
}

async function addressesOf(key: string) {
  const { data } = await gateway.request<{ profile: { extensions: { address: string }[] } | null }>(
    'query ($key: String!) { profile(by: { key: $key }) { extensions { address } } }',
    { key },
  )
  return data?.profile?.extensions.map(({ address }) => address)
}

/** The second extension of each record has a value that it cannot have. */
const wrong: [member: string, cell: string, value: unknown][] = [
  ['channel', '', null],
  ['channel', 'FAX', 'FAX'],
  ['resourceId', '3000000000', 3_000_000_000],
  ['priority', 'high', 'high'],
  ['permission', 'perhaps', 'perhaps'],
  ['status', 'active', 'active'],
]
const good = (place: number) => `e${place}@example.com`

function asCsv(prefix: string): SentFile {
  const members = ['channel', 'address', 'resourceId', 'priority', 'permission', 'status']
  const header = [
    'key',
    'extensions[2].channel',
    'extensions[2].address',
    ...members.map((name) => `extensions[7].${name}`),
  ]
  const rows = wrong.map(([member, cell], place) => {
    const cells = { channel: 'EMAIL', address: 'x@example.com', ...{ [member]: cell } } as Record<string, string>
    return [`${prefix}-${place}`, 'EMAIL', good(place), ...members.map((name) => cells[name] ?? '')]
  })
  return { format: 'CSV', content: [header, ...rows].map((row) => `${row.join(',')}\n`).join('') }
}

const asNdjson = (prefix: string): SentFile =>
  ndjson(
    wrong.map(([member, , value], place) => ({
      key: `${prefix}-${place}`,
      extensions: [
        { channel: 'EMAIL', address: good(place) },
        { channel: 'EMAIL', address: 'x@example.com', [member]: value },
      ],
    })),
  )

describe.each([
  ['CSV', asCsv, 7],
  ['NDJSON', asNdjson, 1],
] as const)('an extension of %s with a value that it cannot have', (format, file, place) => {
  it('fails its record', async () => {
    const results = await imported(file(`${format}-a`), {})
    expect(results.map(({ outcome, errors }) => [outcome, errors])).toEqual(
      wrong.map(([member]) => ['FAILED', [{ code: 'INVALID_EXTENSION', field: `extensions[${place}].${member}` }]]),
    )
  })

  it('is dropped under skipInvalidExtensions, and the others are taken', async () => {
    const results = await imported(file(`${format}-b`), { skipInvalidExtensions: true })
    expect(results.map(({ outcome, errors, warnings }) => [outcome, errors, warnings])).toEqual(
      wrong.map(([member]) => [
        'CREATED',
        [],
        [
          {
            code: 'EXTENSION_DROPPED',
            field: `extensions[${place}]`,
            message: expect.stringContaining(`extensions[${place}].${member} is `),
          },
        ],
      ]),
    )
    for (const at of wrong.keys()) expect(await addressesOf(`${format}-b-${at}`)).toEqual([good(at)])
  })

  it('is dropped again where the record is retried', async () => {
    const options = { skipInvalidExtensions: true, upsert: 'UPDATE_ONLY' } as const
    const sent = file(`${format}-c`)
    const { id } = await acceptedImport(gateway, { ...options, uploadId: await sendFile(gateway, sent) })
    await endedJobs(gateway, [id])
    expect((await resultsOf(id)).map(({ errors }) => errors[0]?.code)).toEqual(wrong.map(() => 'PROFILE_NOT_FOUND'))
    await imported(ndjson(wrong.map((_, at) => ({ key: `${format}-c-${at}` }))), {})
    const { data } = await gateway.request<{ retryJob: { job: { id: string } } }>(
      'mutation ($input: RetryJobInput!) { retryJob(input: $input) { ... on JobPayload { job { id } } } }',
      { input: { jobId: id, waitSeconds: 30 } },
    )
    const results = await resultsOf(data?.retryJob.job.id ?? '')
    expect(results.map(({ outcome, warnings }) => [outcome, warnings[0]?.code])).toEqual(
      wrong.map(() => ['UPDATED', 'EXTENSION_DROPPED']),
    )
  })
})
