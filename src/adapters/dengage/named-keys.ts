import { comparableColumn } from './readings.ts'

/** What may stand around a name in a message: ends, spaces, quotes, brackets, separators. A `-` or a letter belongs to the name. */
const delimiter = /[\s"'`“”‘’()[\]{}<>,;:=|#]/
/** Ends a sentence, and so may follow a name. */
const fullStop = /[.!?]+(?:\s|$)/y
/** Where a message goes on after a sentence, or an entry of a list within it. */
const newSentence = /^[.!?]\s|[;|\n]/
/** What is further on in a message is not looked for: it has room for the keys of any call. */
const readLength = 500_000

export interface NamedKeys {
  /** Each key with what the message says of it: its own sentences where they are told apart, else all of it. */
  named: { key: string; text: string }[]
  /** The message, or a sentence of it, begins with the keys. A word further on may be a key only by chance: a contact called 255, in a text about 255 characters. */
  certain: boolean
}

/** Finds in the vendor's messages which of the keys they name. */
export class KeyFinder {
  readonly #keys: ReadonlySet<string>
  readonly #longest: number

  constructor(keys: Iterable<string>) {
    this.#keys = new Set(keys)
    this.#longest = Math.max(0, ...[...this.#keys].map((key) => key.length))
  }

  /** The keys that the message, or a sentence of it, begins with, or else all that stand in it as words of their own; the longest where one holds another. */
  find(message: string): NamedKeys {
    const words = this.#words(message)
    const leading: { key: string; start: number }[] = []
    let from = 0
    for (const word of words) {
      if (!isLedUpTo(message.slice(from, word.start))) continue
      leading.push(word)
      from = word.start + word.key.length
    }
    if (leading.length === 0) {
      return { named: this.all(message).map((key) => ({ key, text: message })), certain: false }
    }
    const named = leading.map(({ key, start }, place) => ({
      key,
      text: message.slice(start, leading[place + 1]?.start).trim(),
    }))
    return { named, certain: true }
  }

  /** All that stand in the message as words of their own, in its order. */
  all(message: string): string[] {
    return [...new Set(this.#words(message).map(({ key }) => key))]
  }

  #words(wholeMessage: string): { key: string; start: number }[] {
    const message = wholeMessage.slice(0, readLength)
    const starts: number[] = []
    const ends: number[] = []
    for (let place = 0; place <= message.length; place += 1) {
      const isBoundary = place === 0 || place === message.length
      if (place < message.length && (isBoundary || delimiter.test(message.charAt(place - 1)))) starts.push(place)
      if (place > 0 && (isBoundary || delimiter.test(message.charAt(place)) || endsSentence(message, place))) {
        ends.push(place)
      }
    }
    const found: { key: string; start: number }[] = []
    let from = 0
    let end = 0
    for (const start of starts) {
      if (start < from) continue
      while (end < ends.length && (ends[end] ?? 0) <= start) end += 1
      const key = this.#longestAt(message, start, ends, end)
      if (key === undefined) continue
      found.push({ key, start })
      from = start + key.length
    }
    return found
  }

  #longestAt(message: string, start: number, ends: readonly number[], first: number): string | undefined {
    let longest: string | undefined
    for (let place = first; place < ends.length; place += 1) {
      const end = ends[place] ?? 0
      if (end - start > this.#longest) break
      const candidate = message.slice(start, end)
      if (this.#keys.has(candidate)) longest = candidate
    }
    return longest
  }
}

/** Whether nothing but separators stands between, or at least the end of a sentence. */
function isLedUpTo(gap: string): boolean {
  let end = gap.length
  while (end > 0 && delimiter.test(gap.charAt(end - 1))) end -= 1
  return end === 0 || newSentence.test(gap.slice(end - 1))
}

function endsSentence(message: string, place: number): boolean {
  fullStop.lastIndex = place
  return fullStop.test(message)
}

/** The columns that the message names as words of their own, whatever their case, in its order. */
export function namedColumns(message: string, columns: readonly string[]): string[] {
  const byComparable = new Map(columns.map((column) => [comparableColumn(column), column]))
  const named = new KeyFinder(byComparable.keys()).all(comparableColumn(message))
  return named.flatMap((name) => byComparable.get(name) ?? [])
}
