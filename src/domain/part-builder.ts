import { FileFault, type FilePart, fileLimits, type ImportFormat } from './import-format.ts'
import { isTooHeavy, whyPartIsTooMuch } from './part-weight.ts'

const leastCapacity = 65_536
/** What the numbers of lines are stored as. */
const highestLine = 2_147_483_647

const tooHeavy = `The record has so many members that it takes more than ${fileLimits.recordWeight} bytes of memory (each brace, bracket and comma outside of quotes counted as 64), which is the limit: leave out what is not needed`

/** Gathers the records of a file into parts. Bytes are copied once, in runs of records that follow each other, and decoded once. */
export class PartBuilder {
  readonly #format: ImportFormat
  readonly #partSize: number
  #built: FilePart[] = []
  #records = 0
  /** Lines in a row that are none. */
  #blank = 0

  // The part that is being filled.
  #content = Buffer.allocUnsafe(leastCapacity)
  #length = 0
  /** Where each record ends in the content, its line end included. */
  #ends: number[] = []
  #lines: number[] = []
  #malformed: Record<string, string> = {}

  // The latest records, not copied yet: from `#runStart` to `#runEnd` in `#run`.
  #run: Buffer | null = null
  #runStart = 0
  #runEnd = 0

  constructor(format: ImportFormat, partSize: number) {
    this.#format = format
    this.#partSize = partSize
  }

  get records(): number {
    return this.#records
  }

  /** What it holds of the part that is being filled, or keeps for the next one. */
  get heldBytes(): number {
    return this.#content.length
  }

  /** A record that stands from `start` to `end`, its line feed included. The bytes must not change before the next `take`. */
  add(bytes: Buffer, start: number, end: number, line: number): void {
    if (isTooHeavy(this.#format, bytes, start, end)) {
      this.addMalformed(line, tooHeavy)
      return
    }
    if (bytes !== this.#run || start !== this.#runEnd) {
      this.#copyRun()
      this.#run = bytes
      this.#runStart = start
    }
    this.#runEnd = end
    this.#close(line)
  }

  /** A line that is no record. */
  passOver(line: number): void {
    this.#blank += 1
    if (this.#blank <= fileLimits.blankLines) return
    const message = `The file has more than ${fileLimits.blankLines} empty lines in a row, up to line ${line}: take them out`
    throw new FileFault(message, { exceedsLimit: true })
  }

  /** A record that cannot be read. */
  addMalformed(line: number, message: string): void {
    this.#copyRun()
    this.#malformed[this.#ends.length] = message
    this.#reserve(1)
    this.#length += this.#content.write('\n', this.#length)
    this.#close(line)
  }

  /** The parts that are full; at the end of the file also what is left. They are handed out once. */
  take(isLast: boolean): FilePart[] {
    this.#copyRun()
    if (isLast && this.#ends.length > 0) this.#build()
    const built = this.#built
    this.#built = []
    return built
  }

  #close(line: number): void {
    const end = this.#length + this.#runEnd - this.#runStart
    if (end > fileLimits.partBytes) throw this.#tooMuch(line, `are more than ${fileLimits.partBytes} bytes together`)
    if (line > highestLine) {
      throw new FileFault(`The file has more than ${highestLine} lines: split it`, { exceedsLimit: true })
    }
    this.#blank = 0
    this.#records += 1
    if (this.#records > fileLimits.records) {
      throw new FileFault(`The file has more than ${fileLimits.records} records, which is the limit: split it`, {
        exceedsLimit: true,
      })
    }
    this.#ends.push(end)
    this.#lines.push(line)
    if (this.#ends.length === this.#partSize) this.#build()
  }

  #copyRun(): void {
    if (this.#run !== null) {
      this.#reserve(this.#runEnd - this.#runStart)
      this.#length += this.#run.copy(this.#content, this.#length, this.#runStart, this.#runEnd)
    }
    this.#run = null
    this.#runStart = 0
    this.#runEnd = 0
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#content.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#content.length))
    this.#content.copy(larger, 0, 0, this.#length)
    this.#content = larger
  }

  #tooMuch(line: number, why: string): FileFault {
    return new FileFault(
      `The ${this.#partSize} records from line ${this.#lines[0] ?? line} on ${why}, which is the limit: shorten them, or leave out what is not needed`,
      { exceedsLimit: true },
    )
  }

  #build(): void {
    this.#copyRun()
    const bytes = this.#content.subarray(0, this.#length)
    const tooMuch = whyPartIsTooMuch(this.#format, bytes, this.#ends)
    if (tooMuch !== null) throw this.#tooMuch(1, tooMuch)
    const content = bytes.includes(0) ? null : decode(bytes)
    const [firstLine = 1] = this.#lines
    const size = this.#ends.length
    this.#built.push({
      part: Math.ceil(this.#records / this.#partSize) - 1,
      size,
      firstLine,
      lines: this.#lines.at(-1) === firstLine + size - 1 ? null : this.#lines,
      content: content ?? this.#withoutUnreadable(bytes),
      malformed: Object.keys(this.#malformed).length === 0 ? null : this.#malformed,
    })
    this.#length = 0
    this.#ends = []
    this.#lines = []
    this.#malformed = {}
  }

  /** The content with an empty line in place of each record that is no text that can be stored. */
  #withoutUnreadable(bytes: Buffer): string {
    let content = ''
    let start = 0
    for (const [place, end] of this.#ends.entries()) {
      const record = bytes.subarray(start, end)
      const text = decode(record)
      if (text === null) this.#malformed[place] = 'The record is not UTF-8: encode the file so'
      else if (text.includes('\0')) {
        this.#malformed[place] = 'The record contains a NUL character (U+0000), which cannot be stored: remove it'
      }
      content += this.#malformed[place] === undefined ? text : '\n'
      start = end
    }
    return content
  }
}

// Only the mark at the beginning of a file is none of its text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
