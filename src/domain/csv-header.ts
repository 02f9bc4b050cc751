import { csvRecords } from './csv-cells.ts'
import { type Delimiter, delimiters, FileFault, type FileHeader, fileLimits } from './import-format.ts'
import { shownName } from './json.ts'

const mostNamed = 10

/** What the header line shows most of outside of quotes, a comma where it shows none; null where its end is not among the bytes. */
export function delimiterShown(bytes: Buffer, start: number): Delimiter | null {
  const text = bytes.toString('latin1', start, start + fileLimits.recordBytes + 2)
  const counts = new Map<string, number>(delimiters.map((delimiter) => [delimiter, 0]))
  for (const [part] of text.matchAll(/"[^"]*"?|[,;\t\n]/g)) {
    if (part === '\n') {
      const [most = ','] = delimiters.toSorted((left, right) => (counts.get(right) ?? 0) - (counts.get(left) ?? 0))
      return most
    }
    const count = counts.get(part)
    if (count !== undefined) counts.set(part, count + 1)
  }
  return null
}

/**
 * What the first line of a file says that cells are parted by, as Excel writes and reads it (`sep=;`); null where it is no such line. Throws
 * FileFault where that is none that the gateway takes.
 */
export function delimiterStated(bytes: Buffer, start: number, end: number): Delimiter | null {
  // Nothing that parts cells is longer than a few bytes.
  if (end - start > 16) return null
  const [, stated] = /^"?sep=(.+?)"?\r?$/i.exec(bytes.toString('utf8', start, end)) ?? []
  if (stated === undefined) return null
  const known = delimiters.find((delimiter) => delimiter === stated)
  if (known) return known
  const message = `The first line says that cells are parted by ${shownName(stated)}: part them by commas, semicolons or tabs`
  throw new FileFault(message)
}

/** Whether a carriage return stands there outside of quotes and before anything but a line feed, as where it alone ends lines. */
export function hasBareReturn(bytes: Buffer, start: number, end: number): boolean {
  const unquoted = bytes.toString('latin1', start, end).replace(/"[^"]*"?/g, '"')
  return /\r[^\n]/.test(unquoted)
}

/**
 * The header of a file, its names without the spaces around them. Only the last columns may have none, as where each line ends in a
 * delimiter. Throws FileFault when it cannot name the columns.
 */
export function checkHeader(bytes: Buffer, delimiter: Delimiter): FileHeader {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new FileFault('The header is not UTF-8: encode the file so')
  }
  if (text.includes('\0')) {
    throw new FileFault('The header contains a NUL character (U+0000): remove it, and encode the file as UTF-8')
  }
  const [cells] = csvRecords(text, delimiter, fileLimits.columns)
  const columns = (cells ?? []).map((cell) => cell.trim())
  if (columns.length > fileLimits.columns) {
    throw new FileFault(
      `The header names more than ${fileLimits.columns} columns, which is the limit: leave out what is not needed`,
    )
  }
  const named = columns.slice(0, Math.max(columns.findLastIndex((name) => name !== '') + 1, 1))
  const nameless = named.flatMap((name, place) => (name === '' ? [String(place + 1)] : []))
  if (nameless.length > 0) {
    throw new FileFault(`The header has no name for column ${listed(nameless)}: give every column a name`)
  }
  const repeated = new Set(named.filter((name, place) => named.indexOf(name) !== place))
  if (repeated.size > 0) {
    throw new FileFault(
      `The header names ${listed([...repeated].map(shownName))} more than once: give every column a name of its own`,
    )
  }
  return { columns, delimiter }
}

function listed(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  return `${names.slice(0, mostNamed).join(', ')}${more}`
}
