import type { FileHeader, FilePart, ImportFormat } from './import-format.ts'
import { PartBuilder } from './part-builder.ts'
import { createCsvFinder } from './split-csv.ts'
import { createNdjsonFinder, lineFeed, type RecordFinder } from './split-ndjson.ts'

const byteOrderMark = Buffer.from('\ufeff')

/**
 * Cuts a file that comes in pieces into parts of so many records, in memory that does not grow with it. Records do not depend on where the
 * pieces were cut. Throws FileFault.
 */
export class FileSplitter {
  readonly #parts: PartBuilder
  readonly #finder: RecordFinder
  readonly #header: () => FileHeader | null
  readonly #blockBytes: number
  /** What was not looked at yet, after the beginning of a record that was not whole. */
  #bytes: Buffer
  #length = 0
  #kept = 0
  #begun = false

  /** Pieces are gathered until they are `blockBytes`, so that very many small ones cost no more than a few large ones. */
  constructor(format: ImportFormat, partSize: number, { blockBytes = 262_144 } = {}) {
    this.#parts = new PartBuilder(format, partSize)
    if (format === 'CSV') {
      const finder = createCsvFinder(this.#parts)
      this.#finder = finder
      this.#header = finder.header
    } else {
      this.#finder = createNdjsonFinder(this.#parts)
      this.#header = () => null
    }
    this.#blockBytes = Math.max(blockBytes, byteOrderMark.length)
    this.#bytes = Buffer.allocUnsafe(2 * this.#blockBytes)
  }

  /** Of a CSV file, once it was read. */
  get header(): FileHeader | null {
    return this.#header()
  }

  /** Records found so far, those that cannot be read included. */
  get records(): number {
    return this.#parts.records
  }

  /** What it holds of the file, or keeps for what follows. */
  get heldBytes(): number {
    return this.#bytes.length + this.#parts.heldBytes
  }

  /** The next piece of the file; answers the parts that it completes. */
  push(piece: Uint8Array): FilePart[] {
    this.#append(piece)
    if (this.#length - this.#kept < this.#blockBytes) return []
    return this.#consume(false)
  }

  /** The end of the file; answers the parts that are left. */
  end(): FilePart[] {
    if (this.#length > 0 && this.#bytes[this.#length - 1] !== lineFeed) this.#append(Uint8Array.of(lineFeed))
    return this.#consume(true)
  }

  #append(piece: Uint8Array): void {
    const needed = this.#length + piece.length
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#length)
    this.#length = needed
  }

  #consume(isLast: boolean): FilePart[] {
    let start = 0
    if (!this.#begun) {
      this.#begun = true
      if (this.#bytes.subarray(0, Math.min(this.#length, byteOrderMark.length)).equals(byteOrderMark)) {
        start = byteOrderMark.length
      }
    }
    const done = start + this.#finder.consume(this.#bytes.subarray(start, this.#length), isLast)
    // It copies what it was shown: the bytes may be moved afterwards.
    const parts = this.#parts.take(isLast)
    this.#bytes.copyWithin(0, done, this.#length)
    this.#length -= done
    this.#kept = this.#length
    return parts
  }
}
