import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { normaliseProfile } from '../../src/domain/normalise-profile.ts'
import { requestOptions } from '../domain/request-options.ts'
import { type LocalBench, localTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

describe('a custom field', () => {
  it.each(['1e999999', '1e131073', '1e-20000', '-0', '01', '{"a":1}', '"', '\\'])(
    'of the text %s is matched by',
    async (text) => {
      const tenant = bench.tenant()
      const record = { extensions: [{ channel: 'PUSH' as const, address: 't', customFields: { device: text } }] }
      const options = { matching: 'CUSTOM_SUB' as const, matchingField: 'device' }
      expect(await tenant.outcome(record, options)).toBe('CREATED')
      expect(await tenant.outcome({ ...record, firstName: 'a' }, options)).toBe('UPDATED')
      expect(await tenant.profiles()).toHaveLength(1)
    },
  )

  it('that is a number is matched by its text', async () => {
    const tenant = bench.tenant()
    const device = (value: number | string) => ({
      extensions: [{ channel: 'PUSH' as const, address: 't', customFields: { device: value } }],
    })
    const options = { matching: 'CUSTOM_SUB' as const, matchingField: 'device' }
    expect(await tenant.outcome(device(42.5), options)).toBe('CREATED')
    expect(await tenant.outcome(device('42.5'), options)).toBe('UPDATED')
    expect(await tenant.profiles()).toHaveLength(1)
  })
})

describe('an empty text', () => {
  it('as provider is no provider, and writing it again changes nothing', async () => {
    const tenant = bench.tenant()
    const record = { key: 'k', extensions: [{ channel: 'EMAIL' as const, address: 'a@example.com', provider: '' }] }
    expect(await tenant.outcome(record)).toBe('CREATED')
    expect(await tenant.outcome(record)).toBe('UNCHANGED')
  })

  it('as the name of an extension is no extension type', async () => {
    const tenant = bench.tenant()
    const extensions = [{ channel: 'EMAIL' as const, address: 'a@example.com', name: '' }]
    expect(await tenant.outcome({ key: 'k', extensions })).toBe('INVALID_EXTENSION')
  })
})

it('a chain of a thousand links that ends in nothing fails as a whole, a ring of them does not', async () => {
  const tenant = bench.tenant()
  await tenant.define({
    name: 'contact',
    attributes: [{ name: 'next' }],
    links: [{ attribute: 'next', targetType: 'contact' }],
  })
  const chain = (last: string) =>
    Array.from({ length: 1000 }, (_, place) => ({
      key: `c-${place}`,
      attributes: { next: place === 999 ? last : `c-${place + 1}` },
    }))
  const broken = await tenant.upsert(chain('nowhere'), { linkPolicy: 'FAIL' })
  expect(new Set(broken.map(said))).toEqual(new Set(['LINK_NOT_FOUND']))
  expect(await tenant.profiles()).toEqual([])
  const ring = await tenant.upsert(chain('c-0'), { linkPolicy: 'FAIL' })
  expect(new Set(ring.map(said))).toEqual(new Set(['CREATED']))
})

// What needs two open transactions needs a server: PGlite is one connection.
if (process.env['DATABASE_URL']) {
  it('nobody is created beside profiles that lose a value while others wait for them', async () => {
    const tenant = bench.tenant()
    const other = openPostgres(bench.database.url ?? '')
    try {
      for (let place = 0; place < 6; place += 1) await tenant.create({ key: `k-${place}`, email: 'shared@example.com' })
      const adapter = createLocalAdapter()
      const options = requestOptions({})
      const prepared = await adapter.preparer(other, tenant.name, options)
      if (!prepared.ok) throw new TypeError('the preparer refused')
      const moved = [0, 1, 2].flatMap((place) => {
        const record = normaliseProfile({ key: `k-${place}`, email: `moved-${place}@example.com` }, options)
        const ready = record.ok ? prepared.prepare(record.record) : record
        return ready.ok && 'value' in ready ? [ready.value] : []
      })
      const waits = async () => {
        const [row] = await bench.database.query<{ count: number }>(
          `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return row?.count ?? 0
      }
      let waiting: Promise<string> | null = null
      await other.transaction(async (transaction) => {
        await adapter.apply(transaction, tenant.name, options, moved)
        waiting = localTenant(bench.database, tenant.name).outcome(
          { email: 'shared@example.com', firstName: 'a' },
          { matching: 'EMAIL' },
        )
        await expect.poll(waits, { timeout: 10_000 }).toBeGreaterThan(0)
      })
      expect(await waiting).toBe('AMBIGUOUS_MATCH')
      expect(await tenant.profiles()).toHaveLength(6)
    } finally {
      await other.close()
    }
  })
}
