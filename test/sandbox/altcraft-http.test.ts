import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { token } from './altcraft-bench.ts'
import { jsonExample, xmlExample } from './altcraft-examples.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.stop())

async function post(body: string, format = 'json', method = 'import_batch') {
  const response = await fetch(`${sandbox.url}/altcraft/api/v1.1/profiles/${method}`, {
    method: 'POST',
    headers: { 'content-type': `application/${format}` },
    body,
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

async function settings(change: object) {
  const response = await fetch(`${sandbox.url}/_sandbox/altcraft/settings`, {
    method: 'POST',
    body: JSON.stringify(change),
  })
  expect(response.status).toBe(200)
}

describe('over HTTP', () => {
  test('the JSON example is imported and read back', async () => {
    const answer = await post(jsonExample)
    expect(answer).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' })
    const stored = await (await fetch(`${sandbox.url}/_sandbox/altcraft/profiles`)).json()
    expect(stored).toMatchObject([
      { _fname: 'Lala', Custom_ID: 77, triggers: [{ event: 'profile_created', fired: false }, {}] },
      { _fname: 'Victor', Custom_ID: 88 },
    ])
    expect(JSON.parse(answer.text).result.map(({ profile_id }: { profile_id: string }) => profile_id)).toEqual(
      stored.map(({ id }: { id: string }) => id),
    )
  })

  test('the XML example is imported and answered in XML', async () => {
    const answer = await post(xmlExample, 'xml')
    expect(answer).toMatchObject({ status: 200, type: 'application/xml; charset=utf-8' })
    expect(answer.text).toMatch(/^<xml><error>0<\/error>.*<result>.*<result>.*<\/xml>$/)
    expect(sandbox.profiles('altcraft')).toMatchObject([{ _fname: 'Lala' }, { _fname: 'Alex', Custom_ID: 345 }])
  })

  test('the token may stand in the header or the query', async () => {
    const body = JSON.stringify({ db_id: 1, data: [] })
    const url = `${sandbox.url}/altcraft/api/v1.1/profiles/import_batch/`
    const headers = { 'content-type': 'application/json' }
    const call = async (address: string, more: Record<string, string>) =>
      (await fetch(address, { method: 'POST', headers: { ...headers, ...more }, body })).json()
    expect(await call(url, { authorization: `Bearer ${token}` })).toMatchObject({ error: 0 })
    expect(await call(`${url}?token=${token}`, {})).toMatchObject({ error: 0 })
    expect(await call(url, {})).toMatchObject({ error: 401 })
  })

  test('error codes are mirrored in the status when the setting says so', async () => {
    const body = JSON.stringify({ token: 'wrong', db_id: 1, data: [] })
    expect(await post(body)).toMatchObject({ status: 200 })
    await settings({ mirrorErrorInStatus: true })
    expect(await post(body)).toMatchObject({ status: 403, text: '{"error":403,"error_text":"Invalid API token"}' })
  })

  test('a body over 10 MB is 413', async () => {
    const answer = await post(JSON.stringify({ token, db_id: 1, data: [], filler: 'x'.repeat(10 * 1024 * 1024) }))
    expect(answer).toMatchObject({ status: 413 })
    expect(JSON.parse(answer.text)).toMatchObject({ error: 400 })
  })

  test('faults change the length of the results and what numbers look like', async () => {
    sandbox.fault({ vendor: 'altcraft', match: { nth: 1 }, fault: { kind: 'length', by: -1 } })
    expect(JSON.parse((await post(jsonExample)).text).result).toHaveLength(1)
    sandbox.fault({ vendor: 'altcraft', fault: { kind: 'numbersAsStrings' } })
    expect(JSON.parse((await post(jsonExample)).text)).toMatchObject({ error: '0', result: [{ error: '0' }, {}] })
  })
})
