import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import { type RecordErrorCode, type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import { addCounts, endStateOf, hasEnded, jobActions } from '../../src/domain/job-state.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job, RecordResult } from '../../src/jobs/job.ts'
import { countedKeys, registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import { randomFrom } from '../support/random.ts'
import { allResults, type Bench, inputOf, jobOf, openBench } from './engine-bench.ts'
import { type Ledger, openVendor, type Random } from './race-vendor.ts'
import { outcomesOf } from './vendor-stage.ts'

/** Another number, other jobs, faults and moments: RACE_SEED repeats the choices of an earlier run, not its timing. */
const seed = Number(process.env['RACE_SEED'] ?? Date.now() % 2 ** 31)
/** On PGlite all transactions take turns: there is less to race. */
const rounds = process.env['DATABASE_URL'] ? 100 : 25
/** Where chance has not shown yet what it must, it gets so many more. */
const mostRounds = 4 * rounds
const roundsAtOnce = 5

let bench: Bench
let engines: JobEngine[]
const ledgers = new Map<string, Ledger>()

beforeAll(async () => {
  bench = await openBench()
  const random = randomFrom(seed)
  const vendors = ['fast', 'paced'].map((name) => {
    const ledger: Ledger = { written: new Map(), told: new Set() }
    ledgers.set(name, ledger)
    return openVendor(name, ledger, random)
  })
  const registry = registryOf(
    { id: 'counting', adapter: bench.counting },
    { id: 'second', adapter: bench.second },
    ...vendors.map((adapter) => ({ id: adapter.name, adapter })),
  )
  engines = [await bench.engine({ registry, sweepMs: 1000 }), await bench.engine({ registry, sweepMs: 1000 })]
})
afterAll(() => bench.close())

const oneOf = <T>(random: Random, choices: readonly T[]): T => {
  const choice = choices[Math.floor(random() * choices.length)]
  if (choice === undefined) throw new TypeError('there is nothing to choose from')
  return choice
}

/** A job of its own tenant: an import, whose records are staged first, or a request that carries them. */
async function start(random: Random, nameOf: (index: number) => string): Promise<Job> {
  const tenant = bench.tenant()
  const engine = oneOf(random, engines)
  const destinations = oneOf(random, [
    ['counting', 'second'],
    ['counting', 'fast'],
    ['fast', 'paced'],
    ['second', 'paced', 'fast'],
    ['fast'],
  ])
  const isStaged = random() < 0.4
  // Some files are read in two transactions; the chunks of a request are one or two.
  const size = (isStaged && random() < 0.2 ? 5001 : 400) + Math.floor(random() * 900)
  const profiles = Array.from({ length: size }, (_, index): ProfileInput => ({ key: nameOf(index) }))
  const upsert = random() < 0.3 ? 'CREATE_ONLY' : 'CREATE_OR_UPDATE'
  const input: BulkUpsertProfilesInput = inputOf(profiles, {
    destinations,
    upsert,
    onInvalid: 'SKIP_INVALID',
    waitSeconds: 0,
  })
  if (!isStaged) return jobOf(await engine.submitProfiles(tenant, input))
  const { profiles: _, ...options } = input
  const lines = profiles.map((profile) => `${JSON.stringify(profile)}\n`)
  const file = { format: 'NDJSON', isGzip: false, announcedBytes: null } as const
  const { uploadId } = await engine.uploads.receive(tenant, file, piecesOf(lines))
  const answer = await engine.importProfiles(tenant, { ...options, uploadId })
  if (answer.kind !== 'job') throw new Error(`the import was answered with ${JSON.stringify(answer)}`)
  return answer.job
}

async function* piecesOf(lines: readonly string[]): AsyncGenerator<Buffer> {
  yield Buffer.from(lines.join(''))
}

/** Does something to the job now and then, at whatever engine. */
async function disturb(random: Random, { tenant, id }: Job): Promise<void> {
  const orders = 2 + Math.floor(random() * 4)
  for (let order = 0; order < orders; order++) {
    await delay(random() * 60)
    // A cancelled job is soon over: the others come more often.
    const action = random() < 0.08 ? 'cancel' : oneOf(random, ['pause', 'resume'] as const)
    await oneOf(random, engines).act(tenant, id, action)
  }
}

/** Brings the job to its end, by cancelling it or by letting it go on, whatever state it was left in. */
async function end(random: Random, job: Job): Promise<Job> {
  // Nobody acts any more: what is in flight ends, and nothing else is waited for.
  if (random() < 0.5) {
    await eventually(async () => {
      const [now] = await oneOf(random, engines).jobs(job.tenant, [job.id])
      expect(now?.state).not.toBe('PAUSING')
    })
  }
  const action = random() < 0.5 ? 'cancel' : 'resume'
  const snapshots = await oneOf(random, engines).watch(job.tenant, job.id)
  if (!snapshots) throw new Error(`job ${job.id} is not there`)
  await oneOf(random, engines).act(job.tenant, job.id, action)
  let last = job
  for await (const snapshot of snapshots) last = snapshot
  return last
}

/** Every record has one outcome, and it agrees with what the destinations hold. */
async function expectTruth(job: Job): Promise<void> {
  const [engine] = engines
  if (!engine) throw new Error('there are two engines')
  const outcomes = await outcomesOf(engine, job)
  expect(outcomes).not.toContain('PENDING')
  expect(job.state).toBe(endStateOf(addCounts(job.deliveries.map(({ counts }) => counts))))
  for (const { state, counts, destinationId } of job.deliveries) {
    expect([destinationId, state]).toEqual([destinationId, endStateOf(counts)])
  }
  for (const { destinationId } of job.deliveries) {
    const results = await allResults(engine, job, { destinationId })
    const ledger = ledgers.get(destinationId)
    const lies = ledger
      ? results.filter((result) => isLieOfVendor(result, ledger))
      : liesOfStore(results, await countedKeys(bench.database, job.tenant, destinationId))
    expect(lies.slice(0, 5)).toEqual([])
  }
}

const applied: readonly RecordOutcome[] = ['CREATED', 'UPSERTED']

function isLieOfVendor({ key, outcome }: RecordResult, { written, told }: Ledger): boolean {
  const times = written.get(String(key)) ?? 0
  if (told.has(String(key))) return !applied.includes(outcome)
  return outcome === 'UNKNOWN' ? false : times > 0 || applied.includes(outcome)
}

/** It applies each record that it was given once, or not at all. */
function liesOfStore(results: readonly RecordResult[], keys: readonly (string | null)[]): RecordResult[] {
  const times = new Map<string | null, number>()
  for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1)
  return results.filter(({ key, outcome }) => (times.get(key) ?? 0) !== (outcome === 'CREATED' ? 1 : 0))
}

async function runAll(run: (round: number) => Promise<void>, isEnough: () => boolean): Promise<void> {
  let next = 0
  const runOn = async () => {
    while (next < rounds || (next < mostRounds && !isEnough())) await run(next++)
  }
  await Promise.all(Array.from({ length: roundsAtOnce }, runOn))
}

test(`whatever is asked for at whatever moment, every record ends once and truly (RACE_SEED=${seed})`, {
  timeout: 120_000,
}, async () => {
  const ends = new Map<string, number>()
  const run = async (round: number) => {
    const random = randomFrom(seed + round)
    const job = await start(random, (index) => `${round}-${index}`)
    await Promise.all([disturb(random, job), disturb(random, job), disturb(random, job)])
    const ended = await end(random, job)
    expect([round, hasEnded(ended.state)]).toEqual([round, true])
    ends.set(ended.state, (ends.get(ended.state) ?? 0) + 1)
    await expectTruth(ended)
    for (const action of jobActions) {
      expect(await oneOf(random, engines).act(job.tenant, job.id, action)).toMatchObject({ kind: 'invalidState' })
    }
  }
  // Both kinds of end are raced for.
  const cancelled = () => ends.get('CANCELLED') ?? 0
  const others = () => [...ends.values()].reduce((sum, count) => sum + count, 0) - cancelled()
  await runAll(run, () => Math.min(cancelled(), others()) > rounds / 10)
  expect(Math.min(cancelled(), others())).toBeGreaterThan(rounds / 10)
  for (const { written } of ledgers.values()) expect(written.size).toBeGreaterThan(0)
})

interface RetryRequest {
  codes: RecordErrorCode[] | null
  idempotencyKey: string | null
}

/** Asks for a retry until the job has ended; null when nothing of it is to be retried. */
async function retryAtEnd(random: Random, { tenant, id: jobId }: Job, request: RetryRequest): Promise<Job | null> {
  for (;;) {
    const answer = await oneOf(random, engines).retryJob(tenant, { jobId, ...request, waitSeconds: 0 })
    if (answer.kind === 'job') {
      // A retry is soon over.
      if (random() < 0.3) await oneOf(random, engines).act(tenant, answer.job.id, 'cancel')
      return answer.job
    }
    if (answer.kind === 'invalidInput') return null
    expect(answer).toMatchObject({ kind: 'invalidState' })
    await delay(random() * 5)
  }
}

/** A job with all that became of its records, by destination. */
interface Told {
  job: Job
  results: Map<string, RecordResult[]>
}

/** Every record has one outcome at each destination, and the counts are sums of them. */
async function tell(job: Job): Promise<Told> {
  const told: Told = { job, results: new Map() }
  expect(job.state).toBe(endStateOf(addCounts(job.deliveries.map(({ counts }) => counts))))
  for (const { state, counts, destinationId } of job.deliveries) {
    expect([destinationId, state]).toEqual([destinationId, endStateOf(counts)])
    const results = await allResults(oneOf(Math.random, engines), job, { destinationId })
    told.results.set(destinationId, results)
    expect(new Set(results.map(({ index }) => index)).size).toBe(results.length)
    expect(results.filter(({ outcome }) => outcome === 'PENDING')).toEqual([])
    expect(counts).toEqual(recordOutcomes.map((one) => results.filter(({ outcome }) => outcome === one).length))
  }
  return told
}

/** The indexes of the records that a retry of a job is to have, by destination. */
function failedOf({ results }: Told, codes: RetryRequest['codes']): Map<string, number[]> {
  const outcomes: RecordOutcome[] = codes?.includes('NO_ANSWER') ? ['FAILED', 'UNKNOWN'] : ['FAILED']
  const isRetried = ({ outcome, errors }: RecordResult) =>
    outcomes.includes(outcome) && (codes === null || errors.some(({ code }) => codes.includes(code)))
  return new Map([...results].map(([id, all]) => [id, all.filter(isRetried).map(({ index }) => index)]))
}

/** A retry has those records, each where it failed and nowhere else. */
function expectRetried({ job, results }: Told, failed: ReadonlyMap<string, number[]>): void {
  expect(job.total).toBe(new Set([...failed.values()].flat()).size)
  for (const [destinationId, indexes] of failed) {
    const counts = job.deliveries.find((delivery) => delivery.destinationId === destinationId)?.counts ?? []
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(indexes.length)
    const retried = (results.get(destinationId) ?? []).map(({ sourceIndex }) => sourceIndex)
    expect(retried).toEqual(indexes)
  }
}

/** What some jobs say of one record at one destination agrees with what that has done. */
async function expectTruthOf(family: readonly Told[]): Promise<void> {
  for (const destinationId of family[0]?.results.keys() ?? []) {
    const outcomes = Map.groupBy(
      family.flatMap(({ results }) => results.get(destinationId) ?? []),
      ({ key }) => key,
    )
    const ledger = ledgers.get(destinationId)
    const keys = ledger ? [] : await countedKeys(bench.database, family[0]?.job.tenant ?? '', destinationId)
    const written = Map.groupBy(keys, (key) => key)
    const lies = [...outcomes].filter(([key, results]) => {
      const done = results.filter(({ outcome }) => applied.includes(outcome)).length
      if (!ledger) return done !== (written.get(key)?.length ?? 0)
      const isUnknown = results.some(({ outcome }) => outcome === 'UNKNOWN')
      if (ledger.told.has(String(key)) !== done > 0) return true
      return done === 0 && !isUnknown && (ledger.written.get(String(key)) ?? 0) > 0
    })
    expect(lies.slice(0, 5)).toEqual([])
  }
}

test(`what has failed is retried once at whatever moment, and every record of each job ends once and truly (RACE_SEED=${seed})`, {
  timeout: 120_000,
}, async () => {
  const ends: Job[] = []
  const cancelled = () => ends.filter(({ state }) => state === 'CANCELLED').length
  // Most jobs have something to retry, and retries are raced for both kinds of end; where all transactions take turns, most are over too soon.
  const isEnough = () =>
    ends.length > rounds / 2 &&
    (cancelled() > rounds / 20 || !process.env['DATABASE_URL']) &&
    ends.length - cancelled() > rounds / 20
  const run = async (round: number) => {
    const random = randomFrom(seed + rounds + round)
    const nameOf = (index: number) => `${index % 40 === 7 ? 'refused-by-second-' : ''}retried-${round}-${index}`
    const job = await start(random, nameOf)
    // Two at the same time: by one key they are one.
    const codes = oneOf(random, [null, ['NO_ANSWER', 'DESTINATION_REJECTED', 'UNKNOWN_ATTRIBUTE'] as RecordErrorCode[]])
    const request: RetryRequest = { codes, idempotencyKey: random() < 0.5 ? 'once' : null }
    const disturbed = async (one: Job) => {
      await Promise.all([disturb(random, one), disturb(random, one)])
      return tell(await end(random, one))
    }
    const [parent, ...asked] = await Promise.all([
      disturbed(job),
      retryAtEnd(random, job, request),
      retryAtEnd(random, job, request),
    ])
    const retries = new Map(asked.flatMap((retry) => (retry ? [[retry.id, retry]] : [])))
    if (request.idempotencyKey !== null) expect(retries.size).toBeLessThan(2)
    const retried = await Promise.all([...retries.values()].map(disturbed))
    const failed = failedOf(parent, codes)
    for (const retry of retried) expectRetried(retry, failed)
    if (retried.length === 0) expect([...failed.values()].flat()).toEqual([])
    await expectTruthOf([parent, ...retried])
    ends.push(...retried.map(({ job: ended }) => ended))
  }
  await runAll(run, isEnough)
  expect([isEnough(), ends.length, cancelled()]).toEqual([true, expect.any(Number), expect.any(Number)])
})
