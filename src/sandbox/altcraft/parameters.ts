import { booleanOf, integerOf, type Json, type JsonObject, partOf } from './json.ts'
import type { Format } from './readings.ts'
import { incorrect } from './refusal.ts'

/** A call's parameters by name and type. Each reader gives undefined for an absent one and refuses (400) a wrong one. */
export interface Parameters {
  readonly format: Format
  readonly values: JsonObject
  integer(name: string): number | undefined
  /** False when absent. */
  flag(name: string): boolean
  text(name: string): string | undefined
}

export function createParameters(values: JsonObject, format: Format): Parameters {
  const read = <Value>(name: string, type: string, reader: (value: Json) => Value | undefined): Value | undefined => {
    const value = partOf(values, name)
    if (value === undefined) return undefined
    const result = reader(value)
    if (result === undefined) throw incorrect(`incorrect parameter: ${name} must be ${type}`)
    return result
  }
  return {
    format,
    values,
    integer: (name) => read(name, 'an integer', (value) => integerOf(value, format)),
    flag: (name) => read(name, 'a boolean', (value) => booleanOf(value, format)) ?? false,
    text: (name) => read(name, 'a string', (value) => (typeof value === 'string' ? value : undefined)),
  }
}
