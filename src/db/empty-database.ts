import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'

/*
 * Making a new database takes PGlite longer than all else of a start together; unpacking one that was made before takes a fifth of it. So
 * the first one that is made in memory is kept beside the modules, as compiled code is.
 */

const besideTheModules = new URL('../../node_modules/.cache/contact-gateway/', import.meta.url)

/** A new database in memory. Where none can be kept or read in `cache`, it is made anew. */
export async function openEmptyDatabase(options: PGliteOptions, cache = besideTheModules): Promise<PGlite> {
  const kept = await keptFile(cache)
  const loadDataDir =
    kept &&
    (await readFile(kept).then(
      (bytes) => new Blob([bytes]),
      () => null,
    ))
  if (loadDataDir) {
    try {
      return await PGlite.create('memory://', { ...options, loadDataDir })
    } catch {
      // Whatever stands there is of no use.
      await rm(kept, { force: true }).catch(() => {})
    }
  }
  const made = await PGlite.create('memory://', options)
  if (kept) await keep(kept, made).catch(() => {})
  return made
}

/** Its name says which PGlite has made it: another one makes its own. */
async function keptFile(cache: URL): Promise<string | null> {
  try {
    const entry = import.meta.resolve('@electric-sql/pglite')
    const { version } = JSON.parse(await readFile(new URL('../package.json', entry), 'utf8'))
    return fileURLToPath(new URL(`pglite-${version}.tar`, cache))
  } catch {
    return null
  }
}

/** Others may read or write it at the same time: it is there whole or not at all. */
async function keep(file: string, database: PGlite): Promise<void> {
  const bytes = await (await database.dumpDataDir('none')).bytes()
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.${randomUUID()}`
  await writeFile(half, bytes)
  await rename(half, file)
}
