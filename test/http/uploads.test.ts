import { once } from 'node:events'
import { type ClientRequest, createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { GraphQLError } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createUploadRoute } from '../../src/http/uploads.ts'
import { eventually } from '../support/eventually.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, importProfiles, lineResults } from '../support/imports.ts'

const uploadBytes = 2_000_000
let gateway: TestGateway
beforeAll(async () => {
  const tenants = ['acme', 'other', 'full', 'broken', 'slow', 'refused']
  gateway = await openGateway({
    file: {
      limits: { uploadBytes },
      corsOrigins: ['https://app.example.com'],
      apiKeys: [
        ...tenants.map((tenant) => ({ key: tenant, tenant, scopes: ['read', 'write'] })),
        { key: 'reader', tenant: 'acme', scopes: ['read', 'admin'] },
      ],
    },
  })
})
afterAll(() => gateway.close())

type Headers = Record<string, string>
const ndjson: Headers = { 'content-type': 'application/x-ndjson' }
const csv: Headers = { 'content-type': 'text/csv' }
const as = (tenant: string): Headers => ({ authorization: `Bearer ${tenant}` })

interface UploadAnswer {
  uploadId?: string
  bytes?: number
  records?: number
  error?: { code: string; message: string }
}

async function send(body: string | Buffer, headers: Headers, tenant = 'acme') {
  const answer = await fetch(`${gateway.url}/uploads`, {
    method: 'POST',
    headers: { ...as(tenant), ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as UploadAnswer }
}

/** A request whose body is written by the test. */
function begin(headers: Headers, tenant: string): ClientRequest {
  const request = httpRequest(`${gateway.url}/uploads`, { method: 'POST', headers: { ...as(tenant), ...headers } })
  request.on('error', () => {})
  return request
}

async function answerTo(request: ClientRequest): Promise<{ status: number | undefined; body: UploadAnswer }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks = await Array.fromAsync(response)
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }
}

describe('POST /uploads', () => {
  it('takes NDJSON and CSV, as they are or compressed, and says what came', async () => {
    const lines = '{"key":"C-1"}\n{"key":"C-2"}\n'
    const table = '\ufeffkey;email\r\nC-1;a@example.com\r\n'
    const expected = (content: string, records: number) => ({
      status: 200,
      body: { uploadId: expect.any(String), bytes: Buffer.byteLength(content), records },
    })
    const gzip = { 'content-encoding': 'gzip' }
    expect(await send(lines, ndjson)).toMatchObject(expected(lines, 2))
    expect(await send(gzipSync(lines), { ...ndjson, ...gzip })).toMatchObject(expected(lines, 2))
    expect(await send(table, { 'content-type': 'Text/CSV; header=present; charset="UTF-8"' })).toMatchObject(
      expected(table, 1),
    )
    expect(await send(gzipSync(table), { ...csv, 'content-encoding': 'GZIP' })).toMatchObject(expected(table, 1))
    expect(await send(gzipSync(table), { ...csv, 'content-encoding': 'x-gzip' })).toMatchObject(expected(table, 1))
    expect(await send(lines, { ...ndjson, 'content-encoding': 'identity' })).toMatchObject(expected(lines, 2))
  })

  it.each<[string, Headers, RegExp]>([
    ['another type', { 'content-type': 'application/json' }, /must be one of text\/csv, application\/x-ndjson/],
    ['no type', { 'content-type': '' }, /set the header Content-Type/],
    ['a form', { 'content-type': 'multipart/form-data; boundary=x' }, /must be one of/],
    ['another character set', { 'content-type': 'text/csv; charset=iso-8859-1' }, /must be in UTF-8/],
    ['another compression', { ...csv, 'content-encoding': 'br' }, /compressed in gzip/],
    ['compression in two steps', { ...csv, 'content-encoding': 'gzip, gzip' }, /compressed in gzip/],
  ])('answers 415 to %s', async (_name, headers, message) => {
    const { status, body } = await send('key\n1\n', headers)
    expect([status, body]).toEqual([
      415,
      { error: { code: 'BAD_USER_INPUT', message: expect.stringMatching(message) } },
    ])
  })

  it.each<[string, Headers, string | Buffer, RegExp]>([
    ['no file', ndjson, '', /no records/],
    ['no file in gzip', { ...csv, 'content-encoding': 'gzip' }, '', /empty: its first line must be a header/],
    ['an empty CSV file', csv, '', /empty: its first line must be a header/],
    ['line ends of old', csv, 'key,email\rA,a@example.com\r', /end every line in a line feed \(LF or CRLF\)/],
    ['a header that names a column twice', csv, 'a,b,a\n1,2,3\n', /names "a" more than once/],
    ['what is no gzip', { ...csv, 'content-encoding': 'gzip' }, 'key\n1\n', /not gzip to its end/],
    [
      'gzip that was cut',
      { ...csv, 'content-encoding': 'gzip' },
      gzipSync('key\n1\n').subarray(0, 20),
      /not gzip to its end/,
    ],
  ])('answers 400 to %s', async (_name, headers, content, message) => {
    const { status, body } = await send(content, headers)
    expect([status, body]).toEqual([
      400,
      { error: { code: 'BAD_USER_INPUT', message: expect.stringMatching(message) } },
    ])
  })

  it('asks for credentials with the scope write, from pages that may ask, and for POST', async () => {
    const fault = (code: string) => ({ error: { code, message: expect.any(String) } })
    const unknown = await send('1\n', { ...ndjson, authorization: 'Bearer nobody' })
    expect([unknown.status, unknown.body]).toEqual([401, fault('UNAUTHENTICATED')])
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer')
    const reader = await send('1\n', ndjson, 'reader')
    expect([reader.status, reader.body]).toEqual([403, fault('FORBIDDEN')])
    const page = await send('1\n', { ...ndjson, origin: 'https://evil.example.com' })
    expect([page.status, page.body]).toEqual([403, fault('FORBIDDEN')])
    expect((await send('1\n', { ...ndjson, origin: 'https://app.example.com' })).status).toBe(200)
    const read = await fetch(`${gateway.url}/uploads`, { headers: as('acme') })
    expect([read.status, await read.json()]).toEqual([400, fault('BAD_USER_INPUT')])
  })

  it('is not there in a process that only delivers', async () => {
    const worker = await openGateway({ environment: { ROLE: 'worker' } })
    try {
      const answer = await fetch(`${worker.url}/uploads`, { method: 'POST', headers: ndjson, body: '{"key":"1"}\n' })
      const { error } = (await answer.json()) as UploadAnswer
      expect([answer.status, error?.code]).toEqual([404, 'NOT_FOUND'])
      expect(error?.message).not.toContain('/uploads')
    } finally {
      await worker.close()
    }
  })

  it('counts as a route of its own', async () => {
    await send('1\n', ndjson)
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: as('acme') })
    expect(await metrics.text()).toMatch(
      /gateway_http_request_duration_seconds_count\{route="\/uploads",method="POST",status="200"\} \d/,
    )
  })
})

