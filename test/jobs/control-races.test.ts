import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VendorAnswer } from '../../src/contract/adapter.ts'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import { addCounts, endStateOf, hasEnded, jobActions } from '../../src/domain/job-state.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job, RecordResult } from '../../src/jobs/job.ts'
import { countedKeys, registryOf } from '../support/counting-adapter.ts'
import { randomFrom } from '../support/random.ts'
import { createScriptedAdapter, type ScriptedAdapter, settledAll, upserted } from '../support/scripted-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench } from './engine-bench.ts'
import { eventually, fault, outcomesOf } from './vendor-stage.ts'

/** Another number, other jobs, faults and moments: RACE_SEED repeats the choices of an earlier run, not its timing. */
const seed = Number(process.env['RACE_SEED'] ?? Date.now() % 2 ** 31)
/** On PGlite all transactions take turns: there is less to race. */
const rounds = process.env['DATABASE_URL'] ? 100 : 25
const roundsAtOnce = 5

/** What a vendor has done, by key. */
interface Ledger {
  /** How often it was written. */
  written: Map<string, number>
  /** Those of which the gateway was told so. */
  told: Set<string>
}

type Random = () => number

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

/** A vendor whose calls end in every way there is, and which writes down what it did. */
function openVendor(name: string, { written, told }: Ledger, random: Random): ScriptedAdapter {
  const adapter = createScriptedAdapter({
    name,
    maxBatchSize: 150,
    maxConcurrency: name === 'paced' ? 1 : 4,
    minIntervalMs: name === 'paced' ? 5 : 0,
    patience: { timeoutMs: 20_000, retryBaseMs: 2, pollIntervalMs: 5, pollTimeoutMs: 20_000 },
  })
  const tell = (keys: readonly (string | undefined)[]) => {
    for (const key of keys) told.add(String(key))
  }
  const ends = (
    call: Parameters<ScriptedAdapter['script']>[0],
    keys: readonly (string | undefined)[],
  ): VendorAnswer => {
    if (random() < 0.1) {
      tell(keys.slice(0, 3))
      return { kind: 'settled', fates: keys.slice(0, 3).map(() => upserted) }
    }
    if (random() < 0.3) return { kind: 'continued', by: random() < 0.5 ? 'poll' : 'call', ticket: name }
    tell(keys)
    return settledAll(call)
  }
  adapter.script = async (call, { kind, keys }) => {
    await delay(random() * 20)
    if (kind === 'resume') {
      if (random() < 0.2) throw fault(random() < 0.5 ? 'THROTTLED' : 'NO_ANSWER')
      tell(keys)
      return settledAll(call)
    }
    if (random() < 0.06) throw fault('THROTTLED')
    if (random() < 0.06) throw fault('REFUSED_FOR_A_RECORD')
    if (random() < 0.03) throw fault('REFUSED')
    if (random() < 0.04) throw fault('NO_ANSWER')
    for (const key of keys) written.set(String(key), (written.get(String(key)) ?? 0) + 1)
    if (random() < 0.06) throw fault('NO_ANSWER')
    return ends(call, keys)
  }
  return adapter
}

const oneOf = <T>(random: Random, choices: readonly T[]): T => {
  const choice = choices[Math.floor(random() * choices.length)]
  if (choice === undefined) throw new TypeError('there is nothing to choose from')
  return choice
}

/** A job of its own tenant: an import, whose records are staged first, or a request that carries them. */
async function start(random: Random, round: number): Promise<Job> {
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
  const profiles = Array.from({ length: size }, (_, index): ProfileInput => ({ key: `${round}-${index}` }))
  const upsert = random() < 0.3 ? 'CREATE_ONLY' : 'CREATE_OR_UPDATE'
  const input: BulkUpsertProfilesInput = inputOf(profiles, { destinations, upsert, waitSeconds: 0 })
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

test(`whatever is asked for at whatever moment, every record ends once and truly (RACE_SEED=${seed})`, {
  timeout: 120_000,
}, async () => {
  const ends = new Map<string, number>()
  const run = async (round: number) => {
    const random = randomFrom(seed + round)
    const job = await start(random, round)
    await Promise.all([disturb(random, job), disturb(random, job), disturb(random, job)])
    const ended = await end(random, job)
    expect([round, hasEnded(ended.state)]).toEqual([round, true])
    ends.set(ended.state, (ends.get(ended.state) ?? 0) + 1)
    await expectTruth(ended)
    for (const action of jobActions) {
      expect(await oneOf(random, engines).act(job.tenant, job.id, action)).toMatchObject({ kind: 'invalidState' })
    }
  }
  let next = 0
  const runOn = async () => {
    while (next < rounds) await run(next++)
  }
  await Promise.all(Array.from({ length: roundsAtOnce }, runOn))
  // Both kinds of end were raced for.
  expect(ends.get('CANCELLED')).toBeGreaterThan(rounds / 10)
  expect(rounds - (ends.get('CANCELLED') ?? 0)).toBeGreaterThan(rounds / 10)
  for (const { written } of ledgers.values()) expect(written.size).toBeGreaterThan(0)
})
