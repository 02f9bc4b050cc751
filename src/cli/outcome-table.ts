import type { JobSnapshotFragment } from './generated/graphql.ts'

/** What can become of a record, by its count in Progress. */
export const outcomes = [
  ['created', 'a new profile'],
  ['updated', 'a profile that was there, changed'],
  ['unchanged', 'a profile that was there, and had it all'],
  ['upserted', 'written; the vendor does not say whether it was there'],
  ['skipped', 'passed over by the destination'],
  ['superseded', 'folded into a later row with the same key'],
  ['failed', 'not written; each says why'],
  ['cancelled', 'never sent'],
  ['unknown', 'may or may not have been written'],
] as const

export const sum = (numbers: Iterable<number>) => Iterator.from(numbers).reduce((total, number) => total + number, 0)

const wholeNumber = new Intl.NumberFormat('en')

/** Lines of a table, a destination of the job a row and an outcome that occurs a column, and below it what each of these means. */
export function outcomeTable({ deliveries }: Pick<JobSnapshotFragment, 'deliveries'>): string[] {
  const occurring = outcomes.filter(([outcome]) => deliveries.some(({ progress }) => progress[outcome] > 0))
  const head = ['', ...occurring.map(([outcome]) => outcome.toUpperCase()), 'state']
  const rows = deliveries.map(({ destinationId, progress, state }) => [
    destinationId,
    ...occurring.map(([outcome]) => wholeNumber.format(progress[outcome])),
    state,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const lines = [head, ...rows].map((row) =>
    row
      // Names to the left, numbers to the right.
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
  const meaningWidth = Math.max(...occurring.map(([outcome]) => outcome.length))
  const meanings = occurring.map(([outcome, meaning]) => `${outcome.toUpperCase().padEnd(meaningWidth)}  ${meaning}`)
  return [...lines, '', ...meanings]
}
