import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element: its text, or its elements by name. */
export type XmlValue = string | XmlValue[] | { [name: string]: XmlValue }

const root = 'xml'

/** The elements of these names are lists, however many there are. */
const lists: ReadonlySet<string> = new Set(['result'])

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: true,
  // The five of XML itself and characters by number are read below, all others refused.
  processEntities: false,
  htmlEntities: false,
  maxNestedTags: 20,
  isArray: (name) => lists.has(name),
})

/**
 * What stands in the root `<xml>`; null for anything else, and for what is not well-formed, has a DTD, or uses an entity beyond XML's own five.
 */
export function readXmlDocument(text: string): { [name: string]: XmlValue } | null {
  if (hasDeclaration(text)) return null
  try {
    if (XMLValidator.validate(text) !== true) return null
    const document: XmlValue = decoded(parser.parse(text))
    const content = isElements(document) && Object.keys(document).length === 1 ? document[root] : undefined
    return content !== undefined && isElements(content) ? content : null
  } catch {
    // The parser's message may quote the answer.
    return null
  }
}

/** Comments and CDATA sections aside, nothing but a DTD begins with `<!`. One inside of them is refused too: no answer has reason to. */
function hasDeclaration(text: string): boolean {
  return /<!(?!--|\[CDATA\[)/.test(text)
}

function isElements(value: XmlValue): value is { [name: string]: XmlValue } {
  return typeof value === 'object' && !Array.isArray(value)
}

function decoded(value: unknown): XmlValue {
  if (typeof value === 'string') return decodedText(value)
  if (Array.isArray(value)) return value.map(decoded)
  if (typeof value !== 'object' || value === null) throw new TypeError('no element of XML')
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, decoded(member)]))
}

const ownEntities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function decodedText(text: string): string {
  return text.replace(/&([^\s&;]+);/g, (_reference, name: string) => {
    const point = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const own = ownEntities.get(name)
    if (own !== undefined) return own
    if (point === null) throw new TypeError('an entity that is not one of XML itself')
    return String.fromCodePoint(point[1] === undefined ? Number(point[2]) : Number.parseInt(point[1], 16))
  })
}
