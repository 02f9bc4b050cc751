import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPostgres } from '../../src/db/postgres.ts'
import { openScratchDatabase } from './scratch-database.ts'

/** `fast` rolls back what is open and ends its connections, `immediate` ends as a crash does, and recovers from the log. */
export type RestartMode = 'fast' | 'immediate'

/** A PostgreSQL that a test may restart. */
export interface ScratchServer {
  /** An empty database on it. */
  readonly url: string
  /** False where no server programs are at hand: a restart then ends the connections of the database, and nothing else. */
  readonly isOwn: boolean
  /** Resolves when the server takes connections again. */
  restart(mode: RestartMode): Promise<void>
  close(): Promise<void>
}

/** Starts a PostgreSQL of the test's own on a free port; where that cannot be done, takes a database of the server of DATABASE_URL. */
export async function openScratchServer(): Promise<ScratchServer> {
  const programs = await findPrograms()
  return programs === null ? openSharedServer() : openOwnServer(programs)
}

async function openSharedServer(): Promise<ScratchServer> {
  const database = await openScratchDatabase()
  await database.query('drop schema public cascade')
  await database.query('create schema public')
  return {
    url: database.url ?? '',
    isOwn: false,
    async restart() {
      await database.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
    },
    close: () => database.close(),
  }
}

/** The directory of initdb and pg_ctl; null where there is none. */
async function findPrograms(): Promise<string | null> {
  const versions: string[] = await readdir('/usr/lib/postgresql').catch(() => [])
  const installed = versions
    .filter((name) => Number(name) >= 15)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((name) => `/usr/lib/postgresql/${name}/bin`)
  const configured = await promisify(execFile)('pg_config', ['--bindir']).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  )
  for (const directory of [...configured, ...installed]) {
    const names: string[] = await readdir(directory).catch(() => [])
    if (names.includes('initdb') && names.includes('pg_ctl')) return directory
  }
  return null
}

/** PostgreSQL refuses to run as root: it is then run as the user postgres. */
async function unprivileged(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'))
  if (!line)
    throw new Error('PostgreSQL does not run as root, and there is no user postgres: run the tests as another user')
  return { uid: Number(line[1]), gid: Number(line[2]) }
}

async function openOwnServer(programs: string): Promise<ScratchServer> {
  const user = await unprivileged()
  const directory = await mkdtemp(join(tmpdir(), 'gateway-postgres-'))
  if (user) await chown(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const run = (program: string, ...given: string[]) => runProgram(join(programs, program), given, directory, user)
  const port = await freePort()
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${directory} -c max_connections=200`
  const log = join(directory, 'log')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const control = (action: string, ...rest: string[]) => run('pg_ctl', action, '-D', data, '-w', '-t', '60', ...rest)
  const close = async () => {
    await control('stop', '-m', 'immediate').catch(() => {})
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync')
    await control('start', '-l', log, '-o', settings)
    await answers(url)
  } catch (error) {
    const said = await readFile(log, 'utf8').catch(() => '')
    await close()
    throw new Error(`the scratch PostgreSQL did not start: ${said}`, { cause: error })
  }
  return {
    url,
    isOwn: true,
    async restart(mode) {
      await control('restart', '-m', mode, '-l', log, '-o', settings)
      await answers(url)
    },
    close,
  }
}

async function runProgram(
  program: string,
  given: readonly string[],
  directory: string,
  user: { uid: number; gid: number } | null,
): Promise<void> {
  // The server that pg_ctl leaves behind keeps its outputs: a pipe would never end.
  const child = spawn(program, given, { cwd: directory, stdio: 'ignore', ...user })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${program} ${given.join(' ')} exited with ${code}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(url: string): Promise<void> {
  const database = openPostgres(url, { maxConnections: 1 })
  try {
    await database.query('select 1')
  } finally {
    await database.close()
  }
}
