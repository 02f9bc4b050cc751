import { beforeEach, describe, expect, test } from 'vitest'
import { openAltcraft } from './altcraft-bench.ts'

const sms = (phone: string, resource_id = 28) => ({ channel: 'sms', resource_id, phone })
const email = (address: string, resource_id = 28) => ({ channel: 'email', resource_id, email: address })
const push = (subscription_id: string, provider = 'android-firebase') => ({
  channel: 'push',
  resource_id: 28,
  provider,
  subscription_id,
})

// Three profiles with everything apart: what finds one of them says where a mode looks.
const own = { CRM_ID: 'own', email: 'own@example.com', phones: ['+34600000001'], interests: ['sailing', 'jazz'] }
const subscribed = {
  CRM_ID: 'subscribed',
  subscriptions: [email('sub@example.com'), sms('+34600000002', 3), push('token-1')],
}
const numbered = {
  CRM_ID: 'numbered',
  Custom_ID: 77,
  subscriptions: [
    { ...email('other@example.com', 3), custom_fields: { member_number: 12 } },
    { channel: 'telegram_bot', resource_id: 28, cc_data: { id: 900_100 } },
  ],
}

let bench = openAltcraft()
beforeEach(async () => {
  bench = openAltcraft()
  const { codes } = await bench.importItems([own, subscribed, numbered], { matching: 'custom', field_name: 'CRM_ID' })
  expect(codes).toEqual([0, 0, 0])
})

/** The CRM_ID of the profile found, `new` when one was created, or the error code. */
async function found(parameters: object, item: object): Promise<unknown> {
  const { codes, ids } = await bench.importItems([item], parameters)
  const profile = bench.stored().find(({ id }) => id === ids[0])
  return codes[0] === 0 ? (profile?.['CRM_ID'] ?? 'new') : codes[0]
}

describe.each([
  ['email', { email: 'OWN@example.com' }, 'own'],
  ['email', { email: 'sub@example.com' }, 'subscribed'],
  ['email_profile', { email: 'own@example.com' }, 'own'],
  ['email_profile', { email: 'sub@example.com' }, 'new'],
  ['email_sub', { email: 'own@example.com' }, 'new'],
  ['email_sub', { email: 'sub@example.com' }, 'subscribed'],
  ['email_sub', { subscriptions: [email('sub@example.com')] }, 'subscribed'],
  ['phone', { phone: '+34 600 000-001' }, 'own'],
  ['phone', { phones: ['34600000002'] }, 'subscribed'],
  ['phone', { subscriptions: [sms('+34600000002')] }, 'subscribed'],
  ['phone_sub', { phone: '+34600000001' }, 'new'],
  ['phone_sub', { phone: '+34600000002' }, 'subscribed'],
  ['push_sub', { provider: 'android-firebase', subscription_id: 'token-1' }, 'subscribed'],
  ['push_sub', { subscriptions: [push('token-1')] }, 'subscribed'],
  ['push_sub', { provider: 'ios-apns', subscription_id: 'token-1' }, 'new'],
  ['email_phone', { email: 'own@example.com' }, 'own'],
  ['email_phone', { email: 'new@example.com', phone: '+34600000001' }, 'own'],
  ['email_phone', { email: 'sub@example.com' }, 'new'],
  ['email_phone_sub', { phone: '+34600000002' }, 'subscribed'],
  ['email_phone_sub', { email: 'own@example.com' }, 'new'],
] as const)('%s with %j', (matching, item, expected) => {
  test(`finds: ${expected}`, async () => {
    expect(await found({ matching }, item)).toBe(expected)
  })
})

describe('profile_id', () => {
  test('finds by the id and never creates', async () => {
    const [profile] = bench.stored()
    expect(await found({ matching: 'profile_id' }, { profile_id: profile?.id, _fname: 'Ann' })).toBe('own')
    expect(await found({ matching: 'profile_id' }, { id: profile?.id })).toBe('own')
    expect(await found({ matching: 'profile_id' }, { profile_id: '0123456789abcdef01234567' })).toBe(404)
    expect(bench.stored()).toHaveLength(3)
    expect(bench.stored()[0]).toMatchObject({ _fname: 'Ann' })
    expect(bench.stored()[0]).not.toHaveProperty('profile_id')
  })
})

