import { expect, it } from 'vitest'
import { credentials, insert, logIn, upsertExtensions } from './dengage-bench.ts'
import { openSandbox } from './open-sandbox.ts'

it('logs in for an hour and says so', async () => {
  const sandbox = await openSandbox()
  const answer = await sandbox.call('/dengage/rest/login', { body: credentials })
  expect(answer).toMatchObject({ status: 200, json: { access_token: expect.any(String), expires_in: 3600 } })
  const wrong = await sandbox.call('/dengage/rest/login', { body: { ...credentials, password: 'x' } })
  expect(wrong.status).toBe(401)
  const misspelt = await sandbox.call('/dengage/rest/login', { body: { userKey: 'x', password: 'x' } })
  expect(misspelt).toMatchObject({ status: 400, json: { code: 1 } })
})

it('takes a token until it ends, with or without Bearer', async () => {
  let time = 0
  const sandbox = await openSandbox({ now: () => time, settings: { dengage: { loginSeconds: 10 } } })
  const { authorization = '' } = await logIn(sandbox)
  const ask = (value: string) => sandbox.call('/dengage/rest/contacts/A', { headers: { authorization: value } })
  time = 9_999
  expect((await ask(authorization)).status).toBe(200)
  expect((await ask(authorization.slice('Bearer '.length))).status).toBe(200)
  time = 10_000
  expect(await ask(authorization)).toMatchObject({
    status: 401,
    json: { message: 'Not-authenticated. Please re-login.' },
  })
  expect((await ask('Bearer wrong')).status).toBe(401)
  expect((await sandbox.call('/dengage/rest/contacts/A')).status).toBe(401)
})

it('refuses a bulk call while another is in flight, and takes it when that one is answered', async () => {
  const sandbox = await openSandbox()
  const headers = await logIn(sandbox)
  const body = { columns: ['contact_key'], contactDatas: [{ contact_key: 'A' }], insertIfNotExists: true }
  const send = (path = 'contacts') => sandbox.call(`/dengage/rest/bulk/${path}`, { headers, body })
  sandbox.fault({ vendor: 'dengage', match: { path: 'bulk' }, fault: { kind: 'delay', ms: 150, when: 'after' } })
  const first = send()
  await expect.poll(() => sandbox.profiles('dengage').length).toBe(1)
  expect((await send()).status).toBe(429)
  expect((await send('contact_extensions')).status).toBe(429)
  expect((await sandbox.call('/dengage/rest/contacts/A', { headers })).status).toBe(200)
  expect((await first).status).toBe(200)
  expect((await send()).status).toBe(200)
})

it('refuses a bulk call that begins before the interval is over, where it is strict', async () => {
  let time = 0
  const sandbox = await openSandbox({ now: () => time, settings: { dengage: { minIntervalMs: 60_000 } } })
  expect((await insert(sandbox, { contact_key: 'A' })).status).toBe(200)
  time = 59_999
  expect((await insert(sandbox, { contact_key: 'A' })).status).toBe(429)
  time = 60_000
  expect((await insert(sandbox, { contact_key: 'A' })).status).toBe(200)
  time = 60_001
  expect((await upsertExtensions(sandbox, [{ contact_key: 'A', address: 'x' }])).status).toBe(429)
})

it('limits the calls of a second where it is set', async () => {
  let time = 0
  const sandbox = await openSandbox({ now: () => time, settings: { dengage: { callsPerSecond: 2 } } })
  const headers = await logIn(sandbox)
  expect((await sandbox.call('/dengage/rest/contacts/A', { headers })).status).toBe(200)
  expect((await sandbox.call('/dengage/rest/contacts/A', { headers })).status).toBe(429)
  time = 1000
  expect((await sandbox.call('/dengage/rest/contacts/A', { headers })).status).toBe(200)
})

it('refuses a strange address before it reads anything, with a reason at the login and no body elsewhere', async () => {
  const sandbox = await openSandbox()
  const headers = await logIn(sandbox)
  sandbox.configure('dengage', { refuse: 'address' })
  const login = await sandbox.call('/dengage/rest/login', { body: credentials })
  expect(login).toMatchObject({ status: 403, json: { actionResult: expect.stringContaining('not whitelisted') } })
  expect(await sandbox.call('/dengage/rest/bulk/contacts', { headers, body: {} })).toMatchObject({
    status: 403,
    text: '',
  })
})

it('refuses a user without the role with code 10', async () => {
  const sandbox = await openSandbox({ settings: { dengage: { refuse: 'role' } } })
  const answer = await insert(sandbox, { contact_key: 'A' })
  expect(answer).toMatchObject({
    status: 403,
    json: { code: 10, message: expect.stringContaining('DataSpace.Manage') },
  })
  expect(await upsertExtensions(sandbox, [{}])).toMatchObject({
    status: 403,
    json: { message: 'The operation is not allowed. Your API user is not authorized to use this API.' },
  })
})

it('reads one contact back, whole or by field, and an empty list for one that is not there', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A/1 ü', name: 'Ada', email: 'a@example.com' })
  const headers = await logIn(sandbox)
  const read = async (path: string) => (await sandbox.call(`/dengage/rest/contacts/${path}`, { headers })).json.data
  const path = encodeURIComponent('A/1 ü')
  expect(await read(`${path}?contactFields=contact_key,name`)).toEqual({
    contacts: [{ contact_key: 'A/1 ü', name: 'Ada' }],
  })
  expect((await read(path)).contacts[0]).toMatchObject({ email: 'a@example.com', email_permission: true })
  expect(await read('nobody')).toEqual({ contacts: [] })
  expect((await sandbox.call('/dengage/rest/bulk/contacts', { headers })).status).toBe(405)
  expect((await sandbox.call('/dengage/rest/nothing', { headers })).status).toBe(404)
})

it('leaves out or adds a key, and writes its numbers as strings, when a fault asks for it', async () => {
  const sandbox = await openSandbox()
  const bulk = { path: '/bulk/' }
  sandbox.fault({ vendor: 'dengage', match: bulk, fault: { kind: 'length', by: -1 } })
  sandbox.fault({ vendor: 'dengage', match: { ...bulk, nth: 2 }, fault: { kind: 'length', by: 1 } })
  sandbox.fault({ vendor: 'dengage', match: { ...bulk, nth: 2 }, fault: { kind: 'numbersAsStrings' } })
  const records = [{ contact_key: 'A' }, { contact_key: 'B' }]
  expect((await insert(sandbox, ...records)).json.data).toMatchObject({ inserted: ['A'], updated: [] })
  expect((await insert(sandbox, ...records)).json).toMatchObject({ code: '0', data: { updated: ['A', 'B', 'B'] } })
  expect(sandbox.profiles('dengage')).toHaveLength(2)
})
