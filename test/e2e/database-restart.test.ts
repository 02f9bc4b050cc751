import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type BulkUpsertProfilesInput, JobStatusDocument } from '../../src/cli/generated/graphql.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedJob, countProfiles, endedJobs, numberedProfiles, readJob, settledIn } from '../support/jobs.ts'
import { openScratchServer, type RestartMode, type ScratchServer } from '../support/scratch-server.ts'
import { transports } from '../support/transports.ts'

const modes: readonly RestartMode[] = ['fast', 'immediate']

// The embedded store has no server that could be restarted apart from the gateway.
if (process.env['DATABASE_URL']) {
  describe.each(modes)('a restart of the database (%s)', (mode) => {
    let server: ScratchServer
    let gateway: SpawnedGateway
    beforeEach(async () => {
      server = await openScratchServer()
      gateway = await spawnGateway({ databaseUrl: server.url })
    })
    afterEach(async () => {
      await gateway?.close()
      await server.close()
    })

    test('in mid-job leaves every count exact, and those who watch see the end', { timeout: 120_000 }, async () => {
      const jobs = await Promise.all(
        Array.from({ length: 6 }, (_, part) =>
          acceptedJob(gateway, { profiles: numberedProfiles('load', part * 10_000, 10_000), waitSeconds: 0 }),
        ),
      )
      const watching = jobs.flatMap(({ id }) => transports.map((transport) => watch(gateway, transport, id)))
      // A caller that waits for the end of its job is not sent away by the restart either.
      const waiting = acceptedJob(gateway, {
        profiles: numberedProfiles('load', 60_000, 10_000),
        waitSeconds: 30,
        idempotencyKey: 'the one that waits',
      })
      await vi.waitFor(
        async () => {
          // What is not stored yet when the database goes is refused, and its caller told so: the next test.
          expect(await jobIds(gateway)).toHaveLength(7)
          const progressed = await Promise.all(jobs.map(({ id }) => readJob(gateway, id)))
          expect(progressed.some(({ progress }) => progress.processed > 0)).toBe(true)
          expect(progressed.some(({ finishedAt }) => finishedAt === null)).toBe(true)
        },
        { timeout: 30_000, interval: 10 },
      )
      await server.restart(mode)

      const waited = await waiting
      const ids = [...jobs.map(({ id }) => id), waited.id]
      const ended = await endedJobs(gateway, ids)
      for (const job of ended) {
        expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { total: 10_000, created: 10_000, percent: 100 } })
        expect(settledIn(job)).toBe(10_000)
      }
      expect(await countProfiles(gateway)).toBe(70_000)
      for (const versions of await Promise.all(watching)) {
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
      }
      const last = await Promise.all(watching.map(async (versions) => (await versions).at(-1)))
      expect(last).toEqual(ended.slice(0, 6).flatMap(({ version }) => [version, version]))
    })

    test('loses and doubles none of the small requests in flight', { timeout: 120_000 }, async () => {
      const keyless = requests(gateway, 'keyless')
      const keyed = requests(gateway, 'keyed')
      const streams = [keyless.stream(false), keyless.stream(false), keyed.stream(true), keyed.stream(true)]
      const enough = (least: number) =>
        vi.waitFor(() => expect(Math.min(keyless.answered.size, keyed.answered.size)).toBeGreaterThan(least), {
          timeout: 30_000,
          interval: 5,
        })
      for (let round = 1; round <= 3; round++) {
        await enough(Math.min(keyless.answered.size, keyed.answered.size) + 30)
        await server.restart(mode)
      }
      await enough(Math.min(keyless.answered.size, keyed.answered.size) + 30)
      keyless.stop()
      keyed.stop()
      await Promise.all(streams)

      // What failed may have been stored or not; with its key it can be sent again, and is then carried out once.
      for (const key of keyed.failed) {
        const job = await acceptedJob(gateway, keyed.input(key, true))
        expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1 } })
        keyed.answered.set(key, job.id)
      }
      for (const [key, id] of [...keyless.answered, ...keyed.answered]) {
        // A record that was applied twice would have failed with PROFILE_EXISTS.
        expect([key, await readJob(gateway, id)]).toMatchObject([key, { state: 'SUCCEEDED', progress: { created: 1 } }])
      }
      for (const [key, id] of keyed.answered) {
        expect((await acceptedJob(gateway, keyed.input(key, true))).id).toBe(id)
      }
      const answered = keyless.answered.size + keyed.answered.size
      const profiles = await countProfiles(gateway)
      expect(profiles).toBeGreaterThanOrEqual(answered)
      expect(profiles).toBeLessThanOrEqual(answered + keyless.failed.length)
      const all = await jobIds(gateway)
      expect(all).toHaveLength(profiles)
      expect(new Set(all).size).toBe(profiles)
      // Whoever was told of a failure was told no more than that.
      for (const message of [...keyless.messages, ...keyed.messages]) expect(message).toMatch(/"code":"INTERNAL"/)
    })
  })
}

async function watch(gateway: SpawnedGateway, transport: (typeof transports)[number], id: string): Promise<number[]> {
  const versions: number[] = []
  for await (const { data, errors } of transport.subscribe(gateway, JobStatusDocument, { id }).events) {
    if (!data) throw new Error(`an event came without data: ${JSON.stringify(errors)}`)
    versions.push(data.jobStatus.version)
  }
  return versions
}

/** Streams of requests of one record each, and what came of them. */
function requests(gateway: SpawnedGateway, prefix: string) {
  const answered = new Map<string, string>()
  const failed: string[] = []
  const messages: string[] = []
  let sent = 0
  let stopped = false
  const input = (key: string, withKey: boolean): BulkUpsertProfilesInput => ({
    profiles: [{ key }],
    upsert: 'CREATE_ONLY',
    ...(withKey ? { idempotencyKey: key } : {}),
  })
  return {
    answered,
    failed,
    messages,
    input,
    stop() {
      stopped = true
    },
    async stream(withKey: boolean): Promise<void> {
      while (!stopped) {
        sent += 1
        const key = `${prefix}-${sent}`
        try {
          answered.set(key, (await acceptedJob(gateway, input(key, withKey))).id)
        } catch (error) {
          failed.push(key)
          messages.push(String(error))
        }
      }
    },
  }
}

async function jobIds(gateway: SpawnedGateway): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const answer: { data?: { jobs: JobPage } | null } = await gateway.request<{ jobs: JobPage }>(
      'query ($after: String) { jobs(first: 1000, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
      { after },
    )
    if (!answer.data) throw new Error(`jobs was answered with ${JSON.stringify(answer)}`)
    ids.push(...answer.data.jobs.nodes.map(({ id }) => id))
    const { hasNextPage, endCursor } = answer.data.jobs.pageInfo
    after = hasNextPage ? endCursor : null
  } while (after !== null)
  return ids
}

interface JobPage {
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}
