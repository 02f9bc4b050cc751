import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkPolicies } from '../../src/contract/profile.ts'
import { type LocalBench, type LocalTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

async function withLinks(): Promise<LocalTenant> {
  const tenant = bench.tenant()
  await tenant.define({ name: 'company', attributes: [], links: [] })
  const issues = await tenant.define({
    name: 'contact',
    attributes: [{ name: 'boss' }, { name: 'company' }],
    links: [
      { attribute: 'boss', targetType: 'contact' },
      { attribute: 'company', targetType: 'company' },
    ],
  })
  expect(issues).toEqual([])
  return tenant
}

const keysOf = async (tenant: LocalTenant) => (await tenant.profiles()).map((one) => `${one.type} ${one.key}`).sort()

describe('a link', () => {
  it.each(linkPolicies)('to a profile that is there is written under %s', async (linkPolicy) => {
    const tenant = await withLinks()
    await tenant.create({ key: 'acme' }, { profileType: 'company' })
    expect(await tenant.outcome({ key: 'k', attributes: { company: 'acme' } }, { linkPolicy })).toBe('CREATED')
    expect(await tenant.byKey('k')).toMatchObject({ attributes: { company: 'acme' }, links: ['company company acme'] })
    expect(await keysOf(tenant)).toEqual(['company acme', 'contact k'])
  })

  it('to nobody dangles under IGNORE', async () => {
    const tenant = await withLinks()
    expect(await tenant.outcome({ key: 'k', attributes: { company: 'acme' } }, { linkPolicy: 'IGNORE' })).toBe(
      'CREATED',
    )
    expect((await tenant.byKey('k')).links).toEqual(['company company acme'])
    expect(await keysOf(tenant)).toEqual(['contact k'])
  })

  it('to nobody makes an empty profile of that key under CREATE', async () => {
    const tenant = await withLinks()
    expect(await tenant.outcome({ key: 'k', attributes: { company: 'acme', boss: 'b' } })).toBe('CREATED')
    expect(await keysOf(tenant)).toEqual(['company acme', 'contact b', 'contact k'])
    expect(await tenant.byKey('acme', 'company')).toMatchObject({
      attributes: {},
      extensions: [],
      fields: { email: null },
    })
  })

  it('to nobody fails the record under FAIL, and the record of another type does not help', async () => {
    const tenant = await withLinks()
    await tenant.create({ key: 'acme' })
    const [fate] = await tenant.upsert([{ key: 'k', attributes: { company: 'acme' } }], { linkPolicy: 'FAIL' })
    expect(fate).toMatchObject({ outcome: 'FAILED', errors: [{ code: 'LINK_NOT_FOUND', field: 'attributes.company' }] })
    expect(await keysOf(tenant)).toEqual(['contact acme'])
  })

  it('makes no target for a record that fails', async () => {
    const tenant = await withLinks()
    const record = { key: 'k', attributes: { company: 'acme', boss: 'b' } }
    expect(await tenant.outcome(record, { upsert: 'UPDATE_ONLY' })).toBe('PROFILE_NOT_FOUND')
    expect(await keysOf(tenant)).toEqual([])
  })

  it.each(['CREATE', 'FAIL'] as const)(
    'may lead to a profile that a later record creates, under %s',
    async (linkPolicy) => {
      const tenant = await withLinks()
      const fates = await tenant.upsert(
        [
          { key: 'k', attributes: { boss: 'b' } },
          { key: 'b', firstName: 'x' },
        ],
        { linkPolicy },
      )
      expect(fates.map(said)).toEqual(['CREATED', 'CREATED'])
      expect((await tenant.byKey('b')).fields['firstName']).toBe('x')
    },
  )

  it.each(['CREATE', 'FAIL'] as const)('may lead round in a circle, under %s', async (linkPolicy) => {
    const tenant = await withLinks()
    const fates = await tenant.upsert(
      [
        { key: 'a', attributes: { boss: 'b' } },
        { key: 'b', attributes: { boss: 'a' } },
        { key: 'self', attributes: { boss: 'self' } },
      ],
      { linkPolicy },
    )
    expect(fates.map(said)).toEqual(['CREATED', 'CREATED', 'CREATED'])
  })

  it('does not count on a later record that fails', async () => {
    const tenant = await withLinks()
    const fates = await tenant.upsert(
      [
        { key: 'a', attributes: { boss: 'b' } },
        { key: 'b', attributes: { boss: 'c' } },
        { key: 'c', attributes: { company: 'nowhere' } },
      ],
      { linkPolicy: 'FAIL' },
    )
    expect(fates.map(said)).toEqual(['LINK_NOT_FOUND', 'LINK_NOT_FOUND', 'LINK_NOT_FOUND'])
    expect(await keysOf(tenant)).toEqual([])
  })

  it.each(linkPolicies)('may lead to the key that its own record gives, under %s', async (linkPolicy) => {
    const tenant = await withLinks()
    await tenant.create({ email: 'a@example.com' }, { matching: 'EMAIL' })
    const record = { email: 'a@example.com', key: 'k', attributes: { boss: 'k' } }
    expect(await tenant.outcome(record, { matching: 'EMAIL', upsert: 'UPDATE_ONLY', linkPolicy })).toBe('UPDATED')
    expect(await keysOf(tenant)).toEqual(['contact k'])
    expect((await tenant.byKey('k')).links).toEqual(['boss contact k'])
  })

  it.each(linkPolicies)('may lead to the key that its own record renames to, under %s', async (linkPolicy) => {
    const tenant = await withLinks()
    await tenant.create({ key: 'old' })
    const record = { key: 'old', newKey: 'new', attributes: { boss: 'new' } }
    expect(await tenant.outcome(record, { upsert: 'UPDATE_ONLY', linkPolicy })).toBe('UPDATED')
    expect(await keysOf(tenant)).toEqual(['contact new'])
    expect((await tenant.byKey('new')).links).toEqual(['boss contact new'])
  })

  it('is cleared with its attribute', async () => {
    const tenant = await withLinks()
    await tenant.create({ key: 'k', attributes: { boss: 'k' } })
    expect(await tenant.outcome({ key: 'k', attributes: { boss: null } }, { nulls: 'CLEAR' })).toBe('UPDATED')
    expect(await tenant.byKey('k')).toMatchObject({ attributes: {}, links: [] })
  })

  it('names a key of 1 to 255 characters', async () => {
    const tenant = await withLinks()
    expect(await tenant.outcome({ key: 'k', attributes: { boss: '' } })).toBe('INVALID_VALUE')
    expect(await tenant.outcome({ key: 'k', attributes: { boss: 'x'.repeat(256) } })).toBe('VALUE_TOO_LONG')
  })
})

describe('a rename', () => {
  const renaming = { upsert: 'UPDATE_ONLY' } as const

  /** Contacts of those keys and one beside them that has each of them as its boss. */
  async function withFollowers(...keys: string[]): Promise<LocalTenant> {
    const tenant = await withLinks()
    await tenant.upsert(keys.map((key) => ({ key, firstName: key })))
    await tenant.upsert(keys.map((key) => ({ key: `of-${key}`, attributes: { boss: key } })))
    await tenant.setClocksBack()
    return tenant
  }
  const bossOf = async (tenant: LocalTenant, follower: string) => {
    const { attributes, links } = await tenant.byKey(follower)
    expect(links).toEqual([`boss contact ${attributes['boss']}`])
    return attributes['boss']
  }

  it('gives the new key, and links follow', async () => {
    const tenant = await withFollowers('a', 'b')
    expect(await tenant.outcome({ key: 'a', newKey: 'z' }, renaming)).toBe('UPDATED')
    expect((await tenant.byKey('z')).fields['firstName']).toBe('a')
    expect(await bossOf(tenant, 'of-a')).toBe('z')
    expect((await tenant.byKey('of-a')).written).toBe(true)
    expect((await tenant.byKey('of-b')).written).toBe(false)
    expect(await tenant.outcome({ key: 'a', newKey: 'y' }, renaming)).toBe('PROFILE_NOT_FOUND')
  })

  it('is followed by links of other types', async () => {
    const tenant = await withLinks()
    await tenant.create({ key: 'k', attributes: { company: 'acme' } })
    expect(await tenant.outcome({ key: 'acme', newKey: 'acme-2' }, { ...renaming, profileType: 'company' })).toBe(
      'UPDATED',
    )
    expect((await tenant.byKey('k')).links).toEqual(['company company acme-2'])
  })

  it('to the same key changes nothing', async () => {
    const tenant = await withFollowers('a')
    expect(await tenant.outcome({ key: 'a', newKey: 'a' }, renaming)).toBe('UNCHANGED')
    expect(await tenant.outcome({ key: 'a', newKey: 'a', lastName: 'x' }, renaming)).toBe('UPDATED')
  })

  it('to a key that another profile has is KEY_TAKEN', async () => {
    const tenant = await withFollowers('a', 'b')
    expect(await tenant.outcome({ key: 'a', newKey: 'b', lastName: 'x' }, renaming)).toBe('KEY_TAKEN')
    expect(await tenant.byKey('a')).toMatchObject({ written: false, fields: { lastName: null } })
  })

  it('needs matching KEY and UPDATE_ONLY', async () => {
    const tenant = await withFollowers('a')
    expect(await tenant.outcome({ key: 'a', newKey: 'b' })).toBe('INVALID_VALUE')
    expect(
      await tenant.outcome({ key: 'a', newKey: 'b', email: 'a@example.com' }, { ...renaming, matching: 'EMAIL' }),
    ).toBe('INVALID_VALUE')
  })

  it('may go on in a chain within one batch', async () => {
    const tenant = await withFollowers('a', 'b')
    const fates = await tenant.upsert(
      [
        { key: 'b', newKey: 'c' },
        { key: 'a', newKey: 'b' },
        { key: 'b', newKey: 'd', lastName: 'was a' },
      ],
      renaming,
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED', 'UPDATED'])
    expect((await tenant.byKey('c')).fields['firstName']).toBe('b')
    expect((await tenant.byKey('d')).fields).toMatchObject({ firstName: 'a', lastName: 'was a' })
    expect([await bossOf(tenant, 'of-a'), await bossOf(tenant, 'of-b')]).toEqual(['d', 'c'])
  })

  it('may swap two keys within one batch', async () => {
    const tenant = await withFollowers('a', 'b')
    const fates = await tenant.upsert(
      [
        { key: 'a', newKey: 'tmp' },
        { key: 'b', newKey: 'a' },
        { key: 'tmp', newKey: 'b' },
      ],
      renaming,
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED', 'UPDATED'])
    expect((await tenant.byKey('a')).fields['firstName']).toBe('b')
    expect((await tenant.byKey('b')).fields['firstName']).toBe('a')
    expect([await bossOf(tenant, 'of-a'), await bossOf(tenant, 'of-b')]).toEqual(['b', 'a'])
  })

  it('is not followed by a link that is made to the old key after it', async () => {
    const tenant = await withFollowers('a')
    const fates = await tenant.upsert(
      [
        { key: 'a', newKey: 'z' },
        { key: 'of-a', attributes: { boss: 'a' } },
      ],
      { ...renaming, linkPolicy: 'IGNORE' },
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED'])
    expect(await bossOf(tenant, 'of-a')).toBe('a')
  })
})
