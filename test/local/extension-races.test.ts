import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import type { ExtensionInput, ProfileExtensionInput, ProfileInput } from '../../src/contract/input.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import type { ExtensionUpsertOptions, ProfileUpsertOptions } from '../../src/contract/request.ts'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { countOf } from '../../src/domain/job-state.ts'
import { normaliseKeyedExtension } from '../../src/domain/normalise-keyed-extension.ts'
import { createJobEngine, type JobEngine } from '../../src/jobs/engine.ts'
import { extensionOptions } from '../domain/request-options.ts'
import { allResults, inputOf, jobOf, silent } from '../jobs/engine-bench.ts'
import { registryOf } from '../support/counting-adapter.ts'
import { type LocalBench, type LocalTenant, localTenant, openLocalBench, said } from './local-bench.ts'

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
const closePools = () =>
  Promise.all(pools.splice(0).map((pool) => (pool === bench.database ? undefined : pool.close())))

const people = 40
const senders = 20
const strides = [1, 3, 7, 9, 11, 13, 17, 19] as const

/** The people in another order for each number, so that batches meet one another from all sides. */
const shuffled = (number: number) =>
  Array.from({ length: people }, (_, place) => (place * (strides[number % strides.length] ?? 1) + number * 5) % people)

const mailOf = (person: number) => `p-${person}@example.com`
const mail = (person: number): ExtensionInput => ({ key: `p-${person}`, ...carried(person) })
const carried = (person: number): ProfileExtensionInput => ({ channel: 'EMAIL', address: mailOf(person) })

async function openTenant(): Promise<{ own: LocalTenant; at: (sender: number) => LocalTenant }> {
  const own = bench.tenant()
  const seen = Array.from({ length: senders }, (_, sender) => ({ name: `seen-${sender}` }))
  await own.define({ name: 'contact', attributes: seen, links: [] })
  const through = pools.map((pool) => localTenant(pool, own.name))
  return { own, at: (sender) => through[sender % through.length] ?? own }
}

/** What every sender does, all at once, each in batches of that size. */
async function everySender<Sent>(
  size: number,
  records: (sender: number) => Sent[],
  send: (sender: number, batch: Sent[]) => Promise<RecordFate[]>,
): Promise<RecordFate[]> {
  const sent = Array.from({ length: senders }, async (_, sender) => {
    const all = records(sender)
    const fates: RecordFate[] = []
    for (let start = 0; start < all.length; start += size) {
      fates.push(...(await send(sender, all.slice(start, start + size))))
    }
    expect(fates).toHaveLength(all.length)
    return fates
  })
  return (await Promise.all(sent)).flat()
}

const count = (fates: readonly RecordFate[], outcome: string) => fates.filter((fate) => said(fate) === outcome).length

// Some batches tell their values apart, some lock all buckets.
for (const size of [3, people]) {
  it(`creates each extension once, beside profiles that bring the same one, ${size} records a batch`, {
    timeout: 120_000,
  }, async () => {
    const { own, at } = await openTenant()
    await own.upsert(Array.from({ length: people }, (_, person) => ({ key: `p-${person}`, email: mailOf(person) })))
    const carrier = (person: number): ProfileInput => ({
      key: `p-${person}`,
      email: mailOf(person),
      extensions: [carried(person)],
    })
    const modes: Partial<ProfileUpsertOptions>[] = [
      { matching: 'KEY' },
      { matching: 'EMAIL' },
      { matching: 'EMAIL_PROFILE' },
    ]
    const fates = await everySender(size, shuffled, (sender, batch) => {
      const isProfiles = sender % 4 === 3
      return isProfiles
        ? at(sender).upsert(batch.map(carrier), modes[Math.floor(sender / 4) % modes.length])
        : at(sender).upsertExtensions(batch.map(mail), {
            upsert: sender % 4 === 0 ? 'CREATE_ONLY' : 'CREATE_OR_UPDATE',
          })
    })
    const profiles = await own.profiles()
    expect(profiles).toHaveLength(people)
    expect(profiles.map(({ extensions }) => extensions.map(({ address }) => address))).toEqual(
      profiles.map(({ key }) => [mailOf(Number(key?.slice(2)))]),
    )
    // Made by a record of its own, or by a profile's, which is UPDATED then; never by two.
    expect(count(fates, 'CREATED') + count(fates, 'UPDATED')).toBe(people)
    expect(
      new Set(fates.map(said)).difference(new Set(['CREATED', 'UPDATED', 'UNCHANGED', 'EXTENSION_EXISTS'])),
    ).toEqual(new Set())
  })
}

