import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Expectations } from '../../src/adapters/local/expectation.ts'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import type { ProfileInput } from '../../src/contract/input.ts'
import { type RecordFate, recordOutcomes } from '../../src/contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { createDryRun } from '../../src/jobs/dry-run.ts'
import { createJobEngine } from '../../src/jobs/engine.ts'
import type { RecordResult } from '../../src/jobs/job.ts'
import { allResults, inputOf, jobOf, silent } from '../jobs/engine-bench.ts'
import { registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import { globalProfileId, type LocalBench, type LocalTenant, localTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
/** Each as another process would have its own; on PGlite, which belongs to one process, all are the same one connection. */
const pools: Database[] = []
beforeAll(async () => {
  bench = await openLocalBench()
  const { url } = bench.database
  for (let pool = 0; pool < 4; pool += 1) {
    pools.push(url === null ? bench.database : openPostgres(url, { maxConnections: 5 }))
  }
})
afterAll(async () => {
  await closePools()
  await bench.close()
})

const people = 40
const person = (number: number): ProfileInput => ({
  key: `p-${number}`,
  email: `p-${number}@example.com`,
  phone: `+49151123450${String(number).padStart(2, '0')}`,
  attributes: { crm: number },
  extensions: [
    { channel: 'EMAIL', address: `p-${number}@example.com`, customFields: { crm: `${number}` } },
    { channel: 'SMS', address: `+49151123450${String(number).padStart(2, '0')}` },
    { channel: 'PUSH', address: `token-${number}`, provider: 'fcm' },
  ],
})

const modes: Partial<ProfileUpsertOptions>[] = [
  { matching: 'KEY' },
  { matching: 'EMAIL' },
  { matching: 'CUSTOM', matchingField: 'crm' },
  { matching: 'EMAIL_PROFILE' },
  { matching: 'EMAIL_SUB' },
  { matching: 'PHONE' },
  { matching: 'KEY', upsert: 'CREATE_ONLY' },
  { matching: 'PHONE_SUB' },
  { matching: 'EMAIL_PHONE' },
  { matching: 'EMAIL_PHONE_SUB' },
  { matching: 'PUSH_SUB' },
  { matching: 'CUSTOM_SUB', matchingField: 'crm' },
  { matching: 'EMAIL', upsert: 'CREATE_ONLY' },
]
const modeOf = (number: number) => modes[number % modes.length] ?? {}

const strides = [1, 3, 7, 9, 11, 13, 17, 19] as const

/** The people in another order for each number, so that batches meet one another from all sides. */
const shuffled = (number: number) =>
  Array.from({ length: people }, (_, place) => (place * (strides[number % strides.length] ?? 1) + number * 5) % people)

/** Rightly or wrongly: whatever is expected of a batch, it comes to the same. */
const everyWay: Expectations = {
  of: () => (['creates', 'keeps', 'mixed', 'unchanged'] as const)[Math.floor(Math.random() * 4)] ?? 'mixed',
  learn: () => {},
}

/** Without what keeps a large batch from the shorter ways: extensions, and links of their type. */
const plainPerson = (number: number): ProfileInput => {
  const { extensions: _, ...plain } = person(number)
  return plain
}
const plainModes = modes.filter(({ matching }) => !matching?.endsWith('_SUB'))

/** The same tenant through each of the pools. */
async function openTenant(linked = true): Promise<{ own: LocalTenant; at: (number: number) => LocalTenant }> {
  const own = bench.tenant()
  const attributes = [
    { name: 'crm', type: 'INTEGER' as const },
    { name: 'boss' },
    ...Array.from({ length: 20 }, (_, number) => ({ name: `seen-${number}` })),
  ]
  await own.define({ name: 'contact', attributes, links: linked ? [{ attribute: 'boss', targetType: 'contact' }] : [] })
  const through = pools.map((pool) => localTenant(pool, own.name, everyWay))
  return { own, at: (number) => through[number % through.length] ?? own }
}

const limits = {
  recordsPerMutation: 20_000,
  uploadBytes: 1_000_000_000,
  uploadTtlHours: 24,
  resultRetentionDays: 30,
}

const closePools = () =>
  Promise.all(pools.splice(0).map((pool) => (pool === bench.database ? undefined : pool.close())))

const deadlocks = async () => {
  const [row] = await bench.database.query<{ count: number }>(
    'select deadlocks::int as count from pg_stat_database where datname = current_database()',
  )
  return row?.count
}

/** The people as they are stored: each is there once, and was created by one record. */
async function everybody(own: LocalTenant, fates: readonly RecordFate[]) {
  const profiles = await own.profiles()
  expect(profiles).toHaveLength(people)
  for (const part of ['key', 'email', 'phone'] as const) {
    const values = profiles.map((one) => (part === 'key' ? one.key : one.fields[part]))
    expect(new Set(values).size, part).toBe(people)
  }
  const created = fates.filter((fate) => fate.outcome === 'CREATED').map((fate) => fate.profileId)
  expect(created.sort()).toEqual(profiles.map((one) => one.id).sort())
  return profiles
}

for (const size of [3, people]) {
  it(`creates nobody twice in 20 batches at once in mixed modes, ${size} records a batch`, {
    timeout: 120_000,
  }, async () => {
    const { own, at } = await openTenant()
    const senders = Array.from({ length: 20 }, async (_, sender) => {
      const fates: RecordFate[] = []
      const order = shuffled(sender)
      for (let start = 0; start < people; start += size) {
        const records = order.slice(start, start + size).map(person)
        const some = await at(sender).upsert(records, modeOf(sender))
        expect(some).toHaveLength(records.length)
        fates.push(...some)
      }
      return fates
    })
    const fates = (await Promise.all(senders)).flat()

    const profiles = await everybody(own, fates)
    expect(profiles.flatMap((one) => one.extensions)).toHaveLength(3 * people)
    // All but those that create them find them whole.
    expect(new Set(fates.map(said))).toEqual(new Set(['CREATED', 'UNCHANGED', 'PROFILE_EXISTS']))
  })
}

it('creates nobody twice, and ends with what was written last, where each batch may take the shortest way', {
  timeout: 120_000,
}, async () => {
  const { own, at } = await openTenant(false)
  const senders = Array.from({ length: 20 }, async (_, sender) => {
    const fates: RecordFate[] = []
    for (let round = 0; round < 4; round += 1) {
      const records = shuffled(sender + round).map((number) => ({ ...plainPerson(number), firstName: `${round}` }))
      fates.push(...(await at(sender).upsert(records, plainModes[sender % plainModes.length] ?? {})))
    }
    return fates
  })
  const fates = (await Promise.all(senders)).flat()
  const profiles = await everybody(own, fates)
  expect(
    fates.map(said).filter((outcome) => !['CREATED', 'UPDATED', 'UNCHANGED', 'PROFILE_EXISTS'].includes(outcome)),
  ).toEqual([])
  // Whoever was last of all wrote what its last batch says.
  expect(new Set(profiles.map((one) => one.fields['firstName']))).toEqual(new Set(['3']))
})

it('delivers each chunk once, whatever was hoped for of it when it was settled', { timeout: 120_000 }, async () => {
  const { own } = await openTenant(false)
  const registry = registryOf({ id: 'local', adapter: createLocalAdapter(everyWay) })
  const engines = pools.map((database) => createJobEngine({ database, registry, limits, role: 'all', log: silent }))
  await Promise.all(engines.map((engine) => engine.start()))
  const [engine] = engines
  if (!engine) throw new TypeError('no engine')
  const count = 3500
  try {
    const jobs = await Promise.all(
      Array.from({ length: 6 }, async (_, sender) => {
        const records = Array.from({ length: count }, (_, place) => {
          const number = (place + sender * 700) % count
          return { key: `c-${number}`, email: `c-${number}@example.com`, firstName: `of ${sender}` }
        })
        const matching = sender % 3 === 0 ? ('KEY' as const) : ('EMAIL' as const)
        const input = inputOf(records, { destinations: ['local'], matching, waitSeconds: 30 })
        return jobOf(await (engines[sender % engines.length] ?? engine).submitProfiles(own.name, input))
      }),
    )
    const results: RecordResult[] = []
    for (const job of jobs) {
      expect(job).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ batchesDone: 4 }] })
      const own = await allResults(engine, job)
      expect(own.map(({ index }) => index)).toEqual(own.map((_, index) => index))
      const counted = recordOutcomes.map((outcome) => own.filter((one) => one.outcome === outcome).length)
      expect(job.deliveries[0]?.counts).toEqual(counted)
      results.push(...own)
    }
    expect(results).toHaveLength(6 * count)
    const created = results.flatMap(({ outcome, profileId }) => (outcome === 'CREATED' ? [profileId] : []))
    const profiles = await own.profiles()
    expect(profiles).toHaveLength(count)
    expect(created.sort()).toEqual(profiles.map(({ id }) => id).sort())
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['CREATED', 'UPDATED']))
  } finally {
    await Promise.all(engines.map((one) => one.stop()))
  }
})

