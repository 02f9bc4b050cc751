import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a process and its database, and can part them as a dead host or a torn network does: nobody is told. */
export interface BreakingProxy {
  /** The database as the process is to be given it. */
  readonly url: string
  /** Resolves when the first half of the next large message has gone to the database; no byte passes any more, either way. */
  breakInMidMessage(): Promise<void>
  /** Ends the connections of before, and lets new ones through. */
  mend(): void
  close(): Promise<void>
}

/** Messages of this size carry a batch. */
const largeMessage = 8192

export async function openBreakingProxy(databaseUrl: string): Promise<BreakingProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let broken = false
  let breaking: PromiseWithResolvers<void> | null = null

  const server = createServer((client) => {
    const database = connect(Number(target.port || 5432), target.hostname)
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        // Whoever goes away behind the break is not missed on its other side.
        if (!broken) to.destroy()
      })
      from.on('data', (bytes) => {
        if (broken) return
        if (breaking === null || from !== client || bytes.length < largeMessage) to.write(bytes)
        else {
          broken = true
          to.write(bytes.subarray(0, bytes.length / 2))
          breaking.resolve()
        }
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    breakInMidMessage() {
      breaking = Promise.withResolvers()
      return breaking.promise
    },
    mend() {
      cut()
      broken = false
      breaking = null
    },
    async close() {
      cut()
      server.close()
    },
  }
}
