import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { Refusal } from './refusal.ts'

/** A file as the command line names it. */
export interface FileToSend {
  /** `-` is standard input. */
  path: string
  format: 'CSV' | 'NDJSON'
  /** It is sent as it is, and the gateway unpacks it. */
  isGzip: boolean
}

export interface UploadTarget {
  /** Of the gateway. */
  url: string
  credential: string | null
  /** Told of the bytes that have been read so far; `total` is null where the size of the file is not known. */
  onProgress(sent: number, total: number | null): void
  /** How long the gateway may neither take a byte nor answer; ten minutes, as one that is busy with others takes its time. */
  idleMs?: number
}

const uploadSchema = z.object({ uploadId: z.string(), bytes: z.number(), records: z.number() })
export type Upload = z.output<typeof uploadSchema>
const faultSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

const mediaTypes = { CSV: 'text/csv', NDJSON: 'application/x-ndjson' }

/** Sends a file to `POST /uploads` as fast as the gateway takes it. Throws a Refusal when it cannot be read, is refused or breaks off: nothing of it is kept then. */
export async function uploadFile(
  file: FileToSend,
  { url, credential, onProgress, idleMs = 600_000 }: UploadTarget,
): Promise<Upload> {
  const total = await sizeOf(file.path)
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const request = send(`${url}/uploads`, {
    method: 'POST',
    timeout: idleMs,
    headers: {
      'content-type': mediaTypes[file.format],
      ...(file.isGzip ? { 'content-encoding': 'gzip' } : {}),
      ...(total === null ? {} : { 'content-length': total }),
      ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
    },
  })
  // The request itself tells of the first time alone.
  request.on('socket', (socket) =>
    socket.on('timeout', () => {
      // While the file itself comes slowly, the gateway is not to blame.
      if (request.writableLength > 0 || request.writableEnded) request.destroy(new Error('the gateway is silent'))
    }),
  )
  const answered: Promise<IncomingMessage[]> = once(request, 'response')
  const sent = pipeline(contentOf(file.path, total, onProgress), request)
  // One that fails ends the other, which nobody waits for then.
  for (const one of [answered, sent]) one.catch(() => {})
  try {
    // A file that is refused is answered while it is still being sent.
    const [response] = await Promise.race([answered, sent.then(() => answered)])
    return readAnswer(response?.statusCode, response && (await json(response).catch(() => null)))
  } catch (error) {
    if (error instanceof Refusal) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal(`The upload broke off (${why}), and nothing of it is kept: import the file again`, {
      cause: error,
    })
  } finally {
    request.on('error', () => {}).destroy()
    // Who writes to it may go on for long, and would keep this process.
    if (file.path === '-') process.stdin.destroy()
  }
}

function readAnswer(status: number | undefined, body: unknown): Upload {
  const upload = uploadSchema.safeParse(body)
  if (status === 200 && upload.success) return upload.data
  const { data } = faultSchema.safeParse(body)
  throw new Refusal(
    data ? `The file was refused: ${data.error.message}` : `The file was answered with status ${status}`,
  )
}

/** In bytes; null where only the end will tell. */
async function sizeOf(path: string): Promise<number | null> {
  if (path === '-') return null
  const file = await stat(path).catch((error: unknown) => unreadable(path, error))
  if (file.isDirectory()) throw new Refusal(`${path} is a directory: name a file`)
  return file.isFile() ? file.size : null
}

async function* contentOf(
  path: string,
  total: number | null,
  onProgress: UploadTarget['onProgress'],
): AsyncGenerator<Buffer> {
  let sent = 0
  try {
    const content: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
    for await (const piece of content) {
      sent += piece.length
      if (total !== null && sent > total) break
      yield piece
      onProgress(sent, total)
    }
  } catch (error) {
    unreadable(path, error)
  }
  if (total !== null && sent !== total) {
    throw new Refusal(`${path} was changed while it was read: import it again when it is complete`)
  }
}

function unreadable(path: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error)
  throw new Refusal(`${path === '-' ? 'Standard input' : path} cannot be read: ${why}`, { cause: error })
}
