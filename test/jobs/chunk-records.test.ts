import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Queryable } from '../../src/contract/adapter.ts'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { eventually } from '../support/eventually.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'

const chunkBytes = 2_000_000
const mostBytes = 16 * 1024 * 1024

let bench: Bench
let engine: JobEngine
let measured: Database
/** Characters of records that one statement has brought at most. */
let longest = 0

/** Notes how many characters of records each statement brings. */
const measuring = (db: Queryable): Queryable => ({
  async query(text, parameters) {
    const rows = await db.query<{ records?: unknown }>(text, parameters)
    const length = rows.reduce((sum, { records }) => sum + (typeof records === 'string' ? records.length : 0), 0)
    longest = Math.max(longest, length)
    return rows as never
  },
})

let job: Job
beforeAll(async () => {
  bench = await openBench()
  const own = bench.database.url === null ? bench.database : openPostgres(bench.database.url, { maxConnections: 6 })
  measured = {
    ...own,
    ...measuring(own),
    transaction: (work) => own.transaction((transaction) => work(measuring(transaction))),
  }
  engine = await bench.engine({ database: measured })
  // One record of each chunk fails.
  const names = (index: number) => (index % 1000 === 7 ? `fails-${index}` : `key-${index}`)
  const submitting = engine.submitProfiles(bench.tenant(), inputOf(profilesNamed(20_000, names), { waitSeconds: 30 }))
  job = jobOf(await submitting)
  // Chunks are then as large as those of large records.
  await bench.database.query(
    `update job_chunks set records = '[{"padding":"' || repeat('x', ${chunkBytes}) || '",' || substr(records, 3) where job_id = $1::uuid`,
    [job.id],
  )
})
beforeEach(() => {
  longest = 0
})
afterAll(async () => {
  await bench.releaseOthers()
  if (bench.database.url !== null) await measured.close()
  await bench.close()
})

const failed = Array.from({ length: 20 }, (_, chunk) => chunk * 1000 + 7)

test('of the failed records of a job nothing else is read', async () => {
  let text = ''
  for await (const piece of engine.failedRecords(job, { destinationId: null, outcomes: ['FAILED'] })) text += piece
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).key)).toEqual(failed.map((index) => `fails-${index}`))
  expect(longest).toBe(0)
})

test('a retry of few records in many chunks reads some chunks at a time, by their bytes', async () => {
  const retried = await engine.retryJob(job.tenant, { jobId: job.id, waitSeconds: 30 })
  if (retried.kind !== 'job') throw new Error(`the retry was refused: ${retried.kind}`)
  await eventually(async () => expect((await engine.jobs(job.tenant, [retried.job.id]))[0]?.state).toBe('FAILED'))
  const results = await allResults(engine, retried.job)
  expect(results.map(({ sourceIndex, key }) => [sourceIndex, key])).toEqual(
    failed.map((index) => [index, `fails-${index}`]),
  )
  expect(longest).toBeGreaterThan(chunkBytes)
  expect(longest).toBeLessThan(mostBytes)
})
