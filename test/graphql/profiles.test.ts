import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeGlobalId } from '../../src/graphql/global-id.ts'
import { type Answer, type Api, codesOf, openApi } from './api.ts'
import { idOfProfile, nextId, storeOf } from './stored-profiles.ts'

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

describe('profiles', () => {
  const page = `query ($type: String, $filter: [ConditionInput!], $first: Int, $after: String, $last: Int, $before: String) {
    profiles(type: $type, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount nodes { key } edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`
  const keys = ({ profiles }: Answer) => profiles.nodes.map((node: { key: string }) => node.key)

  it('pages forward to the end, each profile once', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await stored.profile({ key })
    const first = await data(page, { first: 2 })
    expect(keys(first)).toEqual(['a', 'b'])
    expect(first.profiles).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
    const second = await data(page, { first: 2, after: first.profiles.pageInfo.endCursor })
    expect(keys(second)).toEqual(['c', 'd'])
    const third = await data(page, { first: 2, after: second.profiles.pageInfo.endCursor })
    expect(keys(third)).toEqual(['e'])
    expect(third.profiles.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('pages backward from the end, in the same order', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await stored.profile({ key })
    const last = await data(page, { last: 2 })
    expect(keys(last)).toEqual(['d', 'e'])
    expect(last.profiles.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const before = await data(page, { last: 3, before: last.profiles.pageInfo.startCursor })
    expect(keys(before)).toEqual(['a', 'b', 'c'])
    expect(before.profiles.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  })

  it('answers an empty page without cursors', async () => {
    expect((await data(page)).profiles).toEqual({
      totalCount: 0,
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
    await stored.profile({ key: 'a' })
    expect((await data(page, { first: 0 })).profiles).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } })
  })

  it('counts only when somebody asks', async () => {
    await stored.profile({ key: 'a' })
    const before = api.statements.length
    await data('{ profiles { nodes { key } } }')
    expect(api.statements.slice(before)).toEqual([expect.not.stringContaining('count(')])
  })

  it.each([
    ['more than 1,000', { first: 1001 }, 'LIMIT_EXCEEDED', '1000'],
    ['more than 1,000 from the end', { last: 5000 }, 'LIMIT_EXCEEDED', '5000'],
    ['more conditions than 20', { filter: Array(21).fill({ attribute: 'key', value: 'a' }) }, 'LIMIT_EXCEEDED', '20'],
    ['less than nothing', { first: -1 }, 'BAD_USER_INPUT', '-1'],
    ['both ends at once', { first: 1, last: 1 }, 'BAD_USER_INPUT', 'first and last'],
    ['after garbage', { after: '💥' }, 'BAD_USER_INPUT', 'after'],
    ['after the cursor of another list', { after: encodeGlobalId('Job', nextId()) }, 'BAD_USER_INPUT', 'after'],
    ['before garbage', { last: 1, before: 'x' }, 'BAD_USER_INPUT', 'before'],
    ['a type that no database can hold', { type: '\0' }, 'BAD_USER_INPUT', 'type'],
  ])('refuses %s', async (_what, variables, code, named) => {
    expect(await faults(page, variables)).toEqual([{ path: 'profiles', code, message: expect.stringContaining(named) }])
  })

  it('filters by fields and by attributes of their types', async () => {
    await data(
      `mutation { defineProfileType(input: { name: "contact", attributes: [{ name: "age", type: INTEGER }, { name: "tags", type: TAGS }] }) { __typename } }`,
    )
    await stored.profile({ key: 'a', email: 'a@example.com', attributes: { age: 9, tags: ['x', 'y'] } })
    await stored.profile({ key: 'b', email: 'b@example.com', attributes: { age: 10 } })
    await stored.profile({ key: 'c' })
    const filtered = async (filter: unknown[]) => keys(await data(page, { filter }))
    expect(await filtered([])).toEqual(['a', 'b', 'c'])
    expect(await filtered([{ attribute: 'age', operator: 'GREATER_THAN', value: '9' }])).toEqual(['b'])
    expect(await filtered([{ attribute: 'age', operator: 'NOT_EQUALS', value: '9' }])).toEqual(['b'])
    expect(await filtered([{ attribute: 'tags', value: 'y, x' }])).toEqual(['a'])
    expect(
      await filtered([
        { attribute: 'email', value: 'A@EXAMPLE.COM', logical: 'OR' },
        { attribute: 'key', value: 'c' },
      ]),
    ).toEqual(['a', 'c'])
    const counted = await data(page, { first: 1, filter: [{ attribute: 'key', operator: 'GREATER_THAN', value: 'a' }] })
    expect(counted.profiles).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } })
  })

  it('names the condition that is wrong', async () => {
    const filter = [
      { attribute: 'birthDate', value: '2026-02-30' },
      { attribute: 'shoe', value: '44' },
    ]
    const [fault] = await faults(page, { filter })
    expect(fault).toMatchObject({ path: 'profiles', code: 'BAD_USER_INPUT' })
    expect(fault?.message).toMatch(/filter\[0\]\.value.*filter\[1\]\.attribute/)
  })

  it("shows nobody another tenant's profiles", async () => {
    const foreign = await storeOf(api, `stranger of ${tenant}`).profile({ key: 'C-1', email: 'ada@example.com' })
    const everything = `query ($id: ID!) {
      profiles { totalCount nodes { key } }
      id: profile(by: { id: $id }) { key }
      key: profile(by: { key: "C-1" }) { key }
      email: profile(by: { email: "ada@example.com" }) { key }
    }`
    expect(await data(everything, { id: idOfProfile(foreign) })).toEqual({
      profiles: { totalCount: 0, nodes: [] },
      id: null,
      key: null,
      email: null,
    })
  })
})

