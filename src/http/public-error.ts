import { randomUUID } from 'node:crypto'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'

const longestMessage = 1000

/** Codes of the libraries beneath, in the words of the contract. */
const renamed: Readonly<Record<string, string>> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  GRAPHQL_PARSE_FAILED: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
}

/** The same error, to be answered with that HTTP status. `spec` leaves it at 200 for clients that accept only application/json. */
export function withStatus(status: number, error: GraphQLError, { spec = false } = {}): GraphQLError {
  return again(error, { extensions: { ...error.extensions, http: spec ? { status, spec } : { status } } })
}

/** A copy of the error with its message cut to a bearable length (graphql prints the refused value into it) and other extensions. */
function again(error: GraphQLError, { extensions }: { extensions: GraphQLError['extensions'] }): GraphQLError {
  const { message, nodes, source, positions, path } = error
  return new GraphQLError(message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  })
}

/** The error as a client sees it, without what is meant for the HTTP layer. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions = {}, ...formatted } = error.toJSON()
  const { http: _, ...shown } = extensions
  return { ...formatted, extensions: shown }
}

/** Whether the error speaks of the request and of nothing inside: it was made as a GraphQLError, and by nothing that a resolver answered. */
function isAboutRequest(error: GraphQLError): boolean {
  if (error.originalError !== undefined && !(error.originalError instanceof GraphQLError)) return false
  if (typeof error.extensions['code'] === 'string') return true
  // A fault of an argument knows its place in the document; a fault of a resolver's answer (an enum that has no such value) does not.
  return (
    error.path === undefined || (error.originalError instanceof GraphQLError && error.originalError.nodes !== undefined)
  )
}

export type PublicError = (error: unknown) => GraphQLError

/**
 * Makes what turns any error into one that may leave the process: faults of the request keep their message and get a code of the
 * contract; everything else is replaced by INTERNAL with a correlationId, under which the log has the real one. An error that was made so
 * passes unchanged. `count` is told the code of each.
 */
export function createPublicError(log: Logger, count: (code: string) => void): PublicError {
  const made = new WeakSet<GraphQLError>()

  const publicError = (error: unknown): GraphQLError => {
    if (error instanceof GraphQLError && made.has(error)) return error
    const shown = error instanceof GraphQLError && isAboutRequest(error) ? explained(error) : masked(error)
    made.add(shown)
    count(String(shown.extensions['code']))
    return shown
  }

  const explained = (error: GraphQLError): GraphQLError => {
    const code = String(error.extensions['code'] ?? 'BAD_USER_INPUT')
    const http = error.extensions.http ?? (error.path ? undefined : { status: 400, spec: true })
    const { http: _, ...extensions } = error.extensions
    return again(error, { extensions: { ...extensions, code: renamed[code] ?? code, ...(http ? { http } : {}) } })
  }

  const masked = (error: unknown): GraphQLError => {
    const correlationId = randomUUID()
    const located = error instanceof GraphQLError ? error : null
    log.error(
      {
        correlationId,
        err: located?.originalError ?? error,
        ...(located?.path ? { path: located.path.join('.') } : {}),
      },
      'an operation failed unexpectedly',
    )
    return new GraphQLError(`Something went wrong inside the gateway. Its log has the cause under ${correlationId}`, {
      nodes: located?.nodes ?? null,
      path: located?.path ?? null,
      extensions: { code: 'INTERNAL', correlationId, ...(located?.path ? {} : { http: { status: 500 } }) },
    })
  }

  return publicError
}

/** The error itself, or a copy with a shorter message where it quotes more of the request than anybody would read. */
export function clipped(error: GraphQLError): GraphQLError {
  return error.message.length > longestMessage ? again(error, { extensions: error.extensions }) : error
}
