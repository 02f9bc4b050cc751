import { describe, expect, it } from 'vitest'
import { altcraftSettings } from '../../src/adapters/altcraft/index.ts'
import type { ExtensionRecord, ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { suiteOptions } from '../support/adapter-bench.ts'
import {
  altcraftAdapter,
  altcraftConfiguration,
  errorsOf,
  prepare,
  preparedValue,
  sentProfile,
  unsupportedFor,
} from './altcraft-bench.ts'

const email: ExtensionRecord = { channel: 'EMAIL', address: 'ada@example.com', resourceId: 3, status: 'SUBSCRIBED' }
const sms: ExtensionRecord = { channel: 'SMS', address: '+34600111222', resourceId: 3, status: 'SUBSCRIBED' }
const push: ExtensionRecord = {
  channel: 'PUSH',
  address: 't1',
  provider: 'Firefox',
  resourceId: 4,
  status: 'SUBSCRIBED',
}

describe('what Altcraft can do', () => {
  const { profiles } = altcraftAdapter().adapter.capabilities

  it('is every mode but FILTER, and KEY only where a field for it is configured', () => {
    expect(profiles?.matching).toHaveLength(12)
    expect(profiles?.matching).not.toContain('FILTER')
    const { adapter } = altcraftAdapter({ keyField: undefined })
    expect(adapter.capabilities.profiles?.matching).toHaveLength(11)
    expect(adapter.capabilities.profiles?.matching).not.toContain('KEY')
  })

  it('is limited as its pages say', () => {
    expect(profiles).toMatchObject({ maxBatchSize: 1000, maxConcurrency: 4, minIntervalMs: 0, linkPolicy: [] })
    expect(profiles?.upsert).toEqual(['CREATE_OR_UPDATE', 'UPDATE_ONLY'])
    expect(altcraftAdapter().adapter.maxBatchBytes).toBeLessThan(10_000_000)
  })

  it.each([
    ['skipTriggers', { skipTriggers: true }],
    ['detectGeo', { detectGeo: true }],
  ] as const)('%s not when only updating', async (feature, change) => {
    expect(await unsupportedFor(change)).toBeNull()
    expect(await unsupportedFor({ ...change, upsert: 'UPDATE_ONLY' })).toMatchObject({ feature })
  })

  it('does not narrow a search for push tokens or custom fields to one resource', async () => {
    expect(await unsupportedFor({ matching: 'PUSH_SUB', resourceId: 3 })).toMatchObject({ feature: 'resourceId' })
    expect(await unsupportedFor({ matching: 'CUSTOM_SUB', matchingField: 'n', resourceId: 3 })).not.toBeNull()
    expect(await unsupportedFor({ matching: 'EMAIL', resourceId: 3 })).toBeNull()
    expect(await unsupportedFor({ matching: 'KEY', resourceId: 3 })).toBeNull()
  })

  it('has no place for a permission or status of an address, unless one is configured', async () => {
    for (const field of ['emailPermission', 'phonePermission', 'emailStatus', 'phoneStatus'] as const) {
      const uses = { fields: new Set([field]) }
      expect(await unsupportedFor({}, uses)).toMatchObject({ feature: 'field', requested: field })
      expect(await unsupportedFor({}, uses, { fields: { [field]: 'own' } })).toBeNull()
    }
  })

  it('does not take a key beside another mode, which would replace the one that the profile has', async () => {
    expect(await unsupportedFor({ matching: 'EMAIL' }, { fields: new Set(['key', 'email']) })).toMatchObject({
      feature: 'key',
    })
    expect(errorsOf(await prepare({ key: 'c1', email: 'a@b.co' }, { matching: 'EMAIL' }))).toMatchObject([
      { field: 'key' },
    ])
  })

  it('knows the profile types that are listed, and contact', async () => {
    expect(await unsupportedFor({ profileType: 'lead' })).toMatchObject({ feature: 'profileType' })
    expect(await unsupportedFor({ profileType: 'lead' }, {}, { profileTypes: { lead: '7' } })).toBeNull()
    expect(await unsupportedFor({ profileType: 'contact' })).toBeNull()
  })
})

describe('settings', () => {
  const faultsOf = (change: object) => {
    const parsed = altcraftSettings.safeParse({ ...altcraftConfiguration, ...change })
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'))
  }

  it('are those of every vendor, with a database and a token', () => {
    expect(faultsOf({})).toEqual([])
    expect(faultsOf({ databaseId: undefined, token: 'a b', format: 'yaml', key: 1 })).toHaveLength(4)
  })

  it.each([
    [{ fields: { email: 'work_email' } }, 'fields.email'],
    [{ fields: { phone: 'work_phones' } }, 'fields.phone'],
    [{ fields: { key: 'Custom_ID' } }, 'fields.key'],
    [{ fields: { size: 'subscriptions' } }, 'fields.size'],
    [{ fields: { size: 'profile_id' } }, 'fields.size'],
    [{ fields: { size: '_fname' } }, 'fields.size'],
    [{ fields: { size: 'CRM_ID' } }, 'keyField'],
    [{ format: 'xml', fields: { size: 'shoe size' } }, 'fields.size'],
    [{ profileTypes: { lead: 'leads' } }, 'profileTypes.lead'],
  ])('are refused with two values in one field, or a name that cannot be: %j', (change, path) => {
    expect(faultsOf(change)).toContain(path)
  })
})

describe('a profile', () => {
  it('has the fields of the contact under their names, and attributes under theirs', async () => {
    const record: ProfileRecord = {
      key: 'c1',
      email: 'ada@example.com',
      phone: '+34600111222',
      firstName: 'Ada',
      lastName: 'King',
      gender: 'Female',
      birthDate: '1990-07-06',
      subscriptionDate: '2024-02-29',
      status: 'ACTIVE',
      attributes: {
        _tz: 'Europe/Madrid',
        _ip: '192.0.2.1',
        LOYALTY_SCORE: 0,
        vip: false,
        interests: ['jazz'],
        size: '',
      },
    }
    expect(await sentProfile(record, {}, { fields: { size: 'Size' } })).toEqual({
      CRM_ID: 'c1',
      email: 'ada@example.com',
      phones: ['+34600111222'],
      _fname: 'Ada',
      _lname: 'King',
      _sex: 'female',
      _bdate: '1990-07-06',
      _regdate: '2024-02-29',
      _status: 0,
      _tz: 'Europe/Madrid',
      _ip: '192.0.2.1',
      LOYALTY_SCORE: 0,
      vip: false,
      interests: ['jazz'],
      Size: '',
    })
  })

  it('passes what the configuration leads elsewhere as it is', async () => {
    const fields = { status: 'state', gender: 'sex', emailPermission: 'optin' }
    const record: ProfileRecord = { key: 'c1', status: 'PASSIVE', gender: 'F', emailPermission: false }
    expect(await sentProfile(record, {}, { fields })).toEqual({
      CRM_ID: 'c1',
      state: 'PASSIVE',
      sex: 'F',
      optin: false,
    })
  })

  it.each([
    ['subscriptions', 'INVALID_VALUE'],
    ['phone', 'INVALID_VALUE'],
    ['phones', 'INVALID_VALUE'],
    ['email', 'INVALID_VALUE'],
    ['profile_id', 'INVALID_VALUE'],
    ['field_value', 'INVALID_VALUE'],
    ['CRM_ID', 'INVALID_VALUE'],
    ['', 'INVALID_VALUE'],
    ['_acid', 'ATTRIBUTE_NOT_IMPORTABLE'],
    ['id', 'ATTRIBUTE_NOT_IMPORTABLE'],
  ])('takes no attribute called %j', async (name, code) => {
    const errors = errorsOf(await prepare({ key: 'c1', attributes: { [name]: 'x' } }))
    expect(errors).toMatchObject([{ code, field: `attributes.${name}` }])
  })

  it('takes no value that Altcraft would carry out as an operation', async () => {
    const attributes = { score: { action: 'incr', value: 5 } }
    expect(errorsOf(await prepare({ key: 'c1', attributes }))).toMatchObject([{ field: 'attributes.score' }])
    const extension = { ...email, customFields: { a: [{ action: 'unset' }] } }
    expect(errorsOf(await prepare({ key: 'c1', extensions: [extension] }))).toMatchObject([
      { code: 'INVALID_EXTENSION', field: 'extensions[0].customFields.a' },
    ])
  })

  it.each([
    [{ attributes: { 'shoe size': 1 } }, 'attributes.shoe size'],
    [{ attributes: { '2nd': 1 } }, 'attributes.2nd'],
    [{ attributes: { 'a:b': 1 } }, 'attributes.a:b'],
    [{ attributes: { 'a><b': 1 } }, 'attributes.a><b'],
    [{ firstName: 'A\u0001' }, 'firstName'],
    [{ attributes: { list: ['ok', '\u000b'] } }, 'attributes.list'],
    [{ extensions: [{ ...email, customFields: { 'a b': 1 } }] }, 'extensions[0].customFields.a b'],
    [{ extensions: [{ ...email, customFields: { a: { b: [[1]] } } }] }, 'extensions[0].customFields.a'],
    [{ extensions: [{ ...email, customFields: { a: { b: null } } }] }, 'extensions[0].customFields.a'],
  ] satisfies [ProfileRecord, string][])(
    'is refused where XML cannot carry it, and not in JSON: %j',
    async (part, field) => {
      const record: ProfileRecord = { key: 'c1', ...part }
      expect(errorsOf(await prepare(record, {}, { format: 'xml' }))).toMatchObject([{ field }])
      expect(errorsOf(await prepare(record))).toEqual([])
    },
  )

  it('clears nothing', async () => {
    const record: ProfileRecord = { key: 'c1', lastName: null, attributes: { size: null } }
    expect(errorsOf(await prepare(record, { nulls: 'CLEAR' }))).toMatchObject([
      { field: 'lastName' },
      { field: 'attributes.size' },
    ])
  })

  it('travels by its bytes in the format that it is sent in', async () => {
    const record: ProfileRecord = { key: 'c1', firstName: 'Zoë' }
    for (const format of ['json', 'xml'] as const) {
      const { adapter } = altcraftAdapter({ format })
      const value = preparedValue(await prepare(record, {}, { format }))
      const text =
        format === 'json' ? '{"_fname":"Zoë","CRM_ID":"c1"},' : '<data><_fname>Zoë</_fname><CRM_ID>c1</CRM_ID></data>,'
      expect(adapter.travel(suiteOptions(), value).bytes).toBe(Buffer.byteLength(text))
    }
  })
})

describe('a subscription', () => {
  const subscriptionOf = async (extension: ExtensionRecord, change: Partial<ProfileUpsertOptions> = {}) => {
    const sent = await sentProfile({ key: 'c1', extensions: [extension] }, change)
    return (sent as { subscriptions: unknown[] }).subscriptions[0]
  }

  it.each([
    [email, { channel: 'email', email_data: { email: 'ada@example.com' } }],
    [sms, { channel: 'sms', phone: '+34600111222' }],
    [push, { channel: 'push', provider: 'Firefox', subscription_id: 't1' }],
    [
      { channel: 'TELEGRAM_BOT', address: '900100' },
      { channel: 'telegram_bot', cc_data: { id: 900100 } },
    ],
    [
      { channel: 'WHATSAPP', address: '+34600111222' },
      { channel: 'whatsapp', cc_data: { phone: '+34600111222' } },
    ],
    [
      { channel: 'VIBER', address: '+34600111222' },
      { channel: 'viber', cc_data: { phone: '+34600111222' } },
    ],
  ] satisfies [ExtensionRecord, object][])(
    'has the contact that its channel asks for: %j',
    async (extension, expected) => {
      const sent = await subscriptionOf({ ...extension, resourceId: 9, status: 'SUBSCRIBED' })
      expect(sent).toEqual({ ...expected, resource_id: 9, status: 'subscribed' })
    },
  )

  it('says no more than is stated, and a 0 that is', async () => {
    const { status: _, ...bare } = email
    expect(await subscriptionOf(bare)).toEqual({
      channel: 'email',
      email_data: { email: 'ada@example.com' },
      resource_id: 3,
    })
    expect(await subscriptionOf({ ...bare, priority: 0, categories: [], customFields: { n: 0 } })).toMatchObject({
      priority: 0,
      cats: [],
      custom_fields: { n: 0 },
    })
  })

  it.each([
    ['SUBSCRIBED', 'subscribed'],
    ['UNSUBSCRIBED', 'unsubscribed'],
    ['COMPLAINED', 'complained'],
    ['HARD_BOUNCED', 'hardbounced'],
    ['UNCONFIRMED', 'unconfirmed'],
    ['SUSPENDED', 'suspended'],
    ['INVALID', 'invalid'],
  ] as const)('says %s as %s', async (status, word) => {
    expect(await subscriptionOf({ ...email, status })).toMatchObject({ status: word })
  })

  it("belongs to its own resource, else to the request's", async () => {
    const { resourceId: _, ...homeless } = email
    expect(await subscriptionOf(email, { resourceId: 5 })).toMatchObject({ resource_id: 3 })
    expect(await subscriptionOf(homeless, { resourceId: 5 })).toMatchObject({ resource_id: 5 })
    const record = { key: 'c1', extensions: [email, homeless] }
    expect(errorsOf(await prepare(record))).toMatchObject([
      { code: 'INVALID_EXTENSION', field: 'extensions[1].resourceId' },
    ])
    const dropped = await prepare(record, { skipInvalidExtensions: true })
    expect(dropped).toMatchObject({ ok: true, warnings: [{ code: 'EXTENSION_DROPPED', field: 'extensions[1]' }] })
    expect(preparedValue(dropped).subscriptions).toHaveLength(1)
  })

  it.each([
    [{ ...email, name: 'work' }, 'name'],
    [{ ...email, provider: 'x' }, 'provider'],
    [{ ...email, permission: false }, 'permission'],
    [{ channel: 'EMAIL', address: 'ada@example.com', resourceId: 3, permission: true }, 'permission'],
    [{ channel: 'PUSH', address: 't1', resourceId: 3 }, 'provider'],
    [{ ...email, priority: null }, 'priority'],
    [{ ...email, customFields: { a: null } }, 'customFields.a'],
  ] satisfies [ExtensionRecord, string][])('is refused rather than half taken: %j', async (extension, member) => {
    expect(errorsOf(await prepare({ key: 'c1', extensions: [extension] }))).toMatchObject([
      { code: 'INVALID_EXTENSION', field: `extensions[0].${member}` },
    ])
  })

  it('takes a permission that says what its status says', async () => {
    expect(await subscriptionOf({ ...email, permission: true })).toMatchObject({ status: 'subscribed' })
  })

  it('without a status is warned about, or refused where that is configured', async () => {
    const { status: _, ...bare } = email
    const record = { key: 'c1', extensions: [email, bare] }
    expect(await prepare(record)).toMatchObject({
      ok: true,
      warnings: [{ code: 'PERMISSION_DEFAULTED', field: 'extensions[1].status' }],
    })
    expect(errorsOf(await prepare(record, {}, { missingPermission: 'reject' }))).toMatchObject([
      { code: 'PERMISSION_REQUIRED', field: 'extensions[1].status' },
    ])
  })
})
