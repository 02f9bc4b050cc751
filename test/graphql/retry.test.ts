import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, lineResults, sendFile } from '../support/imports.ts'
import { acceptedJob, endedJobs } from '../support/jobs.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

const acme = { authorization: 'Bearer acme-key' }
const other = { authorization: 'Bearer other-key' }
let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
  const scopes = ['read', 'write', 'admin']
  gateway = await openGateway({
    file: {
      apiKeys: [
        { key: 'acme-key', tenant: 'acme', scopes },
        { key: 'other-key', tenant: 'other', scopes },
      ],
      tenants: { acme: { destinations: vendorDestinations(sandbox) } },
    },
  })
})
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: the shape is whatever the test asked for
type Answer = any

const document = `mutation ($input: RetryJobInput!) {
  retryJob(input: $input) {
    __typename
    ... on JobPayload { job { id state parent { id } progress { total created updated failed } } }
    ... on UserError { message }
    ... on InvalidInputError { issues { path } }
    ... on InvalidStateError { state }
    ... on IdempotencyConflictError { jobId }
  }
}`

async function retry(input: Record<string, unknown>, options = acme): Promise<Answer> {
  const { data, errors } = await gateway.request<Answer>(document, { input: { waitSeconds: 30, ...input } }, options)
  expect(errors).toBeUndefined()
  return data?.retryJob
}

async function resultsOf(id: string, options = acme): Promise<Answer[]> {
  const nodes: Answer[] = []
  let after: string | null = null
  do {
    const { data }: { data?: Answer } = await gateway.request<Answer>(
      `query ($id: ID!, $after: String) { job(id: $id) { results(first: 1000, after: $after) {
        totalCount nodes { index sourceIndex key destinationId outcome errors { code } } pageInfo { hasNextPage endCursor }
      } } }`,
      { id, after },
      options,
    )
    const { results }: { results: Answer } = data.job
    nodes.push(...results.nodes)
    after = results.pageInfo.hasNextPage ? results.pageInfo.endCursor : null
  } while (after !== null)
  return nodes
}

const define = (name: string, options = acme) =>
  gateway.request(
    `mutation ($input: DefineProfileTypeInput!) { defineProfileType(input: $input) { __typename } }`,
    { input: { name: 'contact', attributes: [{ name }] } },
    options,
  )

const text = async (path: string) => (await fetch(`${gateway.url}${path}`)).text()

