import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProfileInput } from '../../src/contract/input.ts'
import { type AttributeType, attributeTypes, type JsonValue } from '../../src/contract/profile.ts'
import { type LocalBench, type LocalTenant, openLocalBench } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

const email = 'a@example.com'
const phone = '+4915112345678'
const filled: ProfileInput = {
  key: 'k',
  email,
  emailPermission: true,
  emailStatus: 'PASSIVE',
  phone,
  phonePermission: false,
  phoneStatus: 'PASSIVE',
  status: 'PASSIVE',
  firstName: 'Ada',
  lastName: 'Lovelace',
  gender: 'f',
  birthDate: '1815-12-10',
  subscriptionDate: '2001-02-03',
}

async function withTypes(): Promise<LocalTenant> {
  const tenant = bench.tenant()
  const attributes = attributeTypes.map((type) => ({ name: type.toLowerCase(), type }))
  expect(await tenant.define({ name: 'contact', attributes, links: [] })).toEqual([])
  return tenant
}

describe('values', () => {
  const table: Record<AttributeType, readonly (readonly [JsonValue, JsonValue])[]> = {
    STRING: [
      ['text', 'text'],
      [4.5, '4.5'],
      [true, 'true'],
      ['', ''],
      ['"\\{},NULL\n😀', '"\\{},NULL\n😀'],
      ['NULL', 'NULL'],
    ],
    INTEGER: [
      [7, 7],
      ['-7', -7],
      ['9007199254740991', 9007199254740991],
      [-0, 0],
    ],
    DECIMAL: [
      [1.5, '1.5'],
      ['1.50', '1.5'],
      ['-0.10', '-0.1'],
      ['12345678901234567890.123456789', '12345678901234567890.123456789'],
      ['1e3', '1000'],
    ],
    BOOLEAN: [
      [true, true],
      ['false', false],
    ],
    DATE: [['2024-02-29', '2024-02-29']],
    DATETIME: [
      ['2024-02-29T23:59:59.123456Z', '2024-02-29T23:59:59.123Z'],
      ['2024-03-01T01:00:00+02:00', '2024-02-29T23:00:00.000Z'],
    ],
    TAGS: [
      [
        ['b', 'a', 'b'],
        ['b', 'a'],
      ],
      ['x, y,,x', ['x', 'y']],
      [[], []],
    ],
  }
  it.each(attributeTypes)(
    'of the type %s are stored in their one form and are unchanged when sent again',
    async (type) => {
      const tenant = await withTypes()
      const name = type.toLowerCase()
      for (const [place, [given, stored]] of table[type].entries()) {
        const key = `k${place}`
        const attributes = { [name]: given }
        expect(await tenant.outcome({ key, attributes })).toBe('CREATED')
        expect((await tenant.byKey(key)).attributes).toEqual({ [name]: stored })
        expect(await tenant.outcome({ key, attributes: { [name]: stored } }), JSON.stringify(given)).toBe('UNCHANGED')
      }
    },
  )

  const refused: Record<AttributeType, readonly JsonValue[]> = {
    STRING: [['a'], 'a\u0000b'],
    INTEGER: [1.5, '1.0', 'one', true, '9007199254740992'],
    DECIMAL: ['1,5', 'one', true],
    BOOLEAN: [1, 'yes', 'TRUE'],
    DATE: ['2023-02-29', '29.02.2024', 20240229],
    DATETIME: ['2024-02-29', '2024-02-29T23:59:59', '2024-02-30T00:00:00Z'],
    TAGS: [7, ['a', 7]],
  }
  it.each(attributeTypes)('that are none of the type %s are refused', async (type) => {
    const tenant = await withTypes()
    for (const given of refused[type]) {
      const attributes = { [type.toLowerCase()]: given }
      expect(await tenant.outcome({ key: 'k', attributes }), JSON.stringify(given)).toBe('INVALID_VALUE')
    }
    expect(await tenant.profiles()).toEqual([])
  })

  it('keeps an own field and an attribute of the same name apart', async () => {
    const tenant = bench.tenant()
    await tenant.define({ name: 'contact', attributes: [{ name: 'email' }], links: [] })
    await tenant.create({ key: 'k', email, attributes: { email: 'b' } })
    expect(await tenant.byKey('k')).toMatchObject({ fields: { email }, attributes: { email: 'b' } })
  })

  it('refuses an attribute that is not defined, and one that is closed to imports', async () => {
    const tenant = bench.tenant()
    await tenant.define({ name: 'contact', attributes: [{ name: 'score', importable: false }], links: [] })
    expect(await tenant.outcome({ key: 'k', attributes: { colour: 'red' } })).toBe('UNKNOWN_ATTRIBUTE')
    expect(await tenant.outcome({ key: 'k', attributes: { score: '1' } })).toBe('ATTRIBUTE_NOT_IMPORTABLE')
  })

  it('refuses or drops an extension whose name is not configured for its channel', async () => {
    const tenant = bench.tenant()
    await tenant.extensionType('SMS', 'news')
    const record: ProfileInput = { key: 'k', extensions: [{ channel: 'EMAIL', address: email, name: 'news' }] }
    expect(await tenant.outcome(record)).toBe('INVALID_EXTENSION')
    const [fate] = await tenant.upsert([record], { skipInvalidExtensions: true })
    expect(fate).toMatchObject({ outcome: 'CREATED', warnings: [{ code: 'EXTENSION_DROPPED' }] })
    expect((await tenant.byKey('k')).extensions).toEqual([])
  })
})

