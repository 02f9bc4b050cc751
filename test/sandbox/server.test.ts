import { expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import { readSandboxPort } from '../../src/sandbox/settings.ts'
import { type OpenSandbox, openSandbox } from './open-sandbox.ts'

const updateBulk = '/webex/campaignapi/resources/v3/profiles/updateBulk'
const authorization = 'Bearer webex-sandbox-secret'

const write = (sandbox: OpenSandbox, ...keys: string[]) =>
  sandbox.call(updateBulk, {
    headers: { authorization },
    body: { 'profile-name': 'customers', requests: keys.map((key) => ({ key, attributes: [] })) },
  })

const storedKeys = (sandbox: OpenSandbox) => sandbox.profiles('webex').map((row) => (row as { key: string }).key)

it('serves three vendors and its control on one port', async () => {
  const sandbox = await openSandbox()
  for (const vendor of ['webex', 'dengage', 'altcraft']) {
    expect((await sandbox.call(`/_sandbox/${vendor}/profiles`)).json).toEqual([])
    expect((await sandbox.call(`/_sandbox/${vendor}/settings`)).json).toEqual(expect.objectContaining({}))
  }
  const nowhere = await sandbox.call('/mailchimp/x')
  expect(nowhere.status).toBe(404)
  expect(nowhere.json.error).toContain('/webex, /dengage, /altcraft')
})

it('says what is there instead of an unknown control path or method', async () => {
  const sandbox = await openSandbox()
  expect(await sandbox.call('/_sandbox')).toMatchObject({ status: 404 })
  expect((await sandbox.call('/_sandbox/mailchimp/profiles')).json.error).toContain('webex, dengage, altcraft')
  const refused = await sandbox.call('/_sandbox/webex/profiles', { method: 'DELETE' })
  expect(refused).toMatchObject({ status: 405, json: { error: expect.stringContaining('takes GET') } })
})

it('shows what is stored, and forgets all on a reset', async () => {
  const sandbox = await openSandbox({ settings: { webex: { pendingPolls: 7 } } })
  await write(sandbox, 'A', 'B')
  await sandbox.call('/_sandbox/webex/settings', { body: { pendingPolls: 1 } })
  await sandbox.call('/_sandbox/faults', { body: { vendor: 'webex', fault: { kind: 'status', status: 503 } } })
  expect((await sandbox.call('/_sandbox/webex/profiles')).json).toMatchObject([{ key: 'A' }, { key: 'B' }])
  expect((await sandbox.call('/_sandbox/reset', { method: 'POST' })).status).toBe(200)
  expect(sandbox.profiles('webex')).toEqual([])
  expect(sandbox.requests('webex')).toEqual([])
  expect((await sandbox.call('/_sandbox/webex/settings')).json.pendingPolls).toBe(7)
  expect((await write(sandbox, 'A')).status).toBe(200)
})

it('logs each call with its times, body, status and the calls beside it, and no credential', async () => {
  let time = 1000
  const sandbox = await openSandbox({ now: () => time })
  await write(sandbox, 'A')
  time = 2000
  const body = { userkey: 'dengage-sandbox-user', password: 'dengage-sandbox-password' }
  const { json } = await sandbox.call('/dengage/rest/login?token=t-1', { body })
  await sandbox.call('/dengage/rest/login', {
    body: '{"userkey":"dengage-sandbox-user","password":"dengage-sandbox-pass',
  })
  await sandbox.call('/altcraft/api/v1.1/profiles/import_batch', { body: '<data><token>t-2</token></data>' })
  const log = await sandbox.call('/_sandbox/webex/requests')
  expect(log.json).toMatchObject([
    { startedAt: 1000, endedAt: 1000, method: 'POST', path: updateBulk.slice(6), status: 200, inFlight: 0, faults: [] },
  ])
  expect(log.json[0].body.requests).toEqual([{ key: 'A', attributes: [] }])
  const all = `${log.text}${JSON.stringify([sandbox.requests('dengage'), sandbox.requests('altcraft')])}`
  for (const secret of [
    'webex-sandbox-secret',
    body.userkey,
    'dengage-sandbox-pass',
    json.access_token,
    't-1',
    't-2',
  ]) {
    expect(all).not.toContain(secret)
  }
  expect(all).toContain('[redacted]')
})

it('counts the calls in flight when one begins', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'delay', ms: 60_000, when: 'after' } })
  const held = write(sandbox, 'A').catch(() => 'cut')
  await expect.poll(() => sandbox.requests('webex').length).toBe(1)
  await write(sandbox, 'B')
  expect(sandbox.requests('webex')).toMatchObject([
    { inFlight: 0, endedAt: null, status: null },
    { inFlight: 1, status: 200 },
  ])
  await sandbox.stop()
  expect(await held).toBe('cut')
})

