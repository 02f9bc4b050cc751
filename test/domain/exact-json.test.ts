import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactNumber, parseExactly } from '../../src/domain/exact-json.ts'
import { coerceValue } from '../../src/domain/values.ts'

describe('a number of JSON', () => {
  it.each([
    '0',
    '-0',
    '5',
    '1.10',
    '1e3',
    '1E+3',
    '100000000000000000000',
    '9007199254740991',
    '9007199254740992',
    '0.1',
    '1e21',
    '1e-7',
    '0.30000000000000004',
    '123456789.125',
    '0e99',
    '5e-324',
    '1.7976931348623157e308',
  ])('stays a number where that is the same: %s', (source) => {
    expect(parseExactly(`{"a":[1,${source}]}`)).toEqual({ a: [1, Number(source)] })
    expect(exactNumber(source)).toBe(Number(source))
  })

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '100000000000000000001',
    '1e400',
    '-1e400',
    '1e-400',
    '0.12345678901234567',
    '1234567890.12345678',
    '123456789012.345678901',
    '1.00000000000000001e0',
    '1E999999999999999999999',
  ])('becomes its text where a number would be another one: %s', (source) => {
    for (const text of [
      `{"a":[1,${source}]}`,
      `{"a":[1, ${source} ]}`,
      `{"a":[1,\n-1,${source}]}`,
      `{"x":"1e5","a":[${source}]}`,
    ]) {
      expect((parseExactly(text) as { a: unknown[] }).a.at(-1)).toBe(source)
    }
  })

  it('has the value that it is written as, however it is written', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`))
    const source = fc
      .tuple(fc.boolean(), digits(25), fc.option(digits(25)), fc.option(fc.integer({ min: -40, max: 40 })))
      .map(([isNegative, whole, fraction, exponent]) => {
        const integer = whole.replace(/^0+(?=.)/, '')
        return `${isNegative ? '-' : ''}${integer}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`
      })
    fc.assert(
      fc.property(source, (text) => {
        const { a } = parseExactly(`{"a":${text}}`) as { a: string | number }
        expect(coerceValue('DECIMAL', a)).toEqual(coerceValue('DECIMAL', text))
      }),
      { numRuns: 3000 },
    )
  })

  it('is looked at in no text, and makes nothing of the rest another value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ a: [12345678901234567000, value], b: '1e400, 12345678901234567890' })
        expect(parseExactly(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is none of a text that is not JSON, nor of one nested too deep for a reviver', () => {
    expect(() => parseExactly('{"a":1e400')).toThrow(SyntaxError)
    const deep = `{"n":1e400,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(Object.keys(parseExactly(deep) as object)).toEqual(['n', 'a'])
  })
})
