import { createHook } from 'node:async_hooks'
import type { Destination } from '../../src/contract/adapter.ts'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { createJobEngine, type JobEngine, type JobEngineOptions } from '../../src/jobs/engine.ts'
import type { Job, RecordResult, RetryResult, SubmitResult } from '../../src/jobs/job.ts'
import type { Log } from '../../src/jobs/log.ts'
import { createCountedTable, createCountingAdapter, registryOf } from '../support/counting-adapter.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'

export const silent: Log = { info() {}, warn() {}, error() {} }

/** What a suite of the job engine stands on: one database, and two destinations that write down what they apply. */
export interface Bench {
  database: ScratchDatabase
  /** Statements sent so far, by any engine of this bench. */
  statements: string[]
  counting: ReturnType<typeof createCountingAdapter>
  second: ReturnType<typeof createCountingAdapter>
  /** A tenant that nobody else uses. */
  tenant(): string
  /** An engine as a process of its own would run it (on PGlite with the one connection there is); it is stopped at the end. */
  engine(options?: Partial<JobEngineOptions>): Promise<JobEngine>
  /** Stops an engine and ends its connections, long before the end. */
  release(engine: JobEngine): Promise<void>
  /** The same with all but these: what a test that failed has left running would disturb the others. */
  releaseOthers(...kept: JobEngine[]): Promise<void>
  close(): Promise<void>
}

export async function openBench(): Promise<Bench> {
  const statements: string[] = []
  const database = await openScratchDatabase({ onStatement: (text) => statements.push(text) })
  await createCountedTable(database)
  const counting = createCountingAdapter()
  const second = createCountingAdapter('second')
  const destinations: Destination[] = [
    { id: 'counting', adapter: counting },
    { id: 'second', adapter: second },
  ]
  const closers = new Map<JobEngine, () => Promise<void>>()
  const release = async (engine: JobEngine) => {
    await closers.get(engine)?.()
    closers.delete(engine)
  }
  let tenants = 0
  return {
    database,
    statements,
    counting,
    second,
    tenant() {
      tenants += 1
      return `tenant-${tenants}`
    },
    async engine(options = {}) {
      const own: Database =
        database.url === null
          ? database
          : openPostgres(database.url, { onStatement: (text) => statements.push(text), maxConnections: 6 })
      const engine = createJobEngine({
        database: own,
        registry: registryOf(...destinations),
        limits: { recordsPerMutation: 20_000, uploadBytes: 1_000_000_000, uploadTtlHours: 24, resultRetentionDays: 30 },
        role: 'all',
        log: silent,
        ...options,
      })
      await engine.start()
      closers.set(engine, async () => {
        await engine.stop()
        if (own !== database) await own.close()
      })
      return engine
    },
    release,
    async releaseOthers(...kept) {
      for (const engine of [...closers.keys()].reverse()) if (!kept.includes(engine)) await release(engine)
    },
    async close() {
      for (const close of [...closers.values()].reverse()) await close()
      await database.close()
    },
  }
}

export function inputOf(
  profiles: ProfileInput[],
  options: Partial<BulkUpsertProfilesInput> = {},
): BulkUpsertProfilesInput {
  return {
    destinations: ['counting'],
    matching: 'KEY',
    upsert: 'CREATE_OR_UPDATE',
    linkPolicy: 'CREATE',
    nulls: 'IGNORE',
    onInvalid: 'REJECT_ALL',
    skipInvalidExtensions: false,
    skipTriggers: false,
    detectGeo: false,
    maxAffected: 1000,
    waitSeconds: 20,
    profiles,
    ...options,
  }
}

export const profilesNamed = (count: number, name: (index: number) => string = (index) => `key-${index}`) =>
  Array.from({ length: count }, (_, index): ProfileInput => ({ key: name(index), clientRef: `ref-${index}` }))

export function jobOf(result: SubmitResult | RetryResult): Job {
  if (result.kind !== 'job') throw new Error(`expected a job, got ${JSON.stringify(result)}`)
  return result.job
}

/** All results of a job, page by page. */
export async function allResults(
  engine: JobEngine,
  job: Job,
  query: Parameters<JobEngine['results']>[2] = {},
): Promise<RecordResult[]> {
  const results: RecordResult[] = []
  let after: string | null = null
  for (;;) {
    const page = await engine.results(job.tenant, job, { first: 1000, ...query, after })
    results.push(...page.edges.map((edge) => edge.node))
    if (!page.hasNextPage) return results
    after = page.edges.at(-1)?.cursor ?? null
  }
}

/** Takes snapshots until it completes. */
export async function everyState(snapshots: AsyncIterableIterator<Job> | null): Promise<Job[]> {
  if (!snapshots) throw new Error('there is no such job')
  return Array.fromAsync(snapshots)
}

/** Counts the timers that files of the engine have set and that have neither run nor been cleared; those of the database's driver are its own. */
export function countTimers(file = ''): { pending(): number; stop(): void } {
  const timers = new Set<number>()
  const hook = createHook({
    init(id, type) {
      const stack = type === 'Timeout' ? (new Error().stack ?? '') : ''
      // Sweeps of other engines of the bench rest for minutes whenever they are done.
      const isOthers = /\/node_modules\/postgres\/|\/src\/jobs\/(sweep|retention|upload-sweep)[.]ts/.test(stack)
      if (stack.includes(`/src/jobs/${file}`) && !isOthers) timers.add(id)
    },
    destroy: (id) => timers.delete(id),
  }).enable()
  return { pending: () => timers.size, stop: () => hook.disable() }
}
