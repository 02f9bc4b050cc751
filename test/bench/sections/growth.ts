import { mkdir, writeFile } from 'node:fs/promises'
import { createLocalAdapter } from '../../../src/adapters/local/index.ts'
import type { Queryable } from '../../../src/contract/adapter.ts'
import type { MatchingMode } from '../../../src/contract/profile.ts'
import { plannerSettings } from '../../../src/db/database.ts'
import { openPostgres } from '../../../src/db/postgres.ts'
import { profilePage, profilesByField } from '../../../src/db/profile-reads.ts'
import { requestOptions } from '../../domain/request-options.ts'
import { contactAt, contactsFrom, fillProfiles, inParallel, secondsOf } from '../contacts.ts'
import { type Line, median, perSecond } from '../report.ts'
import { type BenchDatabase, bodyOf, createClient, createDatabase, type Program, startGateway } from '../stage.ts'

export interface GrowthOptions {
  server: string
  rounds: number
  small: number
  large: number
}

const mutation = `mutation ($input: BulkUpsertProfilesInput!) {
  bulkUpsertProfiles(input: $input) { ... on JobPayload { job { state } } }
}`
const plansFile = '.generated/bench-plans.txt'

/** Spread over the whole store, each once, so that no page of the table is warmer than it would be. */
const spread = (count: number, stored: number, shift: number) =>
  Array.from({ length: count }, (_, place) => (Math.floor((place * stored) / count) + shift) % stored)

type Work = (gateway: Program, stored: number, round: number) => Promise<number>

/** Each batch changes what it finds, whatever was written there before. */
let latestRevision = 100

const upserts =
  (matching: MatchingMode, kind: 'changed' | 'new'): Work =>
  async (gateway, stored, round) => {
    const batches = Array.from({ length: 8 }, (_, batch) =>
      kind === 'new'
        ? contactsFrom(10_000_000 + stored * 10 + (round * 8 + batch) * 1000, 1000, 0)
        : spread(1000, stored, round * 8 + batch).map((number) => contactAt(number, ++latestRevision)),
    )
    const client = createClient(gateway.url, 2)
    const bodies = batches.map((profiles) => bodyOf(mutation, { input: { matching, profiles, waitSeconds: 30 } }))
    const seconds = await secondsOf(() =>
      inParallel(bodies, 2, async (body) => {
        const answer = await client.graphql(body)
        if (!answer.includes('SUCCEEDED')) throw new Error(`a mutation ended ${answer.slice(0, 300)}`)
      }),
    )
    client.close()
    return 8000 / seconds
  }

const queries =
  (query: string, variables: (number: number) => object): Work =>
  async (gateway, stored, round) => {
    const client = createClient(gateway.url, 8)
    const bodies = spread(1500, stored, round * 7).map((number) => bodyOf(query, variables(number)))
    const seconds = await secondsOf(() =>
      inParallel(bodies, 8, async (body) => {
        const answer = await client.graphql(body)
        if (answer.includes('"errors"')) throw new Error(answer.slice(0, 300))
      }),
    )
    client.close()
    return 1500 / seconds
  }

const works: Record<string, Work> = {
  'upsert KEY changed': upserts('KEY', 'changed'),
  'upsert KEY new': upserts('KEY', 'new'),
  'upsert EMAIL changed': upserts('EMAIL', 'changed'),
  'profile(by: {key})': queries('query ($key: String!) { profile(by: { key: $key }) { id email } }', (number) => ({
    key: `contact-${number}`,
  })),
  'profile(by: {email})': queries(
    'query ($email: String!) { profile(by: { email: $email }) { id key } }',
    (number) => ({
      email: `contact.${number}@example.com`,
    }),
  ),
  'profiles(first: 50)': queries(
    '{ profiles(first: 50) { nodes { id key email extensions { address } } } }',
    () => ({}),
  ),
}

