import { describe, expect, test } from 'vitest'
import type { ConditionInput, ProfileInput } from '../../src/contract/input.ts'
import type { JsonValue } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { normaliseProfile } from '../../src/domain/normalise-profile.ts'
import { requestOptions } from './request-options.ts'

const normalise = (input: ProfileInput, options: Partial<ProfileUpsertOptions> = {}) =>
  normaliseProfile(input, requestOptions(options))

const recordOf = (input: ProfileInput, options: Partial<ProfileUpsertOptions> = {}) => {
  const normalised = normalise(input, options)
  if (!normalised.ok) throw new Error(JSON.stringify(normalised.errors))
  return normalised.record
}

const errorsOf = (input: ProfileInput, options: Partial<ProfileUpsertOptions> = {}) => {
  const normalised = normalise(input, options)
  return normalised.ok ? [] : normalised.errors.map(({ code, field }) => `${code} ${field}`)
}

const clear = { nulls: 'CLEAR' } as const
const city: ConditionInput = { attribute: 'city', operator: 'EQUALS', value: 'Rome', logical: 'AND' }

describe('an ordinary record', () => {
  test('is kept with its e-mail lower-cased and its phone in E.164, and nothing added', () => {
    expect(
      normalise({
        clientRef: 'row 1',
        key: 'k-1',
        email: ' Ada@Example.com ',
        emailPermission: true,
        emailStatus: 'PASSIVE',
        phone: '+1 (213) 373-4253',
        phonePermission: false,
        phoneStatus: 'ACTIVE',
        status: 'ACTIVE',
        firstName: ' Ada ',
        lastName: '',
        gender: 'female',
        birthDate: '1815-12-10',
        subscriptionDate: '2026-01-01',
        attributes: { points: 7, interests: ['a', 'b'], vip: true, city: 'Rome' },
        extensions: [],
      }),
    ).toEqual({
      ok: true,
      warnings: [],
      record: {
        clientRef: 'row 1',
        key: 'k-1',
        email: 'ada@example.com',
        emailPermission: true,
        emailStatus: 'PASSIVE',
        phone: '+12133734253',
        phonePermission: false,
        phoneStatus: 'ACTIVE',
        status: 'ACTIVE',
        firstName: ' Ada ',
        lastName: '',
        gender: 'female',
        birthDate: '1815-12-10',
        subscriptionDate: '2026-01-01',
        attributes: { points: 7, interests: ['a', 'b'], vip: true, city: 'Rome' },
        extensions: [],
      },
    })
  })

  test('has no member that was left out', () => {
    expect(Object.keys(recordOf({ key: 'k' }))).toEqual(['key'])
  })

  test('can be normalised again without a change', () => {
    const record = recordOf({ key: 'k', email: 'A@B.co', phone: '+49 151 12345678', attributes: { a: null, b: 1 } })
    expect(recordOf(record)).toEqual(record)
  })

  test('says all that is wrong with it, not only the first', () => {
    expect(
      errorsOf({
        clientRef: '',
        key: 'x'.repeat(256),
        email: '',
        phone: '0151',
        firstName: 'x'.repeat(101),
        gender: 'a\0',
        birthDate: '2023-02-29',
        attributes: { a: { b: 1 }, c: [1] as JsonValue, d: 'half \ud800', e: Number.POSITIVE_INFINITY },
        extensions: [{ channel: 'EMAIL', address: 'nobody' }],
      }),
    ).toEqual([
      'INVALID_VALUE clientRef',
      'VALUE_TOO_LONG key',
      'INVALID_EMAIL email',
      'INVALID_PHONE phone',
      'VALUE_TOO_LONG firstName',
      'INVALID_VALUE gender',
      'INVALID_VALUE birthDate',
      'INVALID_VALUE attributes.a',
      'INVALID_VALUE attributes.c',
      'INVALID_VALUE attributes.d',
      'INVALID_VALUE attributes.e',
      'INVALID_EXTENSION extensions[0].address',
    ])
  })

  test('names the field in the message, and never repeats what cannot be stored', () => {
    const normalised = normalise({ key: 'k', email: 'x', attributes: { 'a\0': 1, [`\ud800${'n'.repeat(300)}`]: 2 } })
    if (normalised.ok) throw new Error('expected errors')
    expect(normalised.errors[0]?.message).toMatch(/^email is not an e-mail address/)
    expect(normalised.errors.map(({ field }) => field)).toEqual(['email', 'attributes', 'attributes'])
    const text = normalised.errors.map(({ message, field }) => message + field).join('')
    expect([text.includes('\0'), text.isWellFormed()]).toEqual([false, true])
  })

  test('may hold a thousand attributes and a hundred extensions, no more', () => {
    const attributes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, place) => [`a${place}`, 1]))
    const extensions = (count: number) =>
      Array.from({ length: count }, () => ({ channel: 'EMAIL' as const, address: 'a@b.co' }))
    expect(errorsOf({ key: 'k', attributes: attributes(1000), extensions: extensions(100) })).toEqual([])
    expect(errorsOf({ key: 'k', attributes: attributes(1001), extensions: extensions(101) })).toEqual([
      'INVALID_VALUE attributes',
      'INVALID_VALUE extensions',
    ])
  })
})

