import { describe, expect, test } from 'vitest'
import { openAltcraft, token } from './altcraft-bench.ts'

const json = { 'content-type': 'application/json' }
const data = [{ email: 'a@example.com' }]
const body = (parameters: object) => JSON.stringify({ token, db_id: 1, data, ...parameters })

describe('the transport', () => {
  test.each([
    ['an unknown path', { path: '/api/v1.1/profiles/nothing', body: body({}) }, 404, 404],
    ['another method than POST', { method: 'GET' }, 405, 405],
    ['no content type', { headers: {}, body: body({}) }, 400, 400],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' }, 400, 400],
    ['JSON that breaks off', { body: body({}).slice(0, -1) }, 400, 400],
    ['JSON that is no object', { body: '[]' }, 400, 400],
    ['an empty body', { body: '' }, 400, 400],
    ['a body over 10 MB', { body: body({ x: 'é'.repeat(5 * 1024 * 1024) }) }, 413, 400],
  ])('refuses %s', async (_, request, status, error) => {
    const { send, stored } = openAltcraft()
    const answer = await send(request)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toEqual({ error, error_text: expect.any(String) })
    expect(stored()).toEqual([])
  })

  test('takes a trailing slash and a charset', async () => {
    const { send } = openAltcraft()
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    const answer = await send({ path: '/api/v1.1/profiles/import_batch/', headers, body: body({}) })
    expect(JSON.parse(answer.body)).toMatchObject({ error: 0 })
  })

  test('takes a body of just under 10 MB', async () => {
    const { send } = openAltcraft()
    const answer = await send({ body: body({ x: 'x'.repeat(10 * 1024 * 1024 - 200) }) })
    expect(answer.status).toBe(200)
  })

  test('answers in the format asked for, else in that of the question', async () => {
    const { send } = openAltcraft()
    const type = async (parameters: object, accept?: string) => {
      const answer = await send({ headers: accept === undefined ? json : { ...json, accept }, body: body(parameters) })
      return answer.headers?.['content-type'] ?? 'application/json'
    }
    expect(await type({})).toBe('application/json')
    expect(await type({}, '*/*')).toBe('application/json')
    expect(await type({}, 'application/xml, application/json')).toBe('application/json')
    expect(await type({}, 'application/xml')).toBe('application/xml; charset=utf-8')
    expect(await type({ format: 'xml' }, 'application/json')).toBe('application/xml; charset=utf-8')
  })
})

describe('the token', () => {
  const call = async (parameters: object, headers: Record<string, string> = {}, query = '') => {
    const { send } = openAltcraft()
    const request = { headers: { ...json, ...headers }, query: new URLSearchParams(query) }
    return JSON.parse((await send({ ...request, body: JSON.stringify({ db_id: 1, data, ...parameters }) })).body)
  }

  test('is taken from the body, as Bearer or from the query, in this order', async () => {
    expect(await call({ token })).toMatchObject({ error: 0 })
    expect(await call({}, { authorization: `Bearer ${token}` })).toMatchObject({ error: 0 })
    expect(await call({}, {}, `token=${token}`)).toMatchObject({ error: 0 })
    expect(await call({ token: 'wrong' }, { authorization: `Bearer ${token}` })).toMatchObject({ error: 403 })
  })

  test('missing is 401, unknown 403', async () => {
    expect(await call({})).toEqual({ error: 401, error_text: 'API token required' })
    expect(await call({ token: '' })).toMatchObject({ error: 401 })
    expect(await call({ token: 'wrong' })).toEqual({ error: 403, error_text: 'Invalid API token' })
    expect(await call({ token: 5 })).toMatchObject({ error: 400 })
  })

  test('may be kept from a database or a resource', async () => {
    const { importBatch } = openAltcraft({ tokens: [{ token, databaseIds: [2], resourceIds: [3] }] })
    expect(await importBatch({ data })).toMatchObject({ error: 403 })
    expect(await importBatch({ data, db_id: 2, resource_id: 28 })).toMatchObject({ error: 403 })
    expect(await importBatch({ data, db_id: 2, resource_id: 3 })).toMatchObject({ error: 0 })
  })
})

describe('the parameters', () => {
  test.each([
    ['no db_id', { db_id: undefined }, 400],
    ['a db_id spelled as text', { db_id: '1' }, 400],
    ['an unknown db_id', { db_id: 99 }, 404],
    ['no data', { data: undefined }, 400],
    ['data that are no array', { data: { email: 'a@example.com' } }, 400],
    ['an unknown matching', { matching: 'key' }, 400],
    ['a flag spelled as text', { skip_triggers: 'true' }, 400],
    ['a flag spelled as a number', { detect_geo: 1 }, 400],
    ['a resource_id spelled as text', { resource_id: '28' }, 400],
  ])('are refused with %s, and nothing is written', async (_, parameters, error) => {
    const { importBatch, stored } = openAltcraft()
    expect(await importBatch({ data, ...parameters })).toEqual({ error, error_text: expect.any(String) })
    expect(stored()).toEqual([])
  })

  test('that are unknown are ignored', async () => {
    const { importBatch } = openAltcraft()
    expect(await importBatch({ data, nothing: 1, email: 'top@example.com' })).toMatchObject({ error: 0 })
  })
})

describe('the settings', () => {
  test('mirror the error code in the HTTP status', async () => {
    const { send, altcraft } = openAltcraft({ mirrorErrorInStatus: true })
    const status = async (parameters: object) => (await send({ body: body(parameters) })).status
    expect(await status({})).toBe(200)
    expect(await status({ token: '' })).toBe(401)
    expect(await status({ token: 'wrong' })).toBe(403)
    expect(await status({ db_id: 99 })).toBe(404)
    expect(await status({ data: [{}] })).toBe(200)
    altcraft.configure({ orderedErrors: [{ error: 440, errorText: 'Error' }] })
    expect(await status({})).toBe(440)
  })

  test('limit the profiles of the tariff: 402', async () => {
    const { importBatch, importItems, stored, call } = openAltcraft({ tariffProfiles: 2 })
    const emails = ['a', 'b', 'c', 'a'].map((name) => ({ email: `${name}@example.com` }))
    expect((await importItems(emails)).codes).toEqual([0, 0, 402, 0])
    expect(await importBatch({ data })).toEqual({ error: 402, error_text: 'Tariff limit reached' })
    expect(await call('update_batch', { data })).toMatchObject({ error: 0 })
    expect(stored()).toHaveLength(2)
  })

  test('order any error for every call or for single profiles', async () => {
    const { altcraft, importBatch, stored } = openAltcraft()
    const profile = { field: 'email', value: 'a@example.com' }
    altcraft.configure({ orderedErrors: [{ error: 440, errorText: 'Error', profile }] })
    const { error, result } = await importBatch({ data: [...data, { email: 'b@example.com' }] })
    expect([error, ...result.map((item) => item.error)]).toEqual([0, 440, 0])
    altcraft.configure({ orderedErrors: [{ error: 500, errorText: 'Internal error' }] })
    expect(await importBatch({ data })).toEqual({ error: 500, error_text: 'Internal error' })
    expect(stored()).toHaveLength(1)
  })

  test('say what is wrong with them, and then stay as they are', () => {
    const { altcraft } = openAltcraft()
    expect(() => altcraft.configure({ tariffProfiles: -1 })).toThrow(/tariffProfiles/)
    expect(() => altcraft.configure({ nothing: 1 })).toThrow(/nothing/)
    expect(altcraft.configure({})).toMatchObject({ tariffProfiles: null, mirrorErrorInStatus: false })
  })
})
