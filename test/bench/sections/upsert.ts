import type { MatchingMode } from '../../../src/contract/profile.ts'
import { type Contact, contactsFrom, createBareTable, inParallel, secondsOf, upsertBare } from '../contacts.ts'
import { type Line, median, perSecond } from '../report.ts'
import { type BenchDatabase, bodyOf, createClient, createDatabase, type Program, startGateway } from '../stage.ts'

const batchSize = 1000
const clients = 4
const mutation = `mutation ($input: BulkUpsertProfilesInput!) {
  bulkUpsertProfiles(input: $input) { __typename ... on JobPayload { job { state progress { failed } } } ... on UserError { message } }
}`

type Kind = 'new' | 'changed' | 'unchanged'

/** One way of upserting, in a database of its own. Answers records per second. */
interface Side {
  name: string
  run(batches: readonly Contact[][]): Promise<number>
}

const rate = (batches: readonly Contact[][], seconds: number) => (batches.length * batchSize) / seconds

function bareSide(database: BenchDatabase, width: number): Side {
  return {
    name: width === 1 ? 'bare upsert' : `bare upsert, ${width} connections`,
    run: async (batches) =>
      rate(batches, await secondsOf(() => inParallel(batches, width, (batch) => upsertBare(database, batch)))),
  }
}

const inputOf = (matching: MatchingMode, profiles: readonly Contact[], more: object) =>
  bodyOf(mutation, { input: { matching, onInvalid: 'SKIP_INVALID', profiles, ...more } })

function checked(answer: string): void {
  if (!/"state":"(SUCCEEDED|QUEUED|RUNNING)"/.test(answer))
    throw new Error(`a mutation was refused: ${answer.slice(0, 500)}`)
}

/** HTTP and GraphQL included: every mutation is answered when its job has ended. */
function endToEndSide(gateway: Program, matching: MatchingMode): Side {
  return {
    name: 'end to end',
    async run(batches) {
      const client = createClient(gateway.url, clients)
      const bodies = batches.map((batch) => inputOf(matching, batch, { waitSeconds: 30 }))
      const seconds = await secondsOf(() =>
        inParallel(bodies, clients, async (body) => checked(await client.graphql(body))),
      )
      client.close()
      return rate(batches, seconds)
    },
  }
}

/**
 * Jobs that were accepted beforehand, from the start of the first to the end of the last, by a process that does nothing else. It is
 * halted while they are accepted, and not started anew: the other sides keep their processes too.
 */
function deliverySide(database: BenchDatabase, worker: Program, matching: MatchingMode): Side {
  return {
    name: 'delivery alone',
    async run(batches) {
      worker.process.kill('SIGSTOP')
      const api = await startGateway({ DATABASE_URL: database.url, ROLE: 'api' })
      const client = createClient(api.url, clients)
      const jobs = Math.ceil(batches.length / 10)
      for (let job = 0; job < jobs; job++) {
        const some = batches.slice(job * 10, job * 10 + 10).flat()
        checked(await client.graphql(inputOf(matching, some, { waitSeconds: 0 })))
      }
      client.close()
      await api.stop()
      worker.process.kill('SIGCONT')
      const open = `select count(*)::int as left from jobs where finished_at is null`
      for (;;) {
        const [row] = await database.query<{ left: number }>(open)
        if (row?.left === 0) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const [span] = await database.query<{ seconds: number }>(
        `select extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
           from (select started_at, finished_at from jobs order by id desc limit $1::int) latest`,
        [jobs],
      )
      return rate(batches, span?.seconds ?? Number.NaN)
    },
  }
}

async function clockOf(database: BenchDatabase): Promise<string> {
  const [row] = await database.query<{ time: string }>('select clock_timestamp()::text as time')
  return row?.time ?? ''
}

async function writtenSince(database: BenchDatabase, time: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from profiles where updated_at >= $1::timestamptz',
    [time],
  )
  return row?.count ?? Number.NaN
}

