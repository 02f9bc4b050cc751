import type { ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { answerJson } from './answer.ts'

/** Refuses a request for a file, or with one: `{ "error": { "code", "message" } }`. */
export function answerFault(response: ServerResponse, status: number, error: GraphQLError): void {
  const { code, ...more } = error.extensions
  const { http: _, ...shown } = more
  answerJson(response, status, { error: { code, message: error.message, ...shown } })
}