describe('nulls', () => {
  const clearable = ['email', 'phone', 'firstName', 'lastName', 'gender', 'birthDate', 'subscriptionDate'] as const
  it.each(clearable)('leave %s as it is under IGNORE and clear it under CLEAR', async (field) => {
    const tenant = bench.tenant()
    await tenant.create(filled)
    await tenant.setClocksBack()
    expect(await tenant.outcome({ key: 'k', [field]: null })).toBe('UNCHANGED')
    expect(await tenant.byKey('k')).toMatchObject({ written: false, fields: { [field]: filled[field] } })
    expect(await tenant.outcome({ key: 'k', [field]: null }, { nulls: 'CLEAR' })).toBe('UPDATED')
    const { key: _, ...fields } = { ...filled, [field]: null }
    expect(await tenant.byKey('k')).toMatchObject({ written: true, fields })
    expect(await tenant.outcome({ key: 'k', [field]: null }, { nulls: 'CLEAR' })).toBe('UNCHANGED')
  })

  const unclearable = [
    ...(['emailPermission', 'emailStatus', 'phonePermission', 'phoneStatus', 'status'] as const),
    ...(['newKey', 'profileId', 'filter', 'attributes', 'extensions'] as const),
  ]
  it.each(unclearable)('leave %s as it is under IGNORE and are refused there under CLEAR', async (field) => {
    const tenant = await withTypes()
    await tenant.create({ ...filled, attributes: { string: 'x' }, extensions: [{ channel: 'EMAIL', address: email }] })
    const before = await tenant.profiles()
    expect(await tenant.outcome({ key: 'k', [field]: null })).toBe('UNCHANGED')
    expect(await tenant.outcome({ key: 'k', [field]: null }, { nulls: 'CLEAR' })).toBe('INVALID_VALUE')
    expect(await tenant.profiles()).toEqual(before)
  })

  it('clear one attribute and leave the others', async () => {
    const tenant = await withTypes()
    await tenant.create({ key: 'k', attributes: { string: 'x', integer: 1 } })
    expect(await tenant.outcome({ key: 'k', attributes: { string: null } })).toBe('UNCHANGED')
    expect(await tenant.outcome({ key: 'k', attributes: { string: null } }, { nulls: 'CLEAR' })).toBe('UPDATED')
    expect((await tenant.byKey('k')).attributes).toEqual({ integer: 1 })
    expect(await tenant.outcome({ key: 'k', attributes: { string: null } }, { nulls: 'CLEAR' })).toBe('UNCHANGED')
  })

  it('clear parts of an extension', async () => {
    const tenant = bench.tenant()
    await tenant.extensionType('EMAIL', 'news')
    const identity = { channel: 'EMAIL', address: email } as const
    const full = { ...identity, name: 'news', priority: 1, categories: ['m'], customFields: { crm: 1, note: 'x' } }
    await tenant.create({ key: 'k', extensions: [full] })
    const emptied = { ...identity, name: null, priority: null, categories: null, customFields: { crm: null } }
    expect(await tenant.outcome({ key: 'k', extensions: [emptied] })).toBe('UNCHANGED')
    expect(await tenant.outcome({ key: 'k', extensions: [emptied] }, { nulls: 'CLEAR' })).toBe('UPDATED')
    expect((await tenant.byKey('k')).extensions).toMatchObject([
      { name: null, priority: null, categories: [], customFields: { note: 'x' } },
    ])
  })
})

