import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { answerControl, isControlPath, type SandboxControl } from './control.ts'
import { createFaults, type Fault, shapeOf } from './fault.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import {
  answerJson,
  type SandboxAnswer,
  type SandboxClock,
  type SandboxRequest,
  type SandboxVendor,
  type VendorName,
} from './vendor.ts'
import { createVendors, type VendorSettings } from './vendors.ts'

export interface SandboxOptions {
  /** 0 picks a free one. */
  port: number
  /** Loopback unless said otherwise: anybody who reaches it can read and change all that is in it. */
  host?: string
  now?: SandboxClock
  /** What each emulator starts with, and comes back to on a reset. */
  settings?: VendorSettings
}

/** The vendors' emulators, listening: `<url>/webex`, `<url>/dengage`, `<url>/altcraft`. */
export interface Sandbox extends SandboxControl {
  readonly url: string
  readonly port: number
  /** Stops listening, cuts what is connected and what is held back, and resolves when nothing is left running. */
  stop(): Promise<void>
}

/** A vendor with its calls. */
interface Counter {
  vendor: SandboxVendor
  log: RequestLog
  inFlight: Set<SandboxRequest>
}

// Above Altcraft's own limit of 10 MB, whose refusal is the emulator's to give.
const mostBodyBytes = 64 * 1024 * 1024

/** Resolves when calls are taken; rejects when the port cannot be had. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', now = Date.now } = options
  const faults = createFaults()
  const counters = new Map<VendorName, Counter>()
  const open = (vendor: SandboxVendor): Counter => ({ vendor, log: createRequestLog(now), inFlight: new Set() })
  for (const vendor of createVendors(now, options.settings ?? {})) counters.set(vendor.name, open(vendor))
  const counterOf = (name: VendorName): Counter => {
    const counter = counters.get(name)
    if (!counter) throw new TypeError(`the sandbox has no vendor ${name}`)
    return counter
  }
  const control: SandboxControl = {
    profiles: (name) => counterOf(name).vendor.profiles(),
    requests: (name) => counterOf(name).log.entries,
    configure: (name, change) => counterOf(name).vendor.configure(change),
    fault: (order) => faults.order(order),
    clearFaults: () => faults.clear(),
    reset() {
      faults.clear()
      for (const { vendor } of counters.values()) {
        vendor.reset()
        counters.set(vendor.name, open(vendor))
      }
    },
  }
  const stopping = new AbortController()
  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal })

  const answerCall = async ({ vendor, log, inFlight }: Counter, call: SandboxRequest, response: ServerResponse) => {
    const met = faults.meet(vendor.name, call)
    const request = { ...call, inFlight: [...inFlight] }
    inFlight.add(request)
    const logEnd = log.begin(request, met)
    let answer: SandboxAnswer | null = null
    try {
      answer = await handleUnderFaults(vendor, request, met, pause)
    } catch (error) {
      if (!stopping.signal.aborted) answer = answerDefect(error)
    }
    // Before anything goes out: whoever has the answer may call again at once, and is then alone.
    inFlight.delete(request)
    logEnd(answer)
    if (answer) send(response, answer)
    else response.destroy()
  }

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(incoming)
    if (body === null) return send(response, answerJson(413, { error: `The body is over ${mostBodyBytes} bytes.` }))
    const { method = 'GET', url = '/' } = incoming
    const [path = '/', query = ''] = splitOnce(url, '?')
    if (isControlPath(path)) return send(response, answerControl(control, method, path, body))
    const [, name = ''] = path.split('/', 2)
    const counter = counters.get(name as VendorName)
    if (!counter) {
      const known = [...counters.keys()].map((vendor) => `/${vendor}`).join(', ')
      return send(
        response,
        answerJson(404, { error: `There is no vendor at ${path}. Served here: ${known}, /_sandbox` }),
      )
    }
    const headers = readHeaders(incoming)
    const call: SandboxRequest = {
      method,
      path: path.slice(name.length + 1) || '/',
      query: new URLSearchParams(query),
      headers,
      body,
      origin: `http://${headers['host'] ?? `${host}:${port}`}`,
      inFlight: [],
    }
    return answerCall(counter, call, response)
  }

  const running = new Set<Promise<void>>()
  const server = createServer((incoming, response) => {
    const call = serve(incoming, response).catch((error: unknown) => {
      if (!response.headersSent && !response.destroyed) send(response, answerDefect(error))
    })
    running.add(call)
    void call.finally(() => running.delete(call))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`the sandbox cannot listen on ${host}:${options.port}`, { cause: error })),
    )
    server.listen(options.port, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    ...control,
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async stop() {
      stopping.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await Promise.all([closed, ...running])
    },
  }
}

/** The answer that leaves the sandbox, null for a connection to be cut. */
async function handleUnderFaults(
  vendor: SandboxVendor,
  request: SandboxRequest,
  faults: readonly Fault[],
  pause: (ms: number) => Promise<void>,
): Promise<SandboxAnswer | null> {
  const replaced = await meetLineFaults(faults, 'before', pause)
  if (replaced !== undefined) return replaced
  const answer = await vendor.handle(request, shapeOf(faults))
  const replacedAfter = await meetLineFaults(faults, 'after', pause)
  if (replacedAfter !== undefined) return replacedAfter
  return faults.some(({ kind }) => kind === 'garble') ? garble(answer) : answer
}

/** Waits out the delays; then null where the connection drops, an answer where one is forced, else undefined. */
async function meetLineFaults(
  faults: readonly Fault[],
  when: 'before' | 'after',
  pause: (ms: number) => Promise<void>,
): Promise<SandboxAnswer | null | undefined> {
  for (const fault of faults) if (fault.kind === 'delay' && fault.when === when) await pause(fault.ms)
  for (const fault of faults) {
    if (fault.kind === 'drop' && fault.when === when) return null
    if (fault.kind === 'status' && fault.when === when) {
      const { status, headers, body = '' } = fault
      return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
    }
  }
  return undefined
}

// Half of a JSON or XML document is neither; an empty or one-letter body has to become something unreadable too.
function garble(answer: SandboxAnswer): SandboxAnswer {
  return { ...answer, body: `${answer.body.slice(0, Math.floor(answer.body.length / 2))}\u0000<garbled` }
}

function answerDefect(error: unknown): SandboxAnswer {
  return answerJson(500, { error: `The sandbox has a defect: ${error instanceof Error ? error.stack : String(error)}` })
}

function send(response: ServerResponse, { status, headers = {}, body }: SandboxAnswer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}

/** null: longer than the sandbox takes. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= mostBodyBytes) chunks.push(chunk)
  }
  return length > mostBodyBytes ? null : Buffer.concat(chunks).toString('utf8')
}

function readHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
