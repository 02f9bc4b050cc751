import { readings } from './readings.ts'
import type { DengageSettings } from './settings.ts'

export type ColumnValue = string | number | boolean | null

/** How the values of one column are read. */
export interface Column {
  name: string
  /** What the column holds when nothing was said, or nothing usable. */
  default: ColumnValue
  read(raw: unknown): Reading
}

/** What a value comes to: `error` fails the record, `warning` puts the default in its place. */
export type Reading = { value: ColumnValue } | { error: string } | { value: ColumnValue; warning: string }

/** The columns of master_contact that may be sent, by name; `new_contact_key` is not among them. */
export function contactColumns(settings: DengageSettings): Map<string, Column> {
  const gsm = phone('gsm', '', settings)
  const columns: Column[] = [
    date('birth_date'),
    status('contact_status'),
    email('email', ''),
    flag('email_permission', readings.permissionDefault),
    status('email_status'),
    text('gender', 100, null),
    gsm,
    flag('gsm_permission', readings.permissionDefault),
    status('gsm_status'),
    text('name', 100, ''),
    date('subscription_date'),
    text('surname', 100, ''),
    ...settings.columns.filter(({ importEnabled }) => importEnabled).map((column) => custom(column, settings)),
  ]
  return new Map(columns.map((column) => [column.name, column]))
}

/** Digits with the country's, and none of those that the settings call invalid. */
export function isGsm(text: string, { invalidGsm }: DengageSettings): boolean {
  return readings.gsm.test(text) && !invalidGsm.includes(text)
}

export function isEmail(text: string): boolean {
  return text.length <= 255 && readings.email.test(text)
}

export function text(name: string, most: number, byDefault: ColumnValue): Column {
  return column(name, byDefault, (raw) => {
    if (typeof raw !== 'string') return { error: readings.invalid(name) }
    return raw.length > most ? { error: readings.tooLong(name, most) } : { value: raw }
  })
}

export function flag(name: string, byDefault: ColumnValue): Column {
  return column(name, byDefault, (raw) =>
    typeof raw === 'boolean' ? { value: raw } : { error: readings.invalid(name) },
  )
}

function column(name: string, byDefault: ColumnValue, read: (raw: unknown) => Reading): Column {
  return { name, default: byDefault, read: (raw) => (raw === null ? { value: byDefault } : read(raw)) }
}

function status(name: string): Column {
  return column(name, 'A', (raw) => (raw === 'A' || raw === 'P' ? { value: raw } : { error: readings.invalid(name) }))
}

function date(name: string): Column {
  return column(name, null, (raw) => {
    const isDay = typeof raw === 'string' && raw.length <= 10 && isRealDay(raw)
    return isDay ? { value: raw } : { error: readings.invalid(name) }
  })
}

function email(name: string, byDefault: ColumnValue): Column {
  return column(name, byDefault, (raw) => {
    if (typeof raw !== 'string') return { error: readings.invalid(name) }
    if (raw.length > 255) return { error: readings.tooLong(name, 255) }
    return orDefault(name, byDefault, raw.toLowerCase(), raw === '' || isEmail(raw))
  })
}

function phone(name: string, byDefault: ColumnValue, settings: DengageSettings): Column {
  return column(name, byDefault, (raw) => {
    if (typeof raw !== 'string') return { error: readings.invalid(name) }
    if (raw.length > 20) return { error: readings.tooLong(name, 20) }
    return orDefault(name, byDefault, raw, raw === '' || isGsm(raw, settings))
  })
}

function orDefault(name: string, byDefault: ColumnValue, value: string, valid: boolean): Reading {
  return valid ? { value } : { value: byDefault, warning: readings.defaultUsed(name) }
}

function custom({ name, type }: DengageSettings['columns'][number], settings: DengageSettings): Column {
  switch (type) {
    case 'TEXT':
      return text(name, Number.POSITIVE_INFINITY, null)
    case 'BOOLEAN':
      return flag(name, null)
    case 'EMAIL':
      return email(name, null)
    case 'PHONE':
      return phone(name, null, settings)
    case 'DATE':
      return column(name, null, (raw) => {
        const isDate = typeof raw === 'string' && readings.dateTime.test(raw) && isRealDay(raw.slice(0, 10))
        return isDate ? { value: raw } : { error: readings.invalid(name) }
      })
    case 'INTEGER':
      return column(name, null, (raw) =>
        isNumeric(raw, /^[+-]?\d+$/) ? { value: Number(raw) } : { error: readings.invalid(name) },
      )
    case 'DECIMAL':
      // As it was sent: a binary fraction would not be what the caller wrote.
      return column(name, null, (raw) =>
        isNumeric(raw, /^[+-]?\d+(\.\d+)?$/) ? { value: raw } : { error: readings.invalid(name) },
      )
  }
}

// The page types every custom column as string, so a number's text is as good as the number.
function isNumeric(raw: unknown, pattern: RegExp): raw is string | number {
  return (typeof raw === 'number' || typeof raw === 'string') && pattern.test(String(raw))
}

function isRealDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
