import { isDeepStrictEqual } from 'node:util'
import { type Field, readValue } from './field-type.ts'
import { integerOf, isObject, type Json, type JsonObject, partOf } from './json.ts'
import { type Format, readings } from './readings.ts'
import { incorrect } from './refusal.ts'

/**
 * What the field holds after a value, plain or functional (`{"action": …, "value": …}`, page "Database fields
 * functional update"), is written over what it held. Undefined: nothing. Throws a Refusal (400) that names the field.
 */
export function writtenValue(field: Field, held: Json | undefined, sent: Json, format: Format): Json | undefined {
  if (!isObject(sent) || !Object.hasOwn(sent, 'action')) return plain(field, sent, format)
  const action = partOf(sent, 'action')
  if (action === 'unset') {
    if (field.name === 'email') throw incorrect('email cannot be unset')
    return undefined
  }
  const value = partOf(sent, 'value')
  if (value === undefined) throw incorrect(`${field.name}: the function has no value`)
  switch (action) {
    case 'set':
      return plain(field, value, format)
    case 'incr':
      return increased(field, held, value, format)
    case 'add':
    case 'delete':
      return edited(field, held, action, value, format)
    case 'upsert':
      return upserted(field, held, partOf(sent, 'submatch'), value)
    default:
      throw incorrect(`${field.name}: unknown action ${JSON.stringify(action ?? null)}`)
  }
}

function plain(field: Field, value: Json, format: Format): Json | undefined {
  if (value === '' && readings.emptyTextClears(field.name)) return undefined
  return readValue(field, value, format)
}

function increased(field: Field, held: Json | undefined, by: Json, format: Format): Json {
  if (field.type !== 'int' && field.type !== 'float') throw incorrect(`${field.name}: incr is for int and float fields`)
  const step = readValue(field, by, format)
  const sum = Number(held ?? readings.incrementsFrom) + Number(step)
  if (field.type === 'int' && integerOf(sum, format) === undefined) throw incorrect(`${field.name}: incr overflows`)
  return sum
}

function edited(field: Field, held: Json | undefined, action: 'add' | 'delete', value: Json, format: Format): Json {
  if (!readings.listFunctions.includes(field.type)) throw incorrect(`${field.name}: ${action} is not for ${field.type}`)
  const before = Array.isArray(held) ? held : []
  const list = field.type === 'tags' || Array.isArray(value) ? value : [value]
  const items = readValue(field, list, format)
  const changes = Array.isArray(items) ? items : []
  const rest = before.filter((item) => !changes.some((change) => isDeepStrictEqual(item, change)))
  if (action === 'delete') return rest
  return field.type === 'arr_object'
    ? [...before, ...changes]
    : [...before, ...changes.filter((c) => !before.includes(c))]
}

/** Puts the value at the dotted path `submatch`, or merges an object when there is no path. */
function upserted(field: Field, held: Json | undefined, path: Json | undefined, value: Json): Json {
  if (field.type !== 'object') throw incorrect(`${field.name}: upsert is for object fields`)
  const before = isObject(held) ? held : {}
  if (path === undefined) {
    if (!isObject(value)) throw incorrect(`${field.name}: upsert without submatch needs an object`)
    return merged(before, value)
  }
  const names = typeof path === 'string' ? readings.submatchPath(path) : ['']
  if (names.includes('')) throw incorrect(`${field.name}: incorrect submatch`)
  return placed(before, names, value)
}

function placed(object: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
  const inner = partOf(object, name)
  return merged(object, entry(name, rest.length === 0 ? value : placed(isObject(inner) ? inner : {}, rest, value)))
}

/** Unlike `{ [name]: value }` it makes an own property of every name, `__proto__` too. */
function entry(name: string, value: Json): JsonObject {
  return Object.fromEntries([[name, value]])
}

function merged(one: JsonObject, other: JsonObject): JsonObject {
  return Object.fromEntries([...Object.entries(one), ...Object.entries(other)])
}
