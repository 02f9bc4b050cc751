import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
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

async function answerTo(request: ClientRequest) {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const body: unknown = JSON.parse(Buffer.concat(await Array.fromAsync(response)).toString())
  return { status: response.statusCode, body }
}

/** A file that the process has begun to receive and that does not end. */
async function beginSlowly(gateway: SpawnedGateway): Promise<ClientRequest> {
  const request = begin(gateway, { expect: '100-continue' })
  request.flushHeaders()
  await once(request, 'continue')
  request.write(lines(5000))
  return request
}

const lines = (count: number) => Buffer.from(`{"key":"${'x'.repeat(200)}"}\n`.repeat(count))

describe('a file that is being sent', () => {
  it('is cut off when the process is told to stop, and nothing of it is left', { timeout: 60_000 }, async () => {
    const gateway = await startProcess()
    const request = await beginSlowly(gateway)
    const cut = new Promise((resolve) => request.once('close', resolve))
    gateway.process.kill('SIGTERM')
    await cut
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    expect(gateway.log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])
    expect(await storedUploads()).toEqual([])
  })

  it('is removed by another process when its own has died', { timeout: 60_000 }, async () => {
    const dying = await startProcess()
    await beginSlowly(dying)
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

/** Megabytes of memory that a process has, and the most that it has had since this was last asked. Linux alone tells: elsewhere they are 0. */
async function megabytes({ process: { pid } }: SpawnedGateway): Promise<{ now: number; most: number }> {
  if (process.platform !== 'linux') return { now: 0, most: 0 }
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  // From here on the most is counted anew.
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  const of = (name: string) => Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024
  return { now: of('VmRSS'), most: of('VmHWM') }
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
    for (let sent = 0; sent < 256 * piece; sent += 16 * piece) yield member
  }

  it('takes little memory, however large it is, and the process serves on', { timeout: 120_000 }, async () => {
    const gateway = await startProcess()
    const csv = { 'content-type': 'text/csv' }
    const send = (content: Iterable<Buffer>, headers: Record<string, string> = {}) => {
      const request = begin(gateway, headers)
      Readable.from(content).pipe(request)
      return answerTo(request)
    }
    const accepted = (bytes: number, records: number) => ({ status: 200, body: { bytes, records } })
    // What a process needs in any case is not counted.
    await send([lines(20_000)])
    const { now: before } = await megabytes(gateway)

    expect(await send(repeated('x', gibibyte))).toMatchObject(accepted(gibibyte, 1))
    expect(await send(bomb(), { 'content-encoding': 'gzip' })).toMatchObject(accepted(256 * piece, 1))
    expect(await send([Buffer.from('key\n"'), ...repeated('x', 100 * piece)], csv)).toMatchObject(
      accepted(100 * piece + 5, 1),
    )
    expect(await send(repeated(',', 20 * piece), csv)).toMatchObject({ status: 400 })
    expect(await send([Buffer.from('key\n'), ...repeated(`x${','.repeat(999_998)}\n`, 20 * piece)], csv)).toMatchObject(
      {
        status: 200,
      },
    )
    expect(await send(repeated('"\n', 4 * piece), csv)).toMatchObject({ status: 400 })
    expect(await send(repeated('\n', 10 * piece))).toMatchObject({ status: 413 })
    expect(await send([Buffer.from('\0\n'.repeat(50_000))])).toMatchObject(accepted(100_000, 50_000))
    expect((await megabytes(gateway)).most - before).toBeLessThan(400)
    await answerOfSmallFile(gateway)
    expect(gateway.log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([])
  })
})
