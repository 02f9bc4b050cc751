import type { JsonObject, JsonValue } from '../contract/profile.ts'
import { unstorableText } from './values.ts'

/** How many lists and objects may stand one inside the other in a free JSON object, itself included. */
export const maxJsonDepth = 10
/** The longest free JSON object, as UTF-8 bytes of its text. */
export const maxJsonBytes = 65_536
/** The longest name of an attribute or custom field, in characters. */
export const maxNameLength = 255

/** What is wrong with the name of an attribute or custom field, or null. */
export function nameProblem(name: string): string | null {
  if (name.length > maxNameLength) return `is longer than ${maxNameLength} characters: shorten it`
  return unstorableText(name)
}

/** A name as it can be shown and stored, whatever it holds. */
export function shownName(name: string): string {
  return JSON.stringify(shortened(name))
}

/** The beginning of a name that would fill a message. */
export function shortened(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80).toWellFormed()}…` : name
}

/** What keeps a free JSON object from being stored, or null. */
export function jsonObjectProblem(object: JsonObject): string | null {
  for (const name of Object.keys(object)) {
    const problem = nameProblem(name)
    if (problem !== null) return `holds the name ${shownName(name)}, which ${problem}`
  }
  const problem = jsonProblem(object, 1)
  if (problem !== null) return problem
  const bytes = Buffer.byteLength(JSON.stringify(object))
  return bytes > maxJsonBytes ? `is ${bytes} bytes of JSON; at most ${maxJsonBytes} are kept` : null
}

function jsonProblem(value: JsonValue, depth: number): string | null {
  if (typeof value === 'string') {
    const unstorable = unstorableText(value)
    return unstorable === null ? null : `holds a text that ${unstorable}`
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'holds a number too large for JSON: make it text'
  if (typeof value !== 'object' || value === null) return null
  if (depth > maxJsonDepth) return `is nested deeper than ${maxJsonDepth} levels: flatten it`
  if (Array.isArray(value)) {
    for (const member of value) {
      const problem = jsonProblem(member, depth + 1)
      if (problem !== null) return problem
    }
    return null
  }
  for (const name of Object.keys(value)) {
    const unstorable = unstorableText(name)
    if (unstorable !== null) return `holds the name ${shownName(name)}, which ${unstorable}`
    const member = value[name]
    const problem = member === undefined ? null : jsonProblem(member, depth + 1)
    if (problem !== null) return problem
  }
  return null
}

/** The object without its null members; the object itself where it has none. */
export function withoutNulls(object: JsonObject): JsonObject {
  for (const name of Object.keys(object)) {
    // fromEntries defines members, so that one called __proto__ stays a member.
    if (object[name] === null) return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
  }
  return object
}
