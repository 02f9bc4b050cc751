import { createHash } from 'node:crypto'
import type { Queryable } from '../contract/adapter.ts'
import type { Database } from '../db/database.ts'
import {
  bytesOfOthers,
  finishUpload,
  giveUpUpload,
  insertUpload,
  insertUploadPart,
  keepReceiving,
  lockUploads,
  receivingSeconds,
  type UploadKey,
} from '../db/uploads.ts'
import { FileFault, type FilePart, type ImportFormat } from '../domain/import-format.ts'
import { newId } from '../domain/new-id.ts'
import { FileSplitter } from '../domain/split-file.ts'
import { chunkSize, largeFile } from './chunk-results.ts'
import { gunzip } from './gunzip.ts'
import type { Log } from './log.ts'
import { createTurns } from './turns.ts'
import { createUploadMemory } from './upload-memory.ts'
import { createUploadSweep, removeUpload } from './upload-sweep.ts'

export interface UploadLimits {
  /** Uncompressed bytes of all uploads of a tenant that are kept. */
  uploadBytes: number
  /** How long an upload is kept. */
  uploadTtlHours: number
}

/** A file as its sender describes it. */
export interface UploadFile {
  format: ImportFormat
  isGzip: boolean
  /** Its length, where that was said beforehand. */
  announcedBytes: number | null
}

export interface ReceivedUpload {
  uploadId: string
  /** Uncompressed. */
  bytes: number
  /** Those that cannot be read included. */
  records: number
}

export interface Uploads {
  /**
   * Stores a file as it comes, no faster than the database takes it, in memory that does not grow with it and that all uploads share: where
   * there is none, `content` is not asked for more. Between two parts it holds neither connection nor transaction. All or nothing: when the
   * content breaks off or cannot be taken, nothing is left. Throws FileFault for the file, whatever `content` throws, and faults of the
   * database.
   */
  receive(tenant: string, file: UploadFile, content: AsyncIterable<Buffer>): Promise<ReceivedUpload>
  /** Begins to remove uploads whose time is up. */
  start(): void
  /** Resolves when what is being received has ended. */
  stop(): Promise<void>
}

export interface UploadParts {
  database: Database
  limits: UploadLimits
  log: Log
  onLargeLoad?: () => void
  /** How often uploads are looked for whose time is up; a minute. */
  sweepMs?: number
  /** What the uploads under way hold together, beyond a mebibyte each: who would take more is not read on until there is room; 256 MiB. */
  memoryBytes?: number
}

/** Of the connections of a process, so many are for uploads at most. */
const storingAtOnce = 3

export function createUploads(parts: UploadParts): Uploads {
  const { database, limits, log, onLargeLoad, sweepMs = 60_000, memoryBytes = 268_435_456 } = parts
  const sweep = createUploadSweep(database, log, sweepMs)
  const memory = createUploadMemory(memoryBytes)
  // Those of a tenant would wait for each other in the database, each with a connection in hand.
  const inTurn = createTurns(storingAtOnce)
  const receiving = new Set<Promise<unknown>>()

  function checkLimit(bytes: number, others: number): void {
    const { uploadBytes, uploadTtlHours } = limits
    if (bytes + others <= uploadBytes) return
    throw new FileFault(
      `The file is more than the limit uploadBytes leaves: ${uploadBytes} bytes for all uploads that are kept, of which others use ${others}. Send less, or wait until those are removed, ${uploadTtlHours} hours after they came`,
      { exceedsLimit: true },
    )
  }

  async function receive(
    tenant: string,
    { format, isGzip, announcedBytes }: UploadFile,
    content: AsyncIterable<Buffer>,
  ): Promise<ReceivedUpload> {
    const key: UploadKey = { tenant, id: newId() }
    let others = await bytesOfOthers(database, key)
    checkLimit(announcedBytes ?? 0, others)
    await insertUpload(database, key, format)
    const heartbeat = setInterval(() => void keepUpload(key), (receivingSeconds * 1000) / 3)
    const share = memory.open()
    try {
      const hash = createHash('sha256').update(`${format}\n`)
      const splitter = new FileSplitter(format, chunkSize)
      let bytes = 0
      let records = 0
      const store = async (parts: readonly FilePart[]) => {
        share.hold(splitter.heldBytes + lengthOf(parts))
        for (const part of parts) {
          records += part.size
          if (records >= largeFile) onLargeLoad?.()
          others = await storePart(key, part, bytes, records)
        }
        share.hold(splitter.heldBytes)
      }
      for await (const piece of isGzip ? gunzip(content) : content) {
        bytes += piece.length
        checkLimit(bytes, others)
        hash.update(piece)
        await store(splitter.push(piece))
        await share.room()
      }
      await store(splitter.end())
      if (records === 0) throw new FileFault('The file has no records: there is nothing to import')
      const { header } = splitter
      const end = { bytes, header: header && JSON.stringify(header), contentHash: hash.digest('hex') }
      await storing(tenant, async (transaction) => {
        await checkExtent(transaction, key, bytes)
        if (!(await finishUpload(transaction, key, { ...end, ttlHours: limits.uploadTtlHours }))) throw givenUp(key)
      })
      return { uploadId: key.id, bytes, records }
    } catch (error) {
      await discard(key)
      throw error
    } finally {
      share.release()
      clearInterval(heartbeat)
    }
  }

  const storing = <Result>(tenant: string, work: (transaction: Queryable) => Promise<Result>): Promise<Result> =>
    inTurn(tenant, () => database.transaction(work))

  /** Resolves to the bytes of the tenant's other uploads. */
  function storePart(key: UploadKey, part: FilePart, bytes: number, records: number): Promise<number> {
    return storing(key.tenant, async (transaction) => {
      const others = await checkExtent(transaction, key, bytes)
      const extent = { bytes, records, parts: part.part + 1 }
      if (!(await insertUploadPart(transaction, key, part, extent))) throw givenUp(key)
      return others
    })
  }

  async function checkExtent(transaction: Queryable, key: UploadKey, bytes: number): Promise<number> {
    // Sent together; the second begins, and sees what others have stored, when the first has the lock.
    const [, others] = await Promise.all([lockUploads(transaction, key.tenant), bytesOfOthers(transaction, key)])
    checkLimit(bytes, others)
    return others
  }

  async function keepUpload(key: UploadKey): Promise<void> {
    await keepReceiving(database, key).catch((error: unknown) =>
      log.info({ error, uploadId: key.id }, 'an upload could not be kept alive; trying again'),
    )
  }

  /** Where the database is away, the sweep does it later. */
  async function discard(key: UploadKey): Promise<void> {
    try {
      await giveUpUpload(database, key)
      await removeUpload(database, key, () => false)
    } catch (error) {
      log.info({ error, uploadId: key.id }, 'an upload that broke off could not be removed; it will be later')
    }
  }

  return {
    receive(tenant, file, content) {
      const received = receive(tenant, file, content)
      receiving.add(received)
      return received.finally(() => receiving.delete(received))
    },
    start: () => sweep.start(),
    async stop() {
      await Promise.allSettled([sweep.stop(), ...receiving])
    },
  }
}

const lengthOf = (parts: readonly FilePart[]) => parts.reduce((sum, { content }) => sum + content.length, 0)

const givenUp = ({ id }: UploadKey) => new Error(`the upload ${id} was given up while it was received`)
