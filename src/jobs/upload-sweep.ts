import type { Database } from '../db/database.ts'
import { giveUpExpired, removeParts, type UploadKey } from '../db/uploads.ts'
import { Bell } from './bell.ts'
import type { Log } from './log.ts'

export interface UploadSweep {
  start(): void
  /** Resolves when nothing more is removed. */
  stop(): Promise<void>
}

/** Removes an upload that was given up, some parts at a time; what is left when it is stopped is found by the next sweep. */
export async function removeUpload(database: Database, key: UploadKey, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) if (await removeParts(database, key)) return
}

/** Removes uploads whose time is up, and those whose process went away while it received them. */
export function createUploadSweep(database: Database, log: Log, sweepMs: number): UploadSweep {
  const stopping = new Bell()
  const isStopped = () => stopping.rings > 0
  let running: Promise<void> = Promise.resolve()

  async function sweep(): Promise<void> {
    while (!isStopped()) {
      const expired = await database.transaction(giveUpExpired)
      if (!expired) return
      if (expired.isInUse) continue
      await removeUpload(database, expired.key, isStopped)
      const { tenant, id } = expired.key
      log.info({ tenant, uploadId: id }, 'an upload was removed: its time was up, or it broke off')
    }
  }

  async function loop(): Promise<void> {
    while (!isStopped()) {
      try {
        await sweep()
      } catch (error) {
        if (!isStopped()) log.error({ error }, 'uploads whose time is up could not be removed; trying again')
      }
      await stopping.wait(sweepMs, 0)
    }
  }

  return {
    start() {
      running = loop()
    },
    stop() {
      stopping.ring()
      return running
    },
  }
}