it('loses no write when 20 batches write to the same profiles', { timeout: 120_000 }, async () => {
  const { own, at } = await openTenant()
  await own.upsert(Array.from({ length: people }, (_, number) => person(number)))
  const ids = new Map((await own.profiles()).map((one) => [one.key, one.id]))
  const batches = Array.from({ length: 20 }, async (_, sender) => {
    const attributes = { [`seen-${sender}`]: 'yes' }
    if (sender % 5 === 4) {
      const filter = [
        { attribute: 'crm', operator: 'GREATER_THAN_EQUALS' as const, value: '0', logical: 'AND' as const },
      ]
      return at(sender).upsert([{ filter, attributes }], { matching: 'FILTER', upsert: 'UPDATE_ONLY' })
    }
    if (sender % 5 === 3) {
      const records = shuffled(sender).map((number) => ({
        profileId: globalProfileId(ids.get(`p-${number}`) ?? ''),
        attributes,
      }))
      return at(sender).upsert(records, { matching: 'PROFILE_ID' })
    }
    const records = shuffled(sender).map((number) => {
      const one = person(number)
      return { ...one, attributes: { ...one.attributes, ...attributes } }
    })
    return at(sender).upsert(records, { ...modeOf(sender), upsert: 'UPDATE_ONLY' })
  })
  const fates = (await Promise.all(batches)).flat()
  expect(new Set(fates.map(said))).toEqual(new Set(['UPDATED']))
  const expected = Object.fromEntries(Array.from({ length: 20 }, (_, sender) => [`seen-${sender}`, 'yes']))
  for (const { attributes, key } of await own.profiles()) {
    expect(attributes, String(key)).toEqual({ crm: Number(key?.slice(2)), ...expected })
  }
})

