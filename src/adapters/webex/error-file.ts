import { readings } from './readings.ts'
import type { Refusal } from './refusal.ts'

/** What `error-file` holds. */
export type ErrorFile =
  | { kind: 'inline'; text: string }
  | { kind: 'at'; url: string }
  /** A URL that leads elsewhere than the configured origin: it is not followed. */
  | { kind: 'elsewhere'; origin: string }

export interface ErrorFileContent {
  /** By the record's place in the call, from 0. */
  refusals: ReadonlyMap<number, Refusal>
  /** Rows that name no record of the call, or cannot be read. */
  strayRows: number
}

const absoluteUrl = /^([a-z][a-z0-9+.-]*:)?[/\\]{2}/i
const headerRow = /^\s*"?\s*code\s*"?\s*,/i
const singleRow = /^\s*"?\s*\d+\s*"?\s*,.*,\s*"?\s*\d+\s*"?\s*$/

/** Whether the value is the file itself, a path or a URL. `baseUrl` is without a trailing slash. */
export function locateErrorFile(value: string, baseUrl: string): ErrorFile {
  if (/[\r\n]/.test(value.trim()) || headerRow.test(value) || singleRow.test(value))
    return { kind: 'inline', text: value }
  const text = value.trim()
  const path = text.replace(/^[/\\]+/, '')
  const url = absoluteUrl.test(text) ? parsedUrl(text, baseUrl) : parsedUrl(`${baseUrl}/${path}`, baseUrl)
  if (url === null) return { kind: 'elsewhere', origin: 'an address that cannot be read' }
  return url.origin === new URL(baseUrl).origin
    ? { kind: 'at', url: url.href }
    : { kind: 'elsewhere', origin: url.origin }
}

function parsedUrl(text: string, base: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null
}

/** Reads `Code,Description,Index` rows for a call of that many records; the header row may be missing. */
export function readErrorFile(text: string, records: number): ErrorFileContent {
  const refusals = new Map<number, Refusal>()
  let strayRows = 0
  for (const row of rowsOf(text)) {
    const refusal = readRow(row)
    const place = refusal === null ? -1 : refusal.index - readings.firstIndex
    if (refusal === null || place < 0 || place >= records) strayRows += 1
    else refusals.set(place, { code: refusal.code, description: refusal.description })
  }
  return { refusals, strayRows }
}

function readRow(fields: readonly string[]): (Refusal & { index: number }) | null {
  const code = fields[0] ?? ''
  const index = fields.at(-1) ?? ''
  if (fields.length < 3 || code === '' || !/^\d+$/.test(index)) return null
  // A description with a bare comma is as many fields more.
  const description = fields.slice(1, -1).join(', ')
  return { code, description: description === '' ? undefined : description, index: Number(index) }
}

/** The rows' fields, trimmed and unquoted, without empty rows and the header. A quoted field may hold separators and line ends. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  let wasQuoted = false
  const endField = () => {
    row.push(wasQuoted ? field : field.trim())
    field = ''
    wasQuoted = false
  }
  const endRow = () => {
    endField()
    if (row.some((one) => one !== '')) rows.push(row)
    row = []
  }
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place] ?? ''
    if (quoted) {
      if (isEscape(text, place)) {
        field += text[place + 1] ?? ''
        place += 1
      } else if (character === '"') quoted = false
      else field += character
    } else if (character === '"' && field.trim() === '' && !wasQuoted) {
      field = ''
      quoted = true
      wasQuoted = true
    } else if (character === ',') endField()
    else if (character === '\n' || character === '\r') endRow()
    else if (!wasQuoted) field += character
  }
  endRow()
  const [first] = rows
  return first !== undefined && /^code$/i.test(first[0] ?? '') ? rows.slice(1) : rows
}

const endOfRow = /^\s*,\s*\d+\s*(\r|\n|$)/

/** Whether the character escapes the next one, in either style. A backslash before the quote that ends the field is the description's own. */
function isEscape(text: string, place: number): boolean {
  const next = text[place + 1]
  if (text[place] === '"') return next === '"'
  if (text[place] !== '\\') return false
  return next === '\\' || (next === '"' && !endOfRow.test(text.slice(place + 2, place + 40)))
}
