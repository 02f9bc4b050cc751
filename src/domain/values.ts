import { z } from 'zod'
import type { RecordErrorCode } from '../contract/outcome.ts'
import type { AttributeType, JsonValue } from '../contract/profile.ts'
import { canonicalDecimal, compareDecimals, maxDecimalDigits } from './decimal.ts'
import { instantOf, isCalendarDay } from './instant.ts'
import { toE164 } from './phone.ts'

/** A value as it is stored and returned. DECIMAL, DATE and DATETIME are canonical text. */
export type AttributeValue = string | number | boolean | string[]

export type Checked<Value> = { ok: true; value: Value } | { ok: false; code: RecordErrorCode; message: string }

/** The longest STRING, in characters. */
export const maxStringLength = 65_535
/** The longest single tag, in characters. */
export const maxTagLength = 255
/** The most tags of one value. */
export const maxTags = 1000
export const maxEmailLength = 255

// The rule of zod's e-mail check, compiled once and used bare: building a schema's result per value costs more than the rest of a record.
const emailRule = z.regexes.email

const integerText = /^[+-]?[0-9]+$/

const valid = <Value>(value: Value): Checked<Value> => ({ ok: true, value })
const refused = (code: RecordErrorCode, message: string): Checked<never> => ({ ok: false, code, message })

/** Whether the text is longer than that many characters, counted as PostgreSQL does: by code point. */
function isLongerThan(text: string, maxLength: number): boolean {
  if (text.length <= maxLength) return false
  if (text.length > 2 * maxLength) return true
  let surrogatePairs = 0
  for (let place = 0; place < text.length; place += 1) {
    if ((text.charCodeAt(place) & 0xfc00) === 0xdc00) surrogatePairs += 1
  }
  return text.length - surrogatePairs > maxLength
}

/** What keeps PostgreSQL from storing the text, or null. */
export function unstorableText(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character (U+0000), which cannot be stored: remove it'
  if (!text.isWellFormed()) {
    return 'contains half of a surrogate pair, which is not a character and cannot be stored: send well-formed Unicode'
  }
  return null
}

/** A text that can be stored and has at most that many characters (code points). */
export function checkText(text: string, maxLength: number): Checked<string> {
  const unstorable = unstorableText(text)
  if (unstorable !== null) return refused('INVALID_VALUE', unstorable)
  if (isLongerThan(text, maxLength)) {
    return refused('VALUE_TOO_LONG', `is longer than ${maxLength} characters: shorten it`)
  }
  return valid(text)
}

/** Trimmed, lower-cased, checked by zod's e-mail rule. */
export function normaliseEmail(text: string): Checked<string> {
  const email = text.trim().toLowerCase()
  if (isLongerThan(email, maxEmailLength)) {
    return refused('VALUE_TOO_LONG', `is longer than ${maxEmailLength} characters, which no e-mail address may be`)
  }
  if (!emailRule.test(email)) return refused('INVALID_EMAIL', 'is not an e-mail address: expected name@example.com')
  return valid(email)
}

/** E.164 of a number that is possible by libphonenumber, at most 20 characters. */
export function normalisePhone(text: string): Checked<string> {
  const number = toE164(text.trim())
  if (number !== null) return valid(number)
  return refused(
    'INVALID_PHONE',
    'is not a possible phone number: expected + and country code with as many digits as that country uses, +4915112345678 say',
  )
}

const notA = (what: string) => refused('INVALID_VALUE', `is not ${what}`)

/** The value as its type stores it, or why it is none. Destinations, files and filters share this one table. */
export function coerceValue(type: AttributeType, value: JsonValue): Checked<AttributeValue> {
  switch (type) {
    case 'STRING':
      return toText(value)
    case 'INTEGER':
      return toInteger(value)
    case 'DECIMAL':
      return toDecimal(value)
    case 'BOOLEAN':
      if (value === true || value === 'true') return valid(true)
      if (value === false || value === 'false') return valid(false)
      return notA('a BOOLEAN: expected true or false')
    case 'DATE':
      return checkDate(value)
    case 'DATETIME': {
      const instant = typeof value === 'string' ? instantOf(value) : null
      if (instant !== null) return valid(instant)
      return notA('a DATETIME: expected an RFC 3339 instant with its offset, 2026-01-31T12:00:00Z say')
    }
    case 'TAGS':
      return toTags(value)
  }
}

