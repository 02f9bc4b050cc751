import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JobStatusDocument, type JobStatusSubscription } from '../../src/cli/generated/graphql.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedImport, lineResults, ndjson, sendFile, withRecordsAt } from '../support/imports.ts'
import { countProfiles, endedJobs, numberedProfiles, readJob, settledIn } from '../support/jobs.ts'
import { randomFrom } from '../support/random.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { overWebSocket } from '../support/transports.ts'

// Two processes share PostgreSQL, the embedded database belongs to one: vitest.config.ts leaves this file out without DATABASE_URL.

const load = { records: 200_000, kills: 20 }
/** Another number, other moments and victims. */
const seed = 20_261

let database: ScratchDatabase
let opened: SpawnedGateway[]
beforeEach(async () => {
  opened = []
  database = await openScratchDatabase()
})
afterEach(async () => {
  await Promise.all(opened.map((gateway) => gateway.close()))
  await database.close()
})

/** The processes that live at this moment; who dies is replaced at once. */
class Herd {
  readonly #alive = new Set<SpawnedGateway>()
  readonly #starting = new Set<Promise<void>>()

  start(): Promise<void> {
    const starting = spawnGateway(database.url === null ? {} : { databaseUrl: database.url }).then((gateway) => {
      opened.push(gateway)
      this.#alive.add(gateway)
      this.#starting.delete(starting)
    })
    this.#starting.add(starting)
    return starting
  }

  /** One that lives, by a number from 0 to 1; waits for one that starts where none does. */
  async one(place = 0): Promise<SpawnedGateway> {
    while (this.#alive.size === 0) await Promise.race(this.#starting)
    const alive = [...this.#alive]
    const chosen = alive[Math.floor(place * alive.length)]
    if (!chosen) throw new RangeError(`${place} is not below 1`)
    return chosen
  }

  lives(gateway: SpawnedGateway): boolean {
    return this.#alive.has(gateway)
  }

  async kill(victim: SpawnedGateway): Promise<void> {
    this.#alive.delete(victim)
    victim.process.kill('SIGKILL')
    expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' })
    void this.start()
  }

  /** Asks one after the other, as long as the one that was asked dies. */
  async ask<Answer>(question: (gateway: SpawnedGateway) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const gateway = await this.one()
      try {
        return await question(gateway)
      } catch (error) {
        if (this.lives(gateway)) throw error
      }
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#starting)
  }
}

type Snapshot = JobStatusSubscription['jobStatus']

/** Watches a job to its end, at another process when one dies, from the version that was seen last. */
async function watchToTheEnd(herd: Herd, id: string): Promise<Snapshot[]> {
  const seen: Snapshot[] = []
  for (;;) {
    const gateway = await herd.one(0.999)
    const { events } = overWebSocket.subscribe(gateway, JobStatusDocument, {
      id,
      afterVersion: seen.at(-1)?.version ?? null,
    })
    try {
      for await (const { data, errors } of events) {
        if (!data?.jobStatus) throw new Error(`jobStatus was answered with ${JSON.stringify(errors)}`)
        seen.push(data.jobStatus)
      }
      return seen
    } catch (error) {
      if (herd.lives(gateway)) throw error
    }
  }
}

test(`an import of ${load.records} records on two processes, of which one is killed ${load.kills} times, loses and doubles nothing`, {
  timeout: 600_000,
}, async () => {
  console.log(`seed ${seed}`)
  const random = randomFrom(seed)
  const repeated = load.records / 10
  const distinct = load.records - repeated - 3
  // The first keys come once more at the end, just as they were: a record applied twice would be UNCHANGED like these.
  const unreadable = [1, 30_000, load.records - repeated - 1]
  const keys = Array.from({ length: load.records - repeated }, (_, place) => place).filter(
    (place) => !unreadable.includes(place),
  )
  const profiles = numberedProfiles('kill', 0, load.records)
  const records = withRecordsAt(
    [
      ...profiles.slice(0, load.records - repeated),
      ...keys.slice(0, repeated).flatMap((place) => profiles[place] ?? []),
    ],
    Object.fromEntries(unreadable.map((place) => [place, 'no record'])),
  )

  const herd = new Herd()
  await Promise.all([herd.start(), herd.start()])
  const uploadId = await sendFile(await herd.one(), ndjson(records))
  const { id } = await acceptedImport(await herd.one(), { uploadId })
  const watching = watchToTheEnd(herd, id)
  watching.catch(() => {})

  const moments = Array.from({ length: load.kills }, () => random() * 1.9 * load.records).sort((a, b) => a - b)
  let killedWhileStaging = 0
  for (const moment of moments) {
    for (;;) {
      const { state, staged, progress, finishedAt } = await herd.ask((gateway) => readJob(gateway, id))
      expect(finishedAt).toBeNull()
      if (staged + progress.processed < moment) continue
      if (state === 'STAGING') killedWhileStaging += 1
      break
    }
    await delay(random() * 40)
    await herd.kill(await herd.one(random()))
  }
  expect(killedWhileStaging).toBeGreaterThan(0)

  const seen = await watching
  await herd.settled()
  const [job] = await endedJobs(await herd.one(), [id])
  expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', staged: load.records })
  expect(job?.progress).toMatchObject({ total: load.records, processed: load.records, created: distinct, failed: 3 })
  expect((job?.progress.unchanged ?? 0) + (job?.progress.superseded ?? 0)).toBe(repeated)
  expect(job && settledIn(job)).toBe(load.records)
  const results = await lineResults(await herd.one(), id)
  expect(results.map(({ index }) => index)).toEqual(records.map((_, place) => place))
  expect(results.every(({ index, line }) => line === index + 1)).toBe(true)
  expect(results.flatMap(({ index, outcome }) => (outcome === 'FAILED' ? [index] : []))).toEqual(unreadable)
  expect(results.filter(({ outcome }) => outcome === 'CREATED')).toHaveLength(distinct)
  expect(await countProfiles(await herd.one())).toBe(distinct)

  expect(seen.at(-1)).toMatchObject({ state: 'PARTIALLY_FAILED', version: job?.version, progress: job?.progress })
  for (const [place, snapshot] of seen.entries()) {
    const before = seen[place - 1]
    expect(snapshot.version).toBeGreaterThan(before?.version ?? 0)
    expect(snapshot.staged).toBeGreaterThanOrEqual(before?.staged ?? 0)
    expect(snapshot.progress.processed).toBeGreaterThanOrEqual(before?.progress.processed ?? 0)
  }
})
