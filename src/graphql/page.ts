import { defaultPageSize, InvalidCursorError, largestPageSize, type Page } from '../jobs/page.ts'
import { expectedError } from './errors.ts'

/** How many nodes a page may have, from `first` or `last`. */
export function pageSize(argument: 'first' | 'last', size: number | null | undefined): number {
  const nodes = size ?? defaultPageSize
  if (nodes < 0) throw expectedError('BAD_USER_INPUT', `${argument}: ${nodes} is not between 0 and ${largestPageSize}`)
  if (nodes > largestPageSize) {
    throw expectedError(
      'LIMIT_EXCEEDED',
      `${argument}: ${nodes} is more than the ${largestPageSize} that a page may have: ask for several pages`,
    )
  }
  return nodes
}

/** What a cursor stands for; null where none is given. Text that `read` cannot make out is refused. */
export function readCursor<Position>(
  argument: 'after' | 'before',
  cursor: string | null | undefined,
  read: (cursor: string) => Position | null,
): Position | null {
  if (cursor == null) return null
  const position = read(cursor)
  if (position !== null) return position
  throw expectedError(
    'BAD_USER_INPUT',
    `${argument}: "${cursor.slice(0, 100)}" is no cursor of this list: pass one that it gave out`,
  )
}

/** The page as a connection; a cursor that the list did not give out becomes an error that its sender sees. */
export async function connectionOf<Node, Read extends Page<Node>>(reading: Promise<Read & Page<Node>>) {
  try {
    const { edges, hasNextPage, hasPreviousPage, ...rest } = await reading
    const [startCursor, endCursor] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null]
    return { ...rest, edges, pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor } }
  } catch (error) {
    if (error instanceof InvalidCursorError) throw expectedError('BAD_USER_INPUT', error.message)
    throw error
  }
}

/** What a connection with a `totalCount` carries: the number, or how to count when somebody asks. */
export interface CountedPage {
  totalCount: number | (() => Promise<number>)
}

/** Resolves the `totalCount` of such a connection. */
export function countPage(page: object): number | Promise<number> {
  const { totalCount } = page as CountedPage
  return typeof totalCount === 'number' ? totalCount : totalCount()
}

/** The descriptions of the arguments that every list has. */
export const pageArguments = {
  first: `At most so many from the beginning: 0 to ${largestPageSize}, and ${defaultPageSize} where nothing is said.`,
  after: 'Only those after this cursor, the `endCursor` of the page before.',
  last: `At most so many from the end, 0 to ${largestPageSize}; not together with \`first\`.`,
  before: 'Only those before this cursor, the `startCursor` of the page behind.',
}
