import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FileFault } from '../domain/import-format.ts'

const pieceBytes = 65_536

/**
 * What is compressed in gzip, piece by piece: no faster than it is taken, so that a small file that becomes a huge one costs no memory.
 * Throws FileFault for what is no gzip, breaks off, or goes on with something else after it.
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let received = 0
  async function* counted() {
    for await (const piece of compressed) {
      received += piece.length
      yield piece
    }
  }
  const unzipped = createGunzip({ chunkSize: pieceBytes })
  // Where it fails, reading fails with the same error.
  const fed = pipeline(Readable.from(counted(), { objectMode: false }), unzipped)
  fed.catch(() => {})
  try {
    for await (const piece of unzipped) yield piece as Buffer
    await fed
  } catch (error) {
    throw isZlibFault(error) ? new FileFault(notGzip, { cause: error }) : error
  }
  // zlib passes over what follows the last member where it begins with a zero.
  if (unzipped.bytesWritten < received) throw new FileFault(notGzip)
}

const notGzip =
  'The file is not gzip to its end, though it was sent as such: compress it again, or send it uncompressed'

function isZlibFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
