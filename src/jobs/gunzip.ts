import { createGunzip, type Gunzip } from 'node:zlib'
import { FileFault } from '../domain/import-format.ts'

const pieceBytes = 65_536

/**
 * What is compressed in gzip, piece by piece: no faster than it is taken, so that a small file that becomes a huge one costs no memory.
 * Zeros after it, which some writers pad it with, are none of it, and nothing at all is an empty file. Throws FileFault for what is no gzip,
 * breaks off, or goes on with something else after it.
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unzipped = createGunzip({ chunkSize: pieceBytes })
  let received = 0

  async function feed(): Promise<void> {
    for await (const piece of compressed) {
      // zlib takes no more once it has met a zero behind the last member.
      const isOver = unzipped.bytesWritten < received
      received += piece.length
      if (!isOver) await write(unzipped, piece)
      const rest = piece.subarray(Math.max(0, piece.length - (received - unzipped.bytesWritten)))
      if (rest.some((byte) => byte !== 0)) throw new FileFault(notGzip)
    }
  }
  const fed = feed().then(() => unzipped.end())
  // Where it fails, reading fails with the same error, or has come to its end before.
  unzipped.on('error', () => {})
  fed.catch((error: Error) => unzipped.destroy(error))
  try {
    for await (const piece of unzipped.iterator({ destroyOnReturn: false })) yield piece as Buffer
    await fed
  } catch (error) {
    if (received === 0 && isZlibFault(error)) return
    throw isZlibFault(error) ? new FileFault(notGzip, { cause: error }) : error
  } finally {
    unzipped.destroy()
  }
}

/** Resolves when what comes of the piece was taken; rejects when nobody takes any more, of which zlib itself says nothing. */
function write(unzipped: Gunzip, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error('what was unpacked is not taken any more'))
    unzipped.once('close', closed)
    unzipped.write(piece, (error) => {
      unzipped.off('close', closed)
      if (error) reject(error)
      else resolve()
    })
  })
}

const notGzip =
  'The file is not gzip to its end, though it was sent as such: compress it again, or send it uncompressed'

function isZlibFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
