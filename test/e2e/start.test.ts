import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { expect, test } from 'vitest'
import { lockDirectory } from '../../src/db/directory-lock.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { runMain, type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedJob, countProfiles, endedJobs, numberedProfiles, readJob } from '../support/jobs.ts'
import { openScratchServer } from '../support/scratch-server.ts'

const readiness = async ({ url }: SpawnedGateway) => (await fetch(`${url}/health/ready`)).status
const complaints = ({ log }: SpawnedGateway) => log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))

if (process.env['DATABASE_URL']) {
  test('ten processes start at once on one empty database, which is migrated once', { timeout: 180_000 }, async () => {
    const server = await openScratchServer()
    const database = openPostgres(server.url, { maxConnections: 1 })
    const starting = Array.from({ length: 10 }, () => spawnGateway({ databaseUrl: server.url }))
    try {
      const gateways = await Promise.all(starting)
      expect(await Promise.all(gateways.map(readiness))).toEqual(Array(10).fill(200))
      expect(gateways.flatMap(complaints)).toEqual([])
      const migrations = readMigrationFiles({ migrationsFolder: 'drizzle' })
      expect(await database.query('select hash from gateway_migrations order by created_at')).toEqual(
        migrations.map(({ hash }) => ({ hash })),
      )
      // They are one gateway: what one accepts, every other one shows.
      const jobs = await Promise.all(
        gateways.map((gateway, place) =>
          acceptedJob(gateway, { profiles: numberedProfiles('shared', place, 11), waitSeconds: 10 }),
        ),
      )
      for (const [place, gateway] of gateways.entries()) {
        const job = jobs[(place + 1) % jobs.length]
        expect(await readJob(gateway, job?.id ?? '')).toMatchObject({ state: 'SUCCEEDED' })
        expect(await countProfiles(gateway)).toBe(20)
      }
    } finally {
      await Promise.all(starting.map((start) => start.then((gateway) => gateway.close()).catch(() => {})))
      await database.close()
      await server.close()
    }
  })
} else {
  test('a second process on a DATA_DIR is refused and leaves the first unharmed', { timeout: 90_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gateway-start-'))
    const data = join(directory, 'data')
    const opened: SpawnedGateway[] = []
    const start = async () => {
      const gateway = await spawnGateway({ environment: { DATA_DIR: data } })
      opened.push(gateway)
      return gateway
    }
    try {
      const first = await start()
      const job = await acceptedJob(first, { profiles: numberedProfiles('first', 0, 10_000), waitSeconds: 0 })
      for (let attempt = 1; attempt <= 2; attempt++) {
        const { child, exited } = runMain({ PORT: '0', DATA_DIR: data }, directory)
        let output = ''
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (chunk) => {
            output += chunk
          })
        }
        expect(await exited).toEqual({ code: 1, signal: null })
        expect(output).toContain(`DATA_DIR ${data} is in use by another process`)
        expect(output).toMatch(/stop that one, or give this one a DATA_DIR of its own/)
      }
      const [ended] = await endedJobs(first, [job.id])
      expect(ended).toMatchObject({ state: 'SUCCEEDED', progress: { created: 10_000 } })
      expect(complaints(first)).toEqual([])

      // The lock goes with its owner, whether that stops or dies, and the store is whole.
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const last = opened.at(-1) ?? first
        last.process.kill(signal)
        await last.exited
        expect(await countProfiles(await start())).toBe(10_000)
      }
    } finally {
      for (const gateway of opened) await gateway.close()
      await rm(directory, { recursive: true, force: true })
    }
  })

  test('of several that take a DATA_DIR over from a dead process at once, one gets it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gateway-start-'))
    try {
      for (let round = 1; round <= 50; round++) {
        const data = join(directory, `${round}`)
        // What a dead process leaves behind.
        await mkdir(data)
        await writeFile(join(data, 'gateway.lock'), '')
        const taking = await Promise.allSettled(Array.from({ length: 3 }, () => lockDirectory(data)))
        expect([round, taking.filter(({ status }) => status === 'fulfilled').length]).toEqual([round, 1])
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
}