describe('null', () => {
  const nulls: ProfileInput = {
    clientRef: null,
    newKey: null,
    profileId: null,
    filter: null,
    email: null,
    emailPermission: null,
    emailStatus: null,
    phone: null,
    phonePermission: null,
    phoneStatus: null,
    status: null,
    firstName: null,
    lastName: null,
    gender: null,
    birthDate: null,
    subscriptionDate: null,
    attributes: null,
    extensions: null,
  }

  test('under IGNORE is left out', () => {
    expect(recordOf({ ...nulls, key: 'k' })).toEqual({ key: 'k' })
    expect(recordOf({ key: 'k', attributes: { a: null, b: 0 } })).toEqual({ key: 'k', attributes: { b: 0 } })
  })

  test('under CLEAR clears texts, dates and single attributes', () => {
    const input: ProfileInput = {
      key: 'k',
      email: null,
      phone: null,
      firstName: null,
      lastName: null,
      gender: null,
      birthDate: null,
      subscriptionDate: null,
      attributes: { a: null, b: 0 },
    }
    expect(recordOf({ ...input, clientRef: null }, clear)).toEqual(input)
  })

  test('under CLEAR is INVALID_VALUE where nothing can be cleared', () => {
    expect(errorsOf({ ...nulls, key: 'k' }, clear)).toEqual(
      [
        'newKey',
        'profileId',
        'filter',
        'emailPermission',
        'emailStatus',
        'phonePermission',
        'phoneStatus',
        'status',
        'attributes',
        'extensions',
      ].map((field) => `INVALID_VALUE ${field}`),
    )
  })

  test('is no value to match by', () => {
    expect(errorsOf({ email: null }, { ...clear, matching: 'EMAIL' })).toEqual(['MISSING_MATCH_VALUE email'])
    expect(errorsOf({ email: null, phone: '+4915112345678' }, { ...clear, matching: 'EMAIL_PHONE' })).toEqual([])
    expect(errorsOf({ key: null }, clear)).toEqual(['INVALID_VALUE key', 'MISSING_MATCH_VALUE key'])
    expect(errorsOf({ attributes: { no: null } }, { ...clear, matching: 'CUSTOM', matchingField: 'no' })).toEqual([
      'MISSING_MATCH_VALUE attributes.no',
    ])
  })

  test('an attribute called __proto__ stays an attribute', () => {
    const attributes = JSON.parse('{"__proto__":"x","a":null}')
    const record = recordOf({ key: 'k', attributes })
    expect(JSON.stringify(record)).toBe('{"key":"k","attributes":{"__proto__":"x"}}')
  })
})

describe('the value that the matching mode looks for', () => {
  const push = { channel: 'PUSH', address: 'token' } as const
  const sms = { channel: 'SMS', address: '+4915112345678' } as const
  const mail = { channel: 'EMAIL', address: 'a@b.co' } as const
  const with_ = (...extensions: NonNullable<ProfileInput['extensions']>): ProfileInput => ({ extensions })

  const cases: [Partial<ProfileUpsertOptions>, ProfileInput, ProfileInput, string][] = [
    [{ matching: 'KEY' }, { key: 'k' }, { email: 'a@b.co' }, 'key'],
    [{ matching: 'PROFILE_ID' }, { profileId: 'p' }, { key: 'k' }, 'profileId'],
    [{ matching: 'EMAIL' }, { email: 'a@b.co' }, with_(mail), 'email'],
    [{ matching: 'EMAIL_PROFILE' }, { email: 'a@b.co' }, with_(mail), 'email'],
    [{ matching: 'EMAIL_SUB' }, with_(push, mail), { email: 'a@b.co' }, 'extensions'],
    [{ matching: 'PHONE' }, { phone: '+4915112345678' }, with_(sms), 'phone'],
    [{ matching: 'PHONE_SUB' }, with_(sms), { phone: '+4915112345678' }, 'extensions'],
    [{ matching: 'EMAIL_PHONE' }, { phone: '+4915112345678' }, { key: 'k' }, 'email'],
    [{ matching: 'EMAIL_PHONE_SUB' }, with_(sms), with_(push), 'extensions'],
    [{ matching: 'PUSH_SUB' }, with_(push), with_(mail), 'extensions'],
    [
      { matching: 'CUSTOM', matchingField: 'no' },
      { attributes: { no: 0 } },
      { attributes: { no: [] } },
      'attributes.no',
    ],
    [
      { matching: 'CUSTOM', matchingField: 'constructor' },
      { attributes: { constructor: 'x' } },
      { attributes: {} },
      'attributes.constructor',
    ],
    [
      { matching: 'CUSTOM_SUB', matchingField: 'no' },
      with_(mail, { ...sms, customFields: { no: 1 } }),
      with_({ ...mail, customFields: { no: null } }),
      'extensions',
    ],
    [{ matching: 'FILTER' }, { filter: [city] }, { filter: [] }, 'filter'],
  ]
  test.each(cases)('%j: %j has it, %j has not', (options, present, absent, field) => {
    expect(errorsOf(present, options)).toEqual([])
    expect(errorsOf(absent, options)).toEqual([`MISSING_MATCH_VALUE ${field}`])
  })

  test('is not called missing when it is there and wrong', () => {
    expect(errorsOf({ email: 'x' }, { matching: 'EMAIL' })).toEqual(['INVALID_EMAIL email'])
    expect(errorsOf(with_({ ...mail, address: 'x' }), { matching: 'EMAIL_SUB' })).toEqual([
      'INVALID_EXTENSION extensions[0].address',
    ])
  })

  test('is missing when the extension that held it was dropped', () => {
    const options = { matching: 'EMAIL_SUB', skipInvalidExtensions: true } as const
    expect(errorsOf(with_({ ...mail, address: 'x' }), options)).toEqual(['MISSING_MATCH_VALUE extensions'])
    expect(errorsOf(with_({ ...mail, address: 'x' }, mail), options)).toEqual([])
  })
})

