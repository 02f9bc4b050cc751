import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPglite } from '../../src/db/pglite.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'

let directory: string
let database: ScratchDatabase | null
let opened: SpawnedGateway[]
beforeEach(async () => {
  opened = []
  directory = await mkdtemp(join(tmpdir(), 'gateway-uploads-'))
  database = process.env['DATABASE_URL'] ? await openScratchDatabase() : null
})
afterEach(async () => {
  for (const gateway of opened) await gateway.close()
  await database?.close()
  await rm(directory, { recursive: true, force: true })
})

async function startProcess(): Promise<SpawnedGateway> {
  const gateway = await spawnGateway({
    ...(database?.url ? { databaseUrl: database.url } : {}),
    environment: database ? {} : { DATA_DIR: join(directory, 'data') },
  })
  opened.push(gateway)
  return gateway
}

/** Runs statements on the store while no process has it. */
async function onStore<Row>(statement: string): Promise<Row[]> {
  const store = database?.url
    ? openPostgres(database.url, { maxConnections: 1 })
    : await openPglite(join(directory, 'data'))
  try {
    return await store.query<Row>(statement)
  } finally {
    await store.close()
  }
}

const storedUploads = () => onStore(`select state, (select count(*)::int from upload_parts) as parts from uploads`)

function begin(gateway: SpawnedGateway, headers: Record<string, string> = {}): ClientRequest {
  const request = httpRequest(`${gateway.url}/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  })
  request.on('error', () => {})
  return request
}

async function write(request: ClientRequest, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) if (!request.write(piece)) await once(request, 'drain')
}

async function answerTo(request: ClientRequest) {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const body: unknown = JSON.parse(Buffer.concat(await Array.fromAsync(response)).toString())
  return { status: response.statusCode, body }
}

const lines = (count: number) => Buffer.from(`{"key":"${'x'.repeat(200)}"}\n`.repeat(count))

describe('a file that is being sent', () => {
  it('is cut off when the process is told to stop, and nothing of it is left', { timeout: 60_000 }, async () => {
    const gateway = await startProcess()
    const request = begin(gateway)
    const cut = new Promise((resolve) => request.once('close', resolve))
    await write(request, [lines(5000)])
    await vi.waitFor(async () =>
      expect(await (await fetch(`${gateway.url}/health/ready`)).json()).toEqual({ status: 'ready' }),
    )
    gateway.process.kill('SIGTERM')
    await cut
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    expect(gateway.log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])
    expect(await storedUploads()).toEqual([])
  })

  it('is removed by another process when its own has died', { timeout: 60_000 }, async () => {
    const dying = await startProcess()
    const request = begin(dying)
    // One after the other: when the second fits no more, the first is stored.
    await write(request, [lines(5000)])
    await answerOfSmallFile(dying)
    dying.process.kill('SIGKILL')
    await dying.exited
    expect(await storedUploads()).toContainEqual({ state: 'RECEIVING', parts: expect.any(Number) })
    await onStore(`update uploads set expires_at = now() - interval '1 second' where state = 'RECEIVING'`)
    const next = await startProcess()
    await vi.waitFor(() => expect(next.log.some((line) => line.includes('an upload was removed'))).toBe(true), 20_000)
    await next.close()
    expect(await storedUploads()).toEqual([{ state: 'READY', parts: 1 }])
  })
})

async function answerOfSmallFile(gateway: SpawnedGateway): Promise<void> {
  const request = begin(gateway)
  request.end('{"key":"small"}\n')
  expect(await answerTo(request)).toMatchObject({ status: 200, body: { records: 1 } })
}

/** Megabytes of memory that the process has at the most used until now. */
async function mostMegabytes({ process }: SpawnedGateway): Promise<number> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8')
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
}

describe('a hostile file', () => {
  const gibibyte = 1024 ** 3
  const piece = 1024 ** 2
  function* repeated(text: string, bytes: number): Generator<Buffer> {
    const buffer = Buffer.from(text.repeat(Math.ceil(piece / text.length)).slice(0, piece))
    for (let sent = 0; sent < bytes; sent += piece) yield buffer
  }
  /** Members of gzip, one after the other, each of 16 MiB of zeros. */
  function* bomb(): Generator<Buffer> {
    const member = gzipSync(Buffer.alloc(16 * piece))
    for (let sent = 0; sent < gibibyte; sent += 16 * piece) yield member
  }

  it('takes little memory, however large it is, and the process serves on', { timeout: 120_000 }, async () => {
    const gateway = await startProcess()
    const csv = { 'content-type': 'text/csv' }
    const send = async (content: Iterable<Buffer>, headers: Record<string, string> = {}) => {
      const request = begin(gateway, headers)
      const answered = answerTo(request)
      const t = performance.now()
      await write(request, content)
      request.end()
      await answered; console.log(await answered, Math.round(performance.now() - t), await mostMegabytes(gateway))
      return answered
    }
    const accepted = (bytes: number, records: number) => ({ status: 200, body: { bytes, records } })
    // What a process needs in any case is not counted.
    await send([lines(20_000)])
    const before = await mostMegabytes(gateway)

    expect(await send(repeated('x', gibibyte))).toMatchObject(accepted(gibibyte, 1))
    expect(await send(bomb(), { 'content-encoding': 'gzip' })).toMatchObject(accepted(gibibyte, 1))
    expect(await send([Buffer.from('key\n"'), ...repeated('x', 100 * piece)], csv)).toMatchObject(
      accepted(100 * piece + 5, 1),
    )
    expect(await send(repeated(',', 20 * piece), csv)).toMatchObject({ status: 400 })
    expect(await send([Buffer.from('key\n'), ...repeated(`${','.repeat(999_999)}\n`, 20 * piece)], csv)).toMatchObject({
      status: 200,
    })
    expect(await send(repeated('"\n', 4 * piece), { 'content-type': 'text/csv' })).toMatchObject({ status: 400 })
    expect(await send(repeated('\n', 50 * piece))).toMatchObject({ status: 400 })
    expect(await send(repeated('\0\n', piece))).toMatchObject(accepted(piece, piece / 2))
    expect((await mostMegabytes(gateway)) - before).toBeLessThan(400)
    await answerOfSmallFile(gateway)
    expect(gateway.log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])
  })
})
