import { describe, expect, it } from 'vitest'
import { altcraftSettings } from '../../src/adapters/altcraft/index.ts'
import type { AltcraftRecord } from '../../src/adapters/altcraft/record.ts'
import type { ExtensionRecord, MatchingMode, ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions, RecordUses } from '../../src/contract/request.ts'
import { createPlanner } from '../../src/domain/plan.ts'
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
const numbered = { ...email, customFields: { member_number: 12 } }

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

describe('matching', () => {
  const contact: ProfileRecord = { email: 'ada@example.com', phone: '+34600111222' }
  const phones = ['+34600111222']
  const cases: [MatchingMode, ProfileRecord, object, { value: string | null; also?: string[] }][] = [
    ['EMAIL', contact, { email: contact.email, phones }, { value: 'ada@example.com' }],
    ['EMAIL_PROFILE', contact, { email: contact.email, phones }, { value: 'ada@example.com' }],
    ['PHONE', contact, { email: contact.email, phones, phone: '+34600111222' }, { value: '+34600111222' }],
    [
      'EMAIL_PHONE',
      contact,
      { email: contact.email, phones, phone: '+34600111222' },
      { value: '["ada@example.com","+34600111222"]', also: ['ada@example.com', '+34600111222'] },
    ],
    ['PROFILE_ID', { profileId: 'p1' }, { profile_id: 'p1' }, { value: 'p1' }],
    ['EMAIL_SUB', { extensions: [sms, email] }, {}, { value: 'ada@example.com' }],
    ['PHONE_SUB', { extensions: [email, sms] }, { phone: '+34600111222' }, { value: '+34600111222' }],
    [
      'EMAIL_PHONE_SUB',
      { extensions: [email, sms] },
      { phone: '+34600111222' },
      { value: '["ada@example.com","+34600111222"]', also: ['ada@example.com', '+34600111222'] },
    ],
    ['PUSH_SUB', { extensions: [push] }, { provider: 'Firefox', subscription_id: 't1' }, { value: '["Firefox","t1"]' }],
  ]
  it.each(cases)('by %s has its value where Altcraft looks for it: %j', async (matching, record, item, travel) => {
    const { subscriptions: _, ...sent } = (await sentProfile(record, { matching })) as Record<string, unknown>
    expect(sent).toEqual(item)
    const { adapter } = altcraftAdapter()
    const value = preparedValue(await prepare(record, { matching }))
    const { matchValue, alsoMatches } = adapter.travel(suiteOptions({ matching }), value)
    expect({ matchValue, alsoMatches }).toEqual({ matchValue: travel.value, alsoMatches: travel.also })
  })

  const extensions: ExtensionRecord[] = [
    email,
    { ...email, address: 'work@example.com', customFields: { member_number: 7 } },
    sms,
    { ...sms, address: '+34600111333', customFields: { member_number: 12 } },
    push,
    { ...push, address: 't2' },
    { channel: 'TELEGRAM_BOT', address: '900100', resourceId: 3 },
  ]
  const reached: [MatchingMode, string | null, ProfileRecord, string[] | undefined][] = [
    ['KEY', null, { key: 'c1', extensions }, undefined],
    ['EMAIL_PROFILE', null, { ...contact, extensions }, undefined],
    ['EMAIL', null, { ...contact, extensions }, ['work@example.com']],
    ['EMAIL_SUB', null, { extensions }, ['work@example.com']],
    ['PHONE', null, { ...contact, extensions }, ['+34600111333']],
    ['PHONE_SUB', null, { extensions }, ['+34600111333']],
    ['PUSH_SUB', null, { extensions }, ['["Firefox","t2"]']],
    [
      'EMAIL_PHONE',
      null,
      { ...contact, extensions },
      ['ada@example.com', '+34600111222', 'work@example.com', '+34600111333'],
    ],
    ['EMAIL_PHONE_SUB', null, { extensions }, ['ada@example.com', '+34600111222', 'work@example.com', '+34600111333']],
    ['CUSTOM_SUB', 'member_number', { extensions }, ['12']],
    ['CUSTOM_SUB', 'id', { extensions: [{ ...email, customFields: { id: 1 } }, ...extensions] }, ['900100']],
  ]
  it.each(reached)('by %s (%s) also reaches what the record writes where the mode looks', async (...given) => {
    const [matching, matchingField, record, expected] = given
    const change = { matching, matchingField }
    const value = preparedValue(await prepare(record, change))
    expect(altcraftAdapter().adapter.travel(suiteOptions(change), value).alsoMatches).toEqual(expected)
  })

  it('keeps the order of records that reach one profile by different addresses', async () => {
    const options = suiteOptions({ matching: 'EMAIL' })
    const { adapter } = altcraftAdapter()
    const planner = createPlanner(
      {
        travel: (_options, value: AltcraftRecord) => adapter.travel(options, value),
        fold: (_options, earlier: AltcraftRecord, later: AltcraftRecord) => adapter.fold(options, earlier, later),
        isRepeatable: () => true,
      },
      options,
      { maxBatchSize: 1000, maxBatchBytes: adapter.maxBatchBytes },
    )
    const records: ProfileRecord[] = [
      { email: 'own@example.com', extensions: [email] },
      { email: 'ada@example.com', firstName: 'Ada' },
      { email: 'own@example.com', firstName: 'Augusta' },
      { email: 'own@example.com', lastName: 'King' },
      { email: 'alan@example.com' },
    ]
    for (const [index, record] of records.entries()) {
      planner.add(index, preparedValue(await prepare(record, { matching: 'EMAIL' })), false)
    }
    expect(planner.batches().map(({ indexes }) => indexes)).toEqual([[0, 4], [1], [2, 3]])
  })

  it('by CUSTOM has it under the name of the field, as it is called there', async () => {
    const change = { matching: 'CUSTOM', matchingField: 'number' } as const
    const configuration = { fields: { number: 'Custom_ID' } }
    expect(await sentProfile({ attributes: { number: 77 } }, change, configuration)).toEqual({ Custom_ID: 77 })
    const [text, number] = await Promise.all(
      ['77', 77].map(async (value) => preparedValue(await prepare({ attributes: { number: value } }, change))),
    )
    expect(text?.matchValue).toBe(number?.matchValue)
  })

  it('by CUSTOM finds by a set of tags without writing it', async () => {
    const change = { matching: 'CUSTOM', matchingField: 'interests', upsert: 'UPDATE_ONLY' } as const
    const record: ProfileRecord = { firstName: 'Ada', attributes: { interests: ['sailing', 'jazz'] } }
    expect(await sentProfile(record, change)).toEqual({ _fname: 'Ada', field_value: 'sailing, jazz' })
    expect(preparedValue(await prepare(record, change)).matchValue).toBeNull()
    expect(errorsOf(await prepare(record, { ...change, upsert: 'CREATE_OR_UPDATE' }))).toMatchObject([
      { code: 'INVALID_VALUE', field: 'attributes.interests' },
    ])
  })

  it('by CUSTOM_SUB has it as field_value', async () => {
    const change = { matching: 'CUSTOM_SUB', matchingField: 'member_number' } as const
    expect(await sentProfile({ extensions: [email, numbered] }, change)).toMatchObject({ field_value: 12 })
  })

  it('by PHONE does not write the number when only updating', async () => {
    const sent = await sentProfile(contact, { matching: 'PHONE', upsert: 'UPDATE_ONLY' })
    expect(sent).toEqual({ email: 'ada@example.com', phone: '+34600111222' })
  })

  it('by EMAIL_PHONE does not write a number that must have found the profile, and one beside an e-mail', async () => {
    const change = { matching: 'EMAIL_PHONE', upsert: 'UPDATE_ONLY' } as const
    expect(await sentProfile({ phone: '+34600111222' }, change)).toEqual({ phone: '+34600111222' })
    expect(await sentProfile(contact, change)).toMatchObject({ phones })
  })

  it.each([
    ['EMAIL', 'UPDATE_ONLY', true],
    ['PHONE', 'CREATE_OR_UPDATE', true],
    ['PHONE', 'UPDATE_ONLY', false],
    ['EMAIL_PHONE', 'UPDATE_ONLY', true],
    ['EMAIL_PROFILE', 'CREATE_OR_UPDATE', false],
    ['PHONE_SUB', 'CREATE_OR_UPDATE', false],
    ['KEY', 'CREATE_OR_UPDATE', false],
  ] as const)('by %s under %s has the caveat that what finds a profile is written: %s', (matching, upsert, isSaid) => {
    const { adapter } = altcraftAdapter()
    const uses: RecordUses = {
      newKey: false,
      channels: new Set(),
      fields: new Set(['email', 'phone']),
      attributes: new Set(),
      conditions: new Set(),
    }
    const caveats = adapter.caveats?.(suiteOptions({ matching, upsert }), uses) ?? []
    expect(caveats.some((caveat) => /found it|looks for/.test(caveat))).toBe(isSaid)
  })

  it.each([
    ['EMAIL_SUB', { email: 'other@example.com', extensions: [email] }, 'email'],
    ['EMAIL_PHONE_SUB', { email: 'other@example.com', extensions: [sms] }, 'email'],
    ['EMAIL_PHONE_SUB', { phone: '+34600111223', extensions: [email] }, 'phone'],
    ['EMAIL_PHONE', { email: 'ada@example.com', extensions: [sms] }, 'extensions'],
    ['CUSTOM_SUB', { attributes: { member_number: 13 }, extensions: [numbered] }, 'attributes.member_number'],
  ] satisfies [MatchingMode, ProfileRecord, string][])(
    'by %s refuses a record by which Altcraft would look for something else: %j',
    async (matching, record, field) => {
      const matchingField = matching === 'CUSTOM_SUB' ? 'member_number' : null
      expect(errorsOf(await prepare(record, { matching, matchingField }))).toMatchObject([
        { code: 'INVALID_VALUE', field },
      ])
    },
  )

  it('needs the value, also of what an extension that was dropped had', async () => {
    const { resourceId: _, ...homeless } = email
    const change = { matching: 'EMAIL_SUB', skipInvalidExtensions: true } as const
    expect(errorsOf(await prepare({ extensions: [homeless] }, change))).toMatchObject([
      { code: 'MISSING_MATCH_VALUE', field: 'extensions' },
    ])
    expect(
      errorsOf(await prepare({ attributes: { size: ' ' } }, { matching: 'CUSTOM', matchingField: 'size' })),
    ).toMatchObject([{ code: 'MISSING_MATCH_VALUE' }])
  })

  it('may be repeated where the call stores what it looks for', async () => {
    const { adapter } = altcraftAdapter()
    const { matching: modes = [] } = adapter.capabilities.profiles ?? {}
    const isRepeatable = (change: Partial<ProfileUpsertOptions>) => adapter.isRepeatable(suiteOptions(change), [])
    for (const matching of modes) expect(isRepeatable({ matching })).toBe(true)
    expect(isRepeatable({ matching: 'EMAIL_SUB', skipInvalidExtensions: true })).toBe(false)
    expect(isRepeatable({ matching: 'EMAIL_SUB', skipInvalidExtensions: true, upsert: 'UPDATE_ONLY' })).toBe(true)
    expect(isRepeatable({ matching: 'FILTER' })).toBe(false)
  })
})