it('keeps keys, links and counts together while profiles are renamed', { timeout: 120_000 }, async () => {
  const { own, at } = await openTenant()
  await own.upsert(Array.from({ length: people }, (_, number) => person(number)))
  const follower = (number: number): ProfileInput => ({ key: `of-${number}`, attributes: { boss: `p-${number}` } })
  await own.upsert(Array.from({ length: people }, (_, number) => follower(number)))

  const there: RecordFate[][] = []
  const back: RecordFate[][] = []
  const others: RecordFate[][] = []
  const senders = Array.from({ length: 20 }, async (_, sender) => {
    const order = shuffled(sender).slice(0, 20)
    if (sender % 4 === 0) {
      const renames = order.map((number) => ({ key: `p-${number}`, newKey: `r-${number}` }))
      there.push(await at(sender).upsert(renames, { upsert: 'UPDATE_ONLY' }))
    } else if (sender % 4 === 1) {
      const renames = order.map((number) => ({ key: `r-${number}`, newKey: `p-${number}` }))
      back.push(await at(sender).upsert(renames, { upsert: 'UPDATE_ONLY' }))
    } else if (sender % 4 === 2) {
      const records = order.map((number) => ({ email: `p-${number}@example.com`, lastName: `by ${sender}` }))
      others.push(await at(sender).upsert(records, { matching: 'EMAIL_PROFILE' }))
    } else {
      const filters = order.map((number) => ({
        filter: [{ attribute: 'crm', operator: 'EQUALS' as const, value: String(number), logical: 'AND' as const }],
        firstName: `by ${sender}`,
      }))
      others.push(await at(sender).upsert(filters, { matching: 'FILTER', upsert: 'UPDATE_ONLY' }))
    }
  })
  await Promise.all(senders)

  expect(new Set(others.flat().map(said))).toEqual(new Set(['UPDATED']))
  const profiles = await own.profiles()
  expect(profiles).toHaveLength(2 * people)
  const renamed = profiles.filter((one) => one.key?.startsWith('r-'))
  const count = (fates: RecordFate[][], outcome: string) => fates.flat().filter((fate) => said(fate) === outcome).length
  expect(count(there, 'UPDATED') - count(back, 'UPDATED')).toBe(renamed.length)
  expect(count(there, 'UPDATED') + count(there, 'PROFILE_NOT_FOUND')).toBe(there.flat().length)
  expect(count(back, 'UPDATED') + count(back, 'PROFILE_NOT_FOUND')).toBe(back.flat().length)
  for (const { key, attributes, links } of profiles) {
    if (!key?.startsWith('of-')) continue
    const bossKey = profiles.find((one) => one.attributes['crm'] === Number(key.slice(3)))?.key
    expect([attributes, links]).toEqual([{ boss: bossKey }, [`boss contact ${bossKey}`]])
  }
})

