import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  CancelJobDocument,
  type CancelJobMutation,
  type JobSnapshotFragment,
  JobStatusDocument,
  PauseJobDocument,
  ResumeJobDocument,
} from '../../src/cli/generated/graphql.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { VendorName } from '../../src/sandbox/vendor.ts'
import { eventually } from '../support/eventually.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, lineResults, ndjson, sendFile } from '../support/imports.ts'
import { acceptedJob, countProfiles, numberedProfiles, readJob, settledIn } from '../support/jobs.ts'
import { openSubscriptions, overServerSentEvents, overWebSocket, type Transport } from '../support/transports.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

const batchSize = 5

let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({
    port: 0,
    settings: { dengage: { minIntervalMs: 1 }, webex: { asynchronous: true, pendingPolls: 2 } },
  })
  const limits = { maxBatchSize: batchSize, timeoutMs: 20_000, retryBaseMs: 10 }
  const [webex, dengage, altcraft] = vendorDestinations(sandbox)
  const destinations = [
    { ...dengage, minIntervalMs: 1000, ...limits },
    { ...webex, maxConcurrency: 1, pollIntervalMs: 100, ...limits },
    { ...altcraft, maxConcurrency: 1, ...limits },
  ]
  gateway = await openGateway({ file: { tenants: { default: { destinations } } } })
})
afterEach(() => sandbox.reset())
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})

type Answer = NonNullable<CancelJobMutation['cancelJob']>

async function answerOf(action: 'cancel' | 'pause' | 'resume', id: string): Promise<Answer> {
  const variables = { id }
  const answers = {
    cancel: async () => (await gateway.request(CancelJobDocument, variables)).data?.cancelJob,
    pause: async () => (await gateway.request(PauseJobDocument, variables)).data?.pauseJob,
    resume: async () => (await gateway.request(ResumeJobDocument, variables)).data?.resumeJob,
  }
  return (await answers[action]()) ?? expect.fail(`${action} was not answered`)
}

async function acted(action: 'cancel' | 'pause' | 'resume', { id }: { id: string }): Promise<JobSnapshotFragment> {
  const answer = await answerOf(action, id)
  return answer.__typename === 'JobPayload' ? answer.job : expect.fail(JSON.stringify(answer))
}

/** What somebody who watches the job is shown, in order; `done` resolves when the subscription completes. */
function watch(transport: Transport, id: string) {
  const seen: JobSnapshotFragment[] = []
  const { events } = transport.subscribe(gateway, JobStatusDocument, { id })
  const done = (async () => {
    for await (const { data } of events) seen.push(data?.jobStatus ?? expect.fail('an event came without data'))
  })()
  return { seen, done, states: () => seen.map(({ state }) => state) }
}

const stateOf = (id: string, state: JobSnapshotFragment['state']) =>
  eventually(async () => expect((await readJob(gateway, id)).state).toBe(state))

const callsOf = (vendor: VendorName, path: string) =>
  sandbox.requests(vendor).filter((request) => request.path.includes(path))

