import { expect, it } from 'vitest'
import { insert, stored, upsert, upsertExtensions } from './dengage-bench.ts'
import { openSandbox } from './open-sandbox.ts'

it('inserts and updates, and lists the keys of each', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'B', name: 'Bob' })
  const answer = await insert(
    sandbox,
    { contact_key: 'A', name: 'Ada', email: 'Ada@Example.COM', gsm: '905351234567', birth_date: '1990-02-28' },
    { contact_key: 'B', name: 'Bo', email: 'bo@example.com', gsm: '905351234568', birth_date: null },
  )
  expect(answer.status).toBe(200)
  expect(answer.json).toEqual({
    transactionId: expect.any(String),
    code: 0,
    message: 'Successful',
    data: { inserted: ['A'], updated: ['B'], errors: [], warnings: [] },
  })
  expect(stored(sandbox, 'A')).toMatchObject({
    name: 'Ada',
    email: 'ada@example.com',
    gsm: '905351234567',
    birth_date: '1990-02-28',
    surname: '',
    gender: null,
    contact_status: 'A',
    email_permission: true,
    gsm_permission: true,
    email_status: 'A',
    extensions: [],
  })
})

it('by default updates alone, and passes over in silence what it does not know', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A', name: 'Ada' })
  const answer = await upsert(sandbox, [
    { contact_key: 'A', name: 'Ida' },
    { contact_key: 'B', name: 'Bob' },
  ])
  expect(answer.json.data).toEqual({ inserted: [], updated: ['A'], errors: [], warnings: [] })
  expect(stored(sandbox, 'B')).toBeUndefined()
})

it('writes the listed columns alone, and resets a listed one that a record lacks', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A', name: 'Ada', surname: 'King', city: 'London' })
  const contactDatas = [{ contact_key: 'A', surname: 'Byron', city: 'Paris' }]
  await upsert(sandbox, contactDatas, { columns: ['contact_key', 'name', 'city'] })
  expect(stored(sandbox, 'A')).toMatchObject({ name: '', surname: 'King', city: 'Paris' })
})

it.each([
  ['unknown columns', { columns: ['contact_key', 'shoe', 'hat'] }, 'Column does not exist: shoe, hat'],
  [
    'unknown columns, invalid records or not',
    { columns: ['contact_key', 'shoe'], throwExceptionIfInvalidRecord: false },
    'shoe',
  ],
  ['a column that is not import-enabled', { columns: ['contact_key', 'rfm_segment'] }, 'rfm_segment'],
  ['columns without contact_key', { columns: ['name'] }, 'contact_key'],
  ['no columns', { columns: [] }, 'columns'],
  [
    'a new key beside inserts',
    { columns: ['contact_key', 'new_contact_key'], insertIfNotExists: true },
    'new_contact_key',
  ],
  ['no records', { contactDatas: [] }, 'contactDatas'],
  ['1001 records', { contactDatas: Array.from({ length: 1001 }, (_, index) => ({ contact_key: `${index}` })) }, '1000'],
  ['a flag that is no boolean', { insertIfNotExists: 'true' }, 'insertIfNotExists'],
  ['a misspelt parameter', { contactData: [] }, 'contactData'],
])('refuses the whole call for %s', async (_, change, part) => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A', name: 'Ada' })
  const answer = await upsert(sandbox, [{ contact_key: 'A', name: 'Ida' }], change)
  expect(answer).toMatchObject({ status: 400, json: { code: 1, message: expect.stringContaining(part) } })
  expect(stored(sandbox, 'A')).toMatchObject({ name: 'Ada' })
})

it('takes 1,000 records', async () => {
  const sandbox = await openSandbox()
  const records = Array.from({ length: 1000 }, (_, index) => ({ contact_key: `C-${index}` }))
  expect((await insert(sandbox, ...records)).json.data.inserted).toHaveLength(1000)
})

it.each([
  ['birth_date', '1990-02-30'],
  ['birth_date', '1990-02-28T00:00:00Z'],
  ['subscription_date', 5],
  ['contact_status', 'X'],
  ['email_status', 'active'],
  ['gsm_status', ''],
  ['email_permission', 'true'],
  ['gsm_permission', 1],
  ['name', 'x'.repeat(101)],
  ['surname', 'x'.repeat(101)],
  ['gender', 'x'.repeat(101)],
  ['email', `${'x'.repeat(250)}@a.com`],
  ['gsm', '9'.repeat(21)],
  ['name', 5],
  ['loyalty_points', '1.5'],
  ['balance', 'much'],
  ['vip', 'yes'],
  ['last_order_date', '2025-13-01'],
])('takes %s = %j for an error of its record', async (column, value) => {
  const sandbox = await openSandbox()
  const records = [
    { contact_key: 'A', [column]: value },
    { contact_key: 'B', [column]: null },
  ]
  const refused = await insert(sandbox, ...records)
  expect(refused).toMatchObject({ status: 400, json: { code: 11, message: expect.stringContaining(`A: ${column}`) } })
  expect(sandbox.profiles('dengage')).toEqual([])
  const { json } = await upsert(sandbox, records, { insertIfNotExists: true, throwExceptionIfInvalidRecord: false })
  expect(json.data).toMatchObject({ inserted: ['B'], errors: [expect.stringMatching(`^A: ${column} `)], warnings: [] })
})

