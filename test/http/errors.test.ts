import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../support/gateway.ts'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openReadySocket } from '../support/web-socket.ts'

interface Shown {
  message: string
  extensions: { code: string; correlationId?: string }
}

let server: TestServer
beforeAll(async () => {
  server = await openServer()
})
afterAll(() => server.close())

async function overHttp(query: string): Promise<unknown> {
  const { status: _, ...answer } = await createClient(server.url).request(query)
  return answer
}

async function overEvents(query: string): Promise<unknown> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
  })
  const events = [...(await response.text()).matchAll(/^event: next\ndata: (.*)$/gm)]
  return JSON.parse(events.at(-1)?.[1] ?? 'null')
}

async function overWebSocket(query: string): Promise<unknown> {
  const socket = await openReadySocket(server.url)
  socket.send({ type: 'subscribe', id: '1', payload: { query } })
  for (let last: unknown = null; ; ) {
    const { type, payload } = await socket.next()
    if (type === 'next') last = payload
    if (type === 'error') last = { errors: payload }
    if (type === 'next' && !JSON.stringify(payload).includes('errors')) continue
    socket.close()
    return last
  }
}

describe.each([
  ['HTTP', overHttp],
  ['server-sent events', overEvents],
  ['WebSocket', overWebSocket],
])('over %s', (transport, ask) => {
  const faults = [
    ['a resolver', '{ fault }'],
    ['a missing value', '{ never }'],
    ['an answer that is no value of its enum', '{ colour }'],
    ...(transport === 'HTTP' ? [] : [['a stream', 'subscription { broken }']]),
  ] as [string, string][]

  test('counts the errors that it answers, by their code', async () => {
    const counted = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      return Number(/^gateway_graphql_errors_total\{code="INTERNAL"\} (\d+)$/m.exec(text)?.[1] ?? 0)
    }
    const before = await counted()
    await ask('{ fault }')
    expect(await counted()).toBe(before + 1)
  })

  test.each(faults)('masks the fault of %s and logs it under its correlation id', async (_name, query) => {
    const answer = (await ask(query)) as { errors: Shown[] }
    expect(answer.errors).toHaveLength(1)
    const { message, extensions } = answer.errors[0] ?? { message: '', extensions: { code: '' } }
    expect(Object.keys(extensions).sort()).toEqual(['code', 'correlationId'])
    expect(extensions.code).toBe('INTERNAL')
    expect(message).toContain(extensions.correlationId)
    expect(JSON.stringify(answer)).not.toMatch(/secret|23505|stack|non-nullable/)
    const logged = server.log.filter(({ correlationId }) => correlationId === extensions.correlationId)
    expect(logged).toMatchObject([{ level: 'error', err: { stack: expect.any(String) } }])
    expect(JSON.stringify(logged)).not.toContain('a secret value')
  })

  test('keeps what a resolver says to the caller', async () => {
    expect(await ask('{ refusal }')).toMatchObject({
      errors: [{ message: 'a word to the caller', path: ['refusal'], extensions: { code: 'FORBIDDEN' } }],
    })
  })

  test.each([
    ['a syntax error', '{', 'BAD_USER_INPUT'],
    ['an unknown field', '{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a variable that is missing', 'query ($value: String!) { echo(value: $value) }', 'BAD_USER_INPUT'],
    ['an operation that is not named', 'query A { tenant } query B { tenant }', 'BAD_USER_INPUT'],
  ])('gives %s its code and nothing of the transport', async (_name, query, code) => {
    const { errors } = (await ask(query)) as { errors: Shown[] }
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code }])
  })
})

test('tells the status of a request that failed as a whole', async () => {
  const { request } = createClient(server.url)
  expect(await request('{')).toMatchObject({ status: 400 })
  expect(await request('query ($value: String!) { echo(value: $value) }')).toMatchObject({ status: 400 })
  expect(await request('subscription { ticks }')).toMatchObject({
    status: 406,
    errors: [{ message: expect.stringContaining('text/event-stream'), extensions: { code: 'BAD_USER_INPUT' } }],
  })
})

test('writes neither bodies nor variables nor credentials into the log', async () => {
  await createClient(server.url).request(
    'query ($value: String) { echo(value: $value) fault }',
    { value: 'hidden-value' },
    { authorization: 'Bearer hidden-key' },
  )
  await fetch(`${server.url}/graphql?query={tenant}&variables={"hidden":1}`)
  const log = JSON.stringify(server.log)
  expect(log).not.toContain('hidden')
  expect(server.log).toContainEqual(
    expect.objectContaining({ level: 'debug', method: 'POST', path: '/graphql', status: 200 }),
  )
})
