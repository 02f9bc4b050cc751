import { once } from 'node:events'
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createLineServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  callVendor,
  faultOfStatus,
  masked,
  numberOf,
  parseJson,
  shortened,
  textOf,
  type VendorRequest,
} from '../../src/adapters/wire.ts'
import { DestinationError } from '../../src/contract/error.ts'

const secret = 'a-very-secret-token'
const opened: (Server | HttpServer)[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(opened.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listening(server: Server | HttpServer, scheme = 'http'): Promise<string> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(server)
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = (answer: RequestListener) => listening(createServer(answer))

const call = (url: string, change: Partial<VendorRequest> = {}, now = 0) =>
  callVendor(
    { fetch, now: () => now },
    {
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${secret}` },
      body: '{}',
      signal: AbortSignal.timeout(2000),
      secrets: [secret],
      ...change,
    },
  )

async function faultOf(url: string, change?: Partial<VendorRequest>): Promise<DestinationError> {
  const error: unknown = await call(url, change).catch((thrown: unknown) => thrown)
  if (!(error instanceof DestinationError)) throw new TypeError(`not a DestinationError: ${inspect(error)}`)
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret)
  return error
}

describe('a call', () => {
  it('is answered whatever the status, with headers and text', async () => {
    const url = await serve((request, response) => {
      response.writeHead(418, { 'x-tea': 'yes' }).end(`\uFEFF${request.method} tea é`)
    })
    const { status, headers, text, retryAfterMs } = await call(url)
    expect([status, headers.get('x-tea'), text, retryAfterMs]).toEqual([418, 'yes', 'POST tea é', undefined])
  })

  it('reads characters that arrive in pieces', async () => {
    const bytes = Buffer.from('é')
    const url = await serve((_, response) => {
      response.write(bytes.subarray(0, 1))
      setImmediate(() => response.end(bytes.subarray(1)))
    })
    expect((await call(url)).text).toBe('é')
  })

  it('shows no secret that comes back', async () => {
    const url = await serve((_, response) => {
      response.end(`{"message":"bad token ${secret}"}`)
    })
    expect((await call(url)).text).toBe('{"message":"bad token [secret]"}')
  })

  it.each([
    ['7', 7000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2015 00:00:00 GMT', 0],
    ['99999999999', 86_400_000],
    ['soon', undefined],
  ])('reads Retry-After %s', async (header, expected) => {
    const url = await serve((_, response) => {
      response.sendDate = false
      response.writeHead(429, { 'retry-after': header }).end()
    })
    expect((await call(url, {}, Date.parse('2026-01-01T00:00:00Z'))).retryAfterMs).toBe(expected)
  })

  it("measures the date in Retry-After by the vendor's clock, not by this machine's", async () => {
    const url = await serve((_, response) => {
      const headers = { date: 'Thu, 01 Jan 2026 00:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }
      response.writeHead(429, headers).end()
    })
    expect((await call(url, {}, Date.parse('2026-01-01T01:00:00Z'))).retryAfterMs).toBe(30_000)
  })
})

describe('nothing was sent', () => {
  it.each([
    ['nobody listens', 'http://127.0.0.1:9'],
    ['nobody listens at any of its addresses', 'http://localhost:9'],
    ['there is no such host', 'http://no-such-host.invalid'],
    ['the port is one that fetch keeps closed', 'http://127.0.0.1:6000'],
  ])('when %s: UNREACHABLE', async (_, url) => {
    expect((await faultOf(`${url}/x?token=${secret}`)).fault).toBe('UNREACHABLE')
  })

  it('when TLS meets something else: UNREACHABLE', async () => {
    const url = await serve((_, response) => {
      response.end()
    })
    expect((await faultOf(url.replace('http:', 'https:'))).fault).toBe('UNREACHABLE')
  })

  it('when the time was up before the call: UNREACHABLE', async () => {
    let calls = 0
    const url = await serve((_, response) => {
      calls += 1
      response.end()
    })
    expect((await faultOf(url, { signal: AbortSignal.abort() })).fault).toBe('UNREACHABLE')
    expect(calls).toBe(0)
  })

  it('when the credential cannot stand in a header: REFUSED, and it is not shown', async () => {
    const error = await faultOf('http://127.0.0.1:9', { headers: { authorization: `Bearer \n${secret}` } })
    expect(error.fault).toBe('REFUSED')
  })
})

describe('something may have been sent', () => {
  const cases: [string, (socket: Socket) => void][] = [
    ['the line is reset', (socket) => socket.resetAndDestroy()],
    ['the line is closed', (socket) => socket.end()],
    ['the answer is no HTTP', (socket) => socket.end('nonsense\r\n\r\n')],
    ['the answer never comes', () => {}],
    ['the answer stops in its middle', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')],
    ['the answer halts in its middle', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')],
    [
      'the answer is packed badly',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nhalf'),
    ],
  ]
  it.each(cases)('when %s: NO_ANSWER', async (_, answer) => {
    const server = createLineServer((socket) => {
      socket.once('data', () => {
        answer(socket)
      })
    })
    const error = await faultOf(`${await listening(server)}/x?token=${secret}`, { signal: AbortSignal.timeout(300) })
    expect(error.fault).toBe('NO_ANSWER')
    expect(error.details.code).toBe('NO_ANSWER')
  })

  it('when the answer is longer than is read: NO_ANSWER, and the line is cut', async () => {
    const url = await serve((_, response) => {
      response.write('x'.repeat(100_000))
    })
    expect((await faultOf(url, { mostBytes: 1000 })).fault).toBe('NO_ANSWER')
  })
})

it('does not follow a redirect', async () => {
  let visits = 0
  const target = await serve((_, response) => {
    visits += 1
    response.end()
  })
  const url = await serve((_, response) => {
    response.writeHead(307, { location: `${target}/?token=${secret}` }).end()
  })
  expect((await faultOf(url)).fault).toBe('REFUSED')
  expect(visits).toBe(0)
})

it.each([
  [200, 'NO_ANSWER'],
  [400, 'REFUSED'],
  [401, 'AUTHENTICATION'],
  [403, 'FORBIDDEN'],
  [404, 'REFUSED'],
  [408, 'NO_ANSWER'],
  [413, 'REFUSED'],
  [429, 'THROTTLED'],
  [500, 'NO_ANSWER'],
  [503, 'NO_ANSWER'],
] as const)('takes the status %i alone for %s', (status, fault) => {
  expect(faultOfStatus('The vendor', { status, retryAfterMs: 5 })).toMatchObject({
    fault,
    details: { vendorCode: String(status), retryAfterMs: 5 },
  })
})

describe("a vendor's text", () => {
  it('is shown without half a character, wherever it is cut and however it came', () => {
    const long = `${'a'.repeat(499)}😀 and more`
    expect(shortened(long)).toBe(`${'a'.repeat(499)}…`)
    expect(shortened(`a${long}`)).toBe(`${'a'.repeat(500)}…`)
    expect(shortened(String(parseJson('"half \\ud83d"')))).toBe('half \ufffd')
    expect(shortened('whole 😀')).toBe('whole 😀')
  })

  it('shows no secret, however JSON spells it, and leaves short ones, which any text may hold', () => {
    const spellings = ['abc/d+e', 'abc\\/d+e', 'abc\\u002Fd\\u002be']
    for (const spelling of spellings) expect(masked(`token ${spelling}.`, ['abc/d+e'])).toBe('token [secret].')
    expect(masked('an apple', ['app'])).toBe('an apple')
  })
})

describe('lenient reading', () => {
  it('keeps the digits of long numbers, and answers undefined for what is no JSON', () => {
    expect(parseJson('{"id":12345678901234567890,"rate":1.25,"n":7}')).toEqual({
      id: '12345678901234567890',
      rate: 1.25,
      n: 7,
    })
    expect(parseJson('{"id":')).toBeUndefined()
    expect(parseJson('')).toBeUndefined()
  })

  it('takes numbers for texts and texts for numbers', () => {
    expect([textOf(7), textOf(' a '), textOf(''), textOf(null), textOf({})]).toEqual([
      '7',
      'a',
      undefined,
      undefined,
      undefined,
    ])
    expect([numberOf('7'), numberOf(7), numberOf(''), numberOf('x'), numberOf(null)]).toEqual([
      7,
      7,
      undefined,
      undefined,
      undefined,
    ])
  })
})
