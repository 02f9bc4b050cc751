import { GraphQLError } from 'graphql'

/** The faults of a request that its sender can mend, by `extensions.code`. Anything else that is thrown is masked. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'LIMIT_EXCEEDED'
  | 'BAD_USER_INPUT'
  /** Of the gateway, not of the request: while it starts or stops. */
  | 'INTERNAL'

/** A fault that the client sees as it stands: `message` says where and what to do about it. */
export function expectedError(code: ErrorCode, message: string, more: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...more } })
}