describe('custom', () => {
  test('finds by the field in the item, or by field_value', async () => {
    expect(await found({ matching: 'custom', field_name: 'Custom_ID' }, { Custom_ID: 77 })).toBe('numbered')
    expect(await found({ matching: 'custom', field_name: 'Custom_ID' }, { Custom_ID: '77' })).toBe('numbered')
    expect(await found({ matching: 'custom', field_name: 'Custom_ID' }, { field_value: 77 })).toBe('numbered')
  })

  test('finds by the combination of tags', async () => {
    const tags = { matching: 'custom', field_name: 'interests' }
    expect(await found(tags, { field_value: 'jazz, sailing' })).toBe('own')
    expect(await found(tags, { interests: ['jazz'], _fname: 'Ann' })).toBe('own')
    expect(await found(tags, { field_value: 'jazz, chess' })).toBe('new')
  })

  test('wants a custom field of the database that can be compared', async () => {
    const code = async (parameters: object) =>
      (await bench.importBatch({ matching: 'custom', ...parameters, data: [] })).error
    expect(await code({})).toBe(400)
    expect(await code({ field_name: 'No_Such' })).toBe(400)
    expect(await code({ field_name: 'custom_id' })).toBe(400)
    expect(await code({ field_name: '_fname' })).toBe(400)
    expect(await code({ field_name: 'address' })).toBe(400)
  })
})

describe('custom_sub', () => {
  test('finds by a custom field or the channel data of subscriptions', async () => {
    const by = (field_name: string) => ({ matching: 'custom_sub', field_name })
    expect(await found(by('member_number'), { member_number: 12 })).toBe('numbered')
    expect(await found(by('id'), { field_value: '900100' })).toBe('numbered')
    expect(await found(by('member_number'), { member_number: 13 })).toBe('new')
    expect((await bench.importBatch({ matching: 'custom_sub', data: [] })).error).toBe(400)
  })
})

describe('resource_id', () => {
  test('narrows the subscriptions that e-mail and phone modes look at', async () => {
    expect(await found({ matching: 'email_sub', resource_id: 3 }, { email: 'other@example.com' })).toBe('numbered')
    expect(await found({ matching: 'email_sub', resource_id: 28 }, { email: 'other@example.com' })).toBe('new')
    expect(await found({ matching: 'phone', resource_id: 28 }, { phone: '+34600000002' })).toBe('new')
    expect(await found({ matching: 'phone', resource_id: 3 }, { phone: '+34600000002' })).toBe('subscribed')
  })

  test('leaves the own fields of the profile to be searched', async () => {
    expect(await found({ matching: 'email', resource_id: 3 }, { email: 'own@example.com' })).toBe('own')
  })

  test('must exist', async () => {
    expect(await bench.importBatch({ resource_id: 999, data: [] })).toMatchObject({ error: 404 })
  })
})

describe('several matches', () => {
  test('are error 409 and write nothing', async () => {
    await bench.importItems([{ CRM_ID: 'twin', email: 'own@example.com' }], {
      matching: 'custom',
      field_name: 'CRM_ID',
    })
    const { result } = await bench.importItems([{ email: 'own@example.com', _fname: 'Ann' }])
    expect(result).toEqual([{ error: 409, error_text: 'More than one profile matches, inaccurate match' }])
    expect(bench.stored().some((profile) => '_fname' in profile)).toBe(false)
  })

  test('are so too when e-mail and phone speak of different profiles', async () => {
    const item = { email: 'own@example.com', phones: ['+34600000003'] }
    await bench.importItems([{ CRM_ID: 'third', phones: ['+34600000003'] }], {
      matching: 'custom',
      field_name: 'CRM_ID',
    })
    expect(await found({ matching: 'email_phone' }, item)).toBe(409)
  })
})

test.each([
  ['email', {}],
  ['email', { email: '' }],
  ['email', { email: null }],
  ['email_sub', { subscriptions: [sms('+34600000009')] }],
  ['phone', { email: 'x@example.com' }],
  ['phone', { phone: '12345' }],
  ['push_sub', { subscription_id: 'token-1' }],
  ['profile_id', {}],
  ['email_phone', { _fname: 'Ann' }],
])('%s refuses the item %j, which has no value to match', async (matching, item) => {
  expect(await found({ matching }, item)).toBe(400)
})

test('keys that only match are not stored', async () => {
  await bench.importItems([{ phone: '+34600000009', provider: 'p', subscription_id: 's', field_value: 'v' }], {
    matching: 'phone',
  })
  expect(Object.keys(bench.stored()[3] ?? {})).toEqual(['id', 'db_id', 'subscriptions', 'triggers'])
})

test('a profile is no longer found by what it was', async () => {
  const byKey = { matching: 'custom', field_name: 'CRM_ID' }
  await bench.importItems([{ CRM_ID: 'own', email: 'moved@example.com' }], byKey)
  expect(await found({ matching: 'email' }, { email: 'moved@example.com' })).toBe('own')
  expect(await found({ matching: 'email' }, { email: 'own@example.com' })).toBe('new')
})

test('databases do not see each other', async () => {
  await bench.importBatch({ db_id: 2, data: [{ email: 'own@example.com' }] })
  expect(bench.stored().filter((profile) => profile['email'] === 'own@example.com')).toHaveLength(2)
})
