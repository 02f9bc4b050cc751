import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type BulkUpsertProfilesInput,
  JobResultsDocument,
  type JobSnapshotFragment,
  JobStatusDocument,
} from '../../src/cli/generated/graphql.ts'
import type { LoggedRequest } from '../../src/sandbox/request-log.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedJob, endedJobs, numberedProfiles } from '../support/jobs.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { overWebSocket } from '../support/transports.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

// Several processes share PostgreSQL, the embedded database belongs to one: vitest.config.ts leaves this file out without DATABASE_URL.

/**
 * How much closer together than they left calls may reach a busy machine, one of them held up on its way. What they lack here, the span of all
 * of them shows.
 */
const arrivalMs = 500
const batchSize = 5
const webexConcurrency = 2
const timeoutMs = 8000

let database: ScratchDatabase
let sandbox: Sandbox
let opened: SpawnedGateway[]
beforeEach(async () => {
  opened = []
  database = await openScratchDatabase()
  sandbox = await startSandbox({ port: 0 })
})
afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()))
  await sandbox.stop()
  await database.close()
})

/** Three processes that share the database and the vendors' accounts, D·engage's at that pace. */
function startProcesses(minIntervalMs: number) {
  sandbox.configure('dengage', { minIntervalMs: minIntervalMs - arrivalMs })
  return Promise.all([startProcess(minIntervalMs), startProcess(minIntervalMs), startProcess(minIntervalMs)])
}

async function startProcess(minIntervalMs: number): Promise<SpawnedGateway> {
  const limits = { maxBatchSize: batchSize, timeoutMs }
  const [webex, dengage] = vendorDestinations(sandbox)
  const destinations = [
    { ...dengage, minIntervalMs, ...limits },
    { ...webex, maxConcurrency: webexConcurrency, ...limits },
  ]
  const gateway = await spawnGateway({
    ...(database.url === null ? {} : { databaseUrl: database.url }),
    file: { tenants: { default: { destinations } } },
  })
  opened.push(gateway)
  return gateway
}

/** Sends records of keys of their own, so many batches of them. */
function sendBatches(
  gateway: SpawnedGateway,
  batches: number,
  input: Omit<BulkUpsertProfilesInput, 'profiles'> & { idempotencyKey: string },
) {
  const profiles = numberedProfiles(input.idempotencyKey, 0, batches * batchSize)
  return acceptedJob(gateway, { ...input, profiles, waitSeconds: 0 })
}

/** The calls so far that carry records, oldest first. */
const callsOf = (vendor: 'dengage' | 'webex') =>
  sandbox.requests(vendor).filter(({ path }) => path.includes(vendor === 'dengage' ? '/bulk/contacts' : '/updateBulk'))

const keysOf = ({ body }: LoggedRequest) =>
  [...JSON.stringify(body).matchAll(/"(?:contact_key|key)":"([^"]+)"/g)].map(([, key = '']) => key)

/** The keys of all calls; one that was sent twice stands there twice. */
const keysIn = (calls: readonly LoggedRequest[]) => calls.flatMap(keysOf).toSorted()

const isHeldBack = ({ faults }: LoggedRequest) => faults.includes('delay')

/** No call was refused for its pace, and none was made beside another. */
function expectPaced(calls: readonly LoggedRequest[]): void {
  expect(calls.map(({ status, inFlight }) => ({ status, inFlight }))).toEqual(
    calls.map(() => ({ status: 200, inFlight: 0 })),
  )
}

const complaints = ({ log }: SpawnedGateway) => log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))

/** Everything that somebody who watches a job is shown, to its end. */
async function watched(gateway: SpawnedGateway, id: string): Promise<JobSnapshotFragment[]> {
  const events = await Array.fromAsync(overWebSocket.subscribe(gateway, JobStatusDocument, { id }).events)
  return events.map(({ data, errors }) => {
    if (!data) throw new Error(`an event came without data: ${JSON.stringify(errors)}`)
    return data.jobStatus
  })
}