describe('consent', () => {
  const fields = [
    ['email', 'emailStatus', 'emailPermission', 'b@example.com'],
    ['phone', 'phoneStatus', 'phonePermission', '+4915112345679'],
  ] as const
  it.each(fields)(
    'a changed %s resets its status and leaves its permission',
    async (field, status, permission, other) => {
      const tenant = bench.tenant()
      await tenant.create(filled)
      expect(await tenant.outcome({ key: 'k', [field]: other })).toBe('UPDATED')
      expect((await tenant.byKey('k')).fields).toMatchObject({
        [field]: other,
        [status]: 'ACTIVE',
        [permission]: filled[permission],
      })
    },
  )

  it.each(fields)('a changed %s keeps the status that the record states', async (field, status, _permission, other) => {
    const tenant = bench.tenant()
    await tenant.create({ ...filled, [status]: 'ACTIVE' })
    expect(await tenant.outcome({ key: 'k', [field]: other, [status]: 'PASSIVE' })).toBe('UPDATED')
    expect((await tenant.byKey('k')).fields[status]).toBe('PASSIVE')
  })

  it.each(fields)('the same %s once more resets nothing', async (field, status) => {
    const tenant = bench.tenant()
    await tenant.create(filled)
    await tenant.setClocksBack()
    expect(await tenant.outcome({ key: 'k', [field]: ` ${filled[field]} ` })).toBe('UNCHANGED')
    expect(await tenant.byKey('k')).toMatchObject({ written: false, fields: { [status]: 'PASSIVE' } })
  })

  it.each(fields)('a new %s is ACTIVE and nobody has permitted it', async (field, status, permission, other) => {
    const tenant = bench.tenant()
    await tenant.create({ key: 'k', [field]: other })
    expect((await tenant.byKey('k')).fields).toMatchObject({ [status]: 'ACTIVE', [permission]: null })
  })
})

describe('what found the profile', () => {
  it('is not written when an extension had it', async () => {
    const tenant = bench.tenant()
    const extensions = [
      { channel: 'EMAIL' as const, address: email },
      { channel: 'SMS' as const, address: phone },
    ]
    await tenant.create({
      key: 'k',
      email: 'own@example.com',
      emailStatus: 'PASSIVE',
      phone: '+4915112345679',
      extensions,
    })
    await tenant.setClocksBack()
    expect(await tenant.outcome({ email }, { matching: 'EMAIL' })).toBe('UNCHANGED')
    expect(await tenant.outcome({ phone }, { matching: 'PHONE' })).toBe('UNCHANGED')
    expect(await tenant.byKey('k')).toMatchObject({
      written: false,
      fields: { email: 'own@example.com', emailStatus: 'PASSIVE', phone: '+4915112345679' },
    })
  })

  it('is not written when it was some of the tags', async () => {
    const tenant = await withTypes()
    await tenant.create({ key: 'k', attributes: { tags: ['a', 'b', 'c'] } })
    const options = { matching: 'CUSTOM', matchingField: 'tags' } as const
    expect(await tenant.outcome({ attributes: { tags: 'c, a' }, firstName: 'x' }, options)).toBe('UPDATED')
    expect((await tenant.byKey('k')).attributes).toEqual({ tags: ['a', 'b', 'c'] })
  })

  it('is written when it was the other value that found it', async () => {
    const tenant = bench.tenant()
    await tenant.create({ key: 'k', email: 'old@example.com', emailStatus: 'PASSIVE', phone })
    expect(await tenant.outcome({ email, phone }, { matching: 'EMAIL_PHONE' })).toBe('UPDATED')
    expect((await tenant.byKey('k')).fields).toMatchObject({ email, phone, emailStatus: 'ACTIVE' })
  })
})

describe('key beside another mode', () => {
  const options = { matching: 'EMAIL_PROFILE' } as const

  it('is given on create and to a profile that has none', async () => {
    const tenant = bench.tenant()
    expect(await tenant.outcome({ email }, options)).toBe('CREATED')
    expect(await tenant.outcome({ email, key: 'k' }, options)).toBe('UPDATED')
    expect(await tenant.outcome({ email, key: 'k' }, options)).toBe('UNCHANGED')
    expect(await tenant.outcome({ email: 'b@example.com', key: 'b' }, options)).toBe('CREATED')
    expect((await tenant.byKey('k')).fields['email']).toBe(email)
  })

  it('conflicts with another key, and cannot be one that somebody has', async () => {
    const tenant = bench.tenant()
    await tenant.create({ key: 'taken' })
    await tenant.create({ key: 'k', email })
    expect(await tenant.outcome({ email, key: 'other' }, options)).toBe('KEY_CONFLICT')
    expect(await tenant.outcome({ email: 'new@example.com', key: 'taken' }, options)).toBe('KEY_TAKEN')
    await tenant.outcome({ email: 'b@example.com' }, options)
    expect(await tenant.outcome({ email: 'b@example.com', key: 'taken' }, options)).toBe('KEY_TAKEN')
  })
})
