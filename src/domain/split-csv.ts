import { checkHeader, delimiterShown, delimiterStated, hasBareReturn } from './csv-header.ts'
import { type Delimiter, FileFault, type FileHeader, fileLimits } from './import-format.ts'
import type { PartBuilder } from './part-builder.ts'
import { carriageReturn, lineEnd, lineFeed, type RecordFinder, tooLong } from './split-ndjson.ts'

const quoteMark = 0x22
const nowhere = Number.POSITIVE_INFINITY

/** What comes of reading a record: where its line feed stands, or what is wrong with it and where. null: more bytes are needed. */
type Scan = { end: number } | { fault: string; at: number } | null

const strayQuote =
  'A quote stands within a cell that does not begin with one: put the whole cell in quotes, and double those in its text'
const textAfterQuote =
  'A quoted cell is followed by neither a delimiter nor the end of the line: close it, and double the quotes in its text'
const bareReturn =
  'holds a carriage return that is no line end: end every line in a line feed (LF or CRLF), or put a name that holds one in quotes'
const unclosed = `A quoted cell is not closed by the end of the file, or within ${fileLimits.recordBytes} bytes: close it, or shorten the record`

/**
 * Records of RFC 4180, a quoted cell of several lines included; lines that are empty, or of empty cells alone, are none. What is wrong with
 * a record is found as its quotes are read: then that record is malformed, and reading goes on with the next line of the file. Each byte is
 * looked at a bounded number of times:
 * a record that goes wrong after several lines has an odd number of quotes in its first line and an even one in those after it, so that each
 * of these, read by itself, ends where its line ends.
 */
export function createCsvFinder(parts: PartBuilder): RecordFinder & { header(): FileHeader | null } {
  let header: FileHeader | null = null
  let delimiter = 0
  /** As a first line of its own says it. */
  let stated: Delimiter | null = null
  let line = 1
  /** Within a line that is malformed: nothing of it is kept. */
  let skipping = false

  let bytes: Buffer = Buffer.alloc(0)
  // The next of each from the latest position asked for, so that no stretch is searched once for each record or cell before it.
  let feed = -1
  let quote = -1

  const nextFeed = (position: number) => {
    if (feed < position) feed = placeOf(bytes, lineFeed, position)
    return feed
  }
  const nextQuote = (position: number) => {
    if (quote < position) quote = placeOf(bytes, quoteMark, position)
    return quote
  }

  const scan = (start: number): Scan => {
    let position = start
    for (;;) {
      const open = nextQuote(position)
      const end = nextFeed(position)
      if (end < open) return { end }
      if (open === nowhere) return null
      if (open !== start && bytes[open - 1] !== delimiter) return { fault: strayQuote, at: open }
      let close = nextQuote(open + 1)
      while (bytes[close + 1] === quoteMark) close = nextQuote(close + 2)
      const after = bytes[close + 1]
      const afterThat = bytes[close + 2]
      if (after === undefined || (after === carriageReturn && afterThat === undefined)) return null
      if (after === lineFeed) return { end: close + 1 }
      if (after === carriageReturn && afterThat === lineFeed) return { end: close + 2 }
      if (after !== delimiter) return { fault: textAfterQuote, at: close + 1 }
      position = close + 2
    }
  }

  /** The place of the record's line feed, or why it is malformed; null when more bytes are needed. Says the same wherever the bytes were cut. */
  const recordAt = (start: number, isLast: boolean): number | string | null => {
    const found = scan(start)
    const limit = start + fileLimits.recordBytes
    // Two more may be the end of its line.
    if (found === null && !isLast && bytes.length <= limit + 2) return null
    if (found !== null && 'end' in found && lineEnd(bytes, start, found.end) <= limit) return found.end
    if (found !== null && 'fault' in found && found.at <= limit) return found.fault
    return endless(start)
  }

  /** Why a record is malformed whose end is too far away. */
  const endless = (start: number): string => {
    const firstFeed = placeOf(bytes, lineFeed, start)
    const isLine = firstFeed === nowhere || lineEnd(bytes, start, firstFeed) - start > fileLimits.recordBytes
    return isLine ? tooLong : unclosed
  }

  /** Where the bytes after the header begin; null when more of it is needed. */
  const readHeader = (start: number, isLast: boolean): number | null => {
    if (line === 1) {
      stated = delimiterStated(bytes, start, nextFeed(start))
      if (stated !== null) return afterLine(start)
    }
    const mostShown = delimiterShown(bytes, start)
    const shown = mostShown && (stated ?? mostShown)
    if (shown === null && !isLast && bytes.length <= start + fileLimits.recordBytes + 2) return null
    delimiter = (shown ?? ',').charCodeAt(0)
    const found = (shown && recordAt(start, isLast)) ?? endless(start)
    const end =
      typeof found === 'number' ? found : Math.min(placeOf(bytes, lineFeed, start), start + fileLimits.recordBytes)
    if (hasBareReturn(bytes, start, end + 1)) throw new FileFault(`The header, line ${line} of the file, ${bareReturn}`)
    if (typeof found === 'string') throw new FileFault(`The header, line ${line} of the file, cannot be read. ${found}`)
    header = checkHeader(bytes.subarray(start, found + 1), shown ?? ',')
    line += linesOf(bytes, start, found)
    return found + 1
  }

  /** A line of nothing, or of nothing but empty cells, in quotes or not. */
  const isEmpty = (start: number) => {
    const feed = nextFeed(start)
    if (feed === nowhere) return false
    const end = lineEnd(bytes, start, feed)
    if (end === start) return true
    if (header === null || end - start > fileLimits.recordBytes) return false
    for (let place = start; ; place += 1) {
      if (bytes[place] === quoteMark && bytes[place + 1] === quoteMark) place += 2
      if (place === end) return true
      if (bytes[place] !== delimiter) return false
    }
  }

  const passOver = (start: number): number => {
    parts.passOver(line)
    return afterLine(start)
  }

  /** Where the next record begins; null when more bytes are needed. */
  const readRecord = (start: number, isLast: boolean): number | null => {
    const firstFeed = nextFeed(start)
    const found = recordAt(start, isLast)
    if (found === null) return null
    if (typeof found === 'number') {
      parts.add(bytes, start, found + 1, line)
      line += found === firstFeed ? 1 : linesOf(bytes, start, found)
      return found + 1
    }
    parts.addMalformed(line, found)
    feed = -1
    quote = -1
    return afterLine(start)
  }

  /** Where the next line begins. */
  const afterLine = (start: number): number => {
    const end = nextFeed(start)
    skipping = end === nowhere
    if (skipping) return bytes.length
    line += 1
    return end + 1
  }

  return {
    header: () => header,
    consume(given, isLast) {
      bytes = given
      feed = -1
      quote = -1
      let start = skipping ? afterLine(0) : 0
      while (start < bytes.length) {
        const next = isEmpty(start)
          ? passOver(start)
          : header === null
            ? readHeader(start, isLast)
            : readRecord(start, isLast)
        if (next === null) break
        start = next
      }
      if (isLast && header === null) {
        throw new FileFault('The file is empty: its first line must be a header that names the columns')
      }
      return start
    },
  }
}

function placeOf(bytes: Buffer, byte: number, from: number): number {
  const place = bytes.indexOf(byte, from)
  return place === -1 ? nowhere : place
}

function linesOf(bytes: Buffer, start: number, end: number): number {
  let lines = 0
  for (
    let feed = bytes.indexOf(lineFeed, start);
    feed !== -1 && feed <= end;
    feed = bytes.indexOf(lineFeed, feed + 1)
  ) {
    lines += 1
  }
  return lines
}
