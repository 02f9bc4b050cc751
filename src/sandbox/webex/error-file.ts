import type { EntryOutcome } from './apply-bulk.ts'
import { readings } from './readings.ts'
import type { WebexSettings } from './settings.ts'

/** The error file of the status page, one row for each entry that failed; null when none did. */
export function writeErrorFile(
  outcomes: readonly EntryOutcome[],
  style: WebexSettings['errorFileStyle'],
): string | null {
  const rows = outcomes.flatMap(({ failure }, index) => {
    if (!failure) return []
    const place = index + readings.firstIndex
    if (style === 'bare') return [readings.bareRow(failure.code, place)]
    return [`${failure.code},${enclose(failure.description, style)},${place}`]
  })
  return rows.length === 0 ? null : [...['Code,Description,Index', ...rows].map((row) => `${row}\r\n`)].join('')
}

function enclose(text: string, style: 'escaped' | 'doubled'): string {
  if (style === 'doubled') return `"${text.replaceAll('"', '""')}"`
  const { escape: mark } = readings
  return `"${text.replaceAll(mark, mark + mark).replaceAll('"', `${mark}"`)}"`
}
