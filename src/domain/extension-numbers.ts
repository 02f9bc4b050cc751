import type { RecordError, RecordWarning } from '../contract/outcome.ts'

type Answer = { ok: true; warnings: readonly RecordWarning[] } | { ok: false; errors: readonly RecordError[] }

const known = new WeakMap<object, readonly number[]>()

/** Notes the numbers that a record's extensions have in the header of its file: those that a row leaves empty are not in the record. */
export function noteExtensionNumbers(input: object, numbers: readonly number[]): void {
  if (numbers.some((number, place) => number !== place)) known.set(input, numbers)
}

/** The answer to a record, in which extensions have the numbers of the header in place of those of the record. */
export function numberedAsInFile<Given extends Answer>(input: object, answer: Given): Given {
  const numbers = known.get(input)
  if (numbers === undefined) return answer
  const renumbered = (text: string) =>
    text.replace(/(?<=\bextensions\[)\d+(?=\])/g, (place) => String(numbers[Number(place)] ?? place))
  const tell = <Told extends RecordError | RecordWarning>(told: Told): Told => ({
    ...told,
    message: renumbered(told.message),
    ...(told.field === undefined ? {} : { field: renumbered(told.field) }),
  })
  return answer.ok ? { ...answer, warnings: answer.warnings.map(tell) } : { ...answer, errors: answer.errors.map(tell) }
}
