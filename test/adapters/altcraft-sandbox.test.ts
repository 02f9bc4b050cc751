import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExtensionRecord, MatchingMode, ProfileRecord } from '../../src/contract/profile.ts'
import { send, suiteOptions } from '../support/adapter-bench.ts'
import { type AltcraftBench, openAltcraftBench } from './altcraft-bench.ts'

const email: ExtensionRecord = { channel: 'EMAIL', address: 'ada@example.com', resourceId: 3, status: 'SUBSCRIBED' }
const sms: ExtensionRecord = { channel: 'SMS', address: '+34600111222', resourceId: 3, status: 'SUBSCRIBED' }
const push: ExtensionRecord = {
  channel: 'PUSH',
  address: 't1',
  provider: 'Firefox',
  resourceId: 3,
  status: 'SUBSCRIBED',
}

describe.each(['json', 'xml'] as const)('Altcraft in the sandbox, in %s', (format) => {
  let bench: AltcraftBench
  beforeAll(async () => {
    bench = await openAltcraftBench({ format })
  })
  afterAll(() => bench.close())
  beforeEach(() => bench.reset())

  const modes: [MatchingMode, string | null, ProfileRecord][] = [
    ['KEY', null, { key: 'c1' }],
    ['EMAIL', null, { email: 'ada@example.com' }],
    ['EMAIL_PROFILE', null, { email: 'ada@example.com' }],
    ['EMAIL_SUB', null, { extensions: [email] }],
    ['PHONE', null, { phone: '+34600111222' }],
    ['PHONE_SUB', null, { extensions: [sms] }],
    ['EMAIL_PHONE', null, { email: 'ada@example.com', phone: '+34600111222' }],
    ['EMAIL_PHONE_SUB', null, { extensions: [email, sms] }],
    ['PUSH_SUB', null, { extensions: [push] }],
    ['CUSTOM', 'Custom_ID', { attributes: { Custom_ID: 77 } }],
    ['CUSTOM_SUB', 'member_number', { extensions: [{ ...email, customFields: { member_number: 12 } }] }],
  ]
  it.each(modes)('creates by %s once, and updates what it made', async (matching, matchingField, record) => {
    const options = suiteOptions({ matching, matchingField })
    const [created] = await send(bench, options, [{ ...record, firstName: 'Ada' }])
    expect(created).toMatchObject({ outcome: 'UPSERTED', profileId: expect.stringMatching(/^[0-9a-f]{24}$/) })
    const [again] = await send(bench, options, [{ ...record, lastName: 'King' }], { repeated: true })
    expect(again).toEqual(created)
    const update = suiteOptions({ matching, matchingField, upsert: 'UPDATE_ONLY' })
    const [updated] = await send(bench, update, [{ ...record, firstName: 'Augusta' }])
    expect(updated).toMatchObject({ outcome: 'UPDATED', profileId: created?.profileId })
    expect(bench.profiles()).toMatchObject([{ _fname: 'Augusta', _lname: 'King' }])
  })

  it('updates by PROFILE_ID, and creates nothing by it', async () => {
    const [created] = await send(bench, suiteOptions(), [{ key: 'c1' }])
    const profileId = created?.profileId ?? ''
    const records = [{ profileId, firstName: 'Ada' }, { profileId: '0123456789abcdef01234567' }]
    expect(await send(bench, suiteOptions({ matching: 'PROFILE_ID' }), records)).toMatchObject([
      { outcome: 'UPSERTED', profileId },
      { outcome: 'FAILED', errors: [{ code: 'PROFILE_NOT_FOUND' }] },
    ])
    expect(bench.profiles()).toHaveLength(1)
  })

  it('does not write what only found the profile', async () => {
    const profile = { key: 'c1', email: 'own@example.com', attributes: { interests: ['sailing', 'jazz', 'chess'] } }
    await send(bench, suiteOptions(), [{ ...profile, extensions: [email] }])
    await send(bench, suiteOptions({ matching: 'EMAIL_SUB' }), [{ extensions: [email], firstName: 'Ada' }])
    const byTags = suiteOptions({ matching: 'CUSTOM', matchingField: 'interests', upsert: 'UPDATE_ONLY' })
    const tagged = { attributes: { interests: ['chess', 'sailing'] }, lastName: 'King' }
    expect(await send(bench, byTags, [tagged])).toMatchObject([{ outcome: 'UPDATED' }])
    expect(bench.profiles()).toMatchObject([
      { email: 'own@example.com', _fname: 'Ada', _lname: 'King', interests: ['sailing', 'jazz', 'chess'] },
    ])
  })

  it('says which profile is one of several, and writes neither', async () => {
    await send(bench, suiteOptions(), [
      { key: 'c1', email: 'ada@example.com' },
      { key: 'c2', email: 'ada@example.com' },
    ])
    const fates = await send(bench, suiteOptions({ matching: 'EMAIL' }), [{ email: 'ada@example.com', firstName: 'A' }])
    expect(fates).toMatchObject([{ outcome: 'FAILED', errors: [{ code: 'AMBIGUOUS_MATCH', vendorCode: '409' }] }])
    expect(bench.profiles().some((profile) => '_fname' in profile)).toBe(false)
  })

  it('looks among the subscriptions of one resource where it is told to', async () => {
    const made = await send(bench, suiteOptions(), [
      { key: 'c1', extensions: [email] },
      { key: 'c2', extensions: [{ ...email, resourceId: 28 }] },
    ])
    const options = suiteOptions({ matching: 'EMAIL_SUB', resourceId: 28, upsert: 'UPDATE_ONLY' })
    const { resourceId: _, ...homeless } = email
    expect(await send(bench, options, [{ extensions: [homeless] }])).toMatchObject([{ profileId: made[1]?.profileId }])
  })

  it('stores every channel, with status, priority, categories and fields', async () => {
    const extensions: ExtensionRecord[] = [
      { ...email, status: 'UNCONFIRMED', priority: 2, categories: ['news'], customFields: { member_number: 7 } },
      sms,
      push,
      { channel: 'TELEGRAM_BOT', address: '900100', resourceId: 3, status: 'SUBSCRIBED' },
      { channel: 'WHATSAPP', address: '+34600111222', resourceId: 3, status: 'SUBSCRIBED' },
      { channel: 'VIBER', address: '+34600111222', resourceId: 3, status: 'HARD_BOUNCED' },
    ]
    expect(await send(bench, suiteOptions(), [{ key: 'c1', extensions }])).toMatchObject([{ outcome: 'UPSERTED' }])
    expect(bench.profiles()[0]?.subscriptions).toMatchObject([
      { channel: 'email', status: 'unconfirmed', priority: 2, cats: ['news'], custom_fields: { member_number: 7 } },
      { channel: 'sms', phone_data: { phone: '+34600111222' } },
      { channel: 'push', push_data: { provider: 'Firefox', subscription_id: 't1' } },
      { channel: 'telegram_bot', cc_data: { id: 900100 } },
      { channel: 'whatsapp', cc_data: { phone: '+34600111222' } },
      { channel: 'viber', status: 'hardbounced' },
    ])
  })

  it('leaves status and priority of a subscription alone that does not state them', async () => {
    await send(bench, suiteOptions(), [
      { key: 'c1', extensions: [{ ...email, status: 'UNSUBSCRIBED', priority: 4, categories: ['news'] }] },
    ])
    const { status: _, ...bare } = email
    await send(bench, suiteOptions(), [{ key: 'c1', extensions: [bare] }])
    expect(bench.profiles()[0]?.subscriptions).toMatchObject([{ status: 'unsubscribed', priority: 4, cats: ['news'] }])
  })

  it('fails a profile for a bad subscription, or leaves that out where it may', async () => {
    const record = { key: 'c1', extensions: [{ ...email, categories: ['no such'] }, sms] }
    expect(await send(bench, suiteOptions(), [record])).toMatchObject([{ errors: [{ code: 'INVALID_VALUE' }] }])
    expect(bench.profiles()).toEqual([])
    const skipping = suiteOptions({ skipInvalidExtensions: true })
    expect(await send(bench, skipping, [record])).toMatchObject([{ outcome: 'UPSERTED' }])
    expect(bench.profiles()[0]?.subscriptions).toMatchObject([{ channel: 'sms' }])
  })

  it('keeps triggers from firing, and finds the place of an address', async () => {
    const options = suiteOptions({ skipTriggers: true, detectGeo: true })
    await send(bench, options, [{ key: 'c1', attributes: { _ip: '198.51.100.7' } }])
    expect(bench.profiles()).toMatchObject([{ _city: 'Madrid', triggers: [{ fired: false }] }])
  })

  it('carries every kind of value and of letter', async () => {
    const attributes = {
      Custom_ID: '77',
      balance: 12.5,
      vip: true,
      last_purchase: '2026-01-02',
      interests: ['<b>', 'R&D'],
      home_ip: '2001:db8::1',
      _tz: 'Europe/Madrid',
    }
    const record: ProfileRecord = {
      key: ' "k" & <1>',
      firstName: ' Zoë 😀 ]]> ',
      gender: 'm',
      status: 'PASSIVE',
      attributes,
    }
    expect(await send(bench, suiteOptions(), [record])).toMatchObject([{ outcome: 'UPSERTED' }])
    expect(bench.profiles()).toMatchObject([
      {
        ...attributes,
        Custom_ID: 77,
        last_purchase: '2026-01-02T00:00:00.000Z',
        CRM_ID: record.key,
        _fname: record.firstName,
        _sex: 'male',
        _status: 5,
      },
    ])
  })

  it.each([401, 402, 403, 440, 500])('agrees with what is stored when the vendor refuses with %i', async (error) => {
    for (const mirrorErrorInStatus of [false, true]) {
      const orderedErrors = [{ error, errorText: 'on order' }]
      bench.vendor.sandbox.configure('altcraft', { mirrorErrorInStatus, orderedErrors })
      await expect(send(bench, suiteOptions(), [{ key: 'c1' }])).rejects.toMatchObject({
        details: { vendorCode: String(error), vendorMessage: 'on order' },
      })
      expect(bench.profiles()).toEqual([])
    }
  })

  it('ends where the tariff does', async () => {
    bench.vendor.sandbox.configure('altcraft', { tariffProfiles: 1 })
    expect(await send(bench, suiteOptions(), [{ key: 'c1' }, { key: 'c2' }])).toMatchObject([
      { outcome: 'UPSERTED' },
      { outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', vendorCode: '402' }] },
    ])
    await expect(send(bench, suiteOptions(), [{ key: 'c3' }])).rejects.toMatchObject({ fault: 'ACCOUNT_REFUSED' })
  })
})

it('carries names of other alphabets in XML', async () => {
  const field = { name: 'город_1', type: 'unicode' } as const
  const databases = [{ id: 1, fields: [{ name: 'CRM_ID', type: 'unicode' } as const, field] }]
  const bench = await openAltcraftBench({ format: 'xml' }, { databases })
  try {
    const fates = await send(bench, suiteOptions(), [{ key: 'c1', attributes: { [field.name]: 'Москва' } }])
    expect(fates).toMatchObject([{ outcome: 'UPSERTED' }])
    expect(bench.profiles()).toMatchObject([{ [field.name]: 'Москва' }])
  } finally {
    await bench.close()
  }
})
