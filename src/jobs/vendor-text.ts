import type { RecordFate } from '../contract/outcome.ts'

/** An id of a vendor that is longer is none. */
const longestId = 200
const longestError = 2000

/** A text of a vendor as it can be stored and is worth reading: what PostgreSQL does not take becomes U+FFFD, and there is an end to it. */
function kept(text: string, longest: number): string {
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return short.toWellFormed().replaceAll('\0', '\ufffd')
}

export const keptId = (id: string): string => kept(id, longestId)

export const keptError = (message: string): string => kept(message, longestError)

/** The fate with ids that can be stored. */
export function withKeptIds(fate: RecordFate): RecordFate {
  const { vendorRequestId, vendorTransactionId } = fate
  return {
    ...fate,
    ...(vendorRequestId !== undefined && { vendorRequestId: keptId(vendorRequestId) }),
    ...(vendorTransactionId !== undefined && { vendorTransactionId: keptId(vendorTransactionId) }),
  }
}
