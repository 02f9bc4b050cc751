import { describe, expect, test } from 'vitest'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { callOf, cannedAdapter, fatesOf, fixture, rejection } from './dengage-bench.ts'

const updateOnly = { upsert: 'UPDATE_ONLY' } as const

const named = (...keys: string[]): ProfileRecord[] => keys.map((key) => ({ key, firstName: 'Ada' }))
const withPhone = (...keys: string[]): ProfileRecord[] =>
  keys.map((key) => ({ key, phone: '+905351234567', phonePermission: true, phoneStatus: 'ACTIVE' }))

const fatesFor = (
  data: unknown,
  records: readonly ProfileRecord[],
  change: Partial<ProfileUpsertOptions> = updateOnly,
  repeated = false,
) => fatesOf(cannedAdapter([{ body: { code: 0, message: 'Successful', data } }]).adapter, records, change, { repeated })

const outcomes = async (...given: Parameters<typeof fatesFor>) =>
  (await fatesFor(...given)).map(({ outcome }) => outcome)

/** The error of a call that is answered with this body. */
async function callError(status: number, body: unknown, records = named('C-1', 'C-2'), headers = {}) {
  const { adapter } = cannedAdapter(Array.from({ length: 2 }, () => ({ status, body, headers })))
  return rejection(adapter.submit(await callOf(adapter, records)))
}