export interface UpsertOptions {
  server: string
  rounds: number
  records: number
}

/** Upserts of new, changed and unchanged records, matched by KEY and by EMAIL, each side on a database that meets the same records. */
export async function upsertSection({ server, rounds, records }: UpsertOptions): Promise<Line[]> {
  const lines: Line[] = []
  for (const matching of ['KEY', 'EMAIL'] as const) {
    const databases = await Promise.all([0, 1, 2, 3].map(() => createDatabase(server)))
    const [bareData, wideData, endData, deliveryData] = databases
    if (!bareData || !wideData || !endData || !deliveryData) throw new Error('four databases are needed')
    for (const { url } of databases) await (await startGateway({ DATABASE_URL: url, ROLE: 'api' })).stop()
    await createBareTable(bareData)
    await createBareTable(wideData)
    const gateway = await startGateway({ DATABASE_URL: endData.url })
    const worker = await startGateway({ DATABASE_URL: deliveryData.url, ROLE: 'worker' })
    const sides = [
      bareSide(bareData, 1),
      bareSide(wideData, clients),
      endToEndSide(gateway, matching),
      deliverySide(deliveryData, worker, matching),
    ]
    const rates = new Map<string, number[]>()
    const share = Math.ceil(records / rounds / batchSize)
    const batchesOf = (round: number, revision: number) =>
      Array.from({ length: share }, (_, batch) =>
        contactsFrom((round * share + batch) * batchSize, batchSize, revision),
      )
    let before = ''
    for (const kind of ['new', 'changed', 'unchanged'] as const satisfies Kind[]) {
      if (kind === 'unchanged') before = await clockOf(endData)
      // One round more than counts: it warms plans, caches and the compiler up.
      for (let round = 0; round <= rounds; round++) {
        const batches = batchesOf(round, kind === 'new' ? 0 : 1)
        for (let turn = 0; turn < sides.length; turn++) {
          const side = sides[(round + turn) % sides.length]
          if (!side) continue
          const found = await side.run(batches)
          if (round > 0) rates.set(`${kind} ${side.name}`, [...(rates.get(`${kind} ${side.name}`) ?? []), found])
        }
      }
    }
    const written = (await writtenSince(endData, before)) + (await writtenSince(deliveryData, before))
    await gateway.stop()
    await worker.stop()
    for (const database of databases) await database.drop()
    lines.push(...linesOf(matching, (kind, name) => median(rates.get(`${kind} ${name}`) ?? [])))
    lines.push({
      what: `${matching} unchanged, rows written`,
      against: '',
      ours: `${written}`,
      theirs: '',
      ratio: written,
      target: { below: 1 },
    })
  }
  return lines
}

function linesOf(matching: MatchingMode, rateOf: (kind: Kind, name: string) => number): Line[] {
  const lines: Line[] = []
  const wide = `bare upsert, ${clients} connections`
  for (const kind of ['new', 'changed'] as const) {
    for (const [name, atLeast] of [
      ['delivery alone', 0.6],
      ['end to end', 0.4],
    ] as const) {
      const [ours, theirs] = [rateOf(kind, name), rateOf(kind, 'bare upsert')]
      lines.push({
        what: `${matching} ${kind}, ${name}`,
        against: 'bare upsert',
        ours: perSecond(ours),
        theirs: perSecond(theirs),
        ratio: ours / theirs,
        target: { atLeast },
      })
      const most = rateOf(kind, wide)
      lines.push({ what: '', against: wide, ours: '', theirs: perSecond(most), ratio: ours / most, target: null })
    }
  }
  for (const name of ['delivery alone', 'end to end']) {
    const [ours, theirs] = [rateOf('unchanged', name), rateOf('changed', name)]
    lines.push({
      what: `${matching} unchanged, ${name}`,
      against: 'the changed ones',
      ours: perSecond(ours),
      theirs: perSecond(theirs),
      ratio: ours / theirs,
      target: { atLeast: 1.5 },
    })
  }
  return lines
}
