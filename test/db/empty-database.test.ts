import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmptyDatabase } from '../../src/db/empty-database.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gateway-empty-'))
})
afterEach(() => rm(directory, { recursive: true }))

const cache = () => pathToFileURL(`${directory}/cache/`)

/** Opens one, writes to it, and answers how many tables it had before. */
async function useOne(at = cache()): Promise<number> {
  const database = await openEmptyDatabase({}, at)
  const { rows } = await database.query<{ tables: number }>(
    `select count(*)::int as tables from pg_tables where schemaname = 'public'`,
  )
  await database.exec('create table used (id int); insert into used values (1)')
  await database.close()
  return rows[0]?.tables ?? Number.NaN
}

test('is kept when it is made, and each one begins empty', async () => {
  expect(await useOne()).toBe(0)
  const [kept = ''] = await readdir(cache())
  const before = await stat(new URL(kept, cache()))
  expect(await useOne()).toBe(0)
  expect(await readdir(cache())).toEqual([kept])
  expect((await stat(new URL(kept, cache()))).mtimeMs).toBe(before.mtimeMs)
})

test('is made anew where what is kept is of no use, or nothing can be kept', async () => {
  await useOne()
  const [kept = ''] = await readdir(cache())
  await writeFile(new URL(kept, cache()), 'nonsense')
  expect(await useOne()).toBe(0)
  expect((await stat(new URL(kept, cache()))).size).toBeGreaterThan(1_000_000)
  await writeFile(join(directory, 'file'), '')
  expect(await useOne(pathToFileURL(`${directory}/file/`))).toBe(0)
})
