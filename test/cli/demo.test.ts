import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openPostgres } from '../../src/db/postgres.ts'

const demo = fileURLToPath(new URL('../../src/cli/demo.ts', import.meta.url))
const patience = 60_000

interface DemoRun {
  /** How it ended, and all that it wrote. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>
  /** Resolves to the output so far once it holds the text; rejects when the demo ends without it. */
  until(text: string): Promise<string>
  interrupt(signal: NodeJS.Signals): void
}

function startDemo(environment: NodeJS.ProcessEnv = process.env): DemoRun {
  const child = spawn(process.execPath, [demo], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const waiting: { text: string; place: PromiseWithResolvers<string> }[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
      for (const { text: wanted, place } of waiting) if (output.includes(wanted)) place.resolve(output)
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const { text, place } of waiting) place.reject(new Error(`the demo ended without "${text}":\n${output}`))
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, output }
  })
  return {
    ended,
    until(text) {
      const place = Promise.withResolvers<string>()
      waiting.push({ text, place })
      if (output.includes(text)) place.resolve(output)
      return place.promise
    },
    interrupt: (signal) => child.kill(signal),
  }
}

const urlIn = (output: string) => /A gateway listens at (\S+),/.exec(output)?.[1] ?? ''

/** What is left of a demo: a gateway that still answers, a database that is still there. */
async function leftovers(output: string): Promise<string[]> {
  const url = urlIn(output)
  const gateway = await fetch(`${url}/health/live`).then(
    () => [url],
    () => [],
  )
  return [...gateway, ...(await scratchDatabases(output))]
}

async function scratchDatabases(output: string): Promise<string[]> {
  const url = process.env['DATABASE_URL']
  if (!url) return []
  const name = /the scratch database (\w+)/.exec(output)?.[1]
  expect(name).toBeDefined()
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

test(
  'imports 5,000 contacts, accounts for each, reads some back, and leaves nothing behind',
  async () => {
    const { code, output } = await startDemo().ended
    expect(code, output).toBe(0)
    expect(output).toMatch(/Importing 5,000 contacts from \d+ countries in \d+ scripts/)
    expect(output).toMatch(/local +100 % {2}5,000 of 5,000/)
    expect(output).toMatch(/^ +4,827 {2}CREATED /m)
    expect(output).toMatch(/^ +64 {2}FAILED /m)
    expect(output).toContain('row 77 (C-00076): INVALID_EMAIL, email is not an e-mail address')
    expect(output).toMatch(/company → company-\d\d .+ WHATSAPP \+/)
    expect(output).toContain('All of it as expected')
    expect(urlIn(output)).toMatch(/^http:/)
    expect(await leftovers(output)).toEqual([])
  },
  patience,
)

test(
  'stops its gateway when it is interrupted',
  async () => {
    const run = startDemo()
    await run.until('Importing 5,000 contacts')
    run.interrupt('SIGINT')
    const { code, output } = await run.ended
    expect(code, output).toBe(130)
    expect(output).toContain('SIGINT: the demo stops, and its gateway with it')
    expect(await leftovers(output)).toEqual([])
  },
  patience,
)

test('says what to do about a PostgreSQL that does not answer', async () => {
  const { code, output } = await startDemo({
    PATH: process.env['PATH'],
    DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/contacts',
  }).ended
  expect(code).toBe(1)
  expect(output).toContain('check DATABASE_URL')
  expect(output).not.toContain('hunter2')
})