it('answers with a status of its own, before or after the vendor has applied the call', async () => {
  const sandbox = await openSandbox()
  const body = { code: 499, description: 'Request failed.' }
  sandbox.fault({ vendor: 'webex', fault: { kind: 'status', status: 499, body, headers: { 'retry-after': '7' } } })
  sandbox.fault({
    vendor: 'webex',
    match: { nth: 2 },
    fault: { kind: 'status', status: 502, body: '<html>', when: 'after' },
  })
  const first = await write(sandbox, 'A')
  expect(first).toMatchObject({ status: 499, json: body })
  expect(first.headers.get('retry-after')).toBe('7')
  expect(storedKeys(sandbox)).toEqual([])
  expect(await write(sandbox, 'B')).toMatchObject({ status: 502, text: '<html>' })
  expect(storedKeys(sandbox)).toEqual(['B'])
  expect((await write(sandbox, 'C')).status).toBe(200)
  expect(sandbox.requests('webex').map(({ faults }) => faults)).toEqual([['status'], ['status'], []])
})

it('cuts the connection before or after the vendor has applied the call', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'drop', when: 'before' } })
  sandbox.fault({ vendor: 'webex', match: { nth: 2 }, fault: { kind: 'drop', when: 'after' } })
  await expect(write(sandbox, 'A')).rejects.toThrow()
  expect(storedKeys(sandbox)).toEqual([])
  await expect(write(sandbox, 'B')).rejects.toThrow()
  expect(storedKeys(sandbox)).toEqual(['B'])
  expect(sandbox.requests('webex')).toMatchObject([{ status: null }, { status: null }])
})

it('holds a call or its answer back, and applies it though the caller has gone', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'delay', ms: 40 } })
  const started = performance.now()
  expect((await write(sandbox, 'A')).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThanOrEqual(38)
  sandbox.fault({ vendor: 'webex', fault: { kind: 'delay', ms: 60 } })
  const body = JSON.stringify({ requests: [{ key: 'B', attributes: [] }] })
  const impatient = fetch(sandbox.url + updateBulk, {
    method: 'POST',
    headers: { authorization },
    body,
    signal: AbortSignal.timeout(20),
  })
  await expect(impatient).rejects.toThrow()
  await expect.poll(() => storedKeys(sandbox)).toEqual(['A', 'B'])
})

it('garbles an answer so that nothing can read it', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'garble' } })
  const { status, text, json } = await write(sandbox, 'A')
  expect(status).toBe(200)
  expect(text.startsWith('{"transaction-id"')).toBe(true)
  expect(json).toBeUndefined()
  expect(storedKeys(sandbox)).toEqual(['A'])
})

it('leaves out results or adds some, at both vendors that list them', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'length', by: -1 } })
  sandbox.fault({ vendor: 'webex', match: { nth: 2 }, fault: { kind: 'length', by: 1 } })
  expect((await write(sandbox, 'A', 'B')).json.responses).toMatchObject([{ Key: 'A' }])
  expect((await write(sandbox, 'A', 'B')).json.responses).toMatchObject([{ Key: 'A' }, { Key: 'B' }, { Key: 'B' }])
})

