import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { generate } from '@graphql-codegen/cli'
import { generateDrizzleJson } from 'drizzle-kit/api'
import codegen from '../../codegen.ts'

const printedSchema = 'schema/schema.graphql'
const clientFolder = 'src/cli/generated'
const migrationFolder = 'drizzle'
const scratchFolder = '.generated'

const stale = (path: string, command: string): string => `${path} is stale: run npm run ${command}`

/** Generates anew, beside the committed files, and names every one that differs, with the command that mends it. */
export async function staleFiles(): Promise<string[]> {
  return [...(await staleSchema()), ...(await staleClient()), ...(await staleMigrations())]
}

async function staleSchema(): Promise<string[]> {
  await mkdir(scratchFolder, { recursive: true })
  const folder = await mkdtemp(join(scratchFolder, 'schema-'))
  try {
    const fresh = join(folder, 'schema.graphql')
    await promisify(execFile)(process.execPath, ['src/graphql/print.ts', fresh])
    return (await textOf(printedSchema)) === (await readFile(fresh, 'utf8')) ? [] : [stale(printedSchema, 'codegen')]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function staleClient(): Promise<string[]> {
  const fresh: { filename: string; content: string }[] = await generate({ ...codegen, silent: true }, false)
  const expected = new Map(fresh.map((file) => [file.filename, file.content]))
  const committed = await readdir(clientFolder).catch(() => [])
  const paths = new Set([...expected.keys(), ...committed.map((name) => `${clientFolder}/${name}`)])
  const faults: string[] = []
  for (const path of paths) {
    if (!expected.has(path)) faults.push(`${path} is no longer generated: delete it`)
    else if ((await textOf(path)) !== expected.get(path)) faults.push(stale(path, 'codegen'))
  }
  return faults
}

/**
 * Compares the tables of src/db/schema with those that the newest migration leads to. `drizzle-kit check` does not look
 * at the schema at all, and `drizzle-kit generate` stops to ask when a column may have been renamed.
 */
async function staleMigrations(): Promise<string[]> {
  const journal = JSON.parse((await textOf(`${migrationFolder}/meta/_journal.json`)) ?? '{"entries":[]}') as {
    entries: { idx: number; tag: string }[]
  }
  const newest = journal.entries.at(-1)
  const faults: string[] = []
  for (const { tag } of journal.entries) {
    if ((await textOf(`${migrationFolder}/${tag}.sql`)) === undefined)
      faults.push(`${migrationFolder}/${tag}.sql is missing`)
  }
  const snapshot =
    newest && (await textOf(`${migrationFolder}/meta/${String(newest.idx).padStart(4, '0')}_snapshot.json`))
  const current = generateDrizzleJson(await definedTables())
  if (!isDeepStrictEqual(tables(snapshot ?? '{}'), tables(JSON.stringify(current)))) {
    faults.push(stale(`${migrationFolder}/`, 'db:generate'))
  }
  return faults
}

/** What the files of the schema export, all together. */
async function definedTables(): Promise<Record<string, unknown>> {
  const folder = new URL('../../src/db/schema/', import.meta.url)
  const files = await Promise.all((await readdir(folder)).map((name) => import(new URL(name, folder).href)))
  return Object.assign({}, ...files)
}

/** A snapshot without its own ids and its memory of renames: only what the database ends up with. */
function tables(snapshot: string): unknown {
  const { id: _id, prevId: _prevId, _meta, ...rest } = JSON.parse(snapshot) as Record<string, unknown>
  return rest
}

/** The file's text, or undefined where there is none. */
async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

if (import.meta.main) {
  const faults = await staleFiles()
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