function toText(value: JsonValue): Checked<string> {
  if (typeof value === 'string') return checkText(value, maxStringLength)
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return valid(String(value))
  return notA('a STRING: expected text, a number or a boolean')
}

function toInteger(value: JsonValue): Checked<number> {
  const number = typeof value === 'string' && integerText.test(value) ? Number(value) : value
  // Adding 0 makes 0 of -0.
  if (typeof number === 'number' && Number.isSafeInteger(number)) return valid(number + 0)
  return notA('an INTEGER: expected a whole number within ±9007199254740991')
}

/** A number has the digits that it prints: one that would have been rounded comes as its text, see exact-json.ts. */
function toDecimal(value: JsonValue): Checked<string> {
  const canonical =
    typeof value === 'string' || typeof value === 'number' ? canonicalDecimal(String(value)) : 'NOT_DECIMAL'
  if (canonical === 'NOT_DECIMAL') return notA('a DECIMAL: expected a number, 12.50 say')
  if (canonical === 'TOO_LONG') {
    return refused('VALUE_TOO_LONG', `has more than ${maxDecimalDigits} digits: round it`)
  }
  return valid(canonical.text)
}

/** A real calendar day, written YYYY-MM-DD, in the years 0001 to 9999. */
export function checkDate(value: JsonValue): Checked<string> {
  if (typeof value === 'string' && isCalendarDay(value)) return valid(value)
  return notA('a DATE: expected a day that exists, written YYYY-MM-DD')
}

/** Trimmed, empties dropped, no repeats, in the order given. */
export function toTags(value: JsonValue): Checked<string[]> {
  const words = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(words)) return notA('TAGS: expected a list of texts, or one text with commas between them')
  const tags = new Set<string>()
  for (const word of words) {
    if (typeof word !== 'string') return notA('TAGS: the list holds something other than text')
    const tag = word.trim()
    if (tag === '') continue
    const checked = checkText(tag, maxTagLength)
    if (!checked.ok) return refused(checked.code, `holds a tag that ${checked.message}`)
    tags.add(tag)
    if (tags.size > maxTags)
      return refused('VALUE_TOO_LONG', `holds more than ${maxTags} tags: split them over attributes`)
  }
  return valid([...tags])
}

/** By Unicode code point, as PostgreSQL's COLLATE "C" orders UTF-8: characters beyond U+FFFF come last, not among the surrogates. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let place = 0; place < length; place += 1) {
    const leftUnit = left.charCodeAt(place)
    const rightUnit = right.charCodeAt(place)
    if (leftUnit !== rightUnit) return orderOfUnit(leftUnit) - orderOfUnit(rightUnit)
  }
  return left.length - right.length
}

function orderOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** Negative, zero or positive, for two values as `coerceValue` answers them for this type. */
export function compareValues(type: AttributeType, left: AttributeValue, right: AttributeValue): number {
  if (typeof left === 'string' && typeof right === 'string') {
    return type === 'DECIMAL' ? compareDecimals(left, right) : compareText(left, right)
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    for (const [place, tag] of left.entries()) {
      const other = right[place]
      if (other === undefined) return 1
      const order = compareText(tag, other)
      if (order !== 0) return order
    }
    return left.length - right.length
  }
  return Number(left) - Number(right)
}

/** Whether two values of this type are stored alike; TAGS in the same order. */
export function equalValues(type: AttributeType, left: AttributeValue, right: AttributeValue): boolean {
  return left === right || (type === 'TAGS' && compareValues(type, left, right) === 0)
}
