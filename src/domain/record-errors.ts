import type { RecordError } from '../contract/outcome.ts'

/** The most that is told of one record: what is told of a thousand is kept as one value, which has to fit in memory. */
export const mostErrors = 10

/** At most `mostErrors` of them; where there are more, the last one says how many. */
export function firstErrors(errors: readonly RecordError[]): RecordError[] {
  return withUntold(errors.slice(0, mostErrors), errors.length - mostErrors)
}

function withUntold(errors: RecordError[], untold: number): RecordError[] {
  const last = errors.at(-1)
  if (untold <= 0 || last === undefined) return errors
  const message = `${last.message}. The record has ${untold} ${untold === 1 ? 'error' : 'errors'} more`
  return errors.with(-1, { ...last, message })
}

/** Gathers what is wrong with one record. What is more than can be told is counted alone, so that it costs next to nothing. */
export class RecordErrors {
  readonly #told: RecordError[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  add(describe: () => RecordError): void {
    this.#count += 1
    if (this.#count <= mostErrors) this.#told.push(describe())
  }

  /** As `firstErrors` tells them. */
  told(): RecordError[] {
    return withUntold(this.#told, this.#count - mostErrors)
  }
}
