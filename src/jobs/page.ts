/** Nodes of a page where the caller does not say, and at most. */
export const defaultPageSize = 100
export const largestPageSize = 1000

/** A stretch of a list, with an opaque cursor for each of its nodes. */
export interface Page<Node> {
  edges: { cursor: string; node: Node }[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

/** A text was given as `after` that no page has given out. */
export class InvalidCursorError extends Error {
  override name = 'InvalidCursorError'

  constructor(cursor: string) {
    super(
      `after: "${cursor.slice(0, 100)}" is no cursor of this list: pass an endCursor, or leave it out to begin at the start`,
    )
  }
}

export function encodeCursor(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The parts that `shape` captures in a cursor; throws InvalidCursorError. */
export function decodeCursor(cursor: string, shape: RegExp): string[] {
  const parts = shape.exec(Buffer.from(cursor, 'base64').toString())
  if (!parts) throw new InvalidCursorError(cursor)
  return parts.slice(1)
}