it('writes numbers as strings', async () => {
  const sandbox = await openSandbox()
  sandbox.fault({ vendor: 'webex', fault: { kind: 'numbersAsStrings' } })
  expect((await write(sandbox, 'A')).json['update-count']).toBe('1')
  expect((await write(sandbox, 'A')).json['update-count']).toBe(1)
})

it('lays a fault on the calls that it is ordered for, and on no others', async () => {
  const sandbox = await openSandbox()
  const fault = { kind: 'status', status: 503 } as const
  sandbox.fault({ vendor: 'webex', match: { path: 'updateBulk', method: 'post', nth: 2, times: 2 }, fault })
  sandbox.fault({ vendor: 'dengage', match: { times: 'always' }, fault })
  await sandbox.call('/webex/campaignapi/resources/v3/profilequerystatus/1', { headers: { authorization } })
  const statuses: number[] = []
  for (const key of ['A', 'B', 'C', 'D']) statuses.push((await write(sandbox, key)).status)
  expect(statuses).toEqual([200, 503, 503, 200])
  for (let calls = 0; calls < 3; calls++) expect((await sandbox.call('/dengage/rest/login')).status).toBe(503)
  expect((await sandbox.call('/_sandbox/faults', { method: 'DELETE' })).status).toBe(200)
  expect((await sandbox.call('/dengage/rest/login')).status).toBe(405)
})

it.each([
  [{ vendor: 'mailchimp', fault: { kind: 'garble' } }, 'vendor'],
  [{ vendor: 'webex', fault: { kind: 'explode' } }, 'fault.kind'],
  [{ vendor: 'webex', fault: { kind: 'status' } }, 'fault.status'],
  [{ vendor: 'webex', fault: { kind: 'length', by: 0 } }, 'must not be 0'],
  [{ vendor: 'webex', match: { nth: 0 }, fault: { kind: 'garble' } }, 'match.nth'],
  [{ vendor: 'webex', match: { times: 'forever' }, fault: { kind: 'garble' } }, '"always"'],
  [{ vendor: 'webex', match: { pfad: 'x' }, fault: { kind: 'garble' } }, 'pfad'],
  ['{', 'not JSON'],
])('refuses the fault %j and says where it is wrong', async (order, part) => {
  const sandbox = await openSandbox()
  const { status, json } = await sandbox.call('/_sandbox/faults', { body: order })
  expect(status).toBe(400)
  expect(json.error).toContain(part)
})

it('refuses settings that do not fit and changes nothing', async () => {
  const sandbox = await openSandbox()
  for (const [change, part] of [
    [{ pendingPolls: -1 }, 'pendingPolls'],
    [{ asynchron: true }, 'asynchron'],
    [[], 'the body'],
    [{ links: [{ source: 'nobody', sourceAttribute: 'x', destination: 'accounts' }] }, 'no definition named nobody'],
    [
      { links: [{ source: 'customers', sourceAttribute: 'x', destination: 'accounts' }] },
      'customers has no attribute x',
    ],
  ] as const) {
    const { status, json } = await sandbox.call('/_sandbox/webex/settings', { body: change })
    expect(status).toBe(400)
    expect(json.error).toContain(part)
  }
  expect((await sandbox.call('/_sandbox/webex/settings')).json).toMatchObject({ pendingPolls: 2, asynchronous: false })
})

it('cannot listen on a port that is taken, and says so', async () => {
  const sandbox = await openSandbox()
  await expect(startSandbox({ port: sandbox.port })).rejects.toThrow(`127.0.0.1:${sandbox.port}`)
})

it('takes its port from SANDBOX_PORT', () => {
  expect(readSandboxPort({})).toBe(4100)
  expect(readSandboxPort({ SANDBOX_PORT: '0' })).toBe(0)
  for (const text of ['x', '70000', '-1', '1.5']) {
    expect(() => readSandboxPort({ SANDBOX_PORT: text })).toThrow('SANDBOX_PORT is no port')
  }
})