describe('retryJob', () => {
  it('sends each record once more to the destinations that it failed at, and to no other', async () => {
    await acceptedJob(gateway, { profiles: [{ key: 'D-1' }], waitSeconds: 30 }, acme)
    await acceptedJob(
      gateway,
      { destinations: ['webex'], profiles: [{ key: 'D-2', firstName: 'There' }], waitSeconds: 30 },
      acme,
    )
    const job = await acceptedJob(
      gateway,
      {
        destinations: ['local', 'webex'],
        upsert: 'CREATE_ONLY',
        onInvalid: 'SKIP_INVALID',
        waitSeconds: 30,
        profiles: ['D-0', 'D-1', 'D-2'].map((key) => ({ key, firstName: key })),
      },
      acme,
    )
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', progress: { total: 6, created: 4, failed: 2 } })

    const retried = await retry({ jobId: job.id })
    expect(retried).toMatchObject({
      __typename: 'JobPayload',
      job: { state: 'FAILED', parent: { id: job.id }, progress: { total: 2, failed: 2 } },
    })
    expect(await resultsOf(retried.job.id)).toMatchObject([
      { index: 0, sourceIndex: 1, key: 'D-1', destinationId: 'local', errors: [{ code: 'PROFILE_EXISTS' }] },
      { index: 1, sourceIndex: 2, key: 'D-2', destinationId: 'webex', errors: [{ code: 'PROFILE_EXISTS' }] },
    ])
    const atLocal = await retry({ jobId: job.id, destinations: ['local'], codes: ['PROFILE_EXISTS'] })
    expect(await resultsOf(atLocal.job.id)).toMatchObject([{ sourceIndex: 1, destinationId: 'local' }])
  })

  it('mends thousands over several chunks once their cause is gone, and names where each stood', async () => {
    const profiles = Array.from({ length: 3500 }, (_, number) => ({
      key: `M-${number}`,
      ...(number % 3 === 0 ? {} : { attributes: { later: `${number}` } }),
    }))
    const job = await acceptedJob(gateway, { profiles, onInvalid: 'SKIP_INVALID', waitSeconds: 30 }, acme)
    const failed = profiles.flatMap(({ key }, index) => (index % 3 === 0 ? [] : [{ key, index }]))
    expect(job.progress).toMatchObject({ created: 3500 - failed.length, failed: failed.length })
    await define('later')
    const { job: retried } = await retry({ jobId: job.id, codes: ['UNKNOWN_ATTRIBUTE'] })
    expect(retried).toMatchObject({ state: 'SUCCEEDED', progress: { total: failed.length, created: failed.length } })
    const results = await resultsOf(retried.id)
    expect(results.map(({ key, sourceIndex, index }) => ({ key, sourceIndex, index }))).toEqual(
      failed.map(({ key, index }, place) => ({ key, sourceIndex: index, index: place })),
    )
  })

  it('answers a repetition with the first retry, and other input with a conflict', async () => {
    const { id: jobId } = await acceptedJob(
      gateway,
      { profiles: [{ key: 'I-1', email: 'nobody' }], onInvalid: 'SKIP_INVALID', waitSeconds: 30 },
      acme,
    )
    const first = await retry({ jobId, idempotencyKey: 'once' })
    expect(await retry({ jobId, idempotencyKey: 'once' })).toMatchObject({ job: { id: first.job.id } })
    expect(await retry({ jobId, idempotencyKey: 'once', codes: ['INVALID_EMAIL'] })).toMatchObject({
      __typename: 'IdempotencyConflictError',
      jobId: first.job.id,
    })
  })

  it('counts as a job that was accepted', async () => {
    const { id: jobId } = await acceptedJob(
      gateway,
      { profiles: [{ key: 'C-1', email: 'nobody' }], onInvalid: 'SKIP_INVALID', waitSeconds: 30 },
      acme,
    )
    const accepted = async () => {
      const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: acme })).text()
      return Number(/gateway_jobs_accepted_total\{kind="PROFILES"\} (\d+)/.exec(metrics)?.[1])
    }
    const before = await accepted()
    await retry({ jobId })
    expect(await accepted()).toBe(before + 1)
  })

  it('says what it is to name no destinations', async () => {
    const { id } = await acceptedJob(gateway, { profiles: [{ key: 'E-1' }], waitSeconds: 30 }, acme)
    const { data } = await gateway.request<Answer>(
      'mutation ($input: RetryJobInput!) { retryJob(input: $input) { ... on InvalidInputError { issues { path message } } } }',
      { input: { jobId: id, destinations: [] } },
      acme,
    )
    expect(data.retryJob.issues).toEqual([
      { path: ['input', 'destinations'], message: expect.stringMatching(/leave it out for all at which .* failed$/) },
    ])
  })

  it('says why there is nothing to retry', async () => {
    const good = await acceptedJob(gateway, { profiles: [{ key: 'G-1' }], waitSeconds: 30 }, acme)
    expect(await retry({ jobId: good.id })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'jobId'] }],
    })
    const bad = await acceptedJob(
      gateway,
      { profiles: [{ key: 'G-2', email: 'nobody' }], onInvalid: 'SKIP_INVALID', waitSeconds: 30 },
      acme,
    )
    for (const wrong of [{ codes: ['PROFILE_EXISTS'] }, { codes: [] }, { destinations: ['webex'] }]) {
      expect(await retry({ jobId: bad.id, ...wrong })).toMatchObject({ __typename: 'InvalidInputError' })
    }
    expect(await retry({ jobId: bad.id }, other)).toMatchObject({ __typename: 'NotFoundError' })
    expect(await retry({ jobId: 'nonsense' })).toMatchObject({ __typename: 'NotFoundError' })
    const profiles = Array.from({ length: 5000 }, (_, number) => ({ key: `S-${number}` }))
    const running = await acceptedJob(gateway, { profiles, waitSeconds: 0 }, acme)
    const answer = await retry({ jobId: running.id })
    if (answer.__typename !== 'InvalidStateError') expect(answer).toMatchObject({ __typename: 'InvalidInputError' })
    await endedJobs(gateway, [running.id], 60_000, acme)
  })
})

