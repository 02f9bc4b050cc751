import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttributeType, JsonValue } from '../../src/contract/profile.ts'
import {
  type AttributeValue,
  checkText,
  coerceValue,
  compareText,
  compareValues,
  equalValues,
  normaliseEmail,
  normalisePhone,
} from '../../src/domain/values.ts'

const text = (length: number) => 'x'.repeat(length)
const code = (checked: { ok: true } | { ok: false; code: string }) => (checked.ok ? 'ok' : checked.code)

describe('a value that its type takes', () => {
  const cases: [AttributeType, JsonValue, AttributeValue][] = [
    ['STRING', '', ''],
    ['STRING', ' kept as it is ', ' kept as it is '],
    ['STRING', 12.5, '12.5'],
    ['STRING', -0, '0'],
    ['STRING', 1e21, '1e+21'],
    ['STRING', true, 'true'],
    ['STRING', text(65_535), text(65_535)],
    ['STRING', '😀'.repeat(65_535), '😀'.repeat(65_535)],
    ['INTEGER', 7, 7],
    ['INTEGER', -0, 0],
    ['INTEGER', '-0', 0],
    ['INTEGER', '007', 7],
    ['INTEGER', '+7', 7],
    ['INTEGER', 5.0, 5],
    ['INTEGER', '9007199254740991', 9007199254740991],
    ['INTEGER', '-9007199254740991', -9007199254740991],
    ['DECIMAL', 12.5, '12.5'],
    ['DECIMAL', '12.50', '12.5'],
    ['DECIMAL', '+0012.00', '12'],
    ['DECIMAL', '-0.00', '0'],
    ['DECIMAL', -0, '0'],
    ['DECIMAL', '.5', '0.5'],
    ['DECIMAL', 1e21, '1000000000000000000000'],
    ['DECIMAL', 1e-7, '0.0000001'],
    ['DECIMAL', '-1.5E3', '-1500'],
    ['DECIMAL', '9'.repeat(100), '9'.repeat(100)],
    ['DECIMAL', `${'0'.repeat(500)}1`, '1'],
    ['DECIMAL', '0.1234567890123456789', '0.1234567890123456789'],
    ['BOOLEAN', true, true],
    ['BOOLEAN', 'false', false],
    ['DATE', '2024-02-29', '2024-02-29'],
    ['DATE', '0001-01-01', '0001-01-01'],
    ['DATE', '9999-12-31', '9999-12-31'],
    ['DATETIME', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['DATETIME', '2026-01-31t12:00:00.1239z', '2026-01-31T12:00:00.123Z'],
    ['DATETIME', '2026-01-01T00:30:00.5+01:00', '2025-12-31T23:30:00.500Z'],
    ['DATETIME', '2026-01-01T00:30:00-05:45', '2026-01-01T06:15:00.000Z'],
    ['DATETIME', '0050-03-01T00:00:00Z', '0050-03-01T00:00:00.000Z'],
    ['TAGS', ['b', ' a ', '', 'b', 'a, c'], ['b', 'a', 'a, c']],
    ['TAGS', ' b,a ,,b', ['b', 'a']],
    ['TAGS', [], []],
    ['TAGS', '', []],
  ]
  test.each(cases)('%s takes %j', (type, given, kept) => {
    expect(coerceValue(type, given)).toEqual({ ok: true, value: kept })
  })
})

describe('a value that its type does not take', () => {
  const cases: [AttributeType, JsonValue, string][] = [
    ['STRING', null, 'INVALID_VALUE'],
    ['STRING', ['a'], 'INVALID_VALUE'],
    ['STRING', { a: 1 }, 'INVALID_VALUE'],
    ['STRING', Number.POSITIVE_INFINITY, 'INVALID_VALUE'],
    ['STRING', 'a\0b', 'INVALID_VALUE'],
    ['STRING', 'half \ud83d', 'INVALID_VALUE'],
    ['STRING', text(65_536), 'VALUE_TOO_LONG'],
    ['INTEGER', 1.5, 'INVALID_VALUE'],
    ['INTEGER', '1.5', 'INVALID_VALUE'],
    ['INTEGER', '1e3', 'INVALID_VALUE'],
    ['INTEGER', '', 'INVALID_VALUE'],
    ['INTEGER', ' 1', 'INVALID_VALUE'],
    ['INTEGER', '0x10', 'INVALID_VALUE'],
    ['INTEGER', true, 'INVALID_VALUE'],
    ['INTEGER', '9007199254740992', 'INVALID_VALUE'],
    ['INTEGER', '9007199254740993', 'INVALID_VALUE'],
    ['DECIMAL', '', 'INVALID_VALUE'],
    ['DECIMAL', '.', 'INVALID_VALUE'],
    ['DECIMAL', '1.', 'INVALID_VALUE'],
    ['DECIMAL', '1,5', 'INVALID_VALUE'],
    ['DECIMAL', 'NaN', 'INVALID_VALUE'],
    ['DECIMAL', Number.POSITIVE_INFINITY, 'INVALID_VALUE'],
    ['DECIMAL', false, 'INVALID_VALUE'],
    ['DECIMAL', '9'.repeat(101), 'VALUE_TOO_LONG'],
    ['DECIMAL', '1e999999999', 'VALUE_TOO_LONG'],
    ['DECIMAL', '1e-101', 'VALUE_TOO_LONG'],
    ['BOOLEAN', 'TRUE', 'INVALID_VALUE'],
    ['BOOLEAN', 1, 'INVALID_VALUE'],
    ['DATE', '2023-02-29', 'INVALID_VALUE'],
    ['DATE', '1900-02-29', 'INVALID_VALUE'],
    ['DATE', '2024-13-01', 'INVALID_VALUE'],
    ['DATE', '2024-04-31', 'INVALID_VALUE'],
    ['DATE', '0000-01-01', 'INVALID_VALUE'],
    ['DATE', '2024-1-1', 'INVALID_VALUE'],
    ['DATE', '2024-01-01T00:00:00Z', 'INVALID_VALUE'],
    ['DATE', 20240101, 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31T12:00:00', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31 12:00:00Z', 'INVALID_VALUE'],
    ['DATETIME', '2026-02-30T12:00:00Z', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31T24:00:00Z', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31T12:60:00Z', 'INVALID_VALUE'],
    ['DATETIME', '2016-12-31T23:59:60Z', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31T12:00:00+24:00', 'INVALID_VALUE'],
    ['DATETIME', '2026-01-31T12:00:00+0100', 'INVALID_VALUE'],
    ['DATETIME', '0001-01-01T00:00:00+01:00', 'INVALID_VALUE'],
    ['DATETIME', '9999-12-31T23:59:59-01:00', 'INVALID_VALUE'],
    ['TAGS', [1], 'INVALID_VALUE'],
    ['TAGS', ['a', null], 'INVALID_VALUE'],
    ['TAGS', 1, 'INVALID_VALUE'],
    ['TAGS', { a: 'b' }, 'INVALID_VALUE'],
    ['TAGS', ['a\0'], 'INVALID_VALUE'],
    ['TAGS', [text(256)], 'VALUE_TOO_LONG'],
  ]
  test.each(cases)('%s refuses %j', (type, given, expected) => {
    expect(code(coerceValue(type, given))).toBe(expected)
  })

  test('says what PostgreSQL cannot keep and what to do about it', () => {
    expect(coerceValue('STRING', 'a\0')).toMatchObject({ message: expect.stringContaining('NUL character') })
    expect(coerceValue('STRING', '\udc00')).toMatchObject({ message: expect.stringContaining('surrogate') })
  })

  test('a text is measured in characters, not in UTF-16 units', () => {
    expect(code(checkText('😀'.repeat(100), 100))).toBe('ok')
    expect(code(checkText('😀'.repeat(101), 100))).toBe('VALUE_TOO_LONG')
    expect(code(checkText(`${'😀'.repeat(100)}x`, 100))).toBe('VALUE_TOO_LONG')
  })

  test('a long run of zeros is read in linear time', () => {
    expect(code(coerceValue('DECIMAL', `1${'0'.repeat(300_000)}1`))).toBe('VALUE_TOO_LONG')
    expect(code(normaliseEmail(`${'a.'.repeat(150_000)}@`))).toBe('VALUE_TOO_LONG')
  })
})

describe('an e-mail address', () => {
  test.each([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['o\u2019brien@example.com', 'INVALID_EMAIL'],
    ["o'brien+news@sub.example.co", "o'brien+news@sub.example.co"],
    ['', 'INVALID_EMAIL'],
    ['ada@example', 'INVALID_EMAIL'],
    ['.ada@example.com', 'INVALID_EMAIL'],
    ['ada@exa mple.com', 'INVALID_EMAIL'],
    [`${text(243)}@example.com`, `${text(243)}@example.com`],
    [`${text(244)}@example.com`, 'VALUE_TOO_LONG'],
  ])('%j becomes %j', (given, expected) => {
    const checked = normaliseEmail(given)
    expect(checked.ok ? checked.value : checked.code).toBe(expected)
  })
})

describe('a phone number', () => {
  test.each([
    ['+4915112345678', '+4915112345678'],
    [' +1 (213) 373-4253 ', '+12133734253'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['+39 06 1234 5678', '+390612345678'],
    ['4915112345678', 'INVALID_PHONE'],
    ['', 'INVALID_PHONE'],
    ['+', 'INVALID_PHONE'],
    ['+1', 'INVALID_PHONE'],
    ['+0012345678', 'INVALID_PHONE'],
    ['+999123456789', 'INVALID_PHONE'],
    ['+1213373425', 'INVALID_PHONE'],
    ['+12133734253 ext. 5', 'INVALID_PHONE'],
    ['call +12133734253', 'INVALID_PHONE'],
    ['+12133734253\0', 'INVALID_PHONE'],
    ['+1213373425378901234567890', 'INVALID_PHONE'],
  ])('%j becomes %j', (given, expected) => {
    const checked = normalisePhone(given)
    expect(checked.ok ? checked.value : checked.code).toBe(expected)
  })
})

describe('the order of values', () => {
  test('texts stand in the order of their UTF-8 bytes', () => {
    const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\uffff', '\ud83d\ude00', '\ue000', 'ab', 'a'))
    const words = fc.array(unit, { maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(words, words, (left, right) => {
        expect(Math.sign(compareText(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)))
      }),
    )
  })

  const scaled = (value: bigint, scale: number) => {
    const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
    return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`
  }

  test('decimals are compared exactly, however they were written', () => {
    const number = fc.record({
      value: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      scale: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(number, number, (left, right) => {
        const exact = left.value * 10n ** BigInt(right.scale) - right.value * 10n ** BigInt(left.scale)
        const one = coerceValue('DECIMAL', scaled(left.value, left.scale))
        const other = coerceValue('DECIMAL', scaled(right.value, right.scale))
        if (!one.ok || !other.ok) throw new Error('expected two decimals')
        expect(Math.sign(compareValues('DECIMAL', one.value, other.value))).toBe(exact > 0n ? 1 : exact < 0n ? -1 : 0)
        expect(equalValues('DECIMAL', one.value, other.value)).toBe(exact === 0n)
      }),
    )
  })

  test('the canonical text of a decimal is its own canonical text and the same number', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e60, max: 1e60, noNaN: true, noDefaultInfinity: true }), (number) => {
        const checked = coerceValue('DECIMAL', number)
        expect(coerceValue('DECIMAL', String(number))).toEqual(checked)
        if (!checked.ok) {
          expect(checked.code).toBe('VALUE_TOO_LONG')
          return
        }
        expect(Number(checked.value)).toBe(number + 0)
        expect(checked.value).toMatch(/^(?:0|-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?)$/)
        expect(coerceValue('DECIMAL', checked.value)).toEqual(checked)
      }),
    )
  })

  test('numbers, truth and tags have an order too', () => {
    expect(compareValues('INTEGER', 9, 10)).toBeLessThan(0)
    expect(compareValues('BOOLEAN', false, true)).toBeLessThan(0)
    expect(compareValues('TAGS', ['a'], ['a', 'b'])).toBeLessThan(0)
    expect(compareValues('TAGS', ['b'], ['a', 'b'])).toBeGreaterThan(0)
    expect(equalValues('TAGS', ['a', 'b'], ['a', 'b'])).toBe(true)
    expect(equalValues('TAGS', ['a', 'b'], ['b', 'a'])).toBe(false)
    expect(equalValues('STRING', 'a', 'A')).toBe(false)
  })
})
