import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { ProfileInput } from '../../src/contract/input.ts'
import type { MatchingMode } from '../../src/contract/profile.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { openSides, type Side } from './upsert-sides.ts'

const { values: given } = parseArgs({
  options: {
    /** Measurements of each side in each case; the median counts. */
    rounds: { type: 'string', default: '7' },
    /** Batches in one measurement. */
    batches: { type: 'string', default: '5' },
    /** Only cases whose name contains this. */
    only: { type: 'string', default: '' },
    /** Only these sides, by name with commas between them; the ratios need `bare`. */
    sides: { type: 'string', default: 'bare,adapter,engine' },
  },
})
const rounds = Number(given.rounds)
const batchesPerRound = Number(given.batches)

const batchSize = 1000
/** Profiles that are there before the first measurement. */
const storeSize = 20_000
const target = 0.5
const resultFile = '.generated/bench-upsert.json'

type Kind = 'new' | 'changed' | 'unchanged'

interface Case {
  name: string
  matching: MatchingMode
  kind: Kind
  attributes: boolean
}

const cases: Case[] = (['KEY', 'EMAIL'] as const).flatMap((matching) =>
  [false, true].flatMap((attributes) =>
    (['new', 'changed', 'unchanged'] as const).map((kind) => ({
      name: `${matching} ${kind}${attributes ? ', attributes' : ''}`,
      matching,
      kind,
      attributes,
    })),
  ),
)

/** The contact of that number as it is at that revision; the same for every side. */
function contactAt(number: number, revision: number, attributes: boolean): ProfileInput {
  return {
    key: `contact-${number}`,
    email: `contact.${number}@example.com`,
    phone: `+4915${String(100_000_000 + number)}`,
    firstName: `First ${revision}`,
    lastName: `Last ${number}`,
    ...(attributes && { attributes: { tier: `tier ${number % 5}`, points: number + revision } }),
  }
}

/** Where the next records come from, so that each side meets the same ones. */
interface Course {
  /** Contacts that are there. */
  stored: number
  revision: number
  /** The stored contact whose turn is next. */
  next: number
}

function nextBatches({ kind, attributes }: Case, course: Course): ProfileInput[][] {
  return Array.from({ length: batchesPerRound }, () => {
    const first = kind === 'new' ? course.stored : course.next
    if (kind === 'new') course.stored += batchSize
    else course.next = (course.next + batchSize) % storeSize
    // Each time it comes round, a contact has changed once more.
    if (kind === 'changed' && course.next === 0) course.revision += 1
    return Array.from({ length: batchSize }, (_, place) => contactAt(first + place, course.revision, attributes))
  })
}

/** Records per second. */
async function measure(side: Side, { matching }: Case, batches: ProfileInput[][]): Promise<number> {
  const upserts: (() => Promise<unknown>)[] = []
  for (const batch of batches) upserts.push(await side.ready(matching, batch))
  const started = performance.now()
  for (const upsert of upserts) await upsert()
  return (batches.length * batchSize * 1000) / (performance.now() - started)
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/** Fills a side's store anew with contacts as the case's records describe them, and tells the planner. */
async function fill({ database, table, ready }: Side, { attributes }: Case): Promise<void> {
  await database.query(`truncate ${table}`)
  for (let first = 0; first < storeSize; first += batchSize) {
    const batch = Array.from({ length: batchSize }, (_, place) => contactAt(first + place, 0, attributes))
    await (await ready('KEY', batch))()
  }
  await database.query(`vacuum (analyze) ${table}`)
}

type Rates = Map<Side['name'], number>

async function runCase(sides: readonly Side[], one: Case): Promise<Rates> {
  for (const side of sides) await fill(side, one)
  const course: Course = { stored: storeSize, revision: one.kind === 'changed' ? 1 : 0, next: 0 }
  const rates = new Map(sides.map((side) => [side.name, [] as number[]]))
  // The first round only warms up: plans, caches, the compiler.
  for (let round = 0; round <= rounds; round += 1) {
    const batches = nextBatches(one, course)
    for (let turn = 0; turn < sides.length; turn += 1) {
      const side = sides[(round + turn) % sides.length]
      if (!side) continue
      const rate = await measure(side, one, batches)
      if (round > 0) rates.get(side.name)?.push(rate)
    }
  }
  return new Map([...rates].map(([name, numbers]) => [name, median(numbers)]))
}

/** Makes the server of DATABASE_URL the one that is measured, or the one on this machine, or PGlite. */
async function chooseDatabase(): Promise<string> {
  const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
  const database = openPostgres(server, { maxConnections: 1 })
  try {
    const [row] = await database.query<{ version: string }>(`select split_part(version(), ' (', 1) as version`)
    process.env['DATABASE_URL'] = server
    return `${row?.version}`
  } catch (error) {
    if (process.env['DATABASE_URL']) throw error
    return 'PGlite'
  } finally {
    await database.close()
  }
}

const perSecond = (rate: number | undefined) =>
  rate === undefined ? '' : new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(rate)
const ratioTo = (rates: Rates, name: Side['name']) =>
  (rates.get(name) ?? Number.NaN) / (rates.get('bare') ?? Number.NaN)
const ratioText = (ratio: number) => (Number.isNaN(ratio) ? '' : ratio.toFixed(2))

const database = await chooseDatabase()
if (database === 'PGlite') {
  console.log(
    'No PostgreSQL answers at 127.0.0.1:5432 and DATABASE_URL is not set: this is PGlite, which no target is set for.\n',
  )
}
console.log(`${database}, ${cpus().length} cores, one connection, batches of ${batchSize}`)
console.log(`Medians of ${rounds} rounds of ${batchesPerRound} batches, the sides taking turns; records per second\n`)
console.log('  bare     one INSERT … SELECT … FROM unnest(…) ON CONFLICT DO UPDATE into a copy of the table')
console.log('  adapter  the local store: prepared, matched, applied, written')
console.log('  engine   the whole request by the short way: validated, applied, stored as a job with its results\n')
console.log(
  `${'case'.padEnd(28)}${['bare', 'adapter', 'ratio', 'engine', 'ratio'].map((name) => name.padStart(10)).join('')}`,
)

const sides = await openSides(given.sides.split(','), { maxConnections: 1 })
const results: Record<string, unknown>[] = []
try {
  for (const one of cases.filter(({ name }) => name.includes(given.only))) {
    const rates = await runCase(sides, one)
    const adapterRatio = ratioTo(rates, 'adapter')
    const engineRatio = ratioTo(rates, 'engine')
    const cells = [
      perSecond(rates.get('bare')),
      perSecond(rates.get('adapter')),
      ratioText(adapterRatio),
      perSecond(rates.get('engine')),
      ratioText(engineRatio),
    ]
    console.log(`${one.name.padEnd(28)}${cells.map((cell) => cell.padStart(10)).join('')}`)
    results.push({ ...one, recordsPerSecond: Object.fromEntries(rates), adapterRatio, engineRatio })
  }
} finally {
  for (const side of sides) await side.close()
}
await mkdir('.generated', { recursive: true })
await writeFile(
  resultFile,
  `${JSON.stringify({ at: new Date().toISOString(), database, node: process.version, batchSize, rounds, batchesPerRound, results }, null, 2)}\n`,
)
console.log(
  `\nWritten to ${resultFile}. The target is a ratio of ${target} for the local upsert in KEY mode on PostgreSQL.`,
)
