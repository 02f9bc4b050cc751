import type { Database } from '../db/database.ts'
import { giveUpExpired, removeParts, type UploadKey } from '../db/uploads.ts'
import type { Log } from './log.ts'
import { createSweep, type Sweep } from './sweep.ts'

/** Removes an upload that was given up, some parts at a time; what is left when it is stopped is found by the next sweep. */
export async function removeUpload(database: Database, key: UploadKey, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) if (await removeParts(database, key)) return
}

/** Removes uploads whose time is up, and those whose process went away while it received them. */
export function createUploadSweep(database: Database, log: Log, everyMs: number): Sweep {
  return createSweep({
    log,
    everyMs,
    failure: 'uploads whose time is up could not be removed; trying again',
    async round(isStopped) {
      while (!isStopped()) {
        const expired = await database.transaction(giveUpExpired)
        if (!expired) return
        if (expired.isInUse) continue
        await removeUpload(database, expired.key, isStopped)
        const { tenant, id } = expired.key
        log.info({ tenant, uploadId: id }, 'an upload was removed: its time was up, or it broke off')
      }
    },
  })
}
