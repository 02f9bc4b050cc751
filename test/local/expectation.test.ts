import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Course } from '../../src/adapters/local/expectation.ts'
import type { Queryable } from '../../src/contract/adapter.ts'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { takeProfileLocks, wholeTenant } from '../../src/db/profile-locks.ts'
import { type LocalBench, localTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

/** The tenant, whose batches are all expected to go one way, rightly or not. */
const expecting = (course: Course, name: string, database: Database = bench.database) =>
  localTenant(database, name, { of: () => course, learn: () => {} })

const people = (from: number, count: number, firstName = 'a') =>
  Array.from({ length: count }, (_, place) => ({ email: `p-${from + place}@example.com`, firstName }))

it('learns which way large batches go, and that they went another way', async () => {
  const tenant = bench.tenant()
  const load = async (records: ReturnType<typeof people>) => {
    return new Set((await tenant.upsert(records, { matching: 'EMAIL' })).map(said))
  }
  for (let batch = 0; batch < 3; batch += 1) {
    expect(await load(people(batch * 100, 100))).toEqual(new Set(['CREATED']))
  }
  // Expected to be new, and known.
  expect(await load(people(0, 100, 'b'))).toEqual(new Set(['UPDATED']))
  expect(await load(people(100, 100, 'b'))).toEqual(new Set(['UPDATED']))
  // Expected to be known: some, then all are new.
  expect(await load([...people(200, 50, 'b'), ...people(300, 50)])).toEqual(new Set(['UPDATED', 'CREATED']))
  expect(await load(people(350, 100))).toEqual(new Set(['CREATED']))
  for (const outcome of ['UPDATED', 'UNCHANGED', 'UNCHANGED']) {
    expect(await load(people(0, 450, 'c'))).toEqual(new Set([outcome]))
  }
  // Expected to be unchanged: one is not.
  expect(await load([...people(0, 449, 'c'), ...people(449, 1, 'd')])).toEqual(new Set(['UNCHANGED', 'UPDATED']))
  expect(await tenant.profiles()).toHaveLength(450)
})

// What needs two open transactions needs a server: PGlite is one connection.
if (process.env['DATABASE_URL']) {
  /** Does `work` in a transaction of another connection, and lets `meanwhile` run into it before that commits. */
  async function during<T>(
    work: (transaction: Queryable) => Promise<unknown>,
    meanwhile: () => Promise<T>,
  ): Promise<T> {
    const other = openPostgres(bench.database.url ?? '')
    const waits = async () => {
      const [row] = await bench.database.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return row?.count ?? 0
    }
    try {
      const met = await other.transaction(async (transaction) => {
        await work(transaction)
        const answer = meanwhile()
        await expect.poll(waits, { timeout: 20_000 }).toBeGreaterThan(0)
        return { answer }
      })
      return await met.answer
    } finally {
      await other.close()
    }
  }

  it('finds an address that moves from a profile to another while it waits for the first', async () => {
    const { name } = bench.tenant()
    const own = expecting('keeps', name)
    await own.create({ key: 'first', email: 'moves@example.com' })
    await own.create({ key: 'second', email: 'other@example.com' })
    const move = `update profiles set email = case key when 'first' then 'left@example.com' else 'moves@example.com' end
                   where tenant = $1`
    const fates = await during(
      (transaction) => transaction.query(move, [name]),
      () => own.upsert([{ email: 'moves@example.com', firstName: 'b' }], { matching: 'EMAIL', upsert: 'UPDATE_ONLY' }),
    )
    expect(fates.map(said)).toEqual(['UPDATED'])
    expect((await own.byKey('second')).fields).toMatchObject({ email: 'moves@example.com', firstName: 'b' })
  })

  it('sees that an address has become ambiguous while it waits for one that has lost it', async () => {
    const { name } = bench.tenant()
    const own = expecting('keeps', name)
    await own.create({ key: 'first', email: 'both@example.com' })
    await own.create({ key: 'second', email: 'both@example.com' })
    await own.create({ key: 'third', email: 'other@example.com' })
    const move = `update profiles set email = case key when 'second' then 'left@example.com' else 'both@example.com' end
                   where tenant = $1 and key <> 'first'`
    const fates = await during(
      (transaction) => transaction.query(move, [name]),
      () => own.upsert([{ email: 'both@example.com', firstName: 'b' }], { matching: 'EMAIL' }),
    )
    expect(fates.map(said)).toEqual(['AMBIGUOUS_MATCH'])
  })

  it('sees what came to another profile while it waits for one that stays as it is', async () => {
    const { name } = bench.tenant()
    const own = expecting('keeps', name)
    await own.create({ key: 'first', email: 'both@example.com', firstName: 'a' })
    await own.create({ key: 'second', email: 'other@example.com' })
    const fates = await during(
      async (transaction) => {
        // As a batch does by which the first profile is left unchanged.
        await transaction.query(`select 1 from profiles where tenant = $1 and key = 'first' for update`, [name])
        const bring = `update profiles set email = 'both@example.com' where tenant = $1 and key = 'second'`
        await transaction.query(bring, [name])
      },
      () => own.upsert([{ email: 'both@example.com', firstName: 'b' }], { matching: 'EMAIL' }),
    )
    expect(fates.map(said)).toEqual(['AMBIGUOUS_MATCH'])
    expect((await own.byKey('first')).fields).toMatchObject({ firstName: 'a' })
  })

  it('neither waits for rows that others hold nor locks them where nothing is changed', async () => {
    const { name } = bench.tenant()
    const own = expecting('unchanged', name)
    const held = { key: 'held', email: 'held@example.com', firstName: 'a' }
    await own.create(held)
    const other = openPostgres(bench.database.url ?? '')
    try {
      await other.transaction(async (transaction) => {
        await transaction.query('select 1 from profiles where tenant = $1 for update', [name])
        for (const matching of ['KEY', 'EMAIL'] as const) {
          expect((await own.upsert([held], { matching })).map(said)).toEqual(['UNCHANGED'])
        }
      })
    } finally {
      await other.close()
    }
    for (const [matching, firstName] of [
      ['KEY', 'b'],
      ['EMAIL', 'c'],
    ] as const) {
      expect((await own.upsert([{ ...held, firstName }], { matching })).map(said)).toEqual(['UPDATED'])
      expect((await own.byKey('held')).fields).toMatchObject({ firstName })
    }
  })

  it('keeps the links of new profiles whose type gets them while they wait', async () => {
    const { name } = bench.tenant()
    const own = expecting('creates', name)
    expect(await own.define({ name: 'contact', attributes: [{ name: 'boss' }], links: [] })).toEqual([])
    await own.create({ key: 'the-boss' })
    const fates = await during(
      async (transaction) => {
        await takeProfileLocks(transaction, name, wholeTenant)
        const link = `insert into link_definitions (tenant, profile_type, attribute, target_type) values ($1, 'contact', 'boss', 'contact')`
        await transaction.query(link, [name])
      },
      () =>
        own.upsert(
          [
            { key: 'one', attributes: { boss: 'the-boss' } },
            { key: 'two', attributes: { boss: 'nobody' } },
          ],
          { linkPolicy: 'FAIL' },
        ),
    )
    expect(fates.map(said)).toEqual(['CREATED', 'LINK_NOT_FOUND'])
    expect((await own.byKey('one')).links).toHaveLength(1)
  })
}