describe('a page with extensions and links', () => {
  const page = `query ($first: Int) {
    profiles(first: $first) {
      nodes {
        id key attributes(names: ["company", "none"])
        extensions { address profile { key } }
        push: extensions(channel: PUSH) { address }
        links { attribute key profile { id type extensions { address } links { profile { key } } } }
      }
    }
  }`

  const statementsFor = async (first: number) => {
    const before = api.statements.length
    const answer = await data(page, { first })
    return { answer, statements: api.statements.length - before }
  }

  it('costs as many statements for fifty profiles as for five', async () => {
    const companies = ['acme', 'beta', 'gamma']
    for (let number = 0; number < 50; number++) {
      const company = number % 4 === 3 ? 'nobody' : companies[number % 3]
      const id = await stored.profile({ key: `C-${number}`, attributes: { company, size: number } })
      await stored.extension(id, 'EMAIL', `${number}@example.com`)
      await stored.extension(id, 'PUSH', `token-${number}`)
      await stored.link(id, 'company', 'company', company ?? '')
    }
    for (const key of companies)
      await stored.extension(await stored.profile({ type: 'company', key }), 'SMS', '+4915112345678')

    const few = await statementsFor(5)
    const many = await statementsFor(50)
    expect(many.answer.profiles.nodes).toHaveLength(50)
    expect(many.answer.profiles.nodes[0]).toMatchObject({
      attributes: { company: 'acme' },
      extensions: [{ address: '0@example.com', profile: { key: 'C-0' } }, { address: 'token-0' }],
      push: [{ address: 'token-0' }],
      links: [
        {
          attribute: 'company',
          key: 'acme',
          profile: { type: 'company', extensions: [{ address: '+4915112345678' }] },
        },
      ],
    })
    expect(many.answer.profiles.nodes[3].links).toEqual([{ attribute: 'company', key: 'nobody', profile: null }])
    expect(many.statements).toBe(few.statements)
    expect(many.statements).toBeLessThanOrEqual(7)
  })

  it('looks up many keys, e-mails and ids in one statement each', async () => {
    const ids = [
      await stored.profile({ key: 'a', email: 'a@example.com' }),
      await stored.profile({ key: 'b', email: 'b@example.com' }),
    ]
    const before = api.statements.length
    await data(`{
      k1: profile(by: { key: "a" }) { id } k2: profile(by: { key: "b" }) { id } k3: profile(by: { key: "a" }) { id }
      e1: profile(by: { email: "a@example.com" }) { id } e2: profile(by: { email: "b@example.com" }) { id }
      i1: profile(by: { id: "${idOfProfile(ids[0] ?? '')}" }) { id } i2: node(id: "${idOfProfile(ids[1] ?? '')}") { id }
    }`)
    expect(api.statements.length - before).toBe(3)
  })
})

describe('profile types', () => {
  const define = `mutation ($input: DefineProfileTypeInput!) {
    defineProfileType(input: $input) {
      __typename
      ... on ProfileTypePayload { profileType { name attributes { name type importable } links { attribute targetType } } }
      ... on InvalidInputError { message issues { path message } }
    }
  }`

  it('are defined, extended and listed', async () => {
    await data(define, { input: { name: 'company' } })
    const input = {
      name: 'contact',
      attributes: [{ name: 'company' }],
      links: [{ attribute: 'company', targetType: 'company' }],
    }
    const contact = {
      name: 'contact',
      attributes: [{ name: 'company', type: 'STRING', importable: true }],
      links: [{ attribute: 'company', targetType: 'company' }],
    }
    expect(await data(define, { input })).toEqual({
      defineProfileType: { __typename: 'ProfileTypePayload', profileType: contact },
    })
    expect(
      await data(
        '{ profileTypes { name attributes { name type importable } links { attribute targetType } } extensionTypes { name } }',
      ),
    ).toEqual({ profileTypes: [contact, { name: 'company', attributes: [], links: [] }], extensionTypes: [] })
  })

  it('are left alone when a part is wrong, and the issue says which', async () => {
    await data(define, { input: { name: 'contact', attributes: [{ name: 'age', type: 'INTEGER' }] } })
    const { defineProfileType } = await data(define, {
      input: { name: 'contact', attributes: [{ name: 'age', type: 'DATE' }] },
    })
    expect(defineProfileType).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('age'),
      issues: [{ path: ['input', 'attributes', '0', 'type'] }],
    })
  })
})