it('loses no write when batches of both kinds write to the same profiles', { timeout: 120_000 }, async () => {
  const { own, at } = await openTenant()
  await own.upsert(
    Array.from({ length: people }, (_, person) => ({ key: `p-${person}`, extensions: [carried(person)] })),
  )
  const fates = await everySender(people, shuffled, (sender, batch) => {
    if (sender % 2 === 0) {
      const address = `by-${sender}@example.com`
      return at(sender).upsertExtensions(batch.map((person) => ({ ...mail(person), address })))
    }
    const records = batch.map(
      (person): ProfileInput => ({
        attributes: { [`seen-${sender}`]: 'yes' },
        extensions: [
          { channel: 'EMAIL', address: mailOf(person), customFields: { [`by-${sender}`]: true } },
          { channel: 'EMAIL', address: `by-${sender}@example.com` },
        ],
      }),
    )
    return at(sender).upsert(records, { matching: 'EMAIL_SUB', upsert: 'UPDATE_ONLY' })
  })
  expect(new Set(fates.map(said))).toEqual(new Set(['CREATED', 'UPDATED']))
  const odd = Array.from({ length: senders / 2 }, (_, place) => 2 * place + 1)
  const addresses = Array.from({ length: senders }, (_, sender) => `by-${sender}@example.com`)
  for (const { key, attributes, extensions } of await own.profiles()) {
    const address = mailOf(Number(key?.slice(2)))
    expect(attributes).toEqual(Object.fromEntries(odd.map((sender) => [`seen-${sender}`, 'yes'])))
    expect(extensions.map((one) => one.address).sort()).toEqual([...addresses, address].sort())
    const carrier = extensions.find((one) => one.address === address)
    expect(carrier?.customFields).toEqual(Object.fromEntries(odd.map((sender) => [`by-${sender}`, true])))
  }
})

for (const size of [3, people]) {
  it(`shows an address that moves at one profile at any time, ${size} records a batch`, {
    timeout: 120_000,
  }, async () => {
    const { own, at } = await openTenant()
    await own.upsert([
      ...Array.from({ length: people }, (_, person) => ({
        key: `p-${person}`,
        extensions: [{ channel: 'EMAIL' as const, address: mailOf(person), customFields: { crm: `${person}` } }],
      })),
      ...Array.from({ length: people }, (_, person) => ({ key: `q-${person}` })),
    ])
    const moves: RecordFate[][] = []
    const looks = await everySender(size, shuffled, async (sender, batch) => {
      const updateOnly = { upsert: 'UPDATE_ONLY' } as const
      if (sender % 4 < 2) {
        const [from, to] = sender % 4 === 0 ? ['p', 'q'] : ['q', 'p']
        const records = batch.map((person) => ({
          ...mail(person),
          key: `${from}-${person}`,
          newKey: `${to}-${person}`,
        }))
        moves.push(await at(sender).upsertExtensions(records, updateOnly))
        return batch.map((): RecordFate => ({ outcome: 'UPDATED' }))
      }
      const attributes = { [`seen-${sender}`]: 'yes' }
      // Would make a profile if it found none, and would be ambiguous if it found two.
      return sender % 4 === 2
        ? at(sender).upsert(
            batch.map((person) => ({ attributes, extensions: [{ channel: 'EMAIL', address: mailOf(person) }] })),
            { matching: 'EMAIL_SUB' },
          )
        : at(sender).upsert(
            batch.map((person) => ({
              attributes,
              extensions: [{ channel: 'EMAIL', address: mailOf(person), customFields: { crm: `${person}` } }],
            })),
            { matching: 'CUSTOM_SUB', matchingField: 'crm' },
          )
    })
    expect(new Set(looks.map(said))).toEqual(new Set(['UPDATED']))
    const profiles = await own.profiles()
    expect(profiles).toHaveLength(2 * people)
    const addresses = profiles.flatMap(({ extensions }) => extensions.map(({ address }) => address))
    expect(addresses.sort()).toEqual(Array.from({ length: people }, (_, person) => mailOf(person)).sort())
    const moved = moves.flat()
    expect(new Set(moved.map(said)).difference(new Set(['UPDATED', 'EXTENSION_NOT_FOUND']))).toEqual(new Set())
    const movers = senders / 2
    expect(moved).toHaveLength(movers * people)
  })
}

it('keeps addresses apart while they are exchanged', { timeout: 120_000 }, async () => {
  const { own, at } = await openTenant()
  await own.upsert(
    Array.from({ length: people }, (_, person) => ({ key: `p-${person}`, extensions: [carried(person)] })),
  )
  const other = (person: number) => `other-${person}@example.com`
  const fates = await everySender(people, shuffled, (sender, batch) => {
    const there = sender % 2 === 0
    const records = batch.map((person) => ({
      ...mail(person),
      address: there ? mailOf(person) : other(person),
      newAddress: there ? other(person) : mailOf(person),
    }))
    return at(sender).upsertExtensions(records, { upsert: 'UPDATE_ONLY' })
  })
  const profiles = await own.profiles()
  for (const { extensions } of profiles) expect(extensions).toHaveLength(1)
  const isOther = profiles.filter(({ extensions }) => extensions[0]?.address.startsWith('other')).length
  expect(count(fates, 'UPDATED') + count(fates, 'EXTENSION_NOT_FOUND')).toBe(senders * people)
  // There and back: as many more there as are there now.
  expect((count(fates, 'UPDATED') - isOther) % 2).toBe(0)
})

