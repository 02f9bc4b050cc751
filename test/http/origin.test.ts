import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openSocket } from '../support/web-socket.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** fetch sets Host and Origin itself; this sends what it is told. */
function send(
  server: TestServer,
  {
    method = 'POST',
    path = '/graphql',
    headers = {},
    body = '',
  }: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `http://127.0.0.1:${server.port}${path}`,
      { method, headers, agent: false },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const body = JSON.stringify({ query: 'mutation { write(value: "x") }' })

describe('a keyless gateway', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await openServer()
  })
  afterAll(() => server.close())

  test('answers programs, which send no Origin, and its own pages', async () => {
    const origins: Record<string, string>[] = [{}, { origin: `http://127.0.0.1:${server.port}` }]
    for (const headers of origins) {
      const answer = await send(server, { headers: { ...json, ...headers }, body })
      expect(answer).toMatchObject({ status: 200, text: '{"data":{"write":"x"}}' })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test.each(['https://evil.example.com', 'http://localhost:3000', 'http://127.0.0.1', 'null', 'not an origin'])(
    'answers 403 to the origin %s, over HTTP and WebSocket',
    async (origin) => {
      const answer = await send(server, { headers: { ...json, origin }, body })
      expect(answer.status).toBe(403)
      expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
      await expect(openSocket(server.url, { headers: { origin } })).rejects.toThrow('403')
    },
  )

  test.each(['evil.example.com', `localhost.evil.example.com`, '127.0.0.1.evil.example.com', '10.0.0.1'])(
    'answers 403 to the host name %s, over HTTP and WebSocket',
    async (host) => {
      for (const path of ['/graphql', '/metrics', '/health/live']) {
        expect(await send(server, { method: 'GET', path, headers: { host } })).toMatchObject({ status: 403 })
      }
      await expect(openSocket(server.url, { headers: { host } })).rejects.toThrow('403')
    },
  )

  test.each(['localhost', 'localhost:4000', '127.0.0.1:80', '[::1]:4000'])(
    'answers to the host name %s',
    async (host) => {
      expect(await send(server, { method: 'GET', path: '/health/live', headers: { host } })).toMatchObject({
        status: 200,
      })
    },
  )

  test('refuses what a page can send without asking: forms, plain text, images', async () => {
    const query = encodeURIComponent('mutation { write(value: "x") }')
    const forms = [
      ['application/x-www-form-urlencoded', `query=${query}`],
      ['text/plain', body],
      [
        'multipart/form-data; boundary=b',
        `--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${body}\r\n--b--\r\n`,
      ],
      ['application/graphql', 'mutation { write(value: "x") }'],
      ['application/graphql+json', body],
    ]
    for (const [type = '', text = ''] of forms) {
      expect(await send(server, { headers: { 'content-type': type }, body: text })).toMatchObject({ status: 415 })
    }
    expect(await send(server, { body })).toMatchObject({ status: 415 })
    expect(await send(server, { method: 'GET', path: `/graphql?query=${query}` })).toMatchObject({ status: 405 })
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    expect(await send(server, { method: 'GET', path: '/graphql?query={tenant}', headers: image })).toMatchObject({
      status: 403,
    })
  })

  test('takes a charset of UTF-8 and no compression', async () => {
    const ask = async (headers: Record<string, string>) => (await send(server, { headers, body })).status
    expect(await ask({ 'content-type': 'Application/JSON; charset="UTF-8"' })).toBe(200)
    expect(await ask({ 'content-type': 'application/json; charset=latin1' })).toBe(415)
    expect(await ask({ ...json, 'content-encoding': 'gzip' })).toBe(415)
    expect(await ask({ ...json, 'content-encoding': 'identity' })).toBe(200)
  })

  test('allows no other origin to ask beforehand', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' }
    expect(await send(server, { method: 'OPTIONS', headers })).toMatchObject({ status: 403 })
  })
})

describe('a gateway with corsOrigins', () => {
  const origin = 'https://app.example.com'
  let server: TestServer
  beforeAll(async () => {
    server = await openServer({
      file: { corsOrigins: [origin], apiKeys: [{ key: 'acme-key', tenant: 'acme', scopes: ['read', 'write'] }] },
    })
  })
  afterAll(() => server.close())

  test('lets pages of these origins ask beforehand, write and read', async () => {
    const preflight = await send(server, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, content-encoding',
        vary: 'Origin',
      },
    })
    const answer = await send(server, { headers: { ...json, origin, authorization: 'Bearer acme-key' }, body })
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin, vary: 'Origin' } })
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('lets these pages read why they were refused', async () => {
    const answer = await send(server, { headers: { ...json, origin }, body })
    expect(answer).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': origin } })
  })

  test('lets no other page in, whatever its credentials', async () => {
    const headers = { ...json, origin: 'https://app.example.com.evil.com', authorization: 'Bearer acme-key' }
    const answer = await send(server, { headers, body })
    expect(answer.status).toBe(403)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('lets pages of these origins open WebSockets', async () => {
    const socket = await openSocket(server.url, { headers: { origin } })
    socket.close()
    expect((await socket.closed).code).toBe(1005)
  })

  test('answers to any host name: credentials stand in for it', async () => {
    const headers = {
      ...json,
      host: 'gateway.example.com',
      origin: 'https://gateway.example.com',
      authorization: 'Bearer acme-key',
    }
    expect(await send(server, { headers, body })).toMatchObject({ status: 200 })
  })
})
