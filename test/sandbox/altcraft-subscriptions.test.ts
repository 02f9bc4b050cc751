import { describe, expect, test } from 'vitest'
import { openAltcraft } from './altcraft-bench.ts'

const withSubscription = (subscription: unknown) => ({ email: 'a@example.com', subscriptions: [subscription] })
const contact = { channel: 'email', resource_id: 28, email: 'a@example.com' }

async function importOne(subscription: unknown, parameters: object = {}) {
  const bench = openAltcraft()
  const { result } = await bench.importItems([withSubscription(subscription)], parameters)
  return { result: result[0], subscriptions: bench.stored()[0]?.subscriptions }
}

test.each([
  ['flat e-mail', { channel: 'email', email: 'A@x.org' }, { email_data: { email: 'A@x.org', domain: 'x.org' } }],
  ['nested e-mail', { channel: 'email', email_data: { email: 'a@x.org' } }, { email_data: { email: 'a@x.org' } }],
  ['flat phone', { channel: 'sms', phone: '+34 600 111 222' }, { phone_data: { phone: '+34600111222' } }],
  [
    'nested phone',
    { channel: 'sms', phone_data: { phone: '+34600111222' } },
    { phone_data: { phone: '+34600111222' } },
  ],
  [
    'flat push',
    { channel: 'push', provider: 'Firefox', subscription_id: 't' },
    { push_data: { provider: 'Firefox', subscription_id: 't' } },
  ],
  [
    'nested push',
    { channel: 'push', push_data: { provider: 'Firefox', subscription_id: 't' } },
    { push_data: { provider: 'Firefox', subscription_id: 't' } },
  ],
  ['telegram', { channel: 'telegram_bot', cc_data: { id: 1 } }, { cc_data: { id: 1 } }],
  ['whatsapp', { channel: 'whatsapp', cc_data: { phone: '+34600111222' } }, { cc_data: { phone: '+34600111222' } }],
  ['viber', { channel: 'viber', cc_data: { phone: '+34600111222' } }, { cc_data: { phone: '+34600111222' } }],
  ['notify', { channel: 'notify', cc_data: { phone: '+34600111222' } }, { cc_data: { phone: '+34600111222' } }],
  ['custom channel', { channel: 'in_app', resource_id: 3, cc_data: { user: 'u1' } }, { cc_data: { user: 'u1' } }],
])('takes a %s contact', async (_, subscription, stored) => {
  const { result, subscriptions } = await importOne({ resource_id: 28, ...subscription })
  expect(result).toMatchObject({ error: 0 })
  expect(subscriptions).toMatchObject([{ channel: subscription.channel, status: 'subscribed', ...stored }])
})

const invalid = [
  ['no resource', { channel: 'email', email: 'a@example.com' }],
  ['an unknown resource', { ...contact, resource_id: 999 }],
  ['a resource of another database', { ...contact, resource_id: 40 }],
  ['a resource spelled as text', { ...contact, resource_id: '28' }],
  ['no channel', { resource_id: 28, email: 'a@example.com' }],
  ['a channel that the resource lacks', { channel: 'in_app', resource_id: 28, cc_data: { id: 1 } }],
  ['no contact', { channel: 'email', resource_id: 28 }],
  ['a wrong e-mail', { ...contact, email: 'nobody' }],
  ['e-mails that disagree', { ...contact, email_data: { email: 'b@example.com' } }],
  ['a wrong phone', { channel: 'sms', resource_id: 28, phone: '+000000000000' }],
  ['a push token without provider', { channel: 'push', resource_id: 28, subscription_id: 't' }],
  ['a Telegram id spelled as text', { channel: 'telegram_bot', resource_id: 28, cc_data: { id: '1' } }],
  ['no cc_data', { channel: 'viber', resource_id: 28, phone: '+34600111222' }],
  ['an unknown status', { ...contact, status: 'asleep' }],
  ['a status out of range', { ...contact, status: 7 }],
  ['a negative priority', { ...contact, priority: -2 }],
  ['an unknown category', { ...contact, cats: ['category_1', 'category_9'] }],
  ['categories in one text', { ...contact, cats: 'category_1' }],
  ['an unknown custom field', { ...contact, custom_fields: { nothing: 1 } }],
  ['a custom field of another type', { ...contact, custom_fields: { custom_field: 5 } }],
  ['no object', 'a@example.com'],
] as const

