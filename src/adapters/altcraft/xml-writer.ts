import type { JsonObject, JsonValue } from '../../contract/profile.ts'
import { shownName } from '../../domain/json.ts'
import { readings } from './readings.ts'

// XML 1.0, productions 4 and 4a, without the colon, which belongs to namespaces.
const nameStart =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c-\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
const xmlName = new RegExp(`^[${nameStart}][-.0-9\\u00b7\\u0300-\\u036f\\u203f-\\u2040${nameStart}]*$`, 'u')

/** What keeps XML from having an element of this name, or null. */
export function xmlNameProblem(name: string): string | null {
  if (xmlName.test(name)) return null
  return `${shownName(name)} cannot be the name of an XML element: rename it, or set the destination's format to "json"`
}

// Everything outside production 2 of XML 1.0 that a well-formed JavaScript text can hold.
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones to find.
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** What keeps XML from carrying the value, its members included, or null. */
export function xmlValueProblem(value: JsonValue): string | null {
  if (typeof value === 'string') {
    return notXml.test(value) ? 'holds a control character, which XML cannot carry: remove it' : null
  }
  if (value === null) return 'holds null, which XML cannot tell from an empty text: leave it out'
  if (typeof value !== 'object') return null
  if (Array.isArray(value)) {
    const isNested = value.some((member) => Array.isArray(member))
    return isNested
      ? 'holds a list within a list, which XML cannot carry: flatten it'
      : firstProblem(value.map(xmlValueProblem))
  }
  return firstProblem(Object.entries(value).map(([name, member]) => xmlNameProblem(name) ?? xmlValueProblem(member)))
}

const firstProblem = (problems: readonly (string | null)[]) => problems.find((problem) => problem !== null) ?? null

/** A document with the root `<xml>`. Names and values must be such as XML can carry: see the two functions above. */
export function writeXmlDocument(value: JsonObject): string {
  return `<xml>${contentOf(value)}</xml>`
}

/** The element, or as many as the list has members: one alone is marked as a list, none is an empty element. */
export function writeXmlElements(name: string, value: JsonValue): string {
  if (!Array.isArray(value)) return elementOf(name, value, '')
  if (value.length === 0) return `<${name}/>`
  const mark = value.length === 1 ? readings.xmlArrayMark : ''
  return value.map((member) => elementOf(name, member, mark)).join('')
}

function contentOf(object: JsonObject): string {
  return Object.entries(object)
    .map(([name, value]) => writeXmlElements(name, value))
    .join('')
}

function elementOf(name: string, value: JsonValue, mark: string): string {
  if (Array.isArray(value)) throw new TypeError(`XML has no list in a list: ${name}`)
  const content = typeof value === 'object' && value !== null ? contentOf(value) : escapeText(String(value ?? ''))
  return `<${name}${mark}>${content}</${name}>`
}

/** A parser would read a bare carriage return as a line feed. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\r', '&#13;')
}
