import type { RecordError, RecordFate, RecordWarning } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { judgePermissions } from '../vendor-settings.ts'
import { shortened } from '../wire.ts'
import type { ContactColumns } from './columns.ts'
import type { AnswerLists } from './envelope.ts'
import { type Judgement, judge } from './judgement.ts'
import { KeyFinder, namedColumns } from './named-keys.ts'
import { codeOfRecordError, envelopeCodes, keylessErrorsFailAll, saysDefaultWasUsed } from './readings.ts'
import { columnsOf, type DengageRecord, inserts, permissionsLeftOut } from './record.ts'

/** Each record of a call hears of a warning that names none; of so many different ones at most. */
const maxKeylessTexts = 5

/** What a call was about, as far as reading its answer needs it. */
export interface Asked {
  options: ProfileUpsertOptions
  /** All of the same columns. */
  records: readonly DengageRecord[]
  columns: ContactColumns
  /** An earlier attempt may have inserted what this one calls updated. */
  repeated: boolean
}

const keysOf = ({ key, newKey }: DengageRecord) => (newKey === undefined ? [key] : [key, newKey])

/** One fate per record of a call that was processed, in order. */
export function fatesOf(asked: Asked, lists: AnswerLists, transactionId: string | undefined): RecordFate[] {
  const { records } = asked
  const { rows, keylessErrors, keylessWarnings } = judge(
    lists,
    records.map((record) => ({ keys: keysOf(record) })),
  )
  const absent = rows.filter(({ state }) => state === 'ABSENT').length
  const keyless = countTexts(keylessWarnings)
  return records.map((record, place): RecordFate => {
    const row = rows[place] ?? { state: 'ABSENT', errors: [], warnings: [] }
    const fate =
      row.state === 'ABSENT' || row.state === 'UNCLEAR'
        ? unaccountedFate(asked, keylessErrors, absent)
        : row.state === 'FAILED'
          ? { outcome: 'FAILED' as const, errors: row.errors.map((text) => recordError(asked, text)) }
          : writtenFate(asked, record, row, keyless)
    return transactionId === undefined ? fate : { ...fate, vendorTransactionId: transactionId }
  })
}

function unaccountedFate(asked: Asked, keylessErrors: readonly string[], absent: number): RecordFate {
  const canInsert = inserts(asked.options)
  if (keylessErrors.length === 0) {
    return canInsert ? { outcome: 'UNKNOWN', errors: [unanswered('')] } : { outcome: 'SKIPPED', errors: [notFound] }
  }
  const texts = [...new Set(keylessErrors)].join(' | ')
  if (!keylessErrorsFailAll(keylessErrors.length, absent, canInsert)) {
    return { outcome: 'UNKNOWN', errors: [unanswered(texts)] }
  }
  return { outcome: 'FAILED', errors: [recordError(asked, texts)] }
}

const notFound: RecordError = {
  code: 'PROFILE_NOT_FOUND',
  message: 'D·engage passed the record over: it has no contact of that key, and none may be created',
  field: 'key',
}

function unanswered(texts: string): RecordError {
  const message =
    texts === ''
      ? 'D·engage took the call and says nothing of this record: it may have been applied'
      : 'D·engage refused some records of the call without naming them: this may be one, or it may have been applied'
  return { code: 'NO_ANSWER', message, ...(texts === '' ? {} : { vendorMessage: shortened(texts) }) }
}

/** What an entry of `errors` makes of its record. */
function recordError({ records, columns }: Asked, text: string): RecordError {
  const sent = records[0]
  const [column] = sent ? namedColumns(text, columnsOf(sent)) : []
  const field = column === undefined ? {} : { field: columns.pathOf(column) }
  const code = codeOfRecordError(text, column)
  return { code, message: `D·engage refuses the record: ${shortened(text)}`, ...field, vendorMessage: shortened(text) }
}

/** Warnings that name no record, each text with how often it stands there. */
type Keyless = readonly (readonly [text: string, times: number])[]

function countTexts(texts: readonly string[]): Keyless {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].slice(0, maxKeylessTexts)
}

