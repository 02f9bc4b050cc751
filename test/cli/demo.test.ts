import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../src/db/postgres.ts'

const demo = fileURLToPath(new URL('../../src/cli/demo.ts', import.meta.url))
const patience = 60_000

interface DemoRun {
  /** How it ended, and all that it wrote. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>
  /** Resolves to the output so far once the pattern is found in it; rejects when the demo ends without it. */
  until(pattern: RegExp): Promise<string>
  interrupt(signal: NodeJS.Signals): void
  /** What is left of it: processes that it started, files, a database. */
  leftovers(): Promise<string[]>
}

async function startDemo(environment: NodeJS.ProcessEnv = process.env): Promise<DemoRun> {
  const directory = await mkdtemp(join(tmpdir(), 'demo-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const child = spawn(process.execPath, [demo], {
    env: { ...environment, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Its own children end with it.
  onTestFinished(() => void child.kill('SIGTERM'))
  let output = ''
  const waiting: { pattern: RegExp; place: PromiseWithResolvers<string> }[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
      for (const { pattern, place } of waiting) if (pattern.test(output)) place.resolve(output)
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const { pattern, place } of waiting) place.reject(new Error(`the demo ended without ${pattern}:\n${output}`))
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, output }
  })
  return {
    ended,
    until(pattern) {
      const place = Promise.withResolvers<string>()
      waiting.push({ pattern, place })
      if (pattern.test(output)) place.resolve(output)
      return place.promise
    },
    interrupt: (signal) => child.kill(signal),
    leftovers: async () => [
      ...startedProcesses(output).filter(isRunning),
      ...(await readdir(directory)),
      ...(await scratchDatabases(output)),
    ],
  }
}

const startedProcesses = (output: string) => Array.from(output.matchAll(/\(process (\d+)\)/g), ([, pid = '']) => pid)

function isRunning(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

async function scratchDatabases(output: string): Promise<string[]> {
  const url = process.env['DATABASE_URL']
  const name = /the scratch database (\w+)/.exec(output)?.[1]
  if (!url || !name) return []
  const server = openPostgres(url, { maxConnections: 1 })
  try {
    const rows = await server.query<{ name: string }>('select datname as name from pg_database where datname = $1', [
      name,
    ])
    return rows.map((row) => row.name)
  } finally {
    await server.close()
  }
}

const expectedTable = `
What became of the 5,000 contacts
            CREATED  UPDATED  UPSERTED  SUPERSEDED  FAILED  state
  local       4,827       36         0          73      64  PARTIALLY_FAILED
  webex       4,835        0         0         109      56  PARTIALLY_FAILED
  dengage     4,827        0         0         109      64  PARTIALLY_FAILED
  altcraft        0        0     4,827         109      64  PARTIALLY_FAILED
`

test(
  'imports 5,000 contacts to four destinations at once, accounts for each, and leaves nothing behind',
  async () => {
    const run = await startDemo()
    const { code, output } = await run.ended
    expect(code, output).toBe(0)
    expect(output).toContain('to local, webex, dengage and altcraft at once')
    for (const destination of ['local', 'webex', 'dengage', 'altcraft']) {
      expect(output).toMatch(new RegExp(`^  ${destination} +100 %  5,000 of 5,000`, 'm'))
    }
    expect(output).toContain('row 77 (C-00076) everywhere: INVALID_EMAIL, email is not an e-mail address')
    expect(output).toMatch(/^ {4}webex {5}took it$/m)
    expect(output).toMatch(/company → company-\d\d .+ WHATSAPP \+/)
    expect(output).toMatch(/^ {2}dengage {3}.+ gsm \d+, .+ loyalty_points \d+, /m)
    expect(output).toContain(expectedTable)
    expect(output).toContain('All of it as expected')
    expect(output.includes('the scratch database')).toBe(Boolean(process.env['DATABASE_URL']))
    expect(startedProcesses(output)).toHaveLength(2)
    expect(await run.leftovers()).toEqual([])
  },
  patience,
)

test(
  'ends its sandbox and its gateway when it is interrupted in the middle of the import',
  async () => {
    const run = await startDemo()
    await run.until(/^ {2}dengage +[2-7]\d %/m)
    run.interrupt('SIGINT')
    const { code, output } = await run.ended
    expect(code, output).toBe(130)
    expect(output).toContain('SIGINT: the demo stops, and its gateway and sandbox with it')
    expect(output).not.toContain('What became of')
    expect(startedProcesses(output)).toHaveLength(2)
    expect(await run.leftovers()).toEqual([])
  },
  patience,
)

test(
  'leaves nothing behind when it is interrupted while its gateway starts',
  async () => {
    const run = await startDemo()
    await run.until(/A sandbox of .+\n/)
    run.interrupt('SIGTERM')
    const { code, output } = await run.ended
    expect(code, output).toBe(143)
    expect(output).not.toContain('A gateway listens')
    expect(startedProcesses(output)).toHaveLength(1)
    expect(await run.leftovers()).toEqual([])
  },
  patience,
)

test(
  'tells of a vendor that reports what it has not stored, and fails',
  async () => {
    const run = await startDemo()
    const [, sandbox] = /at (http:\S+)/.exec(await run.until(/A sandbox of .+\n/)) ?? []
    const result = Array.from({ length: 1000 }, (_, place) => ({ error: 0, error_text: '', profile_id: `${place}` }))
    const lie = { kind: 'status', status: 200, body: { error: 0, error_text: '', result } }
    await fetch(`${sandbox}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({ vendor: 'altcraft', fault: lie }),
    })
    const { code, output } = await run.ended
    expect(code, output).toBe(1)
    expect(output).toMatch(/^Not as expected: altcraft: stored contacts: expected 4827, found 38\d\d$/m)
    expect(output).toMatch(/^Not as expected: altcraft: 99\d contacts are not there, or not as they were sent/m)
    expect(output).not.toContain('All of it as expected')
    expect(await run.leftovers()).toEqual([])
  },
  patience,
)

test('says what to do about a PostgreSQL that does not answer', async () => {
  const run = await startDemo({
    PATH: process.env['PATH'],
    DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/contacts',
  })
  const { code, output } = await run.ended
  expect(code).toBe(1)
  expect(output).toContain('check DATABASE_URL')
  expect(output).not.toContain('hunter2')
})
