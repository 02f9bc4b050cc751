import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../support/gateway.ts'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openReadySocket } from '../support/web-socket.ts'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ file: { limits: { bodyBytes: 20_000, queryDepth: 4, aliases: 3, tokens: 200 } } })
})
afterAll(() => server.close())

const overHttp = async (query: string) => createClient(server.url).request(query)
const overWebSocket = async (query: string) => {
  const socket = await openReadySocket(server.url)
  socket.send({ type: 'subscribe', id: '1', payload: { query } })
  const { type, payload } = await socket.next()
  socket.close()
  return type === 'error' ? { errors: payload } : payload
}

const tooDeep: [string, string][] = [
  ['fields', '{ node { child { child { child { id } } } } }'],
  ['inline fragments', '{ node { ... { child { ... { child { child { id } } } } } } }'],
  [
    'fragments',
    '{ node { ...A } } fragment A on Node { child { ...B } } fragment B on Node { child { child { id } } }',
  ],
  ['one operation of several', 'query A { tenant } query B { node { child { child { child { id } } } } }'],
]

const tooManyAliases: [string, string][] = [
  ['fields', '{ a: tenant b: tenant c: tenant d: tenant }'],
  ['fragments spread twice', '{ node { ...A child { ...A } } } fragment A on Node { a: id b: id }'],
  [
    'fragments that double each other',
    '{ node { ...A ...A } } fragment A on Node { ...B ...B } fragment B on Node { a: id }',
  ],
]

describe.each([
  ['HTTP', overHttp],
  ['WebSocket', overWebSocket],
])('over %s', (_transport, ask) => {
  test.each(tooDeep)('refuses too deep a document by %s', async (_name, query) => {
    expect(await ask(query)).toMatchObject({
      errors: [
        {
          message:
            'The document is beyond the limit queryDepth: it has 5 levels of fields, at most 4 are allowed. Ask for less at once',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'queryDepth', allowed: 4 },
        },
      ],
    })
  })

  test.each(tooManyAliases)('refuses too many aliases by %s', async (_name, query) => {
    expect(await ask(query)).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('it has 4 aliases, at most 3'),
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'aliases' },
        },
      ],
    })
  })

  test('refuses a document of too many tokens', async () => {
    expect(await ask(`{ ${'tenant '.repeat(300)} }`)).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('more than 200 tokens'),
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'tokens' },
        },
      ],
    })
  })

  test('answers what is just within the limits', async () => {
    const query = '{ node { child { child { id } } } a: tenant b: tenant c: tenant }'
    expect(await ask(query)).toMatchObject({ data: { a: 'default', node: { child: { child: { id: '1' } } } } })
  })

  test('leaves a fragment that spreads itself to validation', async () => {
    expect(
      await ask('{ node { ...A } } fragment A on Node { child { ...B } } fragment B on Node { child { ...A } }'),
    ).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('Cannot spread fragment "A" within itself'),
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    })
  })
})

describe('with room for many tokens', () => {
  let roomy: TestServer
  beforeAll(async () => {
    roomy = await openServer()
  })
  afterAll(() => roomy.close())

  test('answers GraphiQL’s question about the schema, however deep it is', async () => {
    expect(await createClient(roomy.url).request(getIntrospectionQuery())).toMatchObject({
      status: 200,
      data: { __schema: {} },
    })
  })

  test.each([
    ['selections', `${'{node'.repeat(6000)}${'}'.repeat(6000)}`],
    ['lists', `{ echo(value: ${'['.repeat(9000)}${']'.repeat(9000)}) }`],
    [
      'fragments',
      `{ node { ...F0 } } ${Array.from({ length: 900 }, (_, index) => `fragment F${index} on Node { a${index}: id child { ...F${index + 1} ...F${index + 1} } }`).join(' ')} fragment F900 on Node { id }`,
    ],
  ])('is not stopped by thousands of levels of %s', async (_name, query) => {
    const answer = await createClient(roomy.url).request(query)
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] })
  })

  test('is not stopped by an object of a hundred thousand unknown fields', async () => {
    const record = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, index]))
    const answer = await createClient(roomy.url).request('query ($record: RecordInput) { echo(record: $record) }', {
      record,
    })
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.errors).toHaveLength(10)
    expect(answer.errors?.[0]).toMatchObject({
      message: '$record has the field "field0", which RecordInput does not have',
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  test.each([
    [
      'a variable',
      'query ($record: RecordInput) { echo(record: $record) }',
      { record: { count: 'x'.repeat(1_000_000) } },
    ],
    ['a literal', `{ echo(record: { count: "${'x'.repeat(1_000_000)}" }) }`, {}],
    ['a syntax error', `{ "${'x'.repeat(1_000_000)}" }`, {}],
  ])('quotes at most a thousand characters of %s', async (_name, query, variables) => {
    const answer = await createClient(roomy.url).request(query, variables)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer).length).toBeLessThan(1500)
  })
})

describe('a body that is too long', () => {
  const refusal = { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] }
  const headers = { 'content-type': 'application/json' }
  const long = JSON.stringify({ query: '{ tenant }', variables: { value: 'x'.repeat(5_000_000) } })

  const send = (body: string, extra: Record<string, string>) =>
    new Promise<{ status: number; text: string; continued: boolean }>((resolve, reject) => {
      let continued = false
      const request = httpRequest(
        `${server.url}/graphql`,
        { method: 'POST', headers: { ...headers, ...extra }, agent: false },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text, continued }))
        },
      )
      request.on('error', reject)
      request.on('continue', () => {
        continued = true
        request.end(body)
      })
      if (extra['expect']) request.flushHeaders()
      else request.end(body)
    })

  test('is refused by its length', async () => {
    const { status, text } = await send(long, { 'content-length': `${long.length}` })
    expect(status).toBe(413)
    expect(JSON.parse(text)).toMatchObject(refusal)
    expect(text).toContain(`${long.length} of at most 20000 bytes`)
  })

  test('is refused while it arrives when its length is not told', async () => {
    const { status, text } = await send(long, { 'transfer-encoding': 'chunked' })
    expect(status).toBe(413)
    expect(JSON.parse(text)).toMatchObject(refusal)
  })

  test('is refused before it is sent when the client asks first', async () => {
    const expecting = (length: number) => ({ expect: '100-continue', 'content-length': `${length}` })
    expect(await send(long, expecting(long.length))).toMatchObject({ status: 413, continued: false })
    const short = JSON.stringify({ query: '{ tenant }' })
    expect(await send(short, expecting(short.length))).toMatchObject({ status: 200, continued: true })
  })

  test('is cut when its sender never ends', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{',
    )
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.resume()
    await closed
  })

  test('closes a WebSocket with 1009', async () => {
    const socket = await openReadySocket(server.url)
    socket.send({
      type: 'subscribe',
      id: '1',
      payload: { query: '{ tenant }', variables: { value: 'x'.repeat(30_000) } },
    })
    expect((await socket.closed).code).toBe(1009)
  })
})

test('refuses a body that is not UTF-8 rather than storing something else', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ query: '{ length(value: "Jürgen") }' }), 'latin1'),
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ errors: [{ message: 'The body is not UTF-8: encode it so' }] })
})
