import fc from 'fast-check'
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { expect, test } from 'vitest'
import { toE164 } from '../../src/domain/phone.ts'

/** What the library alone says: the promise that the tables are held to. */
function byLibrary(text: string): string | null {
  const parsed = parsePhoneNumberFromString(text, { extract: false })
  return parsed && !parsed.ext && parsed.isPossible() && parsed.number.length <= 20 ? parsed.number : null
}

const nonGeographic = ['800', '808', '870', '878', '881', '882', '883', '888', '979']
const callingCodes = [
  ...new Set([...getCountries().map((country) => String(getCountryCallingCode(country))), ...nonGeographic]),
]
const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength, maxLength }).map((list) => list.join(''))

test('every calling code with every length of national number, national prefixes in front, is what the library says', () => {
  const differences: string[] = []
  for (const code of callingCodes) {
    for (let length = 0; length <= 19; length += 1) {
      for (const start of ['', '0', '00', '1', '2', '3', '5', '6', '8', '9', '15', '044', '180020', '7', '4']) {
        const text = `+${code}${`${start}2345678912345678912`.slice(0, length)}`
        if (toE164(text) !== byLibrary(text)) differences.push(text)
      }
    }
  }
  expect(differences).toEqual([])
})

test('random national numbers under every calling code are what the library says', () => {
  fc.assert(
    fc.property(fc.constantFrom(...callingCodes), digits(0, 19), (code, national) => {
      expect(toE164(`+${code}${national}`)).toBe(byLibrary(`+${code}${national}`))
    }),
    { numRuns: 20_000 },
  )
})

test('numbers that no calling code begins, and numbers with spaces, dots, dashes and brackets, are what the library says', () => {
  const unit = fc.constantFrom(
    ...'0123456789',
    ' ',
    '-',
    '.',
    '(',
    ')',
    ' (0)',
    '/',
    '+',
    '#',
    ';ext=',
    'x',
    '\u00a0',
    '٣',
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 22 }), (parts) => {
      expect(toE164(`+${parts.join('')}`)).toBe(byLibrary(`+${parts.join('')}`))
    }),
    { numRuns: 20_000 },
  )
})
