import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { sharedSigningKey } from '../db/signing-keys.ts'

/** How long a link can be followed. */
const goodForMs = 3_600_000

/** Whose files a link leads to. */
export interface LinkedJob {
  tenant: string
  jobId: string
}

export interface DownloadLinks {
  /** Reads the key that all processes share; the first of them makes it. */
  start(): Promise<void>
  /** A text that lets whoever has it read a job's files for an hour. */
  sign(job: LinkedJob): string
  /** null: it was not signed here, is for another job, or its hour has passed. */
  verify(signature: string, jobId: string): LinkedJob | null
}

/** Signs links, so that a browser can follow them without credentials. `clock` tells the milliseconds of the day. */
export function createDownloadLinks(database: Database, clock: () => number = Date.now): DownloadLinks {
  let key: Uint8Array | null = null

  const macOf = (text: string) => {
    if (key === null) throw new Error('links cannot be signed before the engine has started')
    return createHmac('sha256', key).update(text).digest('base64url')
  }

  return {
    async start() {
      key = await sharedSigningKey(database, randomBytes(32))
    },
    sign({ tenant, jobId }) {
      // In steps of a minute, so that a job reads the same for all who ask at about the same time.
      const until = Math.ceil((clock() + goodForMs) / 60_000) * 60_000
      const text = Buffer.from(JSON.stringify([tenant, jobId, until])).toString('base64url')
      return `${text}.${macOf(text)}`
    },
    verify(signature, jobId) {
      const [text = '', mac = '', ...rest] = signature.split('.')
      const [given, made] = [Buffer.from(mac), Buffer.from(macOf(text))]
      if (rest.length > 0 || given.length !== made.length || !timingSafeEqual(given, made)) return null
      const [tenant, signedId, until] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [
        string,
        string,
        number,
      ]
      return signedId === jobId && clock() <= until ? { tenant, jobId } : null
    },
  }
}
