import { csvRecords } from '../../src/domain/csv-cells.ts'
import type { FileHeader, FilePart, ImportFormat } from '../../src/domain/import-format.ts'
import { FileSplitter } from '../../src/domain/split-file.ts'

export interface SplitOptions {
  /** Bytes of each piece in which the file comes. */
  pieceBytes?: number
  blockBytes?: number
  partSize?: number
}

export interface SplitFile {
  header: FileHeader | null
  parts: FilePart[]
}

/** Cuts a file as an upload does. */
export function splitFile(
  format: ImportFormat,
  file: string | Uint8Array,
  { pieceBytes = 65_536, blockBytes, partSize = 1000 }: SplitOptions = {},
): SplitFile {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file
  const splitter = new FileSplitter(format, partSize, blockBytes === undefined ? {} : { blockBytes })
  const parts: FilePart[] = []
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    parts.push(...splitter.push(bytes.subarray(start, start + pieceBytes)))
  }
  parts.push(...splitter.end())
  return { header: splitter.header, parts }
}

/** What became of a record: its line of NDJSON, its cells of CSV, or why it cannot be read; with the line at which it begins. */
export type FoundRecord = [line: number, record: string | readonly string[] | { malformed: string }]

export function recordsOf({ header, parts }: SplitFile): FoundRecord[] {
  return parts.flatMap((part) => {
    const records = header
      ? [...csvRecords(part.content, header.delimiter, 1000)]
      : part.content.split('\n').slice(0, -1)
    return records.map((record, place): FoundRecord => {
      const malformed = part.malformed?.[place]
      const line = part.lines?.[place] ?? part.firstLine + place
      return [line, malformed === undefined ? (record ?? '') : { malformed }]
    })
  })
}