/** Stops processes where they stand, but none of them within a transaction, whose locks would hold up everybody else. */
function freeze(gateways: readonly SpawnedGateway[]): Promise<void> {
  return vi.waitFor(async () => {
    for (const { process } of gateways) process.kill('SIGSTOP')
    const inTransaction = await database.query(
      `select pid from pg_stat_activity
        where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
    )
    if (inTransaction.length > 0) for (const { process } of gateways) process.kill('SIGCONT')
    expect(inTransaction).toEqual([])
  }, 10_000)
}

test('three processes keep the pace of one account together, and use it', { timeout: 120_000 }, async () => {
  // Five in a hundred of it are several times what a call is late on a busy machine.
  const minIntervalMs = 2000
  const gateways = await startProcesses(minIntervalMs)
  const jobs = await Promise.all(
    gateways.map((gateway, place) =>
      sendBatches(gateway, 5, { destinations: ['dengage'], idempotencyKey: `from-${place}` }),
    ),
  )
  // Each is watched at another process than the one that accepted it.
  const shown = await Promise.all(
    jobs.map(({ id }, place) => watched(gateways[(place + 1) % gateways.length] ?? gateways[0], id)),
  )

  expect(gateways.flatMap(complaints)).toEqual([])
  const calls = callsOf('dengage')
  expectPaced(calls)
  expect(calls).toHaveLength(15)
  const keys = keysIn(calls)
  expect(keys).toHaveLength(15 * batchSize)
  expect(new Set(keys).size).toBe(15 * batchSize)
  expect(sandbox.profiles('dengage')).toHaveLength(15 * batchSize)

  const allowed = ((calls.at(-1)?.startedAt ?? 0) - (calls[0]?.startedAt ?? 0)) / minIntervalMs
  expect(calls.length - 1).toBeLessThanOrEqual(allowed)
  expect((calls.length - 1) / allowed).toBeGreaterThanOrEqual(0.95)

  for (const versions of shown) {
    expect(versions.at(-1)).toMatchObject({ state: 'SUCCEEDED', progress: { total: 25, created: 25, etaSeconds: 0 } })
    for (const { deliveries, progress } of versions.slice(0, -1)) {
      const { state, nextAttemptAt, batchesTotal, batchesDone } = deliveries[0] ?? expect.fail('it has no delivery')
      expect([state, nextAttemptAt]).toEqual([state, state === 'WAITING' ? expect.any(String) : null])
      expect(progress.etaSeconds).toBeGreaterThanOrEqual(((batchesTotal - batchesDone) * minIntervalMs) / 1000)
    }
    expect(versions.filter(({ deliveries }) => deliveries[0]?.state === 'WAITING').length).toBeGreaterThan(2)
  }
})

test('a process killed in mid-call costs neither the pace nor a record', { timeout: 120_000 }, async () => {
  const [victim, survivor, another] = await startProcesses(1000)
  // As long as the other two are frozen, it is the one that calls. The vendors have applied the calls when they hold their answers back, for
  // longer than a call may take and shorter than its lease.
  await freeze([survivor, another])
  const heldBack = { kind: 'delay', ms: timeoutMs + 3000, when: 'after' } as const
  sandbox.fault({ vendor: 'dengage', match: { path: '/bulk/contacts', nth: 2 }, fault: heldBack })
  sandbox.fault({ vendor: 'webex', match: { path: '/updateBulk', nth: 3, times: 2 }, fault: heldBack })
  const untilHeldBack = (vendor: 'dengage' | 'webex', calls: number) =>
    vi.waitFor(() => expect(callsOf(vendor).filter(isHeldBack)).toHaveLength(calls), { timeout: 20_000, interval: 20 })
  const repeatable = await sendBatches(victim, 5, { destinations: ['dengage'], idempotencyKey: 'repeatable' })
  await untilHeldBack('dengage', 1)
  const unrepeatable = await sendBatches(victim, 8, {
    destinations: ['webex'],
    upsert: 'CREATE_ONLY',
    idempotencyKey: 'unrepeatable',
  })
  await untilHeldBack('webex', 2)
  for (const { process } of [survivor, another]) process.kill('SIGCONT')
  victim.process.kill('SIGKILL')
  await victim.exited
  // It was in the middle of all three to its end.
  expect(complaints(victim)).toEqual([])
  expect([...callsOf('dengage'), ...callsOf('webex')].filter(({ endedAt }) => endedAt === null)).toHaveLength(3)

  const [repeated, once] = await endedJobs(survivor, [repeatable.id, unrepeatable.id])

  const calls = callsOf('dengage')
  expectPaced(calls)
  expect(calls).toHaveLength(6)
  const lost = calls.filter(isHeldBack)
  const again = calls.filter((call) => !isHeldBack(call) && keysIn([call]).join() === keysIn(lost).join())
  expect(again).toHaveLength(1)
  expect(again[0]?.startedAt).toBeGreaterThanOrEqual((lost[0]?.startedAt ?? 0) + timeoutMs)
  expect(new Set(keysIn(calls)).size).toBe(5 * batchSize)
  // The vendor calls them updated: the call that was lost had created them, or they were there before. Nobody says which.
  expect(repeated).toMatchObject({ state: 'SUCCEEDED', progress: { total: 25, created: 20, upserted: 5 } })
  expect(sandbox.profiles('dengage')).toHaveLength(5 * batchSize)

  const single = callsOf('webex')
  expect(Math.max(...single.map(({ inFlight }) => inFlight))).toBeLessThan(webexConcurrency)
  expect(single).toHaveLength(8)
  expect(new Set(keysIn(single)).size).toBe(8 * batchSize)
  expect(once).toMatchObject({
    state: 'PARTIALLY_FAILED',
    progress: { total: 40, created: 30, unknown: 10, failed: 0 },
  })
  const { data } = await survivor.request(JobResultsDocument, {
    id: unrepeatable.id,
    outcomes: ['UNKNOWN'],
  })
  const unknown = data?.job?.results.nodes ?? []
  expect(unknown.map(({ key }) => key).toSorted()).toEqual(keysIn(single.filter(isHeldBack)))
  expect(unknown.map(({ errors }) => errors.map(({ code }) => code))).toEqual(unknown.map(() => ['NO_ANSWER']))
})
