/** What the gateway takes for a file to import, and the parts it is kept in. */

export const importFormats = ['CSV', 'NDJSON'] as const
export type ImportFormat = (typeof importFormats)[number]

export const delimiters = [',', ';', '\t'] as const
export type Delimiter = (typeof delimiters)[number]

/** The first record of a CSV file, and what separates its cells. */
export interface FileHeader {
  /** Names; those of the last columns may be empty, and so are their cells then. */
  columns: string[]
  delimiter: Delimiter
}

/**
 * Limits of a file. Together they bound what one chunk of an import takes in memory, where its records are JSON: each with the names of its
 * fields, a quote, a backslash or a tab two bytes, most control characters six; and parsed, where three bytes can become an object of 64.
 */
export const fileLimits = {
  records: 10_000_000,
  /** One record, without the end of its line. */
  recordBytes: 1_048_576,
  /** What one line of NDJSON becomes when it is parsed: enough for 240,000 texts in lists, which are more than any record has use for. */
  recordWeight: 16_777_216,
  /** The records of one part together: 64 KiB each, on average. A control character counts as what it is in JSON. */
  partBytes: 67_108_864,
  /** What the lines of one part of NDJSON become when they are parsed: enough for a thousand records of a thousand attributes. */
  partWeight: 100_663_296,
  /**
   * Lines that follow each other and are no records: more of them say nothing, and cost nearly as much as records. A sheet of a spreadsheet
   * that was formatted to its end has a good million.
   */
  blankLines: 2_000_000,
  columns: 2000,
  /** What the columns of a CSV file go to, together: the names that each of its records has in JSON. */
  nameBytes: 65_536,
} as const

/** Some records of a file, as they stand in it. */
export interface FilePart {
  /** From 0. */
  part: number
  size: number
  /** 1-based line at which the first record begins. */
  firstLine: number
  /** The line at which each record begins; null: `firstLine` and those after it. */
  lines: number[] | null
  /** The records, each ended by a line feed; an empty line in place of one that cannot be read. */
  content: string
  /** Why records cannot be read, by their place in the part. */
  malformed: Record<string, string> | null
}

/** Thrown when a file as a whole cannot be taken. */
export class FileFault extends Error {
  override name = 'FileFault'
  /** It is too large, not wrong. */
  readonly exceedsLimit: boolean

  constructor(message: string, { exceedsLimit = false, cause }: { exceedsLimit?: boolean; cause?: unknown } = {}) {
    super(message, { cause })
    this.exceedsLimit = exceedsLimit
  }
}
