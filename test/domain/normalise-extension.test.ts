import { describe, expect, test } from 'vitest'
import type { ProfileExtensionInput } from '../../src/contract/input.ts'
import type { Channel, JsonValue } from '../../src/contract/profile.ts'
import { normaliseAddress, normaliseExtension } from '../../src/domain/normalise-extension.ts'

const sms = { channel: 'SMS', address: '+4915112345678' } as const

const fieldsOf = (input: Partial<ProfileExtensionInput>, clears = false) => {
  const normalised = normaliseExtension({ ...sms, ...input }, 2, clears)
  return normalised.ok ? normalised.extension : normalised.errors.map(({ code, field }) => `${code} ${field}`)
}

describe('an address', () => {
  test.each<[Channel, string, string | null]>([
    ['EMAIL', ' A@B.co ', 'a@b.co'],
    ['EMAIL', '+4915112345678', null],
    ['SMS', '+49 151 12345678', '+4915112345678'],
    ['WHATSAPP', '+49 151 12345678', '+4915112345678'],
    ['VIBER', '+49 151 12345678', '+4915112345678'],
    ['VIBER', 'a@b.co', null],
    ['TELEGRAM_BOT', '-1001234567890', '-1001234567890'],
    ['TELEGRAM_BOT', ' 007 ', '7'],
    ['TELEGRAM_BOT', '@ada', null],
    ['TELEGRAM_BOT', '', null],
    ['PUSH', ' Token ', ' Token '],
    ['PUSH', 'x'.repeat(512), 'x'.repeat(512)],
    ['PUSH', 'x'.repeat(513), null],
    ['PUSH', '', null],
    ['PUSH', 'a\0', null],
  ])('of %s: %j becomes %j', (channel, given, expected) => {
    const checked = normaliseAddress(channel, given)
    expect(checked.ok ? checked.value : null).toBe(expected)
  })
})

describe('an extension', () => {
  test('is kept with its categories cleaned, and nothing added', () => {
    const extension = {
      channel: 'PUSH',
      address: 'token',
      provider: 'fcm',
      resourceId: -5,
      name: 'app',
      permission: false,
      status: 'SUBSCRIBED',
      priority: 0,
      customFields: { nested: { list: [1, null, 'x'] } },
    } as const
    const input = {
      ...extension,
      categories: [' b ', 'a', '', 'b'],
      customFields: { nested: { list: [1, null, 'x'] } },
    }
    expect(normaliseExtension(input, 0, false)).toEqual({
      ok: true,
      extension: { ...extension, categories: ['b', 'a'] },
    })
    expect(fieldsOf({})).toEqual(sms)
  })

  test('under IGNORE leaves null out, that of single custom fields too', () => {
    expect(
      fieldsOf({
        provider: null,
        resourceId: null,
        name: null,
        permission: null,
        status: null,
        priority: null,
        categories: null,
        customFields: { a: null, b: { c: null } },
      }),
    ).toEqual({ ...sms, customFields: { b: { c: null } } })
    expect(fieldsOf({ customFields: null })).toEqual(sms)
  })

  test('under CLEAR clears name, priority, categories and single custom fields with null', () => {
    const cleared = { name: null, priority: null, categories: null, customFields: { a: null } }
    expect(fieldsOf({ ...cleared, provider: null, resourceId: null }, true)).toEqual({ ...sms, ...cleared })
  })

  test('under CLEAR cannot clear permission, status or all custom fields', () => {
    expect(fieldsOf({ permission: null, status: null, customFields: null }, true)).toEqual([
      'INVALID_EXTENSION extensions[2].permission',
      'INVALID_EXTENSION extensions[2].status',
      'INVALID_EXTENSION extensions[2].customFields',
    ])
  })

  test('has a provider only where its address is a push token', () => {
    expect(fieldsOf({ provider: 'fcm' })).toEqual(['INVALID_EXTENSION extensions[2].provider'])
    expect(fieldsOf({ provider: '' })).toEqual(sms)
  })

  test('says all that is wrong with it', () => {
    expect(
      fieldsOf({
        address: '1',
        provider: 'a\0',
        resourceId: 2 ** 31,
        name: 'x'.repeat(101),
        priority: -1,
        categories: ['x'.repeat(256)],
        customFields: { a: '\ud800' },
      }),
    ).toEqual(
      ['address', 'provider', 'resourceId', 'name', 'priority', 'categories', 'customFields'].map(
        (member) => `INVALID_EXTENSION extensions[2].${member}`,
      ),
    )
  })
})

describe('custom fields', () => {
  const nested = (levels: number): JsonValue => (levels === 0 ? 'end' : { inner: nested(levels - 1) })
  const isKept = (customFields: unknown) =>
    normaliseExtension({ ...sms, customFields: customFields as Record<string, JsonValue> }, 0, false).ok

  test('may be nested ten levels deep, lists included', () => {
    expect(isKept(nested(10))).toBe(true)
    expect(isKept(nested(11))).toBe(false)
    expect(isKept({ list: [nested(8)] })).toBe(true)
    expect(isKept({ list: [nested(9)] })).toBe(false)
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    expect(isKept({ deep })).toBe(false)
  })

  test('may be 64 KiB of JSON, measured in bytes', () => {
    expect(isKept({ a: 'x'.repeat(65_536 - 8) })).toBe(true)
    expect(isKept({ a: 'x'.repeat(65_536 - 7) })).toBe(false)
    expect(isKept({ a: 'ü'.repeat(40_000) })).toBe(false)
  })

  test('hold nothing that cannot be stored, in names neither', () => {
    expect(isKept({ 'a\0': 1 })).toBe(false)
    expect(isKept({ a: { '\udc00': 1 } })).toBe(false)
    expect(isKept({ a: [{ b: 'c\0' }] })).toBe(false)
    expect(isKept({ a: [Number.NEGATIVE_INFINITY] })).toBe(false)
    expect(isKept({ ['x'.repeat(256)]: 1 })).toBe(false)
  })
})