describe('what failed of an import', () => {
  it.each([
    ['CSV', 'key,email\nM-1\n', /^Line 2: The row has 1 cell, and the header has 2: give each column one cell$/],
    ['NDJSON', '{"key": "M-1",\n', /^Line 1: The record is not JSON: check its commas, quotes and brackets$/],
    ['NDJSON', '["M-1"]\n', /^Line 1: The record is not a JSON object: /],
  ] as const)('fails again for what was wrong with its line in %s: %j', async (format, content, reason) => {
    const uploadId = await sendFile(gateway, { format, content }, acme)
    const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 30 }, acme)
    await endedJobs(gateway, [id], 60_000, acme)
    const once = await retry({ jobId: id })
    const twice = await retry({ jobId: once.job.id })
    for (const retried of [id, once.job.id, twice.job.id]) {
      const [result] = await lineResults(gateway, retried, null, acme)
      expect(result?.errors).toEqual([
        { code: 'MALFORMED_RECORD', field: null, message: expect.stringMatching(reason) },
      ])
    }
  })

  it('comes back in failed.ndjson as it stood in the file, is corrected there, and imported again', async () => {
    const content = [
      '{"key":"L-1","email":"l1@example.com"}',
      '{"key":"L-2","email":"nobody"}',
      '{"key":"L-3","emailPermission":"maybe"}',
      '{"key":"L-4",',
      '',
    ].join('\n')
    const uploadId = await sendFile(gateway, { format: 'NDJSON', content }, acme)
    const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 30 }, acme)
    await endedJobs(gateway, [id], 60_000, acme)
    const { data } = await gateway.request<Answer>(
      'query ($id: ID!) { job(id: $id) { failedRecordsPath } }',
      { id },
      acme,
    )
    const failed = await text(data.job.failedRecordsPath)
    expect(
      failed
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ key: 'L-2', email: 'nobody' }, { key: 'L-3', emailPermission: 'maybe' }, '{"key":"L-4",'])
    const again = await retry({ jobId: id })
    expect(again.job.progress).toMatchObject({ total: 3, failed: 3 })

    const mended = failed
      .replace('nobody', 'l2@example.com')
      .replace('"maybe"', 'true')
      .replace(JSON.stringify('{"key":"L-4",'), '{"key":"L-4"}')
    const next = await acceptedImport(
      gateway,
      { uploadId: await sendFile(gateway, { format: 'NDJSON', content: mended }, acme) },
      acme,
    )
    const [job] = await endedJobs(gateway, [next.id], 60_000, acme)
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 3 } })
  })

  it('is refused again, and alone, where its text could not be kept, and says what to do', async () => {
    const content = 'key,grade\nK-1,gold\nK-2,"gold"en\nK-3,silver\n'
    const uploadId = await sendFile(gateway, { format: 'CSV', content }, acme)
    const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 30 }, acme)
    const [first] = await endedJobs(gateway, [id], 60_000, acme)
    expect(first).toMatchObject({ state: 'FAILED', progress: { total: 3, failed: 3 } })
    await define('grade')

    const { job } = await retry({ jobId: id })
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', progress: { total: 3, created: 2, failed: 1 } })
    expect(await resultsOf(job.id)).toMatchObject([
      { index: 0, sourceIndex: 0, key: 'K-1', outcome: 'CREATED' },
      { index: 1, sourceIndex: 1, key: null, outcome: 'FAILED', errors: [{ code: 'MALFORMED_RECORD' }] },
      { index: 2, sourceIndex: 2, key: 'K-3', outcome: 'CREATED' },
    ])
    const again = await retry({ jobId: job.id, codes: ['MALFORMED_RECORD'] })
    expect(again.job).toMatchObject({ state: 'FAILED', progress: { total: 1, failed: 1 } })
    for (const [retried, line] of [
      [job.id, 2],
      [again.job.id, 1],
    ]) {
      const { data } = await gateway.request<Answer>(
        'query ($id: ID!) { job(id: $id) { errorsCsvPath failedRecordsPath } }',
        { id: retried },
        acme,
      )
      expect(await text(data.job.errorsCsvPath)).toMatch(
        new RegExp(
          `^Code,Description,Index\r\n1010,"Line 3: A quoted cell [^"]+[.] Its text was not kept: [^".]+",${line}\r\n$`,
        ),
      )
      expect(await text(data.job.failedRecordsPath)).toBe('')
    }
  })
})