describe('a file that is too large', () => {
  const refusal = {
    status: 413,
    body: {
      error: {
        code: 'LIMIT_EXCEEDED',
        message: expect.stringMatching(/limit uploadBytes leaves: 2000000 bytes .* others use \d+/),
      },
    },
  }

  it('is refused by its announced length before it is sent', async () => {
    const request = begin({ ...ndjson, expect: '100-continue', 'content-length': String(uploadBytes + 1) }, 'refused')
    let isAskedFor = false
    request.on('continue', () => {
      isAskedFor = true
    })
    request.flushHeaders()
    expect(await answerTo(request)).toMatchObject(refusal)
    expect(isAskedFor).toBe(false)
    request.destroy()
  })

  it('is asked for where it fits', async () => {
    const request = begin({ ...ndjson, expect: '100-continue', 'content-length': '2' }, 'acme')
    request.flushHeaders()
    await once(request, 'continue')
    request.end('1\n')
    expect(await answerTo(request)).toMatchObject({ status: 200, body: { records: 1 } })
  })

  it('is refused in the middle of it, and its sender gets to read why', async () => {
    const request = begin(ndjson, 'refused')
    const answered = answerTo(request)
    const line = `"${'x'.repeat(9997)}"\n`
    for (let sent = 0; sent <= 2 * uploadBytes; sent += line.length)
      if (!request.write(line)) await once(request, 'drain')
    expect(await answered).toMatchObject(refusal)
    request.destroy()
  })

  it('is cut when its sender never ends', async () => {
    const socket = connect(gateway.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {}).resume()
    socket.write(
      'POST /uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer refused\r\nContent-Type: text/csv\r\nContent-Length: 999999999\r\n\r\na',
    )
    const more = setInterval(() => socket.write('a'), 50)
    await closed
    clearInterval(more)
  })

  it('is refused by what it becomes', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await send(bomb, { ...ndjson, 'content-encoding': 'gzip' }, 'refused')).toMatchObject(refusal)
  })

  it('leaves its room to others', async () => {
    expect((await send('x'.repeat(uploadBytes), ndjson, 'refused')).status).toBe(200)
    expect(await send('1\n', ndjson, 'refused')).toMatchObject(refusal)
    expect((await send('1\n', ndjson, 'other')).status).toBe(200)
  })
})

/** Whether so many bytes would be taken; nothing of them is sent. */
async function fits(bytes: number, tenant: string): Promise<boolean> {
  const request = begin({ ...ndjson, expect: '100-continue', 'content-length': String(bytes) }, tenant)
  const isAskedFor = new Promise<boolean>((resolve) => {
    request.once('continue', () => resolve(true))
    request.once('response', () => resolve(false))
  })
  request.flushHeaders()
  try {
    return await isAskedFor
  } finally {
    request.destroy()
  }
}