const keysIn = (calls: readonly { body: unknown }[]) =>
  calls.flatMap(({ body }) => [...JSON.stringify(body).matchAll(/[a-z]+-\d+(?=")/g)].map(([key]) => key))

/** The keys of the job's records with that outcome, in order. */
const keysWith = async (id: string, outcome: Parameters<typeof lineResults>[2]) =>
  (await lineResults(gateway, id, outcome)).map(({ key }) => key)

describe('a job that is cancelled while a vendor is at it', () => {
  test('sets passive again whom D·engage has reactivated, and sends nobody else', async () => {
    const profiles = numberedProfiles('passive', 0, 3 * batchSize).map((profile) => ({
      ...profile,
      emailStatus: 'PASSIVE' as const,
    }))
    const { id } = await acceptedJob(gateway, { destinations: ['dengage'], profiles, waitSeconds: 0 })
    const watched = watch(overWebSocket, id)
    // The first call is answered; the one that sets the status is due when the pace allows.
    await eventually(async () => expect((await readJob(gateway, id)).deliveries[0]?.state).toBe('WAITING'))
    expect(await acted('cancel', { id })).toMatchObject({ state: 'CANCELLING', deliveries: [{ state: 'CANCELLING' }] })
    await watched.done
    expect(watched.states().at(-2)).toBe('CANCELLING')
    expect(watched.seen.at(-1)).toMatchObject({
      state: 'CANCELLED',
      progress: { total: 15, processed: 15, created: 5, cancelled: 10, unknown: 0, etaSeconds: 0 },
    })
    const stored = sandbox.profiles('dengage')
    expect(stored).toHaveLength(batchSize)
    expect(JSON.stringify(stored)).not.toContain('"email_status":"A"')
    expect(callsOf('dengage', '/bulk/contacts')).toHaveLength(2)
    expect(await keysWith(id, ['CREATED'])).toEqual(profiles.slice(0, batchSize).map(({ key }) => key))
  })

  test('asks Webex what became of the call that it has taken', async () => {
    // While the second call is held back, the first one is asked about.
    sandbox.fault({ vendor: 'webex', match: { path: '/updateBulk', nth: 2 }, fault: { kind: 'delay', ms: 1000 } })
    const profiles = numberedProfiles('taken', 0, 3 * batchSize)
    const { id } = await acceptedJob(gateway, { destinations: ['local', 'webex'], profiles, waitSeconds: 0 })
    const watched = watch(overServerSentEvents, id)
    await eventually(() => expect(callsOf('webex', '/updateBulk')).not.toHaveLength(0))
    const cancelling = await acted('cancel', { id })
    expect(cancelling).toMatchObject({ state: 'CANCELLING', progress: { etaSeconds: null } })
    await watched.done
    expect(watched.seen.at(-1)).toMatchObject({ state: 'CANCELLED', progress: { total: 30, processed: 30 } })
    const sent = keysIn(callsOf('webex', '/updateBulk'))
    const results = await lineResults(gateway, id)
    const at = (destinationId: string, outcome: string) =>
      results.filter((result) => result.destinationId === destinationId && result.outcome === outcome)
    expect(at('webex', 'UPSERTED').map(({ key }) => key)).toEqual(sent)
    expect(at('webex', 'CANCELLED')).toHaveLength(3 * batchSize - sent.length)
    expect(at('local', 'CREATED').length + at('local', 'CANCELLED').length).toBe(3 * batchSize)
    expect(sandbox.profiles('webex')).toHaveLength(sent.length)
  })

  test('counts the call in flight as it ended, be it answered late or not at all', async () => {
    for (const [fault, outcome] of [
      [{ kind: 'delay', ms: 800, when: 'after' }, 'UPSERTED'],
      [{ kind: 'drop', when: 'after' }, 'UNKNOWN'],
      [{ kind: 'status', status: 429 }, 'CANCELLED'],
    ] as const) {
      sandbox.reset()
      // The one that is cancelled is held back before its fault.
      sandbox.fault({ vendor: 'altcraft', match: { path: '/import' }, fault: { kind: 'delay', ms: 500 } })
      sandbox.fault({ vendor: 'altcraft', match: { path: '/import' }, fault })
      const profiles = numberedProfiles('late', 0, 2 * batchSize)
      const { id } = await acceptedJob(gateway, { destinations: ['altcraft'], profiles, waitSeconds: 0 })
      await eventually(() => expect(callsOf('altcraft', '/import')).toHaveLength(1))
      expect(await acted('cancel', { id })).toMatchObject({ state: 'CANCELLING' })
      await stateOf(id, 'CANCELLED')
      const outcomes = (await lineResults(gateway, id)).map((result) => result.outcome)
      expect([fault.kind, ...outcomes.slice(0, batchSize)]).toEqual([
        fault.kind,
        ...Array.from({ length: batchSize }, () => outcome),
      ])
      expect(outcomes.slice(batchSize)).toEqual(Array.from({ length: batchSize }, () => 'CANCELLED'))
      expect(sandbox.profiles('altcraft')).toHaveLength(outcome === 'CANCELLED' ? 0 : batchSize)
      expect(callsOf('altcraft', '/import')).toHaveLength(1)
    }
  })
})

describe('a job that is paused', () => {
  test('goes on where it stood, and sends every record once', async () => {
    const profiles = numberedProfiles('paused', 0, 4 * batchSize)
    const { id } = await acceptedJob(gateway, { destinations: ['altcraft', 'webex'], profiles, waitSeconds: 0 })
    const watched = [watch(overWebSocket, id), watch(overServerSentEvents, id)]
    await eventually(() => expect(callsOf('webex', '/updateBulk').length).toBeGreaterThan(0))
    await acted('pause', { id })
    await stateOf(id, 'PAUSED')
    const [sent, paused] = [sandbox.requests('altcraft').length, await readJob(gateway, id)]
    expect(paused).toMatchObject({ state: 'PAUSED', progress: { etaSeconds: null }, finishedAt: null })
    expect(paused.deliveries.map(({ state }) => /^(PAUSED|SUCCEEDED)$/.test(state))).toEqual([true, true])
    // Those who watch it still do.
    await eventually(() => expect(watched.map(({ states }) => states().at(-1))).toEqual(['PAUSED', 'PAUSED']))
    for (const transport of [overWebSocket, overServerSentEvents]) {
      expect(await openSubscriptions(gateway, transport)).toBe(1)
    }
    expect(sandbox.requests('altcraft')).toHaveLength(sent)
    expect(await acted('resume', { id })).toMatchObject({ state: 'RUNNING' })
    for (const { done } of watched) await done
    for (const { seen } of watched)
      expect(seen.at(-1)).toMatchObject({ state: 'SUCCEEDED', progress: { upserted: 40 } })
    for (const [vendor, path] of [
      ['altcraft', '/import'],
      ['webex', '/updateBulk'],
    ] as const) {
      expect(keysIn(callsOf(vendor, path)).toSorted()).toEqual(profiles.map(({ key }) => String(key)).toSorted())
      expect(sandbox.profiles(vendor)).toHaveLength(4 * batchSize)
    }
  })

  test('is read on from its file, and applied once', async () => {
    const before = await countProfiles(gateway)
    const records = numberedProfiles('file', 0, 30_000)
    const uploadId = await sendFile(gateway, ndjson(records))
    const job = await acceptedImport(gateway, { uploadId, waitSeconds: 0 })
    const watched = watch(overWebSocket, job.id)
    for (const state of ['STAGING', 'RUNNING'] as const) {
      await eventually(() => expect(watched.states().at(-1)).toBe(state))
      const paused = await acted('pause', job)
      expect(paused).toMatchObject({ state: 'PAUSED', deliveries: [{ state: 'PAUSED' }] })
      expect(paused.staged).toBeLessThanOrEqual(30_000)
      expect(await acted('pause', job)).toEqual(paused)
      await acted('resume', job)
    }
    await watched.done
    expect(watched.seen.at(-1)).toMatchObject({ state: 'SUCCEEDED', staged: 30_000, progress: { created: 30_000 } })
    expect(await countProfiles(gateway)).toBe(before + 30_000)
  })
})

test('an import that is cancelled while its file is read counts all that it has not applied', async () => {
  const before = await countProfiles(gateway)
  const uploadId = await sendFile(gateway, ndjson(numberedProfiles('unread', 0, 30_000)))
  const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 0 })
  const cancelled = await acted('cancel', { id })
  expect(cancelled).toMatchObject({ state: 'CANCELLED', progress: { total: 30_000, processed: 30_000 } })
  expect(settledIn(cancelled)).toBe(30_000)
  expect(await countProfiles(gateway)).toBe(before + 30_000 - cancelled.progress.cancelled)
})

describe('an action that cannot be done', () => {
  test('is answered with what the job is, or that it is not there', async () => {
    const { id } = await acceptedJob(gateway, { profiles: numberedProfiles('ended', 0, 1) })
    for (const action of ['cancel', 'pause', 'resume'] as const) {
      expect(await answerOf(action, id)).toEqual({
        __typename: 'InvalidStateError',
        state: 'SUCCEEDED',
        message: expect.stringContaining('it has ended'),
      })
      for (const nobody of [Buffer.from('Job:01890000-0000-7000-8000-000000000002').toString('base64'), 'garbage']) {
        expect(await answerOf(action, nobody)).toEqual({ __typename: 'NotFoundError', message: expect.any(String) })
      }
    }
  })
})

test('a request that waits for its job waits out a pause, and is answered when the job is cancelled', async () => {
  const records = numberedProfiles('waiting', 0, 5000)
  sandbox.fault({ vendor: 'altcraft', match: { path: '/import', times: 'always' }, fault: { kind: 'delay', ms: 300 } })
  const input = {
    destinations: ['altcraft'],
    profiles: records.slice(0, 50),
    waitSeconds: 30,
    idempotencyKey: 'waiting',
  }
  const answer = acceptedJob(gateway, input)
  await eventually(() => expect(callsOf('altcraft', '/import').length).toBeGreaterThan(0))
  const { id } = await acceptedJob(gateway, { ...input, waitSeconds: 0 })
  await acted('pause', { id })
  expect(await acceptedJob(gateway, { ...input, waitSeconds: 1 })).toMatchObject({ id, finishedAt: null })
  await acted('cancel', { id })
  expect(await answer).toMatchObject({ id, state: 'CANCELLED' })
})