async function measure(gateway: Program, stored: number, rounds: number): Promise<Map<string, number>> {
  const found = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const rate = await work(gateway, stored, round)
      if (round > 0) found.set(name, [...(found.get(name) ?? []), rate])
    }
  }
  return new Map([...found].map(([name, rates]) => [name, median(rates)]))
}

/** EXPLAIN of the statements that a batch and the queries send, into a file. Answers how many read a table of the store from end to end. */
async function explain(url: string, stored: number): Promise<number> {
  const database = openPostgres(url, { maxConnections: 1 })
  const plans: string[] = []
  const explaining = (transaction: Queryable): Queryable => ({
    async query(text, params) {
      if (/\b(profiles|extensions|links)\b/.test(text) && !/advisory/.test(text)) {
        await transaction.query('savepoint explained')
        const lines = await transaction.query<Record<string, string>>(
          `explain (analyze, buffers, costs off) ${text}`,
          params,
        )
        await transaction.query('rollback to savepoint explained')
        plans.push([text, ...lines.map((line) => Object.values(line)[0])].join('\n'))
      }
      return transaction.query(text, params)
    },
  })
  const adapter = createLocalAdapter()
  try {
    await database.transaction(async (transaction) => {
      for (const [name, value] of Object.entries(plannerSettings))
        await transaction.query(`set local ${name} = '${value}'`)
      const told = explaining(transaction)
      for (const matching of ['KEY', 'EMAIL', 'PHONE', 'EMAIL_PHONE'] as const) {
        const options = requestOptions({ matching })
        const preparing = await adapter.preparer(transaction, 'default', options)
        if (!preparing.ok) throw new Error('local refuses')
        const values = spread(1000, stored, 5).flatMap((number) => {
          const prepared = preparing.prepare(contactAt(number, 999))
          return prepared.ok ? [prepared.value] : []
        })
        await adapter.apply(told, 'default', options, values)
      }
      await profilesByField(told, 'default', 'email', [{ type: 'contact', value: contactAt(7, 0).email }])
      await profilePage(
        told,
        'default',
        { type: 'contact', conditions: [] },
        { limit: 51, after: null, before: null, fromEnd: false },
      )
      throw new Error('rolled back')
    })
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'rolled back') throw error
  } finally {
    await database.close()
  }
  await mkdir('.generated', { recursive: true })
  await writeFile(plansFile, `${plans.join('\n\n')}\n`)
  return plans.filter((plan) => /Seq Scan on (profiles|extensions|links)/.test(plan)).length
}

const scans = async ({ query }: BenchDatabase) => {
  const [row] = await query<{ count: number }>(
    `select sum(seq_scan)::int as count from pg_stat_user_tables where relname in ('profiles', 'extensions', 'links')`,
  )
  return row?.count ?? 0
}

/** The same work on a store of ten thousand profiles and of two million. */
export async function growthSection({ server, rounds, small, large }: GrowthOptions): Promise<Line[]> {
  const database = await createDatabase(server)
  const gateway = await startGateway({ DATABASE_URL: database.url })
  await fillProfiles(database, 0, small)
  const before = await measure(gateway, small, rounds)
  await fillProfiles(database, small, large)
  const scansBefore = await scans(database)
  const after = await measure(gateway, large, rounds)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const scansDuring = (await scans(database)) - scansBefore
  const whole = await explain(database.url, large)
  await gateway.stop()
  await database.drop()
  const lines = [...before].map(([name, rate]): Line => {
    const grown = after.get(name) ?? Number.NaN
    const unit = name.startsWith('upsert') ? 'records' : 'requests'
    return {
      what: `${name}, ${large} profiles`,
      ours: perSecond(grown, unit),
      against: `${small} profiles`,
      theirs: perSecond(rate, unit),
      ratio: grown / rate,
      target: { atLeast: 0.75 },
    }
  })
  return [
    ...lines,
    {
      what: 'readings of a whole table meanwhile',
      ours: String(scansDuring),
      against: `plans in ${plansFile} with one`,
      theirs: String(whole),
      ratio: scansDuring + whole,
      target: { below: 1 },
    },
  ]
}