describe('folding', () => {
  it('merges fields and subscriptions, the later ones winning', async () => {
    const { adapter } = altcraftAdapter()
    const earlier: ProfileRecord = {
      key: 'c1',
      firstName: 'early',
      lastName: 'kept',
      attributes: { a: 1, b: 1 },
      extensions: [{ ...email, priority: 1, customFields: { x: 1, y: 1 } }, sms],
    }
    const later: ProfileRecord = {
      key: 'c1',
      firstName: 'late',
      attributes: { b: 2 },
      extensions: [
        { ...email, status: 'UNSUBSCRIBED', customFields: { y: 2 } },
        { ...email, resourceId: 4 },
      ],
    }
    const values = [preparedValue(await prepare(earlier)), preparedValue(await prepare(later))] as const
    expect(adapter.fold(suiteOptions(), ...values)).toMatchObject({
      matchValue: 'c1',
      alsoMatches: [],
      fields: { _fname: 'late', _lname: 'kept', a: 1, b: 2, CRM_ID: 'c1' },
      subscriptions: [
        { channel: 'email', resource_id: 3, status: 'unsubscribed', priority: 1, custom_fields: { x: 1, y: 2 } },
        { channel: 'sms' },
        { channel: 'email', resource_id: 4 },
      ],
    })
    expect(adapter.fold(suiteOptions({ detectGeo: true }), ...values)).toBeNull()
  })

  it('reaches what either of them does', async () => {
    const { adapter } = altcraftAdapter()
    const change = { matching: 'EMAIL' } as const
    const records = ['one@example.com', 'two@example.com'].map((address) => ({
      email: 'own@example.com',
      extensions: [{ ...email, address }],
    }))
    const [earlier, later] = await Promise.all(
      records.map(async (record) => preparedValue(await prepare(record, change))),
    )
    const folded = earlier && later && adapter.fold(suiteOptions(change), earlier, later)
    expect(folded).toMatchObject({ alsoMatches: ['one@example.com', 'two@example.com'] })
  })

  it('keeps apart what may be two profiles', async () => {
    const { adapter } = altcraftAdapter()
    const change = { matching: 'EMAIL_PHONE' } as const
    const one = preparedValue(await prepare({ email: 'ada@example.com' }, change))
    const both = preparedValue(await prepare({ email: 'ada@example.com', phone: '+34600111222' }, change))
    expect(adapter.fold(suiteOptions(change), one, both)).toBeNull()
    const [a, b] = [preparedValue(await prepare({ key: 'a' })), preparedValue(await prepare({ key: 'b' }))]
    expect(adapter.fold(suiteOptions(), a, b)).toBeNull()
  })
})
