import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Queryable } from '../../src/contract/adapter.ts'
import type { ProfileInput } from '../../src/contract/input.ts'
import type { Database } from '../../src/db/database.ts'
import { removeOldRecords } from '../../src/db/job-retention.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'

let bench: Bench
let engine: JobEngine
let measured: Database
/** Bytes of text that one statement has brought at most. */
let longest = 0
/** Statements that read records, under way and at most. */
const reading = { now: 0, most: 0 }

const measuring = (db: Queryable): Queryable => ({
  async query(text, parameters) {
    const isReading = /job_chunks/.test(text) && /convert_from|json_array_elements/.test(text)
    if (isReading) reading.now += 1
    reading.most = Math.max(reading.most, reading.now)
    const rows = await db.query<object>(text, parameters).finally(() => {
      if (isReading) reading.now -= 1
    })
    const texts = rows.flatMap((row) => Object.values(row)).filter((value) => typeof value === 'string')
    longest = Math.max(longest, Buffer.byteLength(texts.join('')))
    return rows as never
  },
})

beforeAll(async () => {
  bench = await openBench()
  const own = bench.database.url === null ? bench.database : openPostgres(bench.database.url, { maxConnections: 6 })
  measured = { ...own, ...measuring(own) }
  engine = await bench.engine({
    database: measured,
    limits: { recordsPerMutation: 30_000, uploadBytes: 1e9, uploadTtlHours: 24, resultRetentionDays: 30 },
  })
})
afterAll(async () => {
  await bench.releaseOthers()
  if (bench.database.url !== null) await measured.close()
  await bench.close()
})

const failed = { destinationId: null, outcomes: ['FAILED'] } as const

async function submitted(profiles: ProfileInput[]): Promise<Job> {
  return jobOf(await engine.submitProfiles(bench.tenant(), inputOf(profiles, { waitSeconds: 30 })))
}

const pieceBytes = 65_536
const pageBytes = 4_194_304

/** Records of 12 KB, of one, two and more bytes a character, and with what JSON writes in other words. */
const large = (count: number) =>
  profilesNamed(count, (index) => `fails-${index}`).map((profile, index) => {
    const text = ['x', 'é', '😀', '"\\\n\t/\u2028'][index % 4] ?? ''
    return { ...profile, attributes: { text: text.repeat(12_000 / Buffer.byteLength(text)) } }
  })

describe('the failed records of a job', () => {
  it('come as they were sent, and a reader who waits holds a page of them', async () => {
    const records = [...large(800), ...profilesNamed(150), ...large(150)]
    const job = await submitted(records)
    longest = 0
    const pieces: Buffer[] = []
    for await (const piece of engine.failedRecords(job, failed)) {
      expect(piece.length).toBeLessThanOrEqual(pieceBytes)
      pieces.push(piece)
    }
    const lines = Buffer.concat(pieces).toString().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(records.filter(({ key }) => key?.startsWith('fails-')))
    expect(longest).toBeLessThanOrEqual(pageBytes)
  })

  it('are read for one of the readers of a tenant at a time, which leaves connections to others', async () => {
    const job = await submitted(large(500))
    reading.most = 0
    const files = await Promise.all(
      Array.from({ length: 10 }, () => Array.fromAsync(engine.failedRecords(job, failed))),
    )
    const [first, ...others] = files.map((pieces) => Buffer.concat(pieces))
    for (const other of others) expect(first?.equals(other)).toBe(true)
    expect(reading.most).toBe(1)
  })

  it('come whole where one is larger than a page', async () => {
    const [first, ...others] = large(3)
    const records = [{ ...first, attributes: { text: 'é'.repeat(3_000_000) } }, ...others]
    const pieces = await Array.fromAsync(engine.failedRecords(await submitted(records), failed))
    const lines = Buffer.concat(pieces).toString().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(records)
  })
})

describe('the error file of a job', () => {
  it('comes in small pieces', async () => {
    const job = await submitted(large(1500))
    const pieces = await Array.fromAsync(engine.errorsCsv(job, null))
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(pieceBytes)
    expect(Buffer.concat(pieces).toString().split('\r\n')).toHaveLength(1502)
  })
})

const files = [
  ['failed.ndjson', (job: Job) => engine.failedRecords(job, failed)],
  ['errors.csv', (job: Job) => engine.errorsCsv(job, null)],
] as const

describe.each(files)('%s, whose records are removed while it is read,', (_name, open) => {
  const remove = async (job: Job) => {
    await bench.database.query(`update jobs set finished_at = now() - interval '31 days' where id = $1::uuid`, [job.id])
    expect(await removeOldRecords(bench.database, 30)).toBe(true)
  }

  /** What is read after the records were removed behind so many pieces. */
  async function restOf(job: Job, pieces: number): Promise<unknown> {
    const reading = open(job)[Symbol.asyncIterator]()
    for (let piece = 0; piece < pieces; piece++) expect((await reading.next()).done).toBe(false)
    await remove(job)
    return Array.fromAsync({ [Symbol.asyncIterator]: () => reading })
  }

  it('breaks off where there would be more', async () => {
    const job = await submitted(profilesNamed(3000, (index) => `fails-${index}`))
    await expect(restOf(job, 2)).rejects.toThrow(/were removed while they were read/)
  })

  it('breaks off where nobody knows whether there would be more', async () => {
    const job = await submitted(profilesNamed(21_000, (index) => (index === 20_500 ? 'fails' : `key-${index}`)))
    await expect(restOf(job, 0)).rejects.toThrow(/were removed while they were read/)
  })
})
