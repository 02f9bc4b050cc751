import { expect, it } from 'vitest'
import { type Answer, type Call, type OpenSandbox, openSandbox } from './open-sandbox.ts'

const base = '/webex/campaignapi/resources/v3'
const headers = { authorization: 'Bearer webex-sandbox-secret' }

const bulk = (sandbox: OpenSandbox, body: unknown): Promise<Answer> =>
  sandbox.call(`${base}/profiles/updateBulk`, { headers, body })

const status = (sandbox: OpenSandbox, id: string, call: Call = {}): Promise<Answer> =>
  sandbox.call(`${base}/profilequerystatus/${id}`, { headers, ...call })

const values = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([name, val]) => ({ 'attribute-name': name, val }))

const entry = (key: string, attributes: Record<string, string> = {}) => ({ key, attributes: values(attributes) })

const condition = (name: string, operator: string, val: string, join?: 'and' | 'or') => ({
  'attribute-name': name,
  'rel-op': operator,
  val,
  ...(join ? { 'logical-op': join } : {}),
})

const statuses = ({ json }: Answer): string[] => json.responses.map((record: { Status: string }) => record.Status)

const customers = (sandbox: OpenSandbox) =>
  sandbox.profiles('webex').filter((row) => (row as { profileName: string }).profileName === 'customers')

