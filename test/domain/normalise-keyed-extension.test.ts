import { describe, expect, test } from 'vitest'
import type { ExtensionInput } from '../../src/contract/input.ts'
import type { ExtensionUpsertOptions } from '../../src/contract/request.ts'
import { normaliseKeyedExtension } from '../../src/domain/normalise-keyed-extension.ts'
import { extensionOptions } from './request-options.ts'

const sms: ExtensionInput = { key: 'k', channel: 'SMS', address: '+49 151 12345678' }
const stored = { key: 'k', channel: 'SMS', address: '+4915112345678' }

const normalised = (input: Partial<ExtensionInput>, options: Partial<ExtensionUpsertOptions> = {}) => {
  const one = normaliseKeyedExtension({ ...sms, ...input }, extensionOptions(options))
  if (one.ok) return one.record
  // Every message begins with the field that it is about.
  for (const { field, message } of one.errors) expect(message.startsWith(`${field} `)).toBe(true)
  return one.errors.map(({ code, field }) => `${code} ${field}`)
}
const updateOnly = { upsert: 'UPDATE_ONLY' } as const

describe('an extension by itself', () => {
  test('is kept with its addresses as their channel stores them, and nothing added', () => {
    const all = {
      clientRef: 'r',
      resourceId: 0,
      name: 'news',
      permission: false,
      newAddress: '+49 151 12345679',
      newKey: 'l',
    }
    expect(normalised({})).toEqual(stored)
    expect(normalised(all, updateOnly)).toEqual({ ...stored, ...all, newAddress: '+4915112345679' })
    const push = { channel: 'PUSH', address: 'token', provider: 'fcm' } as const
    expect(normalised(push)).toEqual({ key: 'k', ...push })
    expect(normalised({ ...push, channel: null })).toEqual({ key: 'k', address: 'token', provider: 'fcm' })
    expect(normalised({ channel: 'EMAIL', address: ' A@B.co ' })).toEqual({
      key: 'k',
      channel: 'EMAIL',
      address: 'a@b.co',
    })
  })

  test('keeps its address as it is where it states no channel', () => {
    const { channel: _, ...without } = sms
    expect(normalised({ channel: null })).toEqual(without)
    expect(normalised({ channel: null, address: 'anything' })).toEqual({ key: 'k', address: 'anything' })
    expect(normalised({ channel: null, address: '' })).toEqual(['INVALID_VALUE address'])
    expect(normalised({ channel: null, address: 'x'.repeat(513) })).toEqual(['VALUE_TOO_LONG address'])
    expect(normalised({ channel: null, address: 'a\0' })).toEqual(['INVALID_VALUE address'])
  })

  test.each<[Partial<ExtensionInput>, string]>([
    [{ address: '1' }, 'INVALID_PHONE address'],
    [{ channel: 'EMAIL' }, 'INVALID_EMAIL address'],
    [{ channel: 'EMAIL', address: `${'x'.repeat(251)}@b.co` }, 'VALUE_TOO_LONG address'],
    [{ channel: 'TELEGRAM_BOT', address: '@ada' }, 'INVALID_VALUE address'],
    [{ channel: 'PUSH', address: '' }, 'INVALID_VALUE address'],
    [{ key: '' }, 'INVALID_VALUE key'],
    [{ key: 'x'.repeat(256) }, 'VALUE_TOO_LONG key'],
    [{ key: '\ud800' }, 'INVALID_VALUE key'],
    [{ clientRef: '' }, 'INVALID_VALUE clientRef'],
    [{ provider: 'x'.repeat(101) }, 'VALUE_TOO_LONG provider'],
    [{ provider: 'fcm' }, 'INVALID_VALUE provider'],
    [{ resourceId: 2 ** 31 }, 'INVALID_VALUE resourceId'],
    [{ name: 'x'.repeat(101) }, 'VALUE_TOO_LONG name'],
    [{ newAddress: '1' }, 'INVALID_PHONE newAddress'],
    [{ newAddress: sms.address, channel: null }, 'CHANNEL_REQUIRED channel'],
    [{ newKey: '' }, 'INVALID_VALUE newKey'],
  ])('%j is refused: %s', (input, error) => {
    expect(normalised(input, updateOnly)).toEqual([error])
  })

  test('says all that is wrong with it', () => {
    const wrong: Partial<ExtensionInput> = {
      key: '',
      address: 'x',
      provider: 'a\0',
      resourceId: 0.5,
      newAddress: 'y',
      newKey: 'a\0',
    }
    expect(normalised(wrong, { upsert: 'CREATE_ONLY' })).toEqual([
      'INVALID_VALUE key',
      'INVALID_PHONE address',
      'INVALID_VALUE provider',
      'INVALID_VALUE resourceId',
      'INVALID_PHONE newAddress',
      'INVALID_VALUE newKey',
      'INVALID_VALUE newAddress',
      'INVALID_VALUE newKey',
    ])
  })

  test.each(['CREATE_ONLY', 'CREATE_OR_UPDATE'] as const)('is moved by nothing but UPDATE_ONLY: %s', (upsert) => {
    const move = { newAddress: sms.address, newKey: 'l' }
    expect(normalised(move, { upsert })).toEqual(['INVALID_VALUE newAddress', 'INVALID_VALUE newKey'])
    expect(normalised({ newAddress: null, newKey: null }, { upsert })).toEqual(stored)
  })

  test('takes null for left out, and under CLEAR clears its name with it', () => {
    const nulls = { clientRef: null, provider: null, resourceId: null, name: null }
    const rest = { permission: null, newAddress: null, newKey: null }
    expect(normalised({ ...nulls, ...rest }, updateOnly)).toEqual(stored)
    expect(normalised(nulls, { nulls: 'CLEAR' })).toEqual({ ...stored, name: null })
    expect(normalised({ provider: '' })).toEqual(stored)
    expect(normalised(rest, { ...updateOnly, nulls: 'CLEAR' })).toEqual([
      'INVALID_VALUE permission',
      'INVALID_VALUE newAddress',
      'INVALID_VALUE newKey',
    ])
  })
})
