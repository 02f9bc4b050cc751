import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { formatError } from './public-error.ts'

/** Answers with one JSON value. */
export function answerJson(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

/** Refuses a GraphQL request before it is read. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  error: GraphQLError,
): void {
  const graphqlType = 'application/graphql-response+json'
  const type = request.headers.accept?.includes(graphqlType) ? graphqlType : 'application/json'
  answerJson(response, status, { errors: [formatError(error)] }, type)
}

/** A stream that is being sent. */
export interface OpenStream {
  /** Ends it from this side: the client sees its end, without a word that the subscription is complete. */
  end(): void
  /** Resolves when nothing more of it will be sent and its source has been told so. */
  readonly ended: Promise<void>
}

/** Sends a text that is ready. */
export function sendText({ type, text }: { type: string; text: string }, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** Sends an answer whose body is known. */
export async function sendWhole(answer: Response, response: ServerResponse): Promise<void> {
  const body = answer.body === null ? '' : await answer.text()
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(body)
}

/**
 * Cuts the connection when its client has taken nothing of an answer for so long, at most twice that, though there is more for it. While it
 * is the gateway that takes its time, nothing is cut.
 */
export function cutWhenStalled(response: ServerResponse, idleMs: number): void {
  // A connection over which a long piece moves slowly does not set it off: it looks again later, hence the twice.
  response.setTimeout(idleMs, () => {
    if (response.writableLength > 0) response.destroy()
  })
}

/** Sends an answer chunk by chunk, at the pace of the client, until it ends, the client leaves, or `end` is called. */
export function sendStream(answer: Response, response: ServerResponse): OpenStream {
  let stopped = false
  let wake = () => {}
  const end = () => {
    stopped = true
    wake()
  }
  response.once('close', end)
  response.writeHead(answer.status, Object.fromEntries(answer.headers))

  const pump = async (reader: ReadableStreamDefaultReader<Uint8Array>) => {
    const next = () =>
      new Promise<Uint8Array | null>((resolve, reject) => {
        wake = () => resolve(null)
        reader.read().then(({ done, value }) => resolve(done ? null : value), reject)
      })
    const drained = () =>
      new Promise<void>((resolve) => {
        wake = resolve
        response.once('drain', resolve)
      })
    try {
      while (!stopped) {
        const chunk = await next()
        if (chunk === null || stopped) break
        if (!response.write(chunk)) await drained()
      }
    } finally {
      response.off('close', end)
      response.end()
      await reader.cancel()
    }
  }
  return { end, ended: answer.body === null ? Promise.resolve() : pump(answer.body.getReader()) }
}
