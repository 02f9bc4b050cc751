import { mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** When the process started, so that a number that was given out again is not taken for the old owner; empty where the system does not say. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/**
 * Takes a directory for this process alone and returns what gives it back. Two processes on one PGlite directory would corrupt it in
 * silence. A lock whose owner has died is taken over.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true })
  const path = `${join(directory, '.')}.lock`
  const mine = `${process.pid} ${await startTime(process.pid)}`
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(mine)
      await file.close()
      return () => unlink(path).catch(() => {})
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
    }
    const [pid = '', started = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ')
    if (pid !== '' && isAlive(Number(pid)) && (started === '' || started === (await startTime(Number(pid))))) {
      throw new Error(
        `DATA_DIR ${directory} is in use by process ${pid}: stop that one, or give this one a DATA_DIR of its own. For several processes on one store set DATABASE_URL.`,
      )
    }
    if (pid !== '') await unlink(path).catch(() => {})
  }
  throw new Error(`DATA_DIR ${directory} could not be locked: remove ${path} if no gateway runs on it`)
}
