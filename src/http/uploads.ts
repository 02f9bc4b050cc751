import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { FileFault, type ImportFormat } from '../domain/import-format.ts'
import { expectedError } from '../graphql/errors.ts'
import type { UploadFile, Uploads } from '../jobs/uploads.ts'
import type { Admit } from './admission.ts'
import { answerJson } from './answer.ts'
import { cutLater } from './body.ts'
import { answerFault } from './fault.ts'
import { type PublicError, withStatus } from './public-error.ts'

export interface UploadRouteParts {
  uploads: Pick<Uploads, 'receive'>
  admit: Admit
  publicError: PublicError
  /** How long the gateway waits for the next piece of a file before it cuts the connection; a minute. */
  idleMs?: number
}

export interface UploadRoute {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Cuts the connections that still send; nothing of their files is left. */
  cut(): void
}

const formats: ReadonlyMap<string, ImportFormat> = new Map([
  ['text/csv', 'CSV'],
  ['application/x-ndjson', 'NDJSON'],
])

/** `POST /uploads`: a file to import, which is the body itself. */
export function createUploadRoute({ uploads, admit, publicError, idleMs = 60_000 }: UploadRouteParts): UploadRoute {
  const sending = new Set<IncomingMessage>()

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') throw refusal(400, 'A file is sent to /uploads with POST')
    const identity = await admit(request, response)
    if (!identity) return
    if (!identity.scopes.has('write')) {
      const message = '/uploads needs the scope write: use a key or token that has it'
      throw withStatus(403, expectedError('FORBIDDEN', message))
    }
    const upload = await uploads.receive(identity.tenant, fileOf(request), bodyOf(request, response, idleMs))
    answerJson(response, 200, upload)
  }

  return {
    async answer(request, response) {
      sending.add(request)
      try {
        await receive(request, response)
      } catch (error) {
        // Its sender has gone, or was cut off: nobody is there to be told.
        if (request.destroyed && !request.complete) return void response.destroy()
        const shown = publicError(error instanceof FileFault ? refusalFor(error) : error)
        answerFault(response, shown.extensions.http?.status ?? 500, shown)
      } finally {
        sending.delete(request)
        if (!request.complete && !request.destroyed) cutLater(request, response)
      }
    },
    cut() {
      for (const request of sending) request.destroy()
    },
  }
}

function refusal(status: 400 | 415, message: string): GraphQLError {
  return withStatus(status, expectedError('BAD_USER_INPUT', message))
}

function refusalFor({ message, exceedsLimit }: FileFault): GraphQLError {
  return exceedsLimit ? withStatus(413, expectedError('LIMIT_EXCEEDED', message)) : refusal(400, message)
}

/** What the headers say of the file. */
function fileOf({ headers }: IncomingMessage): UploadFile {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase())
  const format = formats.get(type)
  if (!format) {
    throw refusal(415, `The body must be one of ${[...formats.keys()].join(', ')}: set the header Content-Type`)
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8)
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw refusal(415, 'The file must be in UTF-8: encode it so, and take charset out of Content-Type')
  }
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase()
  // RFC 9110, 8.4.1.3: the one is to be taken for the other.
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip'
  if (encoding !== 'identity' && !isGzip) {
    throw refusal(415, 'The file must be sent as it is, or compressed in gzip: correct the header Content-Encoding')
  }
  const length = headers['content-length']
  return { format, isGzip, announcedBytes: isGzip || length === undefined ? null : Number(length) }
}

/**
 * The body as it comes; cut when nothing has come for `idleMs`. Nothing is asked for before the first piece is: one that is refused
 * beforehand is not sent.
 */
async function* bodyOf(request: IncomingMessage, response: ServerResponse, idleMs: number): AsyncGenerator<Buffer> {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  // Left open, so that one who is refused in the middle of it gets to read why.
  const pieces: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false })
  request.once('timeout', () => {
    if (!request.complete) request.destroy()
  })
  try {
    for (;;) {
      // Runs only while the gateway waits for the sender: what it takes to store what came is no fault of theirs.
      request.setTimeout(idleMs)
      const piece = await pieces.next().finally(() => request.setTimeout(0))
      if (piece.done) return
      yield piece.value
    }
  } finally {
    await pieces.return?.()
  }
}
