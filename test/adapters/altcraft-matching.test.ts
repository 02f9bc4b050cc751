import { describe, expect, it } from 'vitest'
import type { AltcraftRecord } from '../../src/adapters/altcraft/record.ts'
import type { ExtensionRecord, MatchingMode, ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions, RecordUses } from '../../src/contract/request.ts'
import { createPlanner } from '../../src/domain/plan.ts'
import { suiteOptions } from '../support/adapter-bench.ts'
import { altcraftAdapter, errorsOf, prepare, preparedValue, sentProfile } from './altcraft-bench.ts'

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
    const extended = adapter.caveats?.(suiteOptions({ matching, upsert, resourceId: 7 }), {
      ...uses,
      channels: new Set(['EMAIL']),
    })
    expect(extended).toContainEqual(expect.stringContaining('resourceId'))
    expect(caveats.join()).not.toContain('resourceId')
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
