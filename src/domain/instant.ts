const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isRealDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0
  return day <= (daysInMonth[month - 1] ?? 0) + leapDay
}

const calendarDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/

/** Whether the text is a day that exists, written YYYY-MM-DD, in the years 0001 to 9999. */
export function isCalendarDay(text: string): boolean {
  return (
    calendarDay.test(text) && isRealDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)))
  )
}

const rfc3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/

/**
 * The UTC form, `YYYY-MM-DDTHH:mm:ss.sssZ`, of an RFC 3339 instant, or null if the text is none or lies outside the years 0001 to 9999.
 * Digits finer than a millisecond are cut off; leap seconds (:60) are not told apart by PostgreSQL or JavaScript and are refused.
 */
export function instantOf(text: string): string | null {
  const parts = rfc3339.exec(text)
  if (!parts) return null
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = parts
  if (!isRealDay(Number(year), Number(month), Number(day))) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, '0')))
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  if (offset > 0) date.setTime(date.getTime() + (sign === '-' ? offset : -offset))
  const utcYear = date.getUTCFullYear()
  return utcYear < 1 || utcYear > 9999 ? null : date.toISOString()
}