// Waiting, several engines and deadlocks need several connections: PGlite has one.
if (process.env['DATABASE_URL']) {
  it.each<[string, ExtensionInput, Partial<ExtensionUpsertOptions>]>([
    ['creates it', { ...mail(1), address: 'new@example.com' }, {}],
    ['puts it in the place of another', { ...mail(1), newAddress: 'new@example.com' }, { upsert: 'UPDATE_ONLY' }],
  ])('who looks for an address waits for the batch that %s', async (_what, record, changed) => {
    const { own, at } = await openTenant()
    await own.upsert([{ key: 'p-1', extensions: [carried(1)] }])
    const { extensions } = createLocalAdapter()
    const options = extensionOptions(changed)
    const preparer = await extensions?.preparer(bench.database, own.name, options)
    const normalised = normaliseKeyedExtension(record, options)
    const prepared = preparer?.ok && normalised.ok ? preparer.prepare(normalised.record) : null
    if (!prepared?.ok) throw new TypeError(JSON.stringify(prepared))
    const waiting = async () =>
      (
        await bench.database.query(
          `select 1 from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
        )
      ).length
    const looked = await bench.database.transaction(async (transaction) => {
      await extensions?.apply(transaction, own.name, options, [prepared.value])
      const looks = at(1).upsert([{ extensions: [{ channel: 'EMAIL', address: 'new@example.com' }] }], {
        matching: 'EMAIL_SUB',
      })
      await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
      // Not awaited here: it goes on when this one has committed.
      return { looks }
    })
    expect((await looked.looks).map(said)).toEqual(['UNCHANGED'])
    expect(await own.profiles()).toHaveLength(1)
  })

  it('jobs of both kinds at once through several engines give each record one outcome', {
    timeout: 120_000,
  }, async () => {
    const { own } = await openTenant()
    await own.upsert(
      Array.from({ length: people }, (_, person) => ({ key: `p-${person}`, extensions: [carried(person)] })),
    )
    const perPerson = 30
    const addressOf = (person: number, number: number) => `p-${person}-${number}@example.com`
    const registry = registryOf({ id: 'local', adapter: createLocalAdapter() })
    const limits = {
      recordsPerMutation: 20_000,
      uploadBytes: 1_000_000_000,
      uploadTtlHours: 24,
      resultRetentionDays: 30,
    }
    const engines = pools.map((database) => createJobEngine({ database, registry, limits, role: 'all', log: silent }))
    await Promise.all(engines.map((engine) => engine.start()))
    const shared = {
      destinations: ['local'],
      nulls: 'IGNORE' as const,
      onInvalid: 'REJECT_ALL' as const,
      waitSeconds: 30,
    }
    /** The same 1,200 addresses in every job, some by themselves and some carried by their profiles. */
    const submit = async (engine: JobEngine, sender: number) => {
      const order = shuffled(sender).flatMap((person) =>
        Array.from({ length: perPerson }, (_, number) => ({ person, address: addressOf(person, number) })),
      )
      if (sender % 3 < 2) {
        const extensions = order.map(({ person, address }) => ({ ...mail(person), address, permission: true }))
        return engine.submitExtensions(own.name, { ...shared, upsert: 'CREATE_OR_UPDATE', extensions })
      }
      const profiles = order.map(
        ({ person, address }): ProfileInput => ({
          extensions: [carried(person), { channel: 'EMAIL', address }],
        }),
      )
      return engine.submitProfiles(own.name, inputOf(profiles, { ...shared, matching: 'EMAIL_SUB' }))
    }
    try {
      const jobs = await Promise.all(
        engines.flatMap((engine, place) =>
          [0, 1, 2].map(async (turn) => {
            const job = jobOf(await submit(engine, 3 * place + turn))
            return { job, results: await allResults(engine, job) }
          }),
        ),
      )
      for (const { job, results } of jobs) {
        expect(job.state).toBe('SUCCEEDED')
        expect(results.map(({ index }) => index)).toEqual(
          Array.from({ length: people * perPerson }, (_, index) => index),
        )
        const outcomes = ['CREATED', 'UPDATED', 'UNCHANGED', 'SUPERSEDED'] as const
        const counted = outcomes.map((outcome) => countOf(job.deliveries[0]?.counts ?? [], outcome))
        expect(counted).toEqual(outcomes.map((outcome) => results.filter((one) => one.outcome === outcome).length))
        expect(counted.reduce((sum, one) => sum + one, 0)).toBe(results.length)
      }
      const profiles = await own.profiles()
      expect(profiles).toHaveLength(people)
      for (const { key, extensions } of profiles) {
        const person = Number(key?.slice(2))
        const expected = Array.from({ length: perPerson }, (_, number) => addressOf(person, number))
        expect(extensions.map(({ address }) => address).sort()).toEqual([...expected, mailOf(person)].sort())
        const own = extensions.filter(({ address }) => address !== mailOf(person))
        expect(own.every(({ permission }) => permission === true)).toBe(true)
      }
    } finally {
      await Promise.all(engines.map((engine) => engine.stop()))
    }
  })

  it('met no deadlock in all of this', async () => {
    // A connection that closes tells the server what it has counted.
    await closePools()
    const [row] = await bench.database.query<{ count: number }>(
      'select deadlocks::int as count from pg_stat_database where datname = current_database()',
    )
    expect(row?.count).toBe(0)
  })
}
