import { createClient as createWebSocketClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openReadySocket, openSocket } from '../support/web-socket.ts'

let server: TestServer
beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

const openNow = () => server.ticks.begun - server.ticks.ended

const openEvents = (query: string, signal?: AbortSignal, accept = 'text/event-stream') =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
    ...(signal ? { signal } : {}),
  })

const metric = async (line: string) => (await (await fetch(`${server.url}/metrics`)).text()).includes(`${line}\n`)

describe('server-sent events', () => {
  test('carry every value in order, then complete', async () => {
    const response = await openEvents('subscription { ticks(count: 3) }')
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    expect([...text.matchAll(/"ticks":(\d)/g)].map(([, tick]) => tick)).toEqual(['1', '2', '3'])
    expect(text.trimEnd()).toMatch(/event: complete\ndata:$/)
    expect(openNow()).toBe(0)
  })

  test('can be asked for by GET, as EventSource does', async () => {
    const response = await fetch(`${server.url}/graphql?query=subscription{ticks(count:1)}`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(await response.text()).toContain('{"ticks":1}')
  })

  test('asked for by GET go on for longer than a request may take to come in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const leaving = new AbortController()
    try {
      const response = await fetch(`${server.url}/graphql?query=subscription{ticks}`, {
        headers: { accept: 'text/event-stream' },
        signal: leaving.signal,
      })
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      for (const _ of [1, 2, 3]) {
        expect((await reader?.read())?.value).toContain('"ticks":')
        vi.advanceTimersByTime(300_000)
      }
    } finally {
      vi.useRealTimers()
      leaving.abort()
    }
  })

  test.each(['*/*', 'text/*', 'application/json, text/event-stream', ''])('answer Accept: %s', async (accept) => {
    const leaving = new AbortController()
    const response = await openEvents('subscription { ticks }', leaving.signal, accept)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    await response.body?.getReader().read()
    leaving.abort()
    await expect.poll(openNow).toBe(0)
  })

  test.each(['application/json', 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json'])(
    'are refused where only %s will do, and end at their source',
    async (accept) => {
      const byGet = await fetch(`${server.url}/graphql?query=subscription{ticks}`, { headers: { accept } })
      for (const response of [await openEvents('subscription { ticks }', undefined, accept), byGet]) {
        expect(response.status).toBe(406)
        expect(await response.json()).toMatchObject({
          errors: [{ message: expect.stringContaining('text/event-stream'), extensions: { code: 'BAD_USER_INPUT' } }],
        })
      }
      expect(server.ticks.begun).toBe(server.ticks.ended)
    },
  )

  test('end at their source when the client leaves', async () => {
    const leaving = new AbortController()
    const response = await openEvents('subscription { ticks }', leaving.signal)
    await response.body?.getReader().read()
    await expect.poll(() => metric('gateway_subscriptions{transport="sse"} 1')).toBe(true)
    leaving.abort()
    await expect.poll(openNow).toBe(0)
    await expect.poll(() => metric('gateway_subscriptions{transport="sse"} 0')).toBe(true)
  })

  test('end without a word of completion when the gateway stops', async () => {
    const response = await openEvents('subscription { ticks }')
    await expect.poll(openNow).toBe(1)
    await server.drain(2000)
    const text = await response.text()
    expect(text).toContain('"ticks":1')
    expect(text).not.toContain('complete')
    await expect.poll(openNow).toBe(0)
  })
})

describe('WebSockets', () => {
  test('carry every value in order, then complete', async () => {
    const client = createWebSocketClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    })
    const ticks: unknown[] = []
    for await (const { data } of client.iterate({ query: 'subscription { ticks(count: 3) }' }))
      ticks.push(data?.['ticks'])
    expect(ticks).toEqual([1, 2, 3])
    await client.dispose()
  })

  test('carry queries and mutations too', async () => {
    const socket = await openReadySocket(server.url)
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'mutation { write(value: "x") }' } })
    expect(await socket.next()).toEqual({ type: 'next', id: '1', payload: { data: { write: 'x' } } })
    expect(await socket.next()).toEqual({ type: 'complete', id: '1' })
    socket.close()
  })

  test('end at their source when the client leaves, or completes one of several', async () => {
    const socket = await openReadySocket(server.url)
    for (const id of ['1', '2']) socket.send({ type: 'subscribe', id, payload: { query: 'subscription { ticks }' } })
    await expect.poll(openNow).toBe(2)
    await expect.poll(() => metric('gateway_subscriptions{transport="websocket"} 2')).toBe(true)
    socket.send({ type: 'complete', id: '1' })
    await expect.poll(openNow).toBe(1)
    socket.close()
    await expect.poll(openNow).toBe(0)
    await expect.poll(() => metric('gateway_subscriptions{transport="websocket"} 0')).toBe(true)
    await expect.poll(() => metric('gateway_websockets 0')).toBe(true)
  })

  test('close with 1001 when the gateway stops, with or without a subscription', async () => {
    const idle = await openSocket(server.url)
    const socket = await openReadySocket(server.url)
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { ticks }' } })
    await socket.next()
    await server.drain(2000)
    expect((await socket.closed).code).toBe(1001)
    expect((await idle.closed).code).toBe(1001)
    await expect.poll(openNow).toBe(0)
  })
})

test('takes nothing new while it stops, and says so', async () => {
  await server.drain(1000)
  const ready = await fetch(`${server.url}/health/ready`)
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'unavailable', reason: 'the gateway is stopping' },
  ])
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
  expect((await fetch(`${server.url}/graphql?query={tenant}`)).status).toBe(503)
  await expect(openSocket(server.url)).rejects.toThrow('503')
})

test('is not ready while the database does not answer', async () => {
  let answers = true
  const other = await openServer({
    check: async () => {
      if (!answers) throw new Error('gone')
    },
  })
  const ask = async () => (await fetch(`${other.url}/health/ready`)).status
  expect(await ask()).toBe(200)
  answers = false
  expect(await ask()).toBe(503)
  await other.close()
})

test('answers 404 in JSON where nothing is', async () => {
  for (const path of ['/', '/graphql/', '/favicon.ico', '//graphql']) {
    const response = await fetch(`${server.url}${path}`)
    expect([path, response.status]).toEqual([path, 404])
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  }
})

test('shows GraphiQL outside production only', async () => {
  const production = await openServer({ environment: { NODE_ENV: 'production' } })
  const page = (url: string) => fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  expect(await (await page(server.url)).text()).toContain('<!doctype html>')
  expect((await page(production.url)).headers.get('content-type')).not.toContain('html')
  await production.close()
})