describe('a body that stops half-way', () => {
  it.each<[string, Headers]>([
    ['of a length that was announced', { 'content-length': String(uploadBytes) }],
    ['of any length', {}],
  ])('%s leaves nothing', async (_name, headers) => {
    const request = begin({ ...ndjson, ...headers }, 'broken')
    request.write(`"${'x'.repeat(997)}"\n`.repeat(1500))
    await vi.waitFor(async () => expect(await fits(uploadBytes - 500_000, 'broken')).toBe(false), { timeout: 10_000 })
    request.destroy()
    await vi.waitFor(async () => expect(await fits(uploadBytes, 'broken')).toBe(true), { timeout: 10_000 })
  })

  it('holds up nobody while it comes slowly', async () => {
    const request = begin(ndjson, 'slow')
    request.write('{"key":"1"}\n')
    expect((await send('{"key":"2"}\n', ndjson, 'slow')).status).toBe(200)
    request.end('{"key":"3"}\n')
    expect(await answerTo(request)).toMatchObject({ status: 200, body: { records: 2 } })
  })

  it('may come for longer than any other request', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const upload = begin({ ...ndjson, expect: '100-continue' }, 'slow')
      upload.flushHeaders()
      await once(upload, 'continue')
      const other = connect(gateway.port, '127.0.0.1')
      other.on('error', () => {}).resume()
      other.write(
        'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n',
      )
      other.write('Authorization: Bearer slow\r\n\r\n{')
      await eventually(() => {
        vi.advanceTimersByTime(300_000)
        expect(other.closed).toBe(true)
      })
      upload.end('{"key":"1"}\n')
      expect(await answerTo(upload)).toMatchObject({ status: 200, body: { records: 1 } })
    } finally {
      vi.useRealTimers()
    }
  })

  it('that is no HTTP ends with its connection', async () => {
    const { port } = gateway
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `POST /uploads HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer slow\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nkey\n1\r\nnonsense\r\n`,
    )
    await once(socket.resume(), 'close')
    expect((await send('1\n', ndjson, 'slow')).status).toBe(200)
  })
})

describe('a sender who stops', () => {
  const idleMs = 500

  /** Runs `work` against a route whose uploads end when their content has, and are `busy` after the first piece. */
  async function withRoute(busy: Promise<unknown>, work: (url: string) => Promise<void>): Promise<void> {
    const route = createUploadRoute({
      uploads: {
        async receive(_tenant, _file, content) {
          let bytes = 0
          for await (const piece of content) {
            if (bytes === 0) await busy
            bytes += piece.length
          }
          return { uploadId: 'taken', bytes, records: 1 }
        },
      },
      admit: async () => ({ tenant: 'slow', scopes: new Set(['write'] as const), expiresAt: null }),
      publicError: () => new GraphQLError('a fault'),
      idleMs,
    })
    const server = createServer((request, response) => void route.answer(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/uploads`)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('is cut off', () =>
    withRoute(Promise.resolve(), async (url) => {
      const upload = httpRequest(url, { method: 'POST', headers: ndjson })
      upload.write('{"key":"1"}\n')
      await expect(once(upload, 'response')).rejects.toThrow('socket hang up')
    }))

  it('is not cut off while it is the gateway that takes its time', () =>
    withRoute(new Promise((resolve) => setTimeout(resolve, 5 * idleMs)), async (url) => {
      // More than sockets hold, so that a part is still to be sent all that time.
      const body = new Uint8Array(32_000_000)
      const answer = await fetch(url, { method: 'POST', headers: ndjson, body })
      expect(await answer.json()).toMatchObject({ uploadId: 'taken', bytes: body.length })
    }))
})

it('is what importProfiles reads, for its own tenant alone', async () => {
  const file = 'key;e-mail;tier\nU-1;a@example.com;\nU-2;nobody\n"U-3;b@example.com;\nU-4;c@example.com;\n'
  const { body } = await send(file, csv)
  const input = { uploadId: body.uploadId ?? '', columns: [{ column: 'e-mail', field: 'email' }], waitSeconds: 30 }
  expect((await importProfiles(gateway, input, as('other'))).__typename).toBe('NotFoundError')
  const job = await acceptedImport(gateway, input, as('acme'))
  const results = await lineResults(gateway, job.id, null, as('acme'))
  expect(results.map(({ line, key, outcome, errors }) => [line, key, outcome, errors.map(({ code }) => code)])).toEqual(
    [
      [2, 'U-1', 'CREATED', []],
      [3, null, 'FAILED', ['MALFORMED_RECORD']],
      [4, null, 'FAILED', ['MALFORMED_RECORD']],
      [5, 'U-4', 'CREATED', []],
    ],
  )
})