describe('what a mode has no use for', () => {
  test('newKey needs matching KEY and UPDATE_ONLY', () => {
    const rename = { key: 'a', newKey: 'b' }
    expect(recordOf(rename, { upsert: 'UPDATE_ONLY' })).toEqual(rename)
    expect(errorsOf(rename)).toEqual(['INVALID_VALUE newKey'])
    expect(errorsOf({ ...rename, email: 'a@b.co' }, { upsert: 'UPDATE_ONLY', matching: 'EMAIL' })).toEqual([
      'INVALID_VALUE newKey',
    ])
    expect(errorsOf({ key: 'a', newKey: '' }, { upsert: 'UPDATE_ONLY' })).toEqual(['INVALID_VALUE newKey'])
  })

  test('profileId and filter belong to their own modes', () => {
    expect(errorsOf({ key: 'a', profileId: 'p', filter: [city] })).toEqual([
      'INVALID_VALUE profileId',
      'INVALID_VALUE filter',
    ])
  })

  test('a FILTER record carries neither key nor newKey', () => {
    expect(errorsOf({ filter: [city], key: 'a', newKey: 'b' }, { matching: 'FILTER', upsert: 'UPDATE_ONLY' })).toEqual([
      'INVALID_VALUE newKey',
      'INVALID_VALUE key',
    ])
  })

  test('a filter has at most twenty conditions, of texts that can be stored', () => {
    const filter = Array.from({ length: 21 }, () => city)
    expect(errorsOf({ filter }, { matching: 'FILTER' })).toEqual(['INVALID_VALUE filter'])
    expect(
      errorsOf({ filter: [{ ...city, attribute: 'x'.repeat(267), value: '\0' }] }, { matching: 'FILTER' }),
    ).toEqual(['VALUE_TOO_LONG filter[0].attribute', 'INVALID_VALUE filter[0].value'])
  })
})

describe('a bad extension', () => {
  const extensions: ProfileInput['extensions'] = [
    { channel: 'EMAIL', address: 'A@B.co' },
    { channel: 'SMS', address: '0151', provider: 'x'.repeat(101) },
  ]

  test('fails its record', () => {
    expect(errorsOf({ key: 'k', extensions })).toEqual([
      'INVALID_EXTENSION extensions[1].address',
      'INVALID_EXTENSION extensions[1].provider',
    ])
  })

  test('is dropped with one warning under skipInvalidExtensions, and the others stay', () => {
    expect(normalise({ key: 'k', extensions }, { skipInvalidExtensions: true })).toEqual({
      ok: true,
      record: { key: 'k', extensions: [{ channel: 'EMAIL', address: 'a@b.co' }] },
      warnings: [
        {
          code: 'EXTENSION_DROPPED',
          field: 'extensions[1]',
          message: expect.stringMatching(/^extensions\[1\] was dropped: .*possible phone number.*100 characters/),
        },
      ],
    })
  })

  test('does not excuse what else is wrong with the record', () => {
    expect(errorsOf({ key: '', extensions }, { skipInvalidExtensions: true })).toEqual(['INVALID_VALUE key'])
  })
})
