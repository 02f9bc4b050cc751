/** One line of the report. */
export interface Line {
  what: string
  against: string
  /** Absolute figures, medians, with their unit: `18,200 records/s`. */
  ours: string
  theirs: string
  /** Ours over theirs, or whatever `target` speaks of; null where the line only informs. */
  ratio: number | null
  /** As it has to be, `>= 0.6` say; null where the line only informs. */
  target: Target | null
}

export type Target = { atLeast: number } | { below: number }

export function isReached({ ratio, target }: Line): boolean | null {
  if (ratio === null || target === null) return null
  return 'atLeast' in target ? ratio >= target.atLeast : ratio < target.below
}

const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
export const perSecond = (rate: number, unit = 'records') => `${whole.format(rate)} ${unit}/s`
export const milliseconds = (ms: number) => `${short.format(ms)} ms`
export const megabytes = (bytes: number) => `${whole.format(bytes / 1_048_576)} MB`

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const targetText = (target: Target | null) =>
  target === null ? '' : 'atLeast' in target ? `≥ ${target.atLeast}` : `< ${target.below}`

/** The lines as a table of fixed columns. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [
    ['what', 'ours', 'against', 'theirs', 'ratio', 'to reach', ''],
    ...lines.map((line) => [
      line.what,
      line.ours,
      line.against,
      line.theirs,
      line.ratio === null ? '' : line.ratio.toFixed(2),
      targetText(line.target),
      { true: 'reached', false: 'NOT REACHED', null: '' }[String(isReached(line)) as 'true' | 'false' | 'null'],
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
