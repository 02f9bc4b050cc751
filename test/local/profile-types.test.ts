import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalBench, openLocalBench } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

describe('defineProfileType', () => {
  it('creates and extends, and null keeps what is', async () => {
    const tenant = bench.tenant()
    await tenant.define({
      name: 'contact',
      attributes: [
        { name: 'a', type: 'INTEGER', importable: false },
        { name: 'b', type: null, importable: null },
      ],
      links: [],
    })
    expect(
      await tenant.define({ name: 'contact', attributes: [{ name: 'a' }, { name: 'c', type: 'TAGS' }], links: [] }),
    ).toEqual([])
    expect(await tenant.outcome({ key: 'k', attributes: { a: 1 } })).toBe('ATTRIBUTE_NOT_IMPORTABLE')
    expect(await tenant.define({ name: 'contact', attributes: [{ name: 'a', importable: true }], links: [] })).toEqual(
      [],
    )
    expect(await tenant.outcome({ key: 'k', attributes: { a: '1', b: 'x', c: 'x,y' } })).toBe('CREATED')
    expect((await tenant.byKey('k')).attributes).toEqual({ a: 1, b: 'x', c: ['x', 'y'] })
  })

  it('refuses another type for an attribute and does nothing of such a request', async () => {
    const tenant = bench.tenant()
    await tenant.define({ name: 'contact', attributes: [{ name: 'a', type: 'INTEGER' }], links: [] })
    const issues = await tenant.define({
      name: 'contact',
      attributes: [{ name: 'new' }, { name: 'a', type: 'STRING' }],
      links: [],
    })
    expect(issues).toMatchObject([{ path: ['input', 'attributes', '1', 'type'] }])
    expect(await tenant.outcome({ key: 'k', attributes: { new: 'x' } })).toBe('UNKNOWN_ATTRIBUTE')
  })

  it.each([
    ['whose attribute is not defined', { attribute: 'nothing', targetType: 'contact' }],
    ['whose attribute is not STRING', { attribute: 'number', targetType: 'contact' }],
    ['to a type that there is not', { attribute: 'text', targetType: 'nowhere' }],
  ])('refuses a link %s', async (_, link) => {
    const attributes = [{ name: 'text' }, { name: 'number', type: 'INTEGER' as const }]
    const issues = await bench.tenant().define({ name: 'contact', attributes, links: [link] })
    expect(issues).toHaveLength(1)
  })

  it('makes links of the values that are there', async () => {
    const tenant = bench.tenant()
    await tenant.define({ name: 'contact', attributes: [{ name: 'boss' }], links: [] })
    await tenant.create({ key: 'k', attributes: { boss: 'b' } })
    await tenant.create({ key: 'b', attributes: { boss: '' } })
    expect((await tenant.byKey('k')).links).toEqual([])
    const links = [{ attribute: 'boss', targetType: 'contact' }]
    expect(await tenant.define({ name: 'contact', attributes: [], links })).toEqual([])
    expect((await tenant.byKey('k')).links).toEqual(['boss contact b'])
    expect(await tenant.outcome({ key: 'b', newKey: 'c' }, { upsert: 'UPDATE_ONLY' })).toBe('UPDATED')
    expect((await tenant.byKey('k')).attributes).toEqual({ boss: 'c' })
    expect(await tenant.define({ name: 'contact', attributes: [], links })).toEqual([])
  })

  it('keeps tenants and types apart', async () => {
    const tenant = bench.tenant()
    await tenant.define({ name: 'company', attributes: [{ name: 'a' }], links: [] })
    expect(await tenant.outcome({ key: 'k', attributes: { a: 'x' } })).toBe('UNKNOWN_ATTRIBUTE')
    expect(await tenant.outcome({ key: 'k', attributes: { a: 'x' } }, { profileType: 'company' })).toBe('CREATED')
    expect(await tenant.outcome({ key: 'k' })).toBe('CREATED')
    await expect(bench.tenant().upsert([{ key: 'k' }], { profileType: 'company' })).rejects.toThrow('profileType')
  })
})
