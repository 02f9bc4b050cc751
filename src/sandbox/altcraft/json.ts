import { type Format, readings } from './readings.ts'

export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a part with this value is as good as not there. */
export function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || (value === null && readings.nullMeansAbsent)
}

/** The object's own value of that name, undefined when it is absent. */
export function partOf(object: JsonObject, name: string): Json | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return isAbsent(value) ? undefined : value
}

/** A safe integer: a number, or in XML, where everything is text, its digits. Undefined when it is something else. */
export function integerOf(value: Json, format: Format): number | undefined {
  const number = format === 'xml' && typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** A boolean, or in XML its word. Undefined when it is something else. */
export function booleanOf(value: Json, format: Format): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = format === 'xml' && typeof value === 'string' ? value.trim() : undefined
  return word === 'true' ? true : word === 'false' ? false : undefined
}

/** An object, or in XML the empty element that an empty object is. Undefined when it is something else. */
export function objectOf(value: Json, format: Format): JsonObject | undefined {
  if (isObject(value)) return value
  return format === 'xml' && typeof value === 'string' && value.trim() === '' ? {} : undefined
}