function writtenFate(asked: Asked, record: DengageRecord, row: Judgement, keyless: Keyless): RecordFate {
  const { options, columns, repeated } = asked
  const isUpsert = row.state === 'UPSERTED'
  const outcome =
    row.state === 'CREATED' ? 'CREATED' : isUpsert && inserts(options) ? ('UPSERTED' as const) : ('UPDATED' as const)
  const mayBeNew = outcome === 'CREATED' || (inserts(options) && (isUpsert || repeated))
  const warnings: RecordWarning[] = []
  if (mayBeNew) warnings.push(...judgePermissions('warn', permissionsLeftOut(record.cells, columns)).warnings)
  if (outcome !== 'CREATED') warnings.push(...reactivations(record, columns))
  for (const text of [...row.warnings, ...row.errors]) warnings.push(vendorWarning(asked, text))
  for (const [text, times] of keyless) warnings.push(keylessWarning(asked, text, times))
  return warnings.length === 0 ? { outcome } : { outcome, warnings }
}

/** An address without its status: if it changed, D·engage has set that active by itself, and does not say so. */
function reactivations({ cells }: DengageRecord, { addresses }: ContactColumns): RecordWarning[] {
  return addresses
    .filter(({ address, status }) => Object.hasOwn(cells, address) && !Object.hasOwn(cells, status))
    .map(({ field, statusField }) => ({
      code: 'STATUS_REACTIVATED',
      message: `If ${field} changed, D·engage has set ${statusField} ACTIVE by itself: state ${statusField} beside ${field} to decide it`,
      field: statusField,
    }))
}

function vendorWarning({ records, columns }: Asked, text: string): RecordWarning {
  const sent = records[0]
  const [column] = sent ? namedColumns(text, columnsOf(sent)) : []
  const field = column === undefined ? {} : { field: columns.pathOf(column) }
  const isDefaulted = saysDefaultWasUsed(text)
  const message = isDefaulted
    ? `D·engage did not take ${column === undefined ? 'a value' : columns.pathOf(column)} and used its own default: ${shortened(text)}`
    : `D·engage warns: ${shortened(text)}`
  return {
    code: isDefaulted ? 'VALUE_DEFAULTED' : 'DESTINATION_WARNING',
    message,
    ...field,
    vendorMessage: shortened(text),
  }
}

/**
 * A warning without a key is the record's own if there are as many as records; else each that it may be about hears of it. Records that were
 * not written count too: D·engage checks all before it writes any.
 */
function keylessWarning(asked: Asked, text: string, times: number): RecordWarning {
  const warning = vendorWarning(asked, text)
  if (times >= asked.records.length) return warning
  const message = `D·engage warns of ${times} of the call's records without naming which, perhaps this one: ${shortened(text)}`
  return { ...warning, code: 'DESTINATION_WARNING', message }
}

/**
 * The fates of a call that was refused for the records its message names (code 11): INVALID_VALUE for them, DESTINATION_REJECTED for the
 * others, none of which was written. null where it names none.
 */
export function refusedFates(asked: Asked, message: string, transactionId: string | undefined): RecordFate[] | null {
  const { records } = asked
  const named = new Map<string, string>()
  for (const { key, text } of new KeyFinder(records.flatMap(keysOf)).find(message).named) {
    named.set(key, [...(named.has(key) ? [named.get(key)] : []), text].join(' '))
  }
  if (named.size === 0) return null
  const vendorCode = String(envelopeCodes.validationFails)
  const elsewhere = `D·engage refused the call because of another record in it (${shortened([...named.keys()].join(', '))}): correct that one, or send with onInvalid SKIP_INVALID`
  return records.map((record): RecordFate => {
    const text = keysOf(record).flatMap((key) => named.get(key) ?? [])[0]
    const error: RecordError =
      text === undefined
        ? { code: 'DESTINATION_REJECTED', message: elsewhere, vendorCode, vendorMessage: shortened(message) }
        : { ...recordError(asked, text), code: 'INVALID_VALUE', vendorCode }
    return {
      outcome: 'FAILED',
      errors: [error],
      ...(transactionId === undefined ? {} : { vendorTransactionId: transactionId }),
    }
  })
}
