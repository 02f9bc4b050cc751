import { fileLimits } from './import-format.ts'
import type { PartBuilder } from './part-builder.ts'

export const lineFeed = 0x0a
export const carriageReturn = 0x0d
const space = 0x20
const tab = 0x09

/** Finds records in the bytes of a file. */
export interface RecordFinder {
  /**
   * Hands over the records of `bytes`, and answers how many bytes it is done with: the rest comes again, with what follows it. At the end of
   * the file the bytes end in a line feed, and nothing may be left. Throws FileFault.
   */
  consume(bytes: Buffer, isLast: boolean): number
}

/** Finds the end of the line that begins at `start`, its line feed left out, and a carriage return before that. */
export function lineEnd(bytes: Buffer, start: number, feed: number): number {
  return feed > start && bytes[feed - 1] === carriageReturn ? feed - 1 : feed
}

export const tooLong = `The record is longer than ${fileLimits.recordBytes} bytes, which is the limit: shorten it`

/** One record a line; lines of nothing but white space are none. */
export function createNdjsonFinder(parts: PartBuilder): RecordFinder {
  let line = 1
  /** Within a line that is too long: nothing of it is kept. */
  let skipping = false

  const take = (bytes: Buffer, start: number, feed: number) => {
    if (lineEnd(bytes, start, feed) - start > fileLimits.recordBytes) parts.addMalformed(line, tooLong)
    else if (isBlank(bytes, start, feed)) parts.passOver(line)
    else parts.add(bytes, start, feed + 1, line)
  }

  return {
    consume(bytes) {
      let start = 0
      for (let feed = bytes.indexOf(lineFeed); feed !== -1; feed = bytes.indexOf(lineFeed, start)) {
        if (!skipping) take(bytes, start, feed)
        skipping = false
        line += 1
        start = feed + 1
      }
      // A carriage return may still be the end of it.
      if (!skipping && bytes.length - start <= fileLimits.recordBytes + 1) return start
      if (!skipping) parts.addMalformed(line, tooLong)
      skipping = true
      return bytes.length
    },
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  let place = start
  while (place < end && (bytes[place] === space || bytes[place] === tab || bytes[place] === carriageReturn)) place += 1
  return place === end
}
