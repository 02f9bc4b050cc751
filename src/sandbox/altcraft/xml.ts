import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { isObject, type Json, type JsonObject } from './json.ts'
import { readings } from './readings.ts'
import { incorrect } from './refusal.ts'

const textName = '#text'
const cdataName = '#cdata'
const attributesName = ':@'
const attributePrefix = '@_'

/**
 * The object that a document with the root `<xml>` spells: nested elements are objects, repeated ones and those marked
 * `array='true'` are arrays, everything else is text as it stands, without any coercion.
 * Throws a Refusal (400) for what is not well-formed, for a DTD, and for entities other than XML's own five.
 */
export function readXml(text: string): JsonObject {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text
  refuseDeclarations(source)
  const valid = XMLValidator.validate(source)
  if (valid !== true) throw incorrect(`XML is not well-formed: ${valid.err.msg} (line ${valid.err.line})`)
  const roots = childrenOf(parse(source))
  const [root] = roots
  if (roots.length !== 1 || root?.name !== 'xml') throw incorrect('XML must have the one root element <xml>')
  const value = elementValue(root)
  return isObject(value) ? value : {}
}

/** A document without prolog. Throws a Refusal (400) when a name of the value cannot be the name of an element. */
export function writeXml(value: JsonObject): string {
  return `<xml>${contentOf(value)}</xml>`
}

/** Walks over comments and CDATA, so that only a real `<!DOCTYPE`, `<!ENTITY` and their like is left to refuse. */
function refuseDeclarations(source: string) {
  for (let at = source.indexOf('<!'); at !== -1; at = source.indexOf('<!', at)) {
    const end = source.startsWith('<!--', at) ? '-->' : source.startsWith('<![CDATA[', at) ? ']]>' : undefined
    if (end === undefined) throw incorrect('XML must not hold a DTD')
    const closed = source.indexOf(end, at + 4)
    if (closed === -1) throw incorrect(`XML is not well-formed: ${end} is missing`)
    at = closed + end.length
  }
  if (/[^\P{Cc}\t\n\r\u007F-\u009F]/u.test(source)) throw incorrect('XML must not hold control characters')
}

function parse(source: string): unknown {
  try {
    return new XMLParser({
      preserveOrder: true,
      processEntities: false,
      htmlEntities: false,
      ignoreAttributes: false,
      attributeNamePrefix: attributePrefix,
      textNodeName: textName,
      cdataPropName: cdataName,
      ignoreDeclaration: true,
      ignorePiTags: true,
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: false,
      maxNestedTags: 100,
      onDangerousProperty: (name) => name,
    }).parse(source)
  } catch (error) {
    throw incorrect(`XML cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Element {
  name: string
  children: unknown
  marked: boolean
}

/** The parser's ordered form: a list of nodes, each with one own key, the element's name, and its attributes apart. */
function childrenOf(nodes: unknown): Element[] {
  return nodesOf(nodes).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== attributesName)
    if (name === undefined || name === textName || name === cdataName) return []
    const attributes = node[attributesName]
    const marked =
      typeof attributes === 'object' && attributes !== null && Reflect.get(attributes, `${attributePrefix}array`)
    return [{ name, children: node[name], marked: marked === 'true' }]
  })
}

function nodesOf(nodes: unknown): Record<string, unknown>[] {
  return Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'object' && node !== null) : []
}

function elementValue({ name, children }: Element): Json {
  const elements = childrenOf(children)
  if (elements.length === 0) return textOf(children)
  if (textOf(children).trim() !== '') throw incorrect(`XML must not mix text with elements in <${name}>`)
  const groups = new Map<string, Element[]>()
  for (const element of elements) {
    const group = groups.get(element.name)
    if (group === undefined) groups.set(element.name, [element])
    else group.push(element)
  }
  return Object.fromEntries([...groups].map(([child, group]) => [child, groupOf(name, child, group)]))
}

function groupOf(parent: string, name: string, group: readonly Element[]): Json {
  const values = group.map(elementValue)
  const [only] = values
  if (values.length !== 1 || only === undefined) return values
  const kinds = readings.xmlArrays[parent]
  const kind = kinds !== undefined && Object.hasOwn(kinds, name) ? kinds[name] : undefined
  const isArray = group[0]?.marked === true || kind === 'object' || (kind === 'text' && typeof only === 'string')
  if (!isArray) return only
  return typeof only === 'string' && only.trim() === '' ? [] : [only]
}

function textOf(children: unknown): string {
  return nodesOf(children)
    .map((node) => {
      const text = node[textName]
      if (text !== undefined) return decode(String(text))
      return nodesOf(node[cdataName])
        .map((part) => String(part[textName] ?? ''))
        .join('')
    })
    .join('')
}

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(text: string): string {
  return text.replace(/&([^;&\s]*)(;?)/g, (reference, name: string, semicolon: string) => {
    const point = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name)
    const character = point === null ? named(name) : characterOf(point[1], point[2])
    if (semicolon === '' || character === undefined) throw incorrect(`XML must not hold the entity ${reference}`)
    return character
  })
}

function named(name: string): string | undefined {
  return Object.hasOwn(predefined, name) ? predefined[name] : undefined
}

function characterOf(hexadecimal: string | undefined, decimal: string | undefined): string | undefined {
  const point = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
  const isSurrogate = point >= 0xd800 && point <= 0xdfff
  const isControl = point < 0x20 && point !== 9 && point !== 10 && point !== 13
  return point > 0x10ffff || isSurrogate || isControl ? undefined : String.fromCodePoint(point)
}

function contentOf(value: JsonObject): string {
  return Object.entries(value)
    .map(([name, part]) => {
      if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(name)) throw incorrect(`XML cannot carry the name ${name}`)
      if (!Array.isArray(part)) return elementOf(name, part)
      if (part.length === 0) return `<${name}/>`
      const mark = part.length === 1 && !readings.xmlUnmarkedArrays.includes(name) ? " array='true'" : ''
      return part.map((item) => elementOf(name, item, mark)).join('')
    })
    .join('')
}

function elementOf(name: string, value: Json, mark = ''): string {
  const content = isObject(value)
    ? contentOf(value)
    : Array.isArray(value)
      ? contentOf({ value })
      : escapeXml(value === null ? '' : String(value))
  return content === '' ? `<${name}${mark}/>` : `<${name}${mark}>${content}</${name}>`
}

/** Characters that no XML document may hold become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r\u007F-\u009F]/gu, '\uFFFD')
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