it('creates each missing target of a link once', { timeout: 120_000 }, async () => {
  const { own, at } = await openTenant()
  const senders = Array.from({ length: 20 }, (_, sender) => {
    const records = shuffled(sender).map((number): ProfileInput => {
      const email = `sender-${sender}-${number}@example.com`
      return { email, key: `${sender}-${number}`, attributes: { boss: `p-${(number + 1) % people}` } }
    })
    return at(sender).upsert(records, { matching: sender % 2 === 0 ? 'KEY' : 'EMAIL' })
  })
  const fates = (await Promise.all(senders)).flat()
  expect(new Set(fates.map(said))).toEqual(new Set(['CREATED']))
  const profiles = await own.profiles()
  expect(profiles).toHaveLength(21 * people)
  expect(new Set(profiles.map((one) => one.key)).size).toBe(21 * people)
})

// Several engines and deadlocks need several connections: PGlite has one.
if (process.env['DATABASE_URL']) {
  it('20 jobs at once through several engines give each record one outcome', { timeout: 120_000 }, async () => {
    const { own } = await openTenant()
    const registry = registryOf({ id: 'local', adapter: createLocalAdapter() })
    const engines = pools.map((database) => createJobEngine({ database, registry, limits, role: 'all', log: silent }))
    await Promise.all(engines.map((engine) => engine.start()))
    try {
      const jobs = await Promise.all(
        Array.from({ length: 20 }, async (_, sender) => {
          const engine = engines[sender % engines.length]
          if (!engine) throw new TypeError('no engine')
          const records = [...shuffled(sender), ...shuffled(sender + 1)].map(person)
          const input = inputOf(records, { destinations: ['local'], ...plainOptions(modeOf(sender)), waitSeconds: 30 })
          const job = jobOf(await engine.submitProfiles(own.name, input))
          return { records, results: await allResults(engine, job) }
        }),
      )
      for (const { records, results } of jobs) {
        expect(results.map((one) => one.index)).toEqual(records.map((_, index) => index))
        expect(results.map((one) => one.outcome)).not.toContain('PENDING')
      }
      const profiles = await own.profiles()
      expect(profiles).toHaveLength(people)
      const created = jobs.flatMap(({ results }) => results.filter((one) => one.outcome === 'CREATED'))
      expect(created).toHaveLength(people)
      expect(new Set(created.map((one) => one.profileId)).size).toBe(people)
    } finally {
      await Promise.all(engines.map((engine) => engine.stop()))
    }
  })

  it('dry runs of several batches wait for real ones, and these for them, without end for none', {
    timeout: 120_000,
  }, async () => {
    const { own, at } = await openTenant()
    const many = Array.from({ length: 3000 }, (_, number): ProfileInput => ({ key: `many-${number}`, firstName: '0' }))
    await own.upsert(many)
    // Its first batch holds what real ones, which lock in the order of creation, come to last.
    const fromTheEnd = inputOf(many.toReversed(), { destinations: ['local'], matching: 'KEY' })
    const registry = registryOf({ id: 'local', adapter: createLocalAdapter() })
    const runs = Array.from({ length: 6 }, async (_, number) => {
      const planProfiles = createDryRun({ database: pools[number % pools.length] ?? bench.database, registry, limits })
      for (let round = 0; round < 3; round += 1) {
        const planned = await planProfiles(own.name, fromTheEnd)
        if (planned.kind !== 'plan') throw new Error(`the dry run was answered with ${planned.kind}`)
        const [{ would } = { would: null }] = planned.deliveries
        expect((would?.update ?? 0) + (would?.leaveUnchanged ?? 0)).toBe(3000)
      }
    })
    const batches = Array.from({ length: 24 }, async (_, number) => {
      const records = many.filter((_, place) => place % 3 === number % 3)
      const fates = await at(number).upsert(records.map((record) => ({ ...record, firstName: `of ${number}` })))
      expect(new Set(fates.map(said))).toEqual(new Set(['UPDATED']))
    })
    await Promise.all([...runs, ...batches])
  })

  it('met no deadlock in all of this', async () => {
    // A connection that closes tells the server what it has counted.
    await closePools()
    const open = `select count(*)::int as count from pg_stat_activity where datname = current_database()`
    await eventually(async () => {
      const [row] = await bench.database.query<{ count: number }>(open)
      // Those of the bench itself are left.
      expect(row?.count).toBeLessThanOrEqual(10)
    })
    expect(await deadlocks()).toBe(0)
  })
}

const plainOptions = ({
  matching = 'KEY',
  matchingField = null,
  upsert = 'CREATE_OR_UPDATE',
}: Partial<ProfileUpsertOptions>) => ({
  matching,
  matchingField,
  upsert,
})
