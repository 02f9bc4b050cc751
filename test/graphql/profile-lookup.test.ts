import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeGlobalId } from '../../src/graphql/global-id.ts'
import { type Api, codesOf, openApi } from './api.ts'
import { idOfProfile, storeOf } from './stored-profiles.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

let tenants = 0
let tenant = ''
let stored: ReturnType<typeof storeOf>
beforeEach(() => {
  tenants += 1
  tenant = `tenant-${tenants}`
  stored = storeOf(api, tenant)
})

const data = (source: string, variables: Record<string, unknown> = {}) => api.data({ tenant }, source, variables)
const faults = async (source: string, variables: Record<string, unknown> = {}) =>
  codesOf(await api.ask({ tenant }, source, variables))

describe('profile(by:)', () => {
  const lookup = 'query ($by: ProfileLookupInput!, $type: String) { profile(by: $by, type: $type) { id key type } }'

  it('finds by id, key, e-mail and phone, in the form that values are stored in', async () => {
    const id = await stored.profile({ key: 'C-1', email: 'ada@example.com', phone: '+4915112345678' })
    const found = { profile: { id: idOfProfile(id), key: 'C-1', type: 'contact' } }
    expect(await data(lookup, { by: { id: idOfProfile(id) } })).toEqual(found)
    expect(await data(lookup, { by: { key: 'C-1' } })).toEqual(found)
    expect(await data(lookup, { by: { email: ' Ada@Example.COM ' } })).toEqual(found)
    expect(await data(lookup, { by: { phone: '+49 1511 2345678' } })).toEqual(found)
  })

  it('looks in contact unless a type is named, and by id in every type', async () => {
    const id = await stored.profile({ type: 'company', key: 'acme' })
    expect(await data(lookup, { by: { key: 'acme' } })).toEqual({ profile: null })
    expect((await data(lookup, { by: { key: 'acme' }, type: 'company' })).profile.id).toBe(idOfProfile(id))
    expect((await data(lookup, { by: { id: idOfProfile(id) } })).profile.type).toBe('company')
    expect(await data(lookup, { by: { id: idOfProfile(id) }, type: 'contact' })).toEqual({ profile: null })
  })

  it('looks at no address of an extension', async () => {
    await stored.extension(await stored.profile({ key: 'C-1' }), 'EMAIL', 'work@example.com')
    expect(await data(lookup, { by: { email: 'work@example.com' } })).toEqual({ profile: null })
  })

  it('answers AMBIGUOUS where several profiles have the e-mail', async () => {
    for (const key of ['a', 'b', 'c']) await stored.profile({ key, email: 'shared@example.com' })
    expect(await faults(lookup, { by: { email: 'shared@example.com' } })).toEqual([
      { path: 'profile', code: 'AMBIGUOUS', message: expect.stringContaining('shared@example.com') },
    ])
  })

  it.each([
    ['a phone without +', { phone: '0151 2345678' }, 'by.phone'],
    ['a text that is no e-mail', { email: 'nobody' }, 'by.email'],
    ['a key that no database can hold', { key: 'a\0b' }, 'by.key'],
  ])('refuses %s and names the argument', async (_what, by, place) => {
    expect(await faults(lookup, { by })).toEqual([
      { path: 'profile', code: 'BAD_USER_INPUT', message: expect.stringContaining(place) },
    ])
  })

  it('takes exactly one value', async () => {
    expect(await faults(lookup, { by: { key: 'a', email: 'a@example.com' } })).toHaveLength(1)
    expect(await faults(lookup, { by: {} })).toHaveLength(1)
  })
})

describe('node and nodes', () => {
  const nodes =
    'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Profile { key } ... on Extension { address profile { key } } } }'

  it('reads profiles and extensions again, in the order of the ids', async () => {
    const profile = await stored.profile({ key: 'C-1' })
    const extension = await stored.extension(profile, 'EMAIL', 'work@example.com')
    const ids = [encodeGlobalId('Extension', extension), idOfProfile(profile), encodeGlobalId('Extension', extension)]
    const shown = { __typename: 'Extension', address: 'work@example.com', profile: { key: 'C-1' } }
    expect(await data(nodes, { ids })).toEqual({
      nodes: [
        { ...shown, id: ids[0] },
        { __typename: 'Profile', id: ids[1], key: 'C-1' },
        { ...shown, id: ids[0] },
      ],
    })
  })

  it("answers null for another tenant's ids, other types, ids of nothing and garbage", async () => {
    const foreign = await storeOf(api, `stranger of ${tenant}`).profile({ key: 'C-1' })
    const ids = [
      idOfProfile(foreign),
      encodeGlobalId('Extension', foreign),
      encodeGlobalId('Job', foreign),
      encodeGlobalId('Destination', 'local'),
      encodeGlobalId('Profile', 'not-a-uuid'),
      'garbage',
      '',
    ]
    expect(await data(nodes, { ids })).toEqual({ nodes: ids.map(() => null) })
    for (const id of ids) {
      expect(await data('query ($id: ID!) { node(id: $id) { id } job(id: $id) { id } }', { id })).toEqual({
        node: null,
        job: null,
      })
    }
  })

  it('never lets a text that is no uuid reach the database', async () => {
    const before = api.statements.length
    await data('query ($id: ID!) { node(id: $id) { id } job(id: $id) { id } profile(by: { id: $id }) { id } }', {
      id: encodeGlobalId('Profile', "' or 1 = 1"),
    })
    expect(api.statements.length).toBe(before)
  })

  it('takes at most 1,000 ids', async () => {
    const result = await api.ask({ tenant }, nodes, { ids: Array.from({ length: 1001 }, () => 'x') })
    expect(codesOf(result)).toEqual([
      { path: 'nodes', code: 'LIMIT_EXCEEDED', message: expect.stringContaining('1000') },
    ])
  })
})
