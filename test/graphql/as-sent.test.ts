import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, type ImportInput, lineResults, sendFile } from '../support/imports.ts'
import { endedJobs } from '../support/jobs.ts'
import { openReadySocket } from '../support/web-socket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await openGateway()
  const attributes = [
    { name: 'code', type: 'STRING' },
    { name: 'amount', type: 'DECIMAL' },
    { name: 'points', type: 'INTEGER' },
  ]
  await gateway.request(
    'mutation ($input: DefineProfileTypeInput!) { defineProfileType(input: $input) { __typename } }',
    { input: { name: 'contact', attributes } },
  )
})
afterAll(() => gateway.close())

async function imported(content: string, options: Omit<ImportInput, 'uploadId'> = {}) {
  const uploadId = await sendFile(gateway, { format: 'NDJSON', content })
  const { id } = await acceptedImport(gateway, { ...options, uploadId })
  await endedJobs(gateway, [id])
  return id
}

/** The lines of a job's failed.ndjson. */
async function failedLines(id: string): Promise<string[]> {
  const { data } = await gateway.request<{ job: { failedRecordsPath: string } }>(
    'query ($id: ID!) { job(id: $id) { failedRecordsPath } }',
    { id },
  )
  const text = await (await fetch(`${gateway.url}${data?.job.failedRecordsPath}`)).text()
  return text.split('\n').slice(0, -1)
}

const failedRecords = async (id: string) => (await failedLines(id)).map((line) => JSON.parse(line))

async function retried(jobId: string): Promise<string> {
  const { data } = await gateway.request<{ retryJob: { job: { id: string } } }>(
    'mutation ($input: RetryJobInput!) { retryJob(input: $input) { ... on JobPayload { job { id } } } }',
    { input: { jobId, waitSeconds: 30 } },
  )
  return data?.retryJob.job.id ?? ''
}

async function attributesOf(key: string) {
  const { data } = await gateway.request<{ profile: { attributes: unknown } }>(
    'query ($key: String!) { profile(by: { key: $key }) { attributes } }',
    { key },
  )
  return data?.profile?.attributes
}

const mutation = 'mutation ($input: BulkUpsertProfilesInput!) { bulkUpsertProfiles(input: $input) { __typename } }'

describe('a number that a double would round', () => {
  const attributes = '{"code":12345678901234567890,"amount":100000000000000000001.10}'
  const stored = { code: '12345678901234567890', amount: '100000000000000000001.1' }
  const variables = (key: string) =>
    `{"input":{"waitSeconds":30,"profiles":[{"key":"${key}","attributes":${attributes}}]}}`

  it('is stored as it was sent in a line of a file', async () => {
    await imported(`{"key":"N-1","attributes":${attributes}}\n`)
    expect(await attributesOf('N-1')).toEqual(stored)
  })

  it('is stored as it was sent in the body of a request', async () => {
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":${JSON.stringify(mutation)},"variables":${variables('N-2')}}`,
    })
    expect(await attributesOf('N-2')).toEqual(stored)
  })

  it('is stored as it was sent within the text of a mutation', async () => {
    const literal = attributes.replaceAll(/"(\w+)":/g, '$1:')
    await gateway.request(
      `mutation { bulkUpsertProfiles(input: { waitSeconds: 30, profiles: [{ key: "N-3", attributes: ${literal} }] }) { __typename } }`,
    )
    expect(await attributesOf('N-3')).toEqual(stored)
  })

  it('is stored as it was sent over WebSocket', async () => {
    const socket = await openReadySocket(gateway.url)
    socket.send(
      `{"id":"1","type":"subscribe","payload":{"query":${JSON.stringify(mutation)},"variables":${variables('N-4')}}}`,
    )
    await socket.next()
    expect(await attributesOf('N-4')).toEqual(stored)
    socket.close()
  })

  it.each([
    ['attributes', '{"points":9007199254740993}', 'attributes.points', 'whole number within'],
    ['attributes', '{"points":1e400}', 'attributes.points', 'whole number within'],
    [
      'extensions',
      '[{"channel":"SMS","address":"+4915112345678","resourceId":9007199254740993}]',
      'extensions[0].resourceId',
      'whole number of 32 bits',
    ],
    [
      'extensions',
      '[{"channel":"SMS","address":"+4915112345678","priority":1e400}]',
      'extensions[0].priority',
      'whole number of 32 bits',
    ],
    ['emailPermission', '1e400', 'emailPermission', 'true or false'],
  ])('fails its record where it is none of the %s that are taken: %s', async (member, value, field, message) => {
    const id = await imported(`{"key":"N-5","${member}":${value}}\n`)
    const [result] = await lineResults(gateway, id)
    expect(result).toMatchObject({ outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', field }] })
    expect(result?.errors[0]?.message).toContain(message)
  })

  it('comes back from a record that failed as it was sent, and clears nothing when that is sent again', async () => {
    await imported('{"key":"N-6","attributes":{"points":5,"code":"old"}}\n')
    const sent = '{"key":"N-6","attributes":{"points":1e400,"code":9007199254740993}}'
    let id = await imported(`${sent}\n`, { nulls: 'CLEAR' })
    for (const again of [1, 2]) {
      expect(await failedRecords(id), `read ${again} times`).toEqual([
        { key: 'N-6', attributes: { points: '1e400', code: '9007199254740993' } },
      ])
      expect(await lineResults(gateway, id)).toMatchObject([
        { outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', field: 'attributes.points' }] },
      ])
      id = await retried(id)
    }
    expect(await attributesOf('N-6')).toEqual({ points: 5, code: 'old' })
  })
})
