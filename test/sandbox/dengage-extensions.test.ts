import { expect, it } from 'vitest'
import { columnsOf, type Fields, insert, stored, upsertExtensions } from './dengage-bench.ts'
import { openSandbox } from './open-sandbox.ts'

it('inserts extensions of contacts that there are, and updates name and permission', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A' })
  const extension = { contact_key: 'A', address: 'Ada@Work.com', channel: 'E', name: 'Work Email', permission: false }
  const inserted = await upsertExtensions(sandbox, [extension], { insertIfNotExists: true })
  expect(inserted.json).toMatchObject({
    code: 0,
    data: { inserted: ['A'], updated: [], errors: [], warnings: [] },
  })
  expect(stored(sandbox, 'A')).toMatchObject({
    extensions: [{ contactKey: 'A', address: 'ada@work.com', channel: 'E', name: 'Work Email', permission: false }],
  })
  const updated = await upsertExtensions(sandbox, [{ contact_key: 'A', address: 'ADA@work.com', permission: true }])
  expect(updated.json.data).toMatchObject({ inserted: [], updated: ['A'] })
  expect(stored(sandbox, 'A')).toMatchObject({ extensions: [{ permission: true, name: 'Work Email' }] })
  const unknown = await upsertExtensions(sandbox, [{ contact_key: 'A', address: 'other@work.com', permission: true }])
  expect(unknown.json.data).toEqual({ inserted: [], updated: [], errors: [], warnings: [] })
})

it.each([
  ['unknown columns', [{ contact_key: 'A', address: 'x', email: 'x' }], {}, 'Column does not exist: email'],
  ['columns without address', [{ contact_key: 'A' }], {}, 'address'],
  [
    'new addresses beside inserts',
    [{ contact_key: 'A', address: 'x', channel: 'E', new_address: 'y' }],
    { insertIfNotExists: true },
    'new_address',
  ],
  [
    'new keys beside inserts, listed or not',
    [{ contact_key: 'A', address: 'x', new_contact_key: 'y' }],
    { insertIfNotExists: true, columns: ['contact_key', 'address'] },
    'new_contact_key',
  ],
  ['new addresses without channel', [{ contact_key: 'A', address: 'x', new_address: 'y' }], {}, 'channel'],
])('refuses a whole call of extensions for %s', async (_, records, options, part) => {
  const sandbox = await openSandbox()
  const answer = await upsertExtensions(sandbox, records, options)
  expect(answer).toMatchObject({ status: 400, json: { code: 1, message: expect.stringContaining(part) } })
})

it.each([
  [
    'a contact that there is not',
    { contact_key: 'Z', address: 'z@work.com', channel: 'E' },
    'Z: contact_key Z does not exist',
  ],
  ['no address', { contact_key: 'A', address: '', channel: 'E' }, 'A: address value is invalid.'],
  ['an unknown channel', { contact_key: 'A', address: 'a@work.com', channel: 'X' }, 'A: channel value is invalid.'],
  ['no channel for a new one', { contact_key: 'A', address: 'new@work.com' }, 'A: channel is mandatory'],
  [
    'an address that is none of its channel',
    { contact_key: 'A', address: '905351234567', channel: 'E' },
    'A: address value',
  ],
  ['a phone that is none', { contact_key: 'A', address: 'a@work.com', channel: 'W' }, 'A: address value'],
  [
    'another channel than it has',
    { contact_key: 'A', address: 'old@work.com', channel: 'S' },
    'A: channel cannot be changed.',
  ],
  [
    'a type of another channel',
    { contact_key: 'A', address: 'a@work.com', channel: 'E', name: 'Work Phone' },
    'no extension type',
  ],
  [
    'a permission that is no boolean',
    { contact_key: 'A', address: 'a@work.com', channel: 'E', permission: 'yes' },
    'A: permission value',
  ],
])('takes %s for an error of its extension', async (_, record, part) => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A' })
  const old = { contact_key: 'A', address: 'old@work.com', channel: 'E' }
  const other = { ...old, address: 'other@work.com' }
  await upsertExtensions(sandbox, [old, other], { insertIfNotExists: true })
  const refused = await upsertExtensions(sandbox, [record], { insertIfNotExists: true })
  expect(refused).toMatchObject({ status: 400, json: { code: 11, message: expect.stringContaining(part) } })
  const options = { insertIfNotExists: true, throwExceptionIfInvalidRecord: false, columns: columnsOf([old, record]) }
  const { json } = await upsertExtensions(sandbox, [record, { ...other, name: null, permission: true }], options)
  expect(json.data).toMatchObject({ inserted: [], updated: ['A'], errors: [expect.stringContaining(part)] })
})

it('moves an extension to another address or contact, unless that pair is taken', async () => {
  const sandbox = await openSandbox()
  await insert(sandbox, { contact_key: 'A' }, { contact_key: 'B' })
  const insertions = ['one@work.com', 'two@work.com'].map((address) => ({ contact_key: 'A', address, channel: 'E' }))
  await upsertExtensions(sandbox, insertions, { insertIfNotExists: true })
  const move = {
    contact_key: 'A',
    address: 'one@work.com',
    channel: 'E',
    new_address: 'Three@work.com',
    new_contact_key: 'B',
  }
  expect((await upsertExtensions(sandbox, [move])).json.data.updated).toEqual(['A'])
  expect(stored(sandbox, 'B')).toMatchObject({ extensions: [{ contactKey: 'B', address: 'three@work.com' }] })
  const refuse = async (change: Fields) => {
    const record = { contact_key: 'A', address: 'two@work.com', channel: 'E', ...change }
    return (await upsertExtensions(sandbox, [record])).json.message
  }
  expect(await refuse({ new_address: 'three@work.com', new_contact_key: 'B' })).toContain('already exists')
  expect(await refuse({ new_address: '905351234567' })).toContain('new_address value is invalid')
  expect(await refuse({ new_contact_key: 'Z' })).toContain('new_contact_key Z does not exist')
  expect(await refuse({ channel: null, new_address: 'four@work.com' })).toContain('channel is mandatory')
})
