import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseExactly } from '../domain/exact-json.ts'
import { expectedError } from '../graphql/errors.ts'
import { withStatus } from './public-error.ts'

/** How long a client that was answered early may go on sending before the connection is cut. */
const patienceMs = 2000

/**
 * Reads a request's body as one JSON value of at most `limit` bytes, its numbers as `parseExactly` has them. Throws a GraphQLError with its
 * HTTP status: 415 for any other kind of body, 413 as soon as it is known to be longer, 400 when it is not JSON in UTF-8.
 */
export async function readJson(request: IncomingMessage, response: ServerResponse, limit: number): Promise<unknown> {
  checkKind(request)
  const text = await readText(request, response, limit)
  try {
    return parseExactly(text)
  } catch {
    // The parser's own message quotes the body.
    throw withStatus(400, expectedError('BAD_USER_INPUT', 'The body is not JSON: send one JSON object'))
  }
}

function checkKind({ headers }: IncomingMessage): void {
  const [type, ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase())
  if (type !== 'application/json') {
    throw withStatus(
      415,
      expectedError('BAD_USER_INPUT', 'The body must be application/json: set the header Content-Type'),
    )
  }
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '')
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw withStatus(
      415,
      expectedError('BAD_USER_INPUT', 'The body must be in UTF-8: send it so, and take charset out of Content-Type'),
    )
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw withStatus(
      415,
      expectedError('BAD_USER_INPUT', 'The body must not be compressed: take the header Content-Encoding out'),
    )
  }
}

async function readText(request: IncomingMessage, response: ServerResponse, limit: number): Promise<string> {
  const tooLong = (found: string) => {
    cutLater(request, response)
    const message = `The body is longer than the limit bodyBytes allows: ${found} of at most ${limit} bytes. Send the records in several requests`
    return withStatus(413, expectedError('LIMIT_EXCEEDED', message))
  }
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) throw tooLong(`${announced}`)
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()

  const body = await new Promise<Buffer | null>((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= limit) {
        chunks.push(chunk)
        return
      }
      chunks.length = 0
      request.off('data', onData)
      resolve(null)
    }
    request.on('data', onData)
    request.once('end', () => resolve(Buffer.concat(chunks, Math.min(bytes, limit))))
    request.once('error', reject)
    request.once('close', () => {
      if (!request.complete) reject(new DOMException('The client went away', 'AbortError'))
    })
  })
  if (body === null) throw tooLong('more')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw withStatus(400, expectedError('BAD_USER_INPUT', 'The body is not UTF-8: encode it so'))
  }
}

/**
 * Lets the rest of a body run into nothing after the answer, so that a client that still sends gets to read it (closing at once would
 * reset the connection under it), but not for ever.
 */
export function cutLater(request: IncomingMessage, response: ServerResponse): void {
  const begin = () => {
    if (request.complete) return
    const timer = setTimeout(() => request.socket.destroy(), patienceMs)
    request.socket.once('close', () => clearTimeout(timer))
    request.once('end', () => clearTimeout(timer))
  }
  request.resume()
  if (response.writableFinished) begin()
  else response.once('finish', begin)
}
