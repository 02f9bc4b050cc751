import { describe, expect, test } from 'vitest'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { callOf, cannedAdapter, fatesOf, fixture, settledFates } from './dengage-bench.ts'

const answer = () => ({ body: fixture('upsert-answer') })
const ada: ProfileRecord = {
  key: 'C-1',
  firstName: 'Ada',
  lastName: 'King',
  email: 'ada@example.com',
  emailPermission: true,
}

describe('a request', () => {
  test('is BulkUpsert in the names of its reference, after a login', async () => {
    const { adapter, sent } = cannedAdapter([answer()])
    await fatesOf(adapter, [ada])
    expect(sent.map(({ path }) => path)).toEqual(['/rest/login', '/rest/bulk/contacts'])
    expect(sent[0]?.body).toEqual(fixture('login-request'))
    expect(sent[1]?.body).toEqual(fixture('upsert-request'))
    expect(sent[1]?.headers.get('authorization')).toBe('Bearer token-1')
    expect(sent[1]?.headers.get('content-type')).toBe('application/json')
  })

  test('carries every column in its own type: gsm in digits, statuses A and P, permissions as booleans', async () => {
    const { adapter, sent } = cannedAdapter([answer()])
    const everything: ProfileRecord = {
      ...ada,
      email: 'Ada@Example.com',
      emailStatus: 'ACTIVE',
      phone: '+905351234567',
      phonePermission: false,
      phoneStatus: 'PASSIVE',
      status: 'ACTIVE',
      gender: 'female',
      birthDate: '1815-12-10',
      subscriptionDate: '2026-01-31',
      attributes: { vip: true, loyalty_points: 12 },
    }
    await adapter.submit(await callOf(adapter, [everything], { upsert: 'UPDATE_ONLY', onInvalid: 'REJECT_ALL' }))
    expect(sent[1]?.body).toEqual(fixture('upsert-every-column-request'))
  })

  test('renames with new_contact_key, and then inserts nothing', async () => {
    const { adapter, sent } = cannedAdapter([answer()])
    await fatesOf(adapter, [{ key: 'C-1', newKey: 'C-9', firstName: 'Ada' }], { upsert: 'UPDATE_ONLY' })
    expect(sent[1]?.body).toEqual(fixture('rename-request'))
  })

  test('says null where something is cleared, and nothing where it is left out', async () => {
    const { adapter, sent } = cannedAdapter([answer()])
    await fatesOf(adapter, [{ key: 'C-1', lastName: null, attributes: { city: null } }], { nulls: 'CLEAR' })
    expect(sent[1]?.body).toMatchObject({
      columns: ['contact_key', 'city', 'surname'],
      contactDatas: [{ contact_key: 'C-1', city: null, surname: null }],
    })
  })

  test('writes fields and attributes to the columns that the configuration names', async () => {
    const fields = { firstName: 'given_name', 'attributes.size': 'shoe_size' }
    const { adapter, sent } = cannedAdapter([answer()], { configuration: { fields } })
    await fatesOf(adapter, [{ key: 'C-1', firstName: 'Ada', attributes: { size: '38' } }])
    expect(sent[1]?.body).toMatchObject({
      columns: ['contact_key', 'given_name', 'shoe_size'],
      contactDatas: [{ contact_key: 'C-1', given_name: 'Ada', shoe_size: '38' }],
    })
  })

  test('is refused as a defect when its records are of different columns or one key', async () => {
    const { adapter } = cannedAdapter([])
    const mixed = await callOf(adapter, [ada, { key: 'C-2', firstName: 'Alan' }])
    await expect(adapter.submit(mixed)).rejects.toThrow(TypeError)
    const twice = await callOf(adapter, [ada, ada])
    await expect(adapter.submit(twice)).rejects.toThrow(TypeError)
  })

  test('is told of right before it leaves, not before its login', async () => {
    const { adapter, sent } = cannedAdapter([answer()])
    const before: number[] = []
    await fatesOf(adapter, [ada], {}, { sending: () => before.push(sent.length) })
    expect(before).toEqual([1])
  })
})

test('an answer says of each record what became of it, with the transaction', async () => {
  const { adapter } = cannedAdapter([answer()])
  const born = { emailPermission: true, birthDate: '1912-06-23', phone: '+905351234567', phonePermission: true }
  const records = ['C-1', 'C-2', 'C-3'].map((key) => ({ key, ...born }))
  const answered = await adapter.submit(await callOf(adapter, records))
  expect(answered.vendorRequestId).toBe('0b9a3f0e-6a52-4f0f-8d0b-9a7b1f5d2c11')
  expect(settledFates(answered)).toEqual([
    { outcome: 'CREATED', vendorTransactionId: answered.vendorRequestId },
    {
      outcome: 'UPDATED',
      vendorTransactionId: answered.vendorRequestId,
      warnings: [
        { code: 'STATUS_REACTIVATED', field: 'phoneStatus', message: expect.stringContaining('If phone changed') },
        {
          code: 'VALUE_DEFAULTED',
          field: 'phone',
          message: expect.stringContaining('did not take phone'),
          vendorMessage: 'C-2 gsm value is invalid. Default value is used!',
        },
      ],
    },
    {
      outcome: 'FAILED',
      vendorTransactionId: answered.vendorRequestId,
      errors: [
        {
          code: 'INVALID_VALUE',
          field: 'birthDate',
          message: expect.stringContaining('birth_date value is invalid'),
          vendorMessage: 'C-3 birth_date value is invalid.',
        },
      ],
    },
  ])
})
