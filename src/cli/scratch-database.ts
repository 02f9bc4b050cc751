import { randomBytes } from 'node:crypto'
import postgres from 'postgres'

/** A database that was made for one run. */
export interface ScratchDatabase {
  readonly name: string
  readonly url: string
  /** Drops it, with whatever connections it still has. */
  drop(): Promise<void>
}

/** Makes an empty database on the server of `serverUrl`, whose user must be allowed to. The database that the URL names is left alone. */
export async function createScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `contact_gateway_demo_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { name, url: url.href, drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) }
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no answer'
    throw new Error(`"${statement}" failed (${why}): check DATABASE_URL and that its user may create databases`, {
      cause: error,
    })
  } finally {
    await sql.end({ timeout: 1 })
  }
}
