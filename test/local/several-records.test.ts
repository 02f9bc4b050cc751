import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalBench, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

const email = 'a@example.com'
const phone = '+4915112345678'

describe('several records', () => {
  it('of one value end up as if applied in order, all but the last folded into it', async () => {
    const tenant = bench.tenant()
    await tenant.define({
      name: 'contact',
      attributes: [{ name: 'string' }, { name: 'integer', type: 'INTEGER' }],
      links: [],
    })
    const fates = await tenant.upsert([
      { key: 'k', firstName: 'a', lastName: 'a', attributes: { string: 'a', integer: 1 } },
      { key: 'k', firstName: 'b', extensions: [{ channel: 'EMAIL', address: email, priority: 1 }] },
      { key: 'k', attributes: { string: 'c' }, extensions: [{ channel: 'EMAIL', address: email, permission: true }] },
    ])
    expect(fates.map((fate) => [fate.outcome, fate.supersededBy])).toEqual([
      ['SUPERSEDED', 2],
      ['SUPERSEDED', 2],
      ['CREATED', undefined],
    ])
    expect(await tenant.byKey('k')).toMatchObject({
      fields: { firstName: 'b', lastName: 'a' },
      attributes: { string: 'c', integer: 1 },
      extensions: [{ address: email, priority: 1, permission: true }],
    })
  })

  it('of one value under CREATE_ONLY: the first creates, the others find it there', async () => {
    const tenant = bench.tenant()
    const fates = await tenant.upsert(
      [
        { key: 'k', firstName: 'a' },
        { key: 'k', firstName: 'b' },
      ],
      { upsert: 'CREATE_ONLY' },
    )
    expect(fates.map(said)).toEqual(['CREATED', 'PROFILE_EXISTS'])
    expect((await tenant.byKey('k')).fields['firstName']).toBe('a')
  })

  it('that reach one profile by different values are applied in order and folded into none', async () => {
    const tenant = bench.tenant()
    await tenant.create({ key: 'k', email, phone })
    const fates = await tenant.upsert(
      [
        { email, firstName: 'a', lastName: 'a' },
        { phone, firstName: 'b' },
        { email, phone, gender: 'f' },
      ],
      { matching: 'EMAIL_PHONE' },
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED', 'UPDATED'])
    expect((await tenant.byKey('k')).fields).toMatchObject({ firstName: 'b', lastName: 'a', gender: 'f' })
  })

  it('meet what the records before them have made, by whatever value', async () => {
    const tenant = bench.tenant()
    const fates = await tenant.upsert(
      [
        { email, phone },
        { phone, firstName: 'found by phone' },
        { email: 'b@example.com' },
        { email: 'b@example.com', phone },
      ],
      { matching: 'EMAIL_PHONE' },
    )
    expect(fates.map(said)).toEqual(['CREATED', 'UPDATED', 'CREATED', 'AMBIGUOUS_MATCH'])
    expect(await tenant.profiles()).toHaveLength(2)
  })

  it('a record that fails is folded into nothing and writes nothing', async () => {
    const tenant = bench.tenant()
    await tenant.create({ key: 'k', email })
    const fates = await tenant.upsert(
      [
        { email, firstName: 'a' },
        { email, key: 'other', firstName: 'b' },
        { email, lastName: 'c' },
      ],
      { matching: 'EMAIL' },
    )
    expect(fates.map(said)).toEqual(['SUPERSEDED', 'KEY_CONFLICT', 'UPDATED'])
    expect((await tenant.byKey('k')).fields).toMatchObject({ firstName: 'a', lastName: 'c' })
  })
})
