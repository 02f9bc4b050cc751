import type { RecordError, RecordFate, RecordWarning } from '../../contract/outcome.ts'
import type { ExtensionUpsertOptions } from '../../contract/request.ts'
import { judgePermissions } from '../vendor-settings.ts'
import { shortened } from '../wire.ts'
import type { AnswerLists } from './envelope.ts'
import { type DengageExtension, extensionColumns, insertsExtensions, unstatedPermission } from './extension-record.ts'
import { type Judgement, judge, type RowNames } from './judgement.ts'
import { KeyFinder, namedColumns } from './named-keys.ts'
import { codeOfExtensionError, envelopeCodes, keyColumn, keylessErrorsFailAll, newKeyColumn } from './readings.ts'

/** What a call was about, as far as reading its answer needs it. */
interface AskedExtensions {
  options: ExtensionUpsertOptions
  records: readonly DengageExtension[]
  /** An earlier attempt may have inserted what this one calls updated. */
  repeated: boolean
}

/** One fate per extension of a call that was processed, in order. */
export function extensionFates(asked: AskedExtensions, lists: AnswerLists): RecordFate[] {
  const { rows, keylessErrors, keylessWarnings } = judge(lists, asked.records.map(namesOf))
  const absent = rows.filter(({ state }) => state === 'ABSENT').length
  return asked.records.map((record, place): RecordFate => {
    const row = rows[place]
    if (row === undefined || row.state === 'ABSENT') return absentFate(asked, record, keylessErrors, absent)
    if (row.state === 'UNCLEAR') return { outcome: 'UNKNOWN', errors: [unclear] }
    if (row.state === 'FAILED') {
      return { outcome: 'FAILED', errors: row.errors.map((text) => extensionError(text, record)) }
    }
    return writtenFate(asked, record, row, keylessWarnings)
  })
}

function namesOf({ key, address, cells }: DengageExtension): RowNames {
  const newKey = cells[newKeyColumn]
  return { keys: typeof newKey === 'string' ? [key, newKey] : [key], address }
}

function absentFate(
  { options }: AskedExtensions,
  record: DengageExtension,
  keylessErrors: readonly string[],
  absent: number,
): RecordFate {
  const canInsert = insertsExtensions(options)
  if (keylessErrors.length === 0) {
    return canInsert ? { outcome: 'UNKNOWN', errors: [unclear] } : { outcome: 'SKIPPED', errors: [notFound] }
  }
  const texts = [...new Set(keylessErrors)].join(' | ')
  return keylessErrorsFailAll(keylessErrors.length, absent, canInsert)
    ? { outcome: 'FAILED', errors: [extensionError(texts, record)] }
    : { outcome: 'UNKNOWN', errors: [{ ...unclear, vendorMessage: shortened(texts) }] }
}

const unclear: RecordError = {
  code: 'NO_ANSWER',
  message: 'D·engage took the call and does not say what became of this extension: it may have been applied',
}
const notFound: RecordError = {
  code: 'EXTENSION_NOT_FOUND',
  message: 'D·engage passed the extension over: the contact has no such address, and none may be created',
  field: 'address',
}

function writtenFate(
  { options, repeated }: AskedExtensions,
  { cells }: DengageExtension,
  row: Judgement,
  keylessWarnings: readonly string[],
): RecordFate {
  const outcome =
    row.state === 'CREATED'
      ? 'CREATED'
      : row.state === 'UPSERTED' && insertsExtensions(options)
        ? 'UPSERTED'
        : 'UPDATED'
  const mayBeNew = outcome !== 'UPDATED' || (insertsExtensions(options) && repeated)
  const isUnstated = mayBeNew && !Object.hasOwn(cells, 'permission')
  const said = [...row.warnings, ...row.errors, ...new Set(keylessWarnings)]
  const warnings: RecordWarning[] = [
    ...judgePermissions('warn', isUnstated ? [unstatedPermission] : []).warnings,
    ...said.map((text): RecordWarning => {
      return {
        code: 'DESTINATION_WARNING',
        message: `D·engage warns: ${shortened(text)}`,
        vendorMessage: shortened(text),
      }
    }),
  ]
  return warnings.length === 0 ? { outcome } : { outcome, warnings }
}

const fieldsOfColumns: Readonly<Record<string, string>> = {
  [keyColumn]: 'key',
  [newKeyColumn]: 'newKey',
  new_address: 'newAddress',
}

function extensionError(text: string, extension: DengageExtension): RecordError {
  // A column that the record lacks may be what is missing.
  const [column] = namedColumns(text, [...new Set([...extensionColumns(extension), 'channel'])])
  const field = column === undefined ? {} : { field: fieldsOfColumns[column] ?? column }
  const code = codeOfExtensionError(text, column)
  return {
    code,
    message: `D·engage refuses the extension: ${shortened(text)}`,
    ...field,
    vendorMessage: shortened(text),
  }
}

/** As for contacts (code 11). Which of several extensions of one contact is meant, the message does not say. */
export function refusedExtensionFates(records: readonly DengageExtension[], message: string): RecordFate[] | null {
  const { named } = new KeyFinder(records.map(({ key }) => key)).find(message)
  const textOf = new Map(named.map(({ key, text }) => [key, text]))
  if (textOf.size === 0) return null
  const vendorCode = String(envelopeCodes.validationFails)
  return records.map((record): RecordFate => {
    const text = textOf.get(record.key)
    const isOnlyOne = records.filter(({ key }) => key === record.key).length === 1
    const error: RecordError =
      text !== undefined && isOnlyOne
        ? { ...extensionError(text, record), vendorCode }
        : {
            code: 'DESTINATION_REJECTED',
            message: 'D·engage refused the call because of an extension in it, and wrote none',
            vendorCode,
            vendorMessage: shortened(message),
          }
    return { outcome: 'FAILED', errors: [error] }
  })
}