describe.each(invalid)('a subscription with %s', (_, subscription) => {
  test('fails its profile, nothing of which is written', async () => {
    const { result, subscriptions } = await importOne(subscription)
    expect(result?.error).toBe(400)
    expect(result).not.toHaveProperty('profile_id')
    expect(subscriptions).toBeUndefined()
  })

  test('is dropped under skip_invalid_subscriptions, and the profile imported', async () => {
    const { result, subscriptions } = await importOne(subscription, { skip_invalid_subscriptions: true })
    expect(result).toMatchObject({ error: 0 })
    expect(subscriptions).toEqual([])
  })
})

test.each([
  ...[
    ['subscribed', 0] as const,
    ['unsubscribed', 1] as const,
    ['complained', 2] as const,
    ['hardbounced', 3] as const,
  ],
  ...[['unconfirmed', 4] as const, ['suspended', 5] as const, ['invalid', 6] as const],
])('takes the status %s as a word and as the number %d', async (word, number) => {
  for (const status of [word, number]) {
    const { subscriptions } = await importOne({ ...contact, status })
    expect(subscriptions).toMatchObject([{ status: word }])
  }
})

test('leaves status, priority and categories alone when they are absent, null or -1', async () => {
  const { importItems, stored } = openAltcraft()
  const full = { ...contact, status: 'suspended', priority: 3, cats: ['category_1'] }
  await importItems([withSubscription(full)])
  await importItems([withSubscription({ ...contact, status: -1, priority: -1 })])
  await importItems([withSubscription({ ...contact, status: null, priority: null, cats: null })])
  expect(stored()[0]?.subscriptions).toMatchObject([{ status: 'suspended', priority: 3, cats: ['category_1'] }])
  await importItems([withSubscription({ ...contact, status: 0, priority: 0, cats: [] })])
  expect(stored()[0]?.subscriptions).toMatchObject([{ status: 'subscribed', priority: 0, cats: [] }])
})

test('knows a subscription by resource, channel and contact, and leaves the others', async () => {
  const { importItems, stored } = openAltcraft()
  const upper = { ...contact, email: 'A@Example.com', custom_fields: { _os: 'linux' } }
  await importItems([withSubscription({ ...contact, custom_fields: { custom_field: 'x' } })])
  await importItems([withSubscription(upper)])
  await importItems([withSubscription({ ...contact, resource_id: 3 })])
  await importItems([withSubscription({ ...contact, email: 'b@example.com' })])
  const { subscriptions = [] } = stored()[0] ?? {}
  expect(subscriptions).toHaveLength(3)
  expect(subscriptions[0]).toMatchObject({ custom_fields: { custom_field: 'x', _os: 'linux' } })
})

test('takes the system fields of subscriptions', async () => {
  const custom_fields = { _device_type: 'mob', _os_ver: '14', _ad_track: true }
  const { subscriptions } = await importOne({ ...contact, custom_fields })
  expect(subscriptions).toMatchObject([{ custom_fields }])
})

test('refuses the profile when subscriptions are no array, whatever is skipped', async () => {
  const { importItems } = openAltcraft()
  const item = { email: 'a@example.com', subscriptions: contact }
  expect((await importItems([item], { skip_invalid_subscriptions: true })).codes).toEqual([400])
})

test('treats a resource that the token may not see as unknown', async () => {
  const { importItems } = openAltcraft({ tokens: [{ token: 'abcdefghijklmnqrstuvwxyz', resourceIds: [3] }] })
  const data = [withSubscription(contact), withSubscription({ ...contact, resource_id: 3 })]
  expect((await importItems(data)).codes).toEqual([400, 0])
})