it('creates and updates, and tells of each record', async () => {
  const sandbox = await openSandbox()
  const body = {
    'profile-name': 'customers',
    upsert: '1',
    exparam1: 'val1',
    exparam10: 'val10',
    requests: [entry('4400000000001', { firstname: 'Matt', lastname: 'Adam' })],
  }
  const created = await bulk(sandbox, body)
  expect(created).toMatchObject({ status: 200, json: { 'update-count': 1 } })
  expect(created.json['transaction-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(created.json['request-id']).toMatch(/^\d+$/)
  expect(created.json.responses).toEqual([
    { Key: '4400000000001', ActionType: 'Create', Status: '0', Result: 'Success' },
  ])
  const updated = await bulk(sandbox, { ...body, requests: [entry('4400000000001', { firstname: 'Ada' })] })
  expect(updated.json.responses).toMatchObject([{ ActionType: 'Update', Status: '0' }])
  expect(customers(sandbox)).toEqual([
    { profileName: 'customers', key: '4400000000001', attributes: { firstname: 'Ada', lastname: 'Adam' } },
  ])
})

it('keeps to upsert: 0 creates only, 2 updates only, and applies the rest of the call', async () => {
  const sandbox = await openSandbox()
  await bulk(sandbox, { requests: [entry('A', { tier: 'old' })] })
  const createOnly = await bulk(sandbox, { upsert: '0', requests: [entry('A', { tier: 'new' }), entry('B')] })
  expect(createOnly.json).toMatchObject({
    'update-count': 1,
    responses: [
      { Key: 'A', Status: '7201', Result: 'Failed' },
      { Key: 'B', Status: '0' },
    ],
  })
  const updateOnly = await bulk(sandbox, { upsert: '2', requests: [entry('C'), entry('B', { tier: 'gold' })] })
  expect(statuses(updateOnly)).toEqual(['7200', '0'])
  expect(customers(sandbox)).toMatchObject([
    { key: 'A', attributes: { tier: 'old' } },
    { key: 'B', attributes: { tier: 'gold' } },
  ])
})

it('applies the entries in order, so that of one key the last wins', async () => {
  const sandbox = await openSandbox()
  const answer = await bulk(sandbox, { upsert: '0', requests: [entry('A', { tier: '1' }), entry('A', { tier: '2' })] })
  expect(statuses(answer)).toEqual(['0', '7201'])
  await bulk(sandbox, { requests: [entry('A', { tier: '3' }), entry('A', { tier: '4' })] })
  expect(customers(sandbox)).toMatchObject([{ attributes: { tier: '4' } }])
})

it('updates every row that a filter finds, joined from left to right, in any spelling of the operators', async () => {
  const sandbox = await openSandbox()
  await bulk(sandbox, {
    requests: [
      entry('A', { crmid: '9', country: 'GB' }),
      entry('B', { crmid: '10', country: 'GB' }),
      entry('C', { crmid: '11', country: 'TR' }),
    ],
  })
  const find = async (...filter: unknown[]) => {
    const answer = await bulk(sandbox, { upsert: '2', requests: [{ filter, attributes: [] }] })
    return answer.json['update-count']
  }
  expect(await find(condition('country', 'equals', 'GB', 'and'))).toBe(2)
  expect(await find(condition('crmid', 'GreaterThan', '9'))).toBe(2)
  expect(await find(condition('crmid', 'GreaterThanEquals', '9'))).toBe(3)
  expect(await find(condition('crmid', 'LessThan', '10'))).toBe(1)
  expect(await find(condition('crmid', 'LessThanEquals', '10'))).toBe(2)
  expect(await find(condition('country', 'NotEquals', 'GB'))).toBe(1)
  expect(await find(condition('country', 'Equals', 'TR', 'or'), condition('country', 'Equals', 'GB', 'and'))).toBe(3)
  expect(
    await find(
      condition('crmid', 'Equals', '9', 'or'),
      condition('crmid', 'Equals', '11', 'and'),
      condition('country', 'Equals', 'TR'),
    ),
  ).toBe(1)
  expect(await find({ 'attribute-id': '8', 'rel-op': 'Equals', val: 'TR' })).toBe(1)
  const one = await bulk(sandbox, {
    requests: [{ filter: [condition('crmid', 'Equals', '9')], attributes: values({ tier: 'gold' }) }],
  })
  expect(one.json.responses).toEqual([{ Key: 'A', ActionType: 'Update', Status: '0', Result: 'Success' }])
  expect(customers(sandbox)[0]).toMatchObject({ attributes: { tier: 'gold' } })
})

it('creates nothing for a filter that finds nothing, and refuses one that finds rows under create-only', async () => {
  const sandbox = await openSandbox()
  const filtered = (upsert: string) =>
    bulk(sandbox, { upsert, requests: [{ filter: [condition('crmid', 'Equals', '1')], attributes: [] }] })
  expect(statuses(await filtered('0'))).toEqual(['1010'])
  expect(statuses(await filtered('1'))).toEqual(['1010'])
  expect(statuses(await filtered('2'))).toEqual(['7200'])
  await bulk(sandbox, { requests: [entry('A', { crmid: '1' })] })
  expect(statuses(await filtered('0'))).toEqual(['7201'])
})

it('fails an entry with an unknown attribute, an empty filter name, or both key and filter, and it alone', async () => {
  const sandbox = await openSandbox()
  const filter = [condition('crmid', 'Equals', '1')]
  const answer = await bulk(sandbox, {
    requests: [
      entry('A', { shoesize: '43' }),
      { key: 'B', attributes: [{ 'attribute-id': '99', val: 'x' }] },
      { key: 'C', attributes: [{ 'attribute-id': '1', 'attribute-name': 'email', val: 'x' }] },
      { filter: [condition('', 'equals', '1001')], attributes: [] },
      { key: 'D', filter, attributes: [] },
      { attributes: [] },
      { key: 'E', attributes: [{ 'attribute-id': '2', val: 'Ada' }] },
    ],
  })
  expect(statuses(answer)).toEqual(['7029', '7029', '7029', '7029', '1010', '1010', '0'])
  expect(customers(sandbox)).toMatchObject([{ key: 'E', attributes: { firstname: 'Ada' } }])
})

it('keeps to update-link: 1 lets the link dangle, 2 creates an empty linked profile, 3 fails the record', async () => {
  const sandbox = await openSandbox()
  const linked = (link: string | undefined, key: string, account: string) =>
    bulk(sandbox, {
      'profile-name': 'customers',
      ...(link ? { 'update-link': link } : {}),
      requests: [entry(key, { accountid: account })],
    })
  const accounts = () =>
    sandbox
      .profiles('webex')
      .filter((row) => (row as { profileName: string }).profileName === 'accounts')
      .map((row) => (row as { key: string }).key)
  expect(statuses(await linked('1', 'A', 'acme'))).toEqual(['0'])
  expect(accounts()).toEqual([])
  expect(statuses(await linked('3', 'B', 'acme'))).toEqual(['1010'])
  expect(statuses(await linked(undefined, 'C', 'acme'))).toEqual(['0'])
  expect(accounts()).toEqual(['acme'])
  expect(statuses(await linked('3', 'B', 'acme'))).toEqual(['0'])
  await bulk(sandbox, { 'update-link': '2', upsert: '2', requests: [entry('Z', { accountid: 'globex' })] })
  expect(accounts()).toEqual(['acme'])
  expect(customers(sandbox)).toMatchObject([{ key: 'A' }, { key: 'C' }, { key: 'B' }])
})

it('joins by an attribute where the link says so', async () => {
  const attributes = [{ id: '1', name: 'msisdn' }]
  const sandbox = await openSandbox({
    settings: {
      webex: {
        definitions: [
          { id: '1', name: 'people', keyAttribute: 'msisdn', attributes },
          { id: '2', name: 'devices', attributes },
        ],
        links: [
          { source: 'people', sourceAttribute: 'msisdn', destination: 'devices', destinationAttribute: 'msisdn' },
        ],
      },
    },
  })
  await bulk(sandbox, { 'profile-name': 'people', requests: [entry('4401')] })
  expect(sandbox.profiles('webex')).toEqual([
    { profileName: 'people', key: '4401', attributes: { msisdn: '4401' } },
    { profileName: 'devices', key: '4401', attributes: { msisdn: '4401' } },
  ])
})

it.each([
  ['an unknown profile name', { 'profile-name': 'nobody' }, 3005],
  ['an unknown profile id', { 'profile-id': '99' }, 3005],
  ['a profile id and name that do not match', { 'profile-id': '11', 'profile-name': 'accounts' }, 7031],
  ['101 records', { requests: Array.from({ length: 101 }, (_, index) => entry(String(index))) }, 1010],
  ['no records', { requests: [] }, 1010],
  ['requests left out', { requests: undefined }, 1010],
  ['upsert as a number', { upsert: 1 }, 1010],
  ['an upsert that there is not', { upsert: '3' }, 1010],
  ['an update-link that there is not', { 'update-link': '0' }, 1010],
  ['an eleventh extra parameter', { exparam11: 'x' }, 1010],
  ['a misspelt parameter', { profileName: 'customers' }, 1010],
  ['a value that is no string', { requests: [{ key: 'A', attributes: [{ 'attribute-name': 'tier', val: 1 }] }] }, 1010],
  ['attributes left out', { requests: [{ key: 'A' }] }, 1010],
  ['an unknown operator', { requests: [{ filter: [condition('crmid', 'Like', '1')], attributes: [] }] }, 1010],
])('refuses the whole call for %s', async (_, change, code) => {
  const sandbox = await openSandbox()
  const answer = await bulk(sandbox, { 'profile-name': undefined, requests: [entry('A')], ...change })
  expect(answer).toMatchObject({ status: 200, json: { code } })
  expect(typeof answer.json.description).toBe('string')
  expect(sandbox.profiles('webex')).toEqual([])
})

it('takes 100 records', async () => {
  const sandbox = await openSandbox()
  const answer = await bulk(sandbox, { requests: Array.from({ length: 100 }, (_, index) => entry(String(index))) })
  expect(answer.json['update-count']).toBe(100)
})

it('answers with the documented status and code for what is not about records', async () => {
  const sandbox = await openSandbox({ settings: { webex: { throttle: { calls: 2, windowMs: 60_000 } } } })
  const path = `${base}/profiles/updateBulk`
  const body = { requests: [entry('A')] }
  for (const authorization of ['', 'Bearer wrong', 'Basic webex-sandbox-secret']) {
    expect(await sandbox.call(path, { headers: { authorization }, body })).toMatchObject({
      status: 401,
      json: { code: 498, description: 'Invalid token or Access token expired' },
    })
  }
  const forbidden = { authorization: 'Bearer webex-sandbox-forbidden' }
  expect(await sandbox.call(path, { headers: forbidden, body })).toMatchObject({ status: 401, json: { code: 430 } })
  expect(await sandbox.call(path, { headers, method: 'PUT', body })).toMatchObject({ status: 405, json: { code: 405 } })
  expect(await bulk(sandbox, '{"requests":')).toMatchObject({
    status: 500,
    json: { code: 1001, description: 'Invalid input JSON' },
  })
  expect(await bulk(sandbox, body)).toMatchObject({ status: 429, json: { code: 429 } })
})

it('is let in again when the throttle window is over', async () => {
  let time = 0
  const settings = { webex: { throttle: { calls: 1, windowMs: 1000 } } }
  const sandbox = await openSandbox({ now: () => time, settings })
  const body = { requests: [entry('A')] }
  expect((await bulk(sandbox, body)).status).toBe(200)
  expect((await bulk(sandbox, body)).status).toBe(429)
  time = 1000
  expect((await bulk(sandbox, body)).status).toBe(200)
})

it('tells of a single failure as the call’s, of nothing but the count, or with numeric statuses, as it is set', async () => {
  const sandbox = await openSandbox()
  const missing = { upsert: '2', requests: [entry('A')] }
  sandbox.configure('webex', { recordAnswers: 'codeForOne' })
  expect(await bulk(sandbox, missing)).toMatchObject({ status: 200, json: { code: 7200 } })
  expect(statuses(await bulk(sandbox, { upsert: '2', requests: [entry('A'), entry('B')] }))).toEqual(['7200', '7200'])
  sandbox.configure('webex', { recordAnswers: 'none' })
  const { json } = await bulk(sandbox, missing)
  expect(Object.keys(json)).toEqual(['transaction-id', 'request-id', 'update-count'])
  sandbox.configure('webex', { recordAnswers: 'each', statusAs: 'number' })
  expect(statuses(await bulk(sandbox, missing))).toEqual([7200])
})

it('takes an asynchronous call in, is pending as often as it is set, and then gives the count and the error file', async () => {
  const sandbox = await openSandbox({ settings: { webex: { asynchronous: true, pendingPolls: 2 } } })
  const accepted = await bulk(sandbox, { requests: [entry('A'), entry('B', { shoesize: '1' }), entry('C')] })
  expect(Object.keys(accepted.json)).toEqual(['transaction-id', 'request-id'])
  const id = accepted.json['request-id']
  const pending = { status: 200, json: { code: 1010, description: 'The request was not processed.' } }
  expect(await status(sandbox, id)).toMatchObject(pending)
  expect(await status(sandbox, id)).toMatchObject(pending)
  const { json } = await status(sandbox, id)
  expect(json).toEqual({ 'request-id': id, 'update-count': 2, 'error-file': `/exports/${id}_error.csv` })
  const file = await sandbox.call(`/webex${json['error-file']}`, { headers })
  expect(file.headers.get('content-type')).toBe('text/csv')
  expect(file.text).toBe(
    'Code,Description,Index\r\n7029,"Profile Attribute in update mentioned does not exist: \\"shoesize\\", not in this profile",2\r\n',
  )
  expect((await sandbox.call(`/webex${json['error-file']}`)).status).toBe(401)
  expect((await sandbox.call('/webex/exports/1_error.csv', { headers })).status).toBe(404)
})

it('has no error file when nothing failed', async () => {
  const sandbox = await openSandbox({ settings: { webex: { asynchronous: true, pendingPolls: 0 } } })
  const accepted = await bulk(sandbox, { requests: [entry('A')] })
  const id = accepted.json['request-id']
  expect((await status(sandbox, id)).json).toEqual({ 'request-id': id, 'update-count': 1 })
})

it('gives the error file inline, as a path or as a URL, in each style that its page can be read to mean', async () => {
  const sandbox = await openSandbox({ settings: { webex: { errorFile: 'inline', errorFileStyle: 'bare' } } })
  const failing = { upsert: '2', requests: [entry('A'), entry('B', { 'a"b': '1' })] }
  const errorFile = async () => {
    const { json } = await bulk(sandbox, failing)
    return (await status(sandbox, json['request-id'])).json['error-file']
  }
  expect(await errorFile()).toBe('Code,Description,Index\r\n7200 , Failed, 1\r\n7029 , Failed, 2\r\n')
  sandbox.configure('webex', { errorFileStyle: 'doubled' })
  expect(await errorFile()).toContain('does not exist: ""a""b"", not in this profile",2\r\n')
  sandbox.configure('webex', { errorFile: 'url' })
  const url = await errorFile()
  expect(url).toMatch(new RegExp(`^${sandbox.url}/webex/exports/\\d+_error.csv$`))
  expect((await sandbox.call(url.slice(sandbox.url.length), { headers })).text).toContain('7200')
  sandbox.configure('webex', { errorFileOrigin: 'https://elsewhere.example' })
  expect(await errorFile()).toMatch(/^https:\/\/elsewhere\.example\/exports\/\d+_error\.csv$/)
})

it('answers a status with the documented codes: unknown request, unknown or mismatched profile, wrong method', async () => {
  const sandbox = await openSandbox()
  expect(await status(sandbox, '12345')).toMatchObject({ status: 200, json: { code: 1010 } })
  expect((await status(sandbox, '12345?profile-id=99')).json.code).toBe(3005)
  expect((await status(sandbox, '12345?profile-id=11&profile-name=accounts')).json.code).toBe(7031)
  expect(await status(sandbox, '12345', { method: 'POST' })).toMatchObject({ status: 405, json: { code: 405 } })
  expect(await status(sandbox, '12345', { headers: {} })).toMatchObject({ status: 401, json: { code: 498 } })
})
