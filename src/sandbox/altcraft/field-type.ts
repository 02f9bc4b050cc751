import { isIP } from 'node:net'
import { booleanOf, integerOf, isObject, type Json, objectOf } from './json.ts'
import { type Format, readings, texts } from './readings.ts'
import { incorrect } from './refusal.ts'

/** Altcraft's names of the types that a custom field can have. */
export const fieldTypes = [
  ...(['int', 'float', 'unicode', 'bool', 'date', 'tags', 'enum', 'ip', 'version'] as const),
  ...(['phones', 'email', 'object', 'arr_object'] as const),
] as const

/** The types of custom fields and those that only system fields have. */
export type FieldType = (typeof fieldTypes)[number] | 'sex' | 'zone' | 'text_or_int'

export interface Field {
  name: string
  type: FieldType
  /** Of `enum` fields: the numbers allowed. */
  values?: readonly number[]
}

/**
 * The value as it is stored: e-mails trimmed, phones with their +, dates as RFC 3339 in UTC with milliseconds, tags
 * without repeats. Throws a Refusal (400) that names the field.
 */
export function readValue(field: Field, value: Json, format: Format): Json {
  const stored = storedForm(field, value, format)
  if (stored !== undefined) return stored
  const text = Object.hasOwn(textOfType, field.type) ? textOfType[field.type] : texts.value
  throw incorrect(`${text}: ${field.name}`)
}

const textOfType: Partial<Record<FieldType, string>> = {
  ip: texts.ip,
  phones: texts.phone,
  date: texts.date,
  email: texts.email,
}

function storedForm({ type, values = [] }: Field, value: Json, format: Format): Json | undefined {
  switch (type) {
    case 'int':
      return integerOf(value, readings.numericFieldsTakeText ? 'xml' : format)
    case 'float':
      return floatOf(value, format)
    case 'unicode':
      return textOf(value)
    case 'text_or_int':
      return typeof value === 'string' ? value : integerOf(value, format)?.toString()
    case 'bool':
      return booleanOf(value, format)
    case 'date':
      return typeof value === 'string' ? dateOf(value.trim()) : undefined
    case 'tags':
      return tagsOf(value)
    case 'enum': {
      const number = integerOf(value, readings.numericFieldsTakeText ? 'xml' : format)
      return number !== undefined && values.includes(number) ? number : undefined
    }
    case 'ip':
      return typeof value === 'string' && isIP(value.trim()) !== 0 ? value.trim() : undefined
    case 'version':
      return typeof value === 'string' && /^\d+(\.\d+)*$/.test(value.trim()) ? value.trim() : undefined
    case 'phones':
      return phonesOf(value)
    case 'email':
      return typeof value === 'string' ? readings.email(value) : undefined
    case 'object':
      return objectOf(value, format)
    case 'arr_object':
      return Array.isArray(value) && value.every(isObject) ? value : undefined
    case 'sex':
      return sexOf(value, format)
    case 'zone':
      return typeof value === 'string' && (!readings.knowsZones || isZone(value)) ? value : undefined
  }
}

function textOf(value: Json): string | undefined {
  if (typeof value === 'string') return value
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return isPlain && !readings.textFieldsTakeOnlyText ? String(value) : undefined
}

function floatOf(value: Json, format: Format): number | undefined {
  const takesText = format === 'xml' || readings.numericFieldsTakeText
  const isNumeric = typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value)
  const number = takesText && isNumeric ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** `2001-12-31`, or RFC 3339 with or without seconds: the documents have `2001-12-31T00:00+03:00`. */
function dateOf(text: string): string | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text)
  if (parts === null) return undefined
  const day = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])))
  const instant = new Date(text)
  if (day.getUTCDate() !== Number(parts[3]) || Number.isNaN(instant.getTime())) return undefined
  return instant.toISOString()
}

function tagsOf(value: Json): Json | undefined {
  if (typeof value === 'string') return readings.tagsOfText(value)
  if (!Array.isArray(value)) return undefined
  const tags = value.map((tag) => (typeof tag === 'string' ? tag.trim() : ''))
  return tags.includes('') ? undefined : [...new Set(tags)]
}

function phonesOf(value: Json): Json | undefined {
  if (!Array.isArray(value)) return undefined
  const phones = value.flatMap((phone) => (typeof phone === 'string' ? (readings.phone(phone) ?? []) : []))
  return phones.length === value.length ? [...new Set(phones)] : undefined
}

function sexOf(value: Json, format: Format): Json | undefined {
  const sex = integerOf(value, format) ?? value
  return readings.sexes.some((known) => known === sex) ? sex : undefined
}

const zones = new Map<string, boolean>()

function isZone(name: string): boolean {
  const known = zones.get(name)
  if (known !== undefined || zones.size > 10_000) return known ?? false
  let exists = true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    exists = false
  }
  zones.set(name, exists)
  return exists
}
