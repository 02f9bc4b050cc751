import { WebSocket } from 'ws'

export interface TestSocket {
  /** A text goes as it is. */
  send(message: object | string): void
  /** The next message, in order of arrival; rejects when the socket closes first. */
  next(): Promise<Record<string, unknown>>
  readonly closed: Promise<{ code: number; reason: string }>
  close(): void
}

/** A raw `graphql-transport-ws` socket, for tests of what a well-behaved client would not do. */
export async function openSocket(
  url: string,
  { headers = {}, protocol = 'graphql-transport-ws' }: { headers?: Record<string, string>; protocol?: string } = {},
): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, { headers })
  const messages: Record<string, unknown>[] = []
  const waiting: PromiseWithResolvers<Record<string, unknown>>[] = []
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) })
      for (const { reject } of waiting) reject(new Error(`closed with ${code} ${reason}`))
    })
  })
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const first = waiting.shift()
    if (first) first.resolve(message)
    else messages.push(message)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return {
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next() {
      const message = messages.shift()
      if (message) return Promise.resolve(message)
      const place = Promise.withResolvers<Record<string, unknown>>()
      waiting.push(place)
      return place.promise
    },
    closed,
    close: () => socket.close(),
  }
}

/** A socket that has been let in. */
export async function openReadySocket(url: string, authorization?: string): Promise<TestSocket> {
  const socket = await openSocket(url)
  socket.send({ type: 'connection_init', ...(authorization === undefined ? {} : { payload: { authorization } }) })
  await socket.next()
  return socket
}