it('stores custom columns by their type', async () => {
  const sandbox = await openSandbox()
  const values = { loyalty_points: '12', balance: '10.50', vip: false, last_order_date: '2025-01-31 10:20' }
  await insert(sandbox, { contact_key: 'A', ...values })
  expect(stored(sandbox, 'A')).toMatchObject({ ...values, loyalty_points: 12 })
})

it('puts the default in place of an invalid number or e-mail, and warns', async () => {
  const sandbox = await openSandbox({ settings: { dengage: { invalidGsm: ['905550000000'] } } })
  const answer = await insert(
    sandbox,
    { contact_key: 'A', gsm: '+90 535', email: 'not one' },
    { contact_key: 'B', gsm: '905550000000', email: 'b@example.com' },
  )
  expect(answer.json.data).toMatchObject({
    inserted: ['A', 'B'],
    errors: [],
    warnings: [
      'A: gsm value is invalid. Default value is used!',
      'A: email value is invalid. Default value is used!',
      'B: gsm value is invalid. Default value is used!',
    ],
  })
  expect(stored(sandbox, 'A')).toMatchObject({ gsm: '', email: '' })
})

it('tells of a record without a key by its place, and leaves keys out of messages where it is set so', async () => {
  const sandbox = await openSandbox()
  const records = [{ name: 'x' }, { contact_key: '', name: 'x' }, { contact_key: 'C', name: 5 }]
  const options = { insertIfNotExists: true, throwExceptionIfInvalidRecord: false }
  const errors = async () => (await upsert(sandbox, records, options)).json.data.errors
  expect(await errors()).toEqual([
    'Record 1: contact_key value is invalid.',
    'Record 2: contact_key value is invalid.',
    'C: name value is invalid.',
  ])
  sandbox.configure('dengage', { keylessMessages: true })
  expect(await errors()).toEqual([
    'contact_key value is invalid.',
    'contact_key value is invalid.',
    'name value is invalid.',
  ])
})

it('activates a changed address whatever the record states, and an unchanged one not', async () => {
  const sandbox = await openSandbox()
  const passive = { email_status: 'P', gsm_status: 'P' }
  const address = { email: 'a@example.com', gsm: '905351234567' }
  await insert(sandbox, { contact_key: 'A', ...address, ...passive })
  expect(stored(sandbox, 'A')).toMatchObject({ email_status: 'A', gsm_status: 'A' })
  await upsert(sandbox, [{ contact_key: 'A', ...passive }])
  expect(stored(sandbox, 'A')).toMatchObject(passive)
  await upsert(sandbox, [{ contact_key: 'A', email: 'A@EXAMPLE.com', gsm: address.gsm }])
  expect(stored(sandbox, 'A')).toMatchObject(passive)
  await upsert(sandbox, [{ contact_key: 'A', email: 'b@example.com', ...passive }])
  expect(stored(sandbox, 'A')).toMatchObject({ email_status: 'A', gsm_status: 'P' })
})

it('takes the last of several records with one key', async () => {
  const sandbox = await openSandbox()
  const answer = await insert(sandbox, { contact_key: 'A', name: '1' }, { contact_key: 'A', name: '2' })
  expect(answer.json.data.inserted).toEqual(['A'])
  expect(stored(sandbox, 'A')).toMatchObject({ name: '2' })
})

it('renames a contact, its extensions with it, but never onto a key that there is', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A' }, { contact_key: 'B' })
  await upsertExtensions(sandbox, [{ contact_key: 'A', address: 'a@work.com', channel: 'E' }], {
    insertIfNotExists: true,
  })
  const renamed = await upsert(sandbox, [{ contact_key: 'A', new_contact_key: 'C' }])
  expect(renamed.json.data.updated).toEqual(['A'])
  expect(stored(sandbox, 'A')).toBeUndefined()
  expect(stored(sandbox, 'C')).toMatchObject({ contact_key: 'C', extensions: [{ contactKey: 'C' }] })
  const taken = await upsert(sandbox, [{ contact_key: 'B', new_contact_key: 'C' }])
  expect(taken).toMatchObject({ status: 400, json: { code: 11, message: expect.stringContaining('already exists') } })
  const same = await upsert(sandbox, [{ contact_key: 'B', new_contact_key: 'B' }])
  expect(same.json.data.updated).toEqual(['B'])
})
