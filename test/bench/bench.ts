import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { openPostgres } from '../../src/db/postgres.ts'
import { isReached, type Line, tableOf } from './report.ts'

const { values: given } = parseArgs({
  options: {
    /** Measurements of each side; the median counts. */
    rounds: { type: 'string', default: '5' },
    /** 1 is the size that the figures in docs/performance.md were taken at; less is for a quick look. */
    scale: { type: 'string', default: '1' },
    /** Only these sections, with commas between them. */
    only: { type: 'string', default: '' },
    out: { type: 'string', default: '.generated/bench.json' },
  },
})
const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const rounds = Number(given.rounds)
const scale = Number(given.scale)
const sized = (most: number) => Math.max(1000, Math.round((most * scale) / 1000) * 1000)

/** Read only when they are asked for: the peers are packages of this directory's own. */
const sections: Record<string, () => Promise<Line[]>> = {
  startup: async () => (await import('./sections/startup.ts')).startupSection({ server, rounds }),
  requests: async () =>
    (await import('./sections/requests.ts')).requestSection({
      server,
      rounds,
      seconds: Math.max(1, Math.round(6 * scale)),
    }),
  upsert: async () => (await import('./sections/upsert.ts')).upsertSection({ server, rounds, records: sized(200_000) }),
  import: async () =>
    (await import('./sections/import.ts')).importSection({ server, rounds, records: sized(1_000_000) }),
  subscribers: async () =>
    (await import('./sections/subscribers.ts')).subscriberSection({
      server,
      rounds,
      // With less its job is over before anybody watches it.
      records: Math.max(20_000, sized(200_000)),
      subscribers: 1000,
    }),
  growth: async () =>
    (await import('./sections/growth.ts')).growthSection({ server, rounds, small: 10_000, large: sized(2_000_000) }),
  processes: async () =>
    (await import('./sections/processes.ts')).processSection({ server, rounds, records: sized(200_000) }),
}

const asked = given.only === '' ? Object.keys(sections) : given.only.split(',')
const unknown = asked.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(', ')}: name some of ${Object.keys(sections).join(', ')}`)
  process.exit(1)
}
const database = openPostgres(server, { maxConnections: 1 })
const [row] = await database.query<{ version: string }>(`select split_part(version(), ' (', 1) as version`)
await database.close()
const machine = `${row?.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
console.log(`${machine}\nmedians of ${rounds}, scale ${scale}\n`)

const lines: Line[] = []
for (const name of asked) {
  const started = performance.now()
  const found = (await sections[name]?.()) ?? []
  lines.push(...found)
  console.log(`${tableOf(found)}\n(${name}: ${Math.round((performance.now() - started) / 1000)} s)\n`)
}
await mkdir('.generated', { recursive: true })
await writeFile(given.out, `${JSON.stringify({ machine, rounds, scale, lines }, null, 2)}\n`)
console.log(tableOf(lines))
const missed = lines.filter((line) => isReached(line) === false).length
console.log(
  `\n${missed === 0 ? 'Every target is reached' : `${missed} targets are not reached`}; the same as JSON is in ${given.out}`,
)
