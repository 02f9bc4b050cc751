import type { ColumnMappingInput, ProfileInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import type { NullPolicy } from '../contract/profile.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import { type RecordUses, unifiedFields } from '../contract/request.ts'
import { csvRecords } from '../domain/csv-cells.ts'
import { resolveColumns, type Target } from '../domain/csv-columns.ts'
import { parseExactly } from '../domain/exact-json.ts'
import { type FileHeader, type FilePart, fileLimits } from '../domain/import-format.ts'
import { mostExtraCells, readCsvRecord } from '../domain/read-csv-record.ts'
import { malformed, type ReadInput, readProfileInput } from '../domain/read-profile-input.ts'
import type { LabelledRecord } from './request-kind.ts'

/** One record of a file; `line` is the 1-based line at which it begins. */
export type ReadRecord = { line: number } & (
  | { ok: true; input: ProfileInput }
  /**
   * MALFORMED_RECORD where it cannot be read as a ProfileInput at all, INVALID_VALUE for a field with a value that it cannot have. Nothing
   * of it may be delivered; `label` is what results show of it all the same.
   */
  | { ok: false; errors: RecordError[]; label: LabelledRecord; found: unknown }
)

/**
 * What is wrong with the mapping of columns, or with header names that it does not name; `attributes` are those that are defined. NDJSON has
 * no header: null.
 */
export function checkColumns(
  header: FileHeader | null,
  columns: readonly ColumnMappingInput[] | null,
  attributes: readonly string[] = [],
): InputIssue[] {
  if (header === null) {
    const message = 'columns are those of a CSV file, and the upload is NDJSON: leave columns out'
    return columns === null ? [] : [{ path: ['input', 'columns'], message }]
  }
  const resolved = resolveColumns(header.columns, columns, attributes)
  return resolved.ok ? issuesOfNames(resolved.targets) : resolved.issues
}

/** A record has the names of all its columns, whatever its line is: a short file could become very many bytes. */
function issuesOfNames(targets: readonly Target[]): InputIssue[] {
  const names = targets.flatMap((target) => ('name' in target ? [target.name] : []))
  const bytes = Buffer.byteLength(JSON.stringify(names))
  if (bytes <= fileLimits.nameBytes) return []
  const message = `The names of the columns are ${bytes} bytes together, and at most ${fileLimits.nameBytes} are taken: map some to shorter names, or to "" to leave them out`
  return [{ path: ['input', 'columns'], message }]
}

/** What the records of a CSV file use as far as its columns tell: channels stand in the cells. The columns were checked. */
export function usesOfColumns(header: FileHeader, columns: readonly ColumnMappingInput[] | null): RecordUses {
  const targets = targetsOf(header, columns)
  const named = (kind: 'field' | 'attribute') =>
    new Set(targets.flatMap((target) => (target.kind === kind ? [target.name] : [])))
  const fields = named('field')
  return {
    newKey: fields.has('newKey'),
    channels: new Set(),
    fields: new Set(unifiedFields.filter((field) => fields.has(field))),
    attributes: named('attribute'),
    conditions: new Set(),
  }
}

/** The records of a part, in order, `part.size` of them. The columns were checked. */
export function readPart(
  part: FilePart,
  header: FileHeader | null,
  columns: readonly ColumnMappingInput[] | null,
  nulls: NullPolicy,
): ReadRecord[] {
  const inputs = header === null ? readLines(part) : readRows(part, header, targetsOf(header, columns), nulls)
  if (inputs.length !== part.size) {
    throw new Error(`part ${part.part} of an upload has ${inputs.length} records in place of ${part.size}`)
  }
  return inputs.map((input, place) => {
    const line = part.lines?.[place] ?? part.firstLine + place
    if (input.ok) return { line, ...input }
    const errors = input.errors.map((error) => ({ ...error, message: `Line ${line}: ${error.message}` }))
    return { line, ...input, errors }
  })
}

function targetsOf(header: FileHeader, columns: readonly ColumnMappingInput[] | null): Target[] {
  const resolved = resolveColumns(header.columns, columns)
  if (!resolved.ok) throw new TypeError('the columns of an import were not checked')
  return resolved.targets
}

function readLines(part: FilePart): ReadInput[] {
  const lines = part.content.split('\n')
  // What follows the last line feed.
  lines.pop()
  return lines.map((line, place) => unreadable(part, place) ?? readLine(line))
}

function readLine(line: string): ReadInput {
  let value: unknown
  try {
    value = parseExactly(line)
  } catch {
    // The parser's own message quotes the line.
    return malformed('The record is not JSON: check its commas, quotes and brackets', {}, line)
  }
  return readProfileInput(value)
}

function readRows(
  part: FilePart,
  { delimiter }: FileHeader,
  targets: readonly Target[],
  nulls: NullPolicy,
): ReadInput[] {
  const inputs: ReadInput[] = []
  for (const cells of csvRecords(part.content, delimiter, targets.length + mostExtraCells)) {
    inputs.push(unreadable(part, inputs.length) ?? readCsvRecord(cells ?? [], targets, nulls))
  }
  return inputs
}

/** What was found while the file was cut. */
function unreadable({ malformed: found }: FilePart, place: number): ReadInput | null {
  const message = found?.[place]
  return message === undefined ? null : malformed(message, {})
}
