import type { VendorError } from './readings.ts'

/** What Altcraft answers with an error code, for a whole call or for one profile. */
export class Refusal extends Error {
  readonly code: number
  /** The HTTP status when it is not 200. */
  readonly status: number | undefined

  constructor({ code, text }: VendorError, status?: number) {
    super(text)
    this.code = code
    this.status = status
  }
}

/** Error 400 with this text. */
export function incorrect(text: string): Refusal {
  return new Refusal({ code: 400, text })
}