describe('the four lists', () => {
  test('are read from the top of the answer where there is no data', async () => {
    const { adapter } = cannedAdapter([{ body: { inserted: ['C-1'], updated: ['C-2'] } }])
    const fates = await fatesOf(adapter, named('C-1', 'C-2'))
    expect(fates.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UPDATED'])
  })

  test('may hold numbers and objects, and a code that is a text', async () => {
    const { adapter } = cannedAdapter([
      {
        body: {
          code: '0',
          data: {
            inserted: [17],
            updated: [{ contact_key: 'C-2' }],
            errors: [{ contactKey: 'C-3', message: 'name value is invalid.' }],
          },
        },
      },
    ])
    const fates = await fatesOf(adapter, named('17', 'C-2', 'C-3'))
    expect(fates.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UPDATED', 'FAILED'])
    expect(fates[2]?.errors).toMatchObject([{ vendorMessage: 'name value is invalid.', field: 'firstName' }])
  })

  test('leave out what is passed over: PROFILE_NOT_FOUND where nothing may be created, unknown otherwise', async () => {
    const data = { inserted: [], updated: ['C-2'], errors: [], warnings: [] }
    expect(await fatesFor(data, named('C-1', 'C-2'))).toMatchObject([
      { outcome: 'SKIPPED', errors: [{ code: 'PROFILE_NOT_FOUND', field: 'key' }] },
      { outcome: 'UPDATED' },
    ])
    expect(await fatesFor(data, named('C-1', 'C-2'), {})).toMatchObject([
      { outcome: 'UNKNOWN', errors: [{ code: 'NO_ANSWER' }] },
      { outcome: 'UPDATED' },
    ])
  })

  test('do not make a record written that a warning alone names', async () => {
    const data = { updated: [], warnings: ['C-1: gsm value is invalid. Default value is used!'] }
    expect(await outcomes(data, withPhone('C-1'))).toEqual(['SKIPPED'])
  })

  test('tell of a renamed contact by its old key or its new one', async () => {
    const records = [
      { key: 'C-1', newKey: 'C-8' },
      { key: 'C-2', newKey: 'C-9' },
    ]
    expect(await outcomes({ updated: ['C-1', 'C-9'] }, records)).toEqual(['UPDATED', 'UPDATED'])
  })

  test('name no key that was not sent', async () => {
    expect(await outcomes({ updated: ['C-1', 'C-7'] }, named('C-1', 'C-2'))).toEqual(['UPDATED', 'SKIPPED'])
  })

  test('are no answer where none of them is there', async () => {
    for (const body of [{ code: 0, message: 'Successful' }, { code: 0, data: {} }, {}, 'Successful']) {
      expect(await callError(200, body)).toMatchObject({ fault: 'NO_ANSWER' })
    }
  })
})

describe('a message', () => {
  test('belongs to the record whose key it begins with, however the key is set off', async () => {
    for (const text of ['C-1: bad', '"C-1" bad', '[C-1] bad', 'C-1, bad', 'C-1 bad']) {
      expect(await outcomes({ errors: [text] }, named('C', 'C-1', '1'))).toEqual(['SKIPPED', 'FAILED', 'SKIPPED'])
    }
  })

  test('belongs to a key with spaces before one that is part of it', async () => {
    const data = { errors: ['Ada King: name value is invalid.'] }
    expect(await outcomes(data, named('Ada', 'Ada King'))).toEqual(['SKIPPED', 'FAILED'])
  })

  test('belongs to the key within it where it begins with none', async () => {
    const data = { errors: ['The record with contact_key C-2 has an invalid name.'] }
    expect(await outcomes(data, named('C-1', 'C-2'))).toEqual(['SKIPPED', 'FAILED'])
  })

  test('is not about a written record because of a word that is its key by chance', async () => {
    const data = { updated: ['255'], errors: ['name is longer than 255 characters'] }
    expect(await fatesFor(data, named('255', 'C-2'))).toMatchObject([
      { outcome: 'UPDATED' },
      { outcome: 'FAILED', errors: [{ vendorMessage: 'name is longer than 255 characters' }] },
    ])
  })

  test('without a key fails those that nothing else accounts for, where that is certain', async () => {
    const data = { inserted: ['C-1'], errors: ['name value is invalid.', 'name value is invalid.'] }
    expect(await outcomes(data, named('C-1', 'C-2', 'C-3'), {})).toEqual(['CREATED', 'FAILED', 'FAILED'])
    expect(await outcomes(data, named('C-1', 'C-2', 'C-3', 'C-4'), {})).toEqual([
      'CREATED',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ])
    expect(await outcomes(data, named('C-1', 'C-2', 'C-3', 'C-4'))).toEqual(['CREATED', 'FAILED', 'FAILED', 'FAILED'])
  })

  test('that speaks of a new key which is there already is KEY_TAKEN', async () => {
    const data = { errors: ['C-1: new_contact_key C-2 already exists.'] }
    expect(await fatesFor(data, [{ key: 'C-1', newKey: 'C-2' }])).toMatchObject([
      { outcome: 'FAILED', errors: [{ code: 'KEY_TAKEN', field: 'newKey' }] },
    ])
  })

  test('that names no column is the reason of D·engage alone', async () => {
    expect(await fatesFor({ errors: ['C-1 is blocked'] }, named('C-1'))).toMatchObject([
      { outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', vendorMessage: 'C-1 is blocked' }] },
    ])
  })
})

describe('a warning', () => {
  test('of a default is VALUE_DEFAULTED, any other DESTINATION_WARNING', async () => {
    const warnings = ['C-1 gsm value is invalid. Default value is used!', 'C-2 is on a block list']
    expect(await fatesFor({ updated: ['C-1', 'C-2'], warnings }, withPhone('C-1', 'C-2'))).toMatchObject([
      { warnings: [{ code: 'VALUE_DEFAULTED', field: 'phone' }] },
      { warnings: [{ code: 'DESTINATION_WARNING', vendorMessage: 'C-2 is on a block list' }] },
    ])
  })

  test('without a key is the only record’s own, and else said to each that it may be about', async () => {
    const warnings = ['gsm value is invalid. Default value is used!']
    expect(await fatesFor({ updated: ['C-1'], warnings }, withPhone('C-1'))).toMatchObject([
      { warnings: [{ code: 'VALUE_DEFAULTED', field: 'phone' }] },
    ])
    expect(await fatesFor({ updated: ['C-1', 'C-2'], warnings }, withPhone('C-1', 'C-2'))).toMatchObject([
      { warnings: [{ code: 'DESTINATION_WARNING', message: expect.stringContaining('without naming which') }] },
      { warnings: [{ code: 'DESTINATION_WARNING' }] },
    ])
  })
})

describe('a permission that a record leaves out', () => {
  const email = { email: 'ada@example.com', emailStatus: 'ACTIVE' } as const

  test('is a warning where the contact is new', async () => {
    const records = ['C-1', 'C-2'].map((key) => ({ key, ...email }))
    const data = { inserted: ['C-1'], updated: ['C-2'] }
    const [created, updated] = await fatesFor(data, records, {})
    expect(created?.warnings?.map(({ code, field }) => [code, field])).toEqual([
      ['PERMISSION_DEFAULTED', 'emailPermission'],
      ['PERMISSION_DEFAULTED', 'phonePermission'],
    ])
    expect(updated?.warnings).toBeUndefined()
  })

  test('is a warning too where an earlier attempt may have made the contact', async () => {
    const [fate] = await fatesFor({ updated: ['C-1'] }, [{ key: 'C-1', ...email }], {}, true)
    expect(fate).toMatchObject({ outcome: 'UPDATED', warnings: [{ code: 'PERMISSION_DEFAULTED' }, {}] })
  })

  test('is a warning for an address that the contact may get later, too', async () => {
    const record = { key: 'C-1', ...email, emailPermission: false }
    const [fate] = await fatesFor({ inserted: ['C-1'] }, [record], {})
    expect(fate?.warnings?.map(({ code, field }) => [code, field])).toEqual([
      ['PERMISSION_DEFAULTED', 'phonePermission'],
    ])
    const both = { ...record, phonePermission: false }
    expect(await fatesFor({ inserted: ['C-1'] }, [both], {})).toEqual([{ outcome: 'CREATED' }])
  })
})

describe('a call that is refused', () => {
  test('with code 1 and its columns is UNKNOWN_ATTRIBUTE', async () => {
    const records = [{ key: 'C-1', attributes: { city: 'Paris', plan_id: '7' } }]
    expect(await callError(400, fixture('unknown-columns-answer'), records)).toMatchObject({
      fault: 'REFUSED',
      message: expect.stringMatching(/city, plan_id .*fields/),
      details: {
        code: 'UNKNOWN_ATTRIBUTE',
        vendorCode: '1',
        vendorMessage: 'Column does not exist: city, msisdn, plan_id',
        vendorRequestId: '5c0f1d52-3f0b-4f43-9a7e-5b2f6a1c7d90',
      },
    })
  })

  test('with code 1 for another reason is DESTINATION_REJECTED', async () => {
    for (const message of ['contactDatas: too many', 'columns must contain contact_key', undefined]) {
      expect(await callError(400, { code: 1, message })).toMatchObject({
        fault: 'REFUSED',
        details: { code: 'DESTINATION_REJECTED', vendorCode: '1' },
      })
    }
  })

  test('with code 11 and a key fails that record with INVALID_VALUE, the others because of it', async () => {
    const message = 'C-3: name value is invalid. C-1: name value is longer than 100 characters.'
    const { adapter } = cannedAdapter([{ status: 400, body: { code: '11', message, transactionId: 't-1' } }])
    const fates = await fatesOf(adapter, named('C-1', 'C-2', 'C-3', '100'), { onInvalid: 'REJECT_ALL' })
    const invalid = { code: 'INVALID_VALUE', field: 'firstName', vendorCode: '11' }
    expect(fates).toMatchObject([
      { outcome: 'FAILED', errors: [{ ...invalid, vendorMessage: 'C-1: name value is longer than 100 characters.' }] },
      { outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', vendorCode: '11', vendorMessage: message }] },
      { outcome: 'FAILED', errors: [{ ...invalid, vendorMessage: 'C-3: name value is invalid.' }] },
      { outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED' }], vendorTransactionId: 't-1' },
    ])
  })

  test('with code 11 may name its records in the list of errors', async () => {
    const data = { errors: ['C-2 name value is invalid.', { contact_key: 'C-3', message: 'no' }] }
    const { adapter } = cannedAdapter([{ status: 400, body: { code: 11, message: 'Validation failed', data } }])
    const fates = await fatesOf(adapter, named('C-1', 'C-2', 'C-3'))
    expect(fates.map(({ errors }) => [errors?.[0]?.code, errors?.[0]?.vendorMessage])).toEqual([
      ['DESTINATION_REJECTED', expect.stringContaining('Validation failed')],
      ['INVALID_VALUE', 'C-2 name value is invalid.'],
      ['INVALID_VALUE', 'C-3: no'],
    ])
  })

  test('with code 11 and no key may be refused for any one record', async () => {
    expect(await callError(400, { code: 11, message: 'birth_date value is invalid.' })).toMatchObject({
      fault: 'REFUSED_FOR_A_RECORD',
      details: { code: 'DESTINATION_REJECTED', vendorCode: '11' },
    })
  })

  test('with any other code is final, with the code and the text', async () => {
    expect(await callError(400, { code: 77, message: 'no' })).toMatchObject({
      fault: 'REFUSED',
      details: { code: 'DESTINATION_REJECTED', vendorCode: '77', vendorMessage: 'no' },
    })
  })

  test('is judged by its body before its status', async () => {
    const named1 = [{ key: 'C-1', attributes: { city: 'Paris' } }]
    expect(await callError(200, { code: 1, message: 'Column does not exist: city' }, named1)).toMatchObject({
      details: { code: 'UNKNOWN_ATTRIBUTE' },
    })
    expect(await callError(200, { code: 10, message: 'no' })).toMatchObject({ fault: 'FORBIDDEN' })
    expect(await callError(200, { code: 999, data: { inserted: [] } })).toMatchObject({ fault: 'NO_ANSWER' })
  })

  test('keeps no more of a long text than can be read', async () => {
    const error = await callError(400, { code: 77, message: 'no '.repeat(10_000) })
    expect(JSON.stringify(error).length).toBeLessThan(1500)
    expect(String(error).length).toBeLessThan(700)
  })

  test('with 500 and code 999 may have been applied', async () => {
    expect(await callError(500, { code: 999, message: 'UnexpectedError' })).toMatchObject({
      fault: 'NO_ANSWER',
      details: { code: 'NO_ANSWER', vendorCode: '999' },
    })
  })

  test('with 403 is FORBIDDEN, with a body or without', async () => {
    expect(await callError(403, '')).toMatchObject({ fault: 'FORBIDDEN', details: { code: 'DESTINATION_FORBIDDEN' } })
    const message = 'The operation is not allowed.'
    expect(await callError(403, { code: 10, message })).toMatchObject({
      fault: 'FORBIDDEN',
      details: { vendorCode: '10', vendorMessage: message },
    })
  })

  test('with 429 is THROTTLED, whatever its body', async () => {
    expect(await callError(429, 'slow down', undefined, { 'retry-after': '3' })).toMatchObject({
      fault: 'THROTTLED',
      details: { retryAfterMs: 3000 },
    })
  })
})
