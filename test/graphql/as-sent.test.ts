import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, type ImportInput, lineResults, sendFile } from '../support/imports.ts'
import { acceptedJob, endedJobs } from '../support/jobs.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'
import { openReadySocket } from '../support/web-socket.ts'

let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
  gateway = await openGateway({ file: { tenants: { default: { destinations: vendorDestinations(sandbox) } } } })
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
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})

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

  it('is what a dry run by GET compares', async () => {
    await imported(`{"key":"N-9","attributes":${attributes}}\n`)
    const query = `query ($input: BulkUpsertProfilesInput!) {
      planBulkUpsertProfiles(input: $input) { ... on Plan { deliveries { wouldLeaveUnchanged } } } }`
    const asked = new URLSearchParams({ query, variables: variables('N-9') })
    const answer = await fetch(`${gateway.url}/graphql?${asked}`, { headers: { accept: 'application/json' } })
    expect(await answer.json()).toEqual({
      data: { planBulkUpsertProfiles: { deliveries: [{ wouldLeaveUnchanged: 1 }] } },
    })
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
    const code = member === 'extensions' ? 'INVALID_EXTENSION' : 'INVALID_VALUE'
    const id = await imported(`{"key":"N-5","${member}":${value}}\n`)
    const [result] = await lineResults(gateway, id)
    expect(result).toMatchObject({ outcome: 'FAILED', errors: [{ code, field }] })
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

describe('an extension that was dropped', () => {
  const dropped = { channel: 'EMAIL', address: 'nobody' }
  const kept = { channel: 'SMS', address: '+4915112345678' }
  const lines = (...records: object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

  it('is in the failed records all the same, whatever else they failed for, and at a retry of them', async () => {
    await imported(lines({ key: 'X-1' }))
    const records = [
      { key: 'X-1', extensions: [dropped, kept] },
      { key: 'X-2', extensions: [dropped, kept], attributes: { unknown: '1' } },
      { key: 'X-3', extensions: [dropped, kept], email: 'nobody' },
    ]
    const options = { skipInvalidExtensions: true, upsert: 'CREATE_ONLY' } as const
    const file = await imported(lines(...records), options)
    const request = await acceptedJob(gateway, {
      ...options,
      profiles: records as never,
      onInvalid: 'SKIP_INVALID',
      waitSeconds: 30,
    })
    for (const id of [file, request.id, await retried(file), await retried(request.id)]) {
      expect(await failedRecords(id)).toEqual(records)
      const results = await lineResults(gateway, id)
      expect(results.map(({ errors }) => errors.map(({ code }) => code))).toEqual([
        ['PROFILE_EXISTS'],
        ['UNKNOWN_ATTRIBUTE'],
        ['INVALID_EMAIL'],
      ])
    }
  })

  it('is in the failed records of one destination, while another has taken the rest', async () => {
    const record = { key: 'X-4', email: 'X-4@Example.com', extensions: [dropped, { ...kept }] }
    const destinations = ['local', 'altcraft']
    const options = { skipInvalidExtensions: true, destinations, matching: 'EMAIL' } as const
    const file = await imported(lines(record), options)
    expect((await lineResults(gateway, file)).map(({ outcome }) => outcome)).toEqual(['CREATED', 'FAILED'])
    expect(await failedRecords(file)).toEqual([record])
    const again = await retried(file)
    expect(await failedRecords(again)).toEqual([record])
    expect(await lineResults(gateway, again)).toMatchObject([{ destinationId: 'altcraft', outcome: 'FAILED' }])
  })

  it('is not confused with a record that names what was sent itself', async () => {
    const line = '{"asSent":{"key":"X-5"}}'
    const id = await imported(`${line}\n`)
    expect(await failedLines(id)).toEqual([line])
    expect(await failedLines(await retried(id))).toEqual([line])
  })
})
