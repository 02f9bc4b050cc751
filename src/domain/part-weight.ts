import { fileLimits, type ImportFormat } from './import-format.ts'

/** What JSON takes at most for a byte: `\u001f`. */
const longestEscape = 6
/** What a brace, a bracket or a comma of JSON becomes at least when it is parsed: an object of its own, or a place in one. */
const markBytes = 64

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const brace = 0x7b
/** By which a bracket becomes a brace. */
const bracketToBrace = 0x20

/** A record below this cannot be too heavy, whatever stands in it. */
const lightRecord = Math.floor(fileLimits.recordWeight / (1 + markBytes))
const lightPart = Math.floor(fileLimits.partWeight / (1 + markBytes))
const lightPartOfText = Math.floor(fileLimits.partBytes / longestEscape)

/** Whether the record from `start` to `end` alone becomes more in memory than one may. The cells of a row of CSV are no more than its columns. */
export function isTooHeavy(format: ImportFormat, bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= lightRecord || format === 'CSV') return false
  return end - start + markBytes * marksOutsideQuotes(bytes.subarray(start, end)) > fileLimits.recordWeight
}

/**
 * What the records of a part are too much for together, each of which ends where `ends` says; null where a part may have them. A control
 * character counts as it is in JSON, and of NDJSON what stands outside of quotes as it is when it is parsed. Only looked at where that could
 * matter.
 */
export function whyPartIsTooMuch(format: ImportFormat, bytes: Buffer, ends: readonly number[]): string | null {
  if (bytes.length > lightPartOfText && escapedBytes(bytes) > fileLimits.partBytes) {
    return `are more than ${fileLimits.partBytes} bytes together, each control character counted as six`
  }
  if (format === 'CSV' || bytes.length <= lightPart || !isPartTooHeavy(bytes, ends)) return null
  return `take more than ${fileLimits.partWeight} bytes of memory together, each brace, bracket and comma outside of quotes counted as ${markBytes}`
}

function isPartTooHeavy(bytes: Buffer, ends: readonly number[]): boolean {
  const mostMarks = (fileLimits.partWeight - bytes.length) / markBytes
  // What stands in quotes is left out only where it would make the difference: texts are most of a file, and quotes are many.
  if (marksIn(bytes) <= mostMarks) return false
  let marks = 0
  let start = 0
  for (const end of ends) {
    marks += marksOutsideQuotes(bytes.subarray(start, end))
    if (marks > mostMarks) return true
    start = end
  }
  return false
}

/** The bytes, a control character counted as it is in JSON, where it has no short form such as `\n`. */
function escapedBytes(bytes: Buffer): number {
  let escaped = 0
  // biome-ignore lint/style/useForOf: over a large buffer an iterator takes several times as long
  for (let place = 0; place < bytes.length; place += 1) {
    const byte = bytes[place] ?? 0
    if (byte < 0x20 && (byte < 0x08 || byte === 0x0b || byte > 0x0d)) escaped += 1
  }
  return bytes.length + (longestEscape - 1) * escaped
}

function marksIn(bytes: Buffer): number {
  let marks = 0
  // biome-ignore lint/style/useForOf: as above
  for (let place = 0; place < bytes.length; place += 1) {
    if (isMark(bytes[place] ?? 0)) marks += 1
  }
  return marks
}

/** Those of one line that stand outside of quotes. */
function marksOutsideQuotes(line: Buffer): number {
  let marks = 0
  let isQuoted = false
  for (let place = 0; place < line.length; place += 1) {
    const byte = line[place] ?? 0
    if (byte === quote) isQuoted = !isQuoted
    else if (!isQuoted) marks += isMark(byte) ? 1 : 0
    else if (byte === backslash) place += 1
  }
  return marks
}

/** A brace, a bracket or a comma. */
function isMark(byte: number): boolean {
  return byte === comma || (byte | bracketToBrace) === brace
}
