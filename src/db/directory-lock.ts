import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a directory for this process alone and returns what gives it back. Two processes on one PGlite directory would corrupt it in
 * silence. The lock is SQLite's on an empty file in the directory, whatever path leads there: the system frees it when its process ends, however that ends, so
 * there is no lock of a dead process to be told from one of a living.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw new Error(`DATA_DIR ${directory} cannot be made: give the gateway a directory that it may write to`, {
      cause: error,
    })
  })
  const lock = openLock(directory)
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (error) {
    lock.close()
    throw new Error(
      `DATA_DIR ${directory} is in use by another process: stop that one, or give this one a DATA_DIR of its own. For several processes on one store set DATABASE_URL.`,
      { cause: error },
    )
  }
  return async () => lock.close()
}

function openLock(directory: string): DatabaseSync {
  try {
    return new DatabaseSync(join(directory, 'gateway.lock'))
  } catch (error) {
    throw new Error(`DATA_DIR ${directory} cannot be written to: give the gateway a directory that it may write to`, {
      cause: error,
    })
  }
}
