import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JobStatusDocument } from '../../src/cli/generated/graphql.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, lineResults, ndjson, sendFile, withRecordsAt } from '../support/imports.ts'
import { acceptedJob, endedJobs, numberedProfiles, readJob } from '../support/jobs.ts'
import { overWebSocket } from '../support/transports.ts'
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

async function profileOf(key: string) {
  const { data } = await gateway.request<{ profile: Record<string, unknown> | null }>(
    'query ($key: String!) { profile(by: { key: $key }) { email firstName lastName } }',
    { key },
  )
  return data?.profile ?? null
}

describe('records of one key end up as if they were applied in order, however far apart they stand', () => {
  const names = { email: 'one@example.com', firstName: 'Three', lastName: 'Four' }

  /** Four records of one key among others, the last of them in a later window than the others, and what became of them. */
  async function sentApart(destination: string, total: number, last: number) {
    const records = withRecordsAt(numberedProfiles('far', 0, total), {
      10: { key: 'same', email: names.email, firstName: 'One' },
      900: { key: 'same', lastName: 'Two' },
      1500: { key: 'same', firstName: names.firstName },
      [last]: { key: 'same', lastName: names.lastName },
    })
    const uploadId = await sendFile(gateway, ndjson(records))
    const { id } = await acceptedImport(gateway, { uploadId, destinations: [destination] })
    const [job] = await endedJobs(gateway, [id])
    expect(job).toMatchObject({ state: 'SUCCEEDED', staged: total, progress: { total, processed: total } })
    const found = (await lineResults(gateway, id)).filter(({ key }) => key === 'same')
    return found.map(({ index, outcome, supersededBy }) => [index, outcome, supersededBy])
  }

  test('at local', async () => {
    expect(await sentApart('local', 5050, 5020)).toEqual([
      [10, 'SUPERSEDED', 900],
      [900, 'CREATED', null],
      [1500, 'UPDATED', null],
      [5020, 'UPDATED', null],
    ])
    expect(await profileOf('same')).toMatchObject(names)
  })

  test('at a vendor', { timeout: 60_000 }, async () => {
    expect(await sentApart('altcraft', 20_050, 20_020)).toEqual([
      [10, 'SUPERSEDED', 1500],
      [900, 'SUPERSEDED', 1500],
      [1500, 'UPSERTED', null],
      [20_020, 'UPSERTED', null],
    ])
    const stored = sandbox.profiles('altcraft').filter((one) => (one as { CRM_ID?: string }).CRM_ID === 'same')
    expect(stored).toMatchObject([{ email: names.email, _fname: names.firstName, _lname: names.lastName }])
  })
})

describe('while a file is read', () => {
  test('jobStatus shows how many records were read, and the last state last', async () => {
    const uploadId = await sendFile(gateway, ndjson(numberedProfiles('seen', 0, 12_000)))
    const { id, state, staged } = await acceptedImport(gateway, { uploadId })
    expect({ state, staged }).toEqual({ state: 'STAGING', staged: 0 })
    const watched = overWebSocket.subscribe(gateway, JobStatusDocument, { id })
    const seen: { state: string; version: number; staged: number; progress: { total: number } }[] = []
    for await (const { data, errors } of watched.events) {
      if (!data?.jobStatus) throw new Error(JSON.stringify(errors))
      seen.push(data.jobStatus)
    }
    await watched.close()
    expect(seen.at(-1)).toMatchObject({ state: 'SUCCEEDED', staged: 12_000, progress: { created: 12_000 } })
    for (const [place, job] of seen.entries()) expect(job.version).toBeGreaterThan(seen[place - 1]?.version ?? 0)
    expect(seen.map((job) => job.staged)).toEqual(seen.map((job) => job.staged).sort((a, b) => a - b))
    expect(new Set(seen.map(({ progress }) => progress.total))).toEqual(new Set([12_000]))
    for (const job of seen) expect(job.staged === 12_000).toBe(job.state !== 'STAGING')
  })

  test('other jobs go on', async () => {
    const uploadId = await sendFile(gateway, ndjson(numberedProfiles('large', 0, 20_000)))
    const large = await acceptedImport(gateway, { uploadId })
    const profiles = numberedProfiles('small', 0, 1500)
    const small = await acceptedJob(gateway, { profiles, waitSeconds: 30 })
    expect(small.state).toBe('SUCCEEDED')
    const [ended] = await endedJobs(gateway, [large.id])
    expect(Date.parse(small.finishedAt ?? '')).toBeLessThan(Date.parse(ended?.finishedAt ?? ''))
  })
})

/** Nobody reads: its jobs stay where they were accepted. */
test('records that are not read yet are listed by their place and line, and are CANCELLED with their job', async () => {
  const api = await openGateway({ environment: { ROLE: 'api' } })
  try {
    const uploadId = await sendFile(api, ndjson(numberedProfiles('unread', 0, 2600)))
    const { id } = await acceptedImport(api, { uploadId })
    const unread = Array.from({ length: 2600 }, (_, index) => {
      return { index, line: index + 1, key: null, destinationId: 'local', supersededBy: null, errors: [] }
    })
    expect(await lineResults(api, id)).toEqual(unread.map((result) => ({ ...result, outcome: 'PENDING' })))
    const { data } = await api.request('{ jobs(states: [STAGING]) { nodes { id staged progress { total } } } }')
    expect(data).toEqual({ jobs: { nodes: [{ id, staged: 0, progress: { total: 2600 } }] } })
    await api.request('mutation ($id: ID!) { cancelJob(id: $id) { __typename } }', { id })
    expect(await readJob(api, id)).toMatchObject({ state: 'CANCELLED', staged: 0, progress: { cancelled: 2600 } })
    expect(await lineResults(api, id)).toEqual(unread.map((result) => ({ ...result, outcome: 'CANCELLED' })))
  } finally {
    await api.close()
  }
})
