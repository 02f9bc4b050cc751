import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openPostgres } from '../../src/db/postgres.ts'

/** A database of its own on the server that is measured on. */
export interface BenchDatabase {
  url: string
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>
  drop(): Promise<void>
}

let databases = 0

export async function createDatabase(server: string): Promise<BenchDatabase> {
  databases += 1
  const name = `gateway_bench_${process.pid}_${databases}`
  const owner = openPostgres(server, { maxConnections: 1 })
  await owner.query(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const database = openPostgres(url.href, { maxConnections: 4 })
  return {
    url: url.href,
    query: (text, params) => database.query(text, params),
    async drop() {
      await database.close()
      await owner.query(`drop database ${name} with (force)`)
      await owner.close()
    },
  }
}

/** A program that runs as a process of its own. */
export interface Program {
  url: string
  process: ChildProcess
  /** Milliseconds from its start until it was ready. */
  startedIn: number
  /** Bytes of memory that it holds now. */
  memory(): Promise<number>
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024
}

function programOf(child: ChildProcess, url: string, startedIn: number): Program {
  const exited = once(child, 'exit')
  return {
    url,
    process: child,
    startedIn,
    memory: () => memoryOf(child),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Starts a gateway as `npm start` does, with LOG_LEVEL=warn, and waits until it is ready. */
export async function startGateway(environment: Record<string, string>, options: string[] = []): Promise<Program> {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(process.execPath, [...options, main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
      PORT: String(port),
      DATA_DIR: 'memory',
      GATEWAY_CONFIG: fileURLToPath(new URL('./settings.json', import.meta.url)),
      ...environment,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(`${url}/health/ready`, child)
  return programOf(child, url, performance.now() - started)
}

/** Starts a script of this directory that prints its URL when it is ready. */
export async function startScript(name: string, args: string[]): Promise<Program> {
  const started = performance.now()
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => null)])
  if (first === null) throw new Error(`${name} did not start`)
  return programOf(child, String(first[0]), performance.now() - started)
}

/** Runs a script of this directory to its end: it gets one JSON value on its standard input, and prints one. */
export async function runScript<Answer>(name: string, input: object): Promise<Answer> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(input))
  const exited = once(child, 'exit')
  let printed = ''
  for await (const piece of child.stdout) printed += piece
  const [code] = await exited
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  return JSON.parse(printed)
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`a process ended with ${child.exitCode} before it was ready`)
    const status = await get(url).catch(() => 0)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const get = (url: string) =>
  new Promise<number>((resolve, reject) => {
    const asked = request(url, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })

/** A client that keeps its connections, as lean as can be: it shares the machine with what it measures. */
export function createClient(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const post = (path: string, body: Buffer, headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        { agent, method: 'POST', headers: { 'content-length': body.length, ...headers } },
        (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => pieces.push(piece))
          answer.on('end', () => resolve(Buffer.concat(pieces).toString()))
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    post,
    /** Sends one operation whose body is written already. */
    graphql: (body: Buffer) => post('/graphql', body, { 'content-type': 'application/json' }),
    close: () => agent.destroy(),
  }
}

export const bodyOf = (query: string, variables: object) => Buffer.from(JSON.stringify({ query, variables }))
