import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { expectedError } from '../graphql/errors.ts'
import { type Authenticator, type Identity, Unauthenticated } from './authenticator.ts'
import type { PublicError } from './public-error.ts'

/** Tells who a request comes from; null when the request has been refused (401, or 503 while tokens cannot be checked). */
export type Admit = (request: IncomingMessage, response: ServerResponse) => Promise<Identity | null>

/** Refuses a request in the form that its path has for faults. */
export type Refuse = (request: IncomingMessage, response: ServerResponse, status: number, error: GraphQLError) => void

export function createAdmission(authenticator: Authenticator, publicError: PublicError, refuse: Refuse): Admit {
  return async (request, response) => {
    try {
      return await authenticator.authenticate(request.headers.authorization)
    } catch (error) {
      if (error instanceof Unauthenticated) {
        response.setHeader('www-authenticate', 'Bearer')
        refuse(request, response, 401, expectedError('UNAUTHENTICATED', error.message))
      } else {
        response.setHeader('retry-after', '5')
        refuse(request, response, 503, publicError(error))
      }
      return null
    }
  }
}
