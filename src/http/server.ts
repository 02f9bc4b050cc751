import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Config } from '../config-settings.ts'
import { expectedError } from '../graphql/errors.ts'
import type { JobEngine } from '../jobs/engine.ts'
import { createAdmission, type Refuse } from './admission.ts'
import { answerError, answerJson } from './answer.ts'
import { createAuthenticator } from './authenticator.ts'
import { createDownloadRoute, type DownloadRoute, downloadPath } from './downloads.ts'
import { answerFault } from './fault.ts'
import { createGraphqlEndpoint, type GraphqlParts } from './graphql-endpoint.ts'
import { createGraphqlRoute, type GraphqlRoute } from './graphql-route.ts'
import { createHealth } from './health.ts'
import type { Metrics } from './metrics.ts'
import { createOriginGuard } from './origin-guard.ts'
import { createPublicError } from './public-error.ts'
import { createUploadRoute, type UploadRoute } from './uploads.ts'
import { createWebSockets, type WebSockets } from './websocket.ts'
import { within } from './within.ts'

export type HttpSettings = Pick<Config, 'host' | 'port' | 'production' | 'apiKeys' | 'jwt' | 'corsOrigins' | 'limits'>

/** What the API stands on. */
export interface ApiParts {
  graphql: GraphqlParts
  engine: JobEngine
}

/** What the server serves once it is open. */
export interface Served {
  /** null: this process has no part in the API, and its paths are not there. */
  api: ApiParts | null
  /** Rejects while the process cannot do its work. */
  check(): Promise<unknown>
}

export interface HttpServer {
  readonly port: number
  readonly url: string
  /** Begins to serve; until then /health/ready says that the process is starting, and /graphql is 503. */
  open(served: Served): void
  /**
   * Takes nothing new (/health/ready says that the process is stopping), ends streams, closes WebSockets with 1001, and resolves when the
   * last answer is out, or `graceMs` after the call.
   */
  drain(graceMs: number): Promise<void>
  /** Stops listening and cuts what is still connected. */
  close(): Promise<void>
}

const routes = new Set([
  '/graphql',
  '/jobs/{id}/errors.csv',
  '/jobs/{id}/failed.ndjson',
  '/uploads',
  '/health/live',
  '/health/ready',
  '/metrics',
])
const methods = new Set(['GET', 'POST', 'HEAD', 'OPTIONS'])
/** How long a request may take to come in, a file apart. */
const sendingMs = 300_000

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?', 1)[0] ?? '/'
/** The path with `{id}` in place of the id of a job. */
const routeOf = (path: string) => path.replace(downloadPath, '/jobs/{id}/$2')

/** Paths of files have faults of their own form. */
const refuse: Refuse = (request, response, status, error) =>
  /^\/(uploads|jobs\/)/.test(pathOf(request))
    ? answerFault(response, status, error)
    : answerError(request, response, status, error)

/** Binds the port and resolves when connections are taken; rejects with what to do when that cannot be done. */
export async function listen(settings: HttpSettings, metrics: Metrics, log: Logger): Promise<HttpServer> {
  const { host, limits, production, corsOrigins } = settings
  const authenticator = createAuthenticator(settings)
  const guard = createOriginGuard({ keyless: authenticator.keyless, corsOrigins })
  const publicError = createPublicError(log, metrics.errorAnswered)
  const admit = createAdmission(authenticator, publicError, refuse)
  const health = createHealth()
  const underWay = new Set<ServerResponse>()
  let api: { route: GraphqlRoute; webSockets: WebSockets; downloads: DownloadRoute; uploads: UploadRoute } | null = null

  const createApi = ({ graphql, engine }: ApiParts) => {
    const endpoint = createGraphqlEndpoint({ parts: graphql, limits, production, publicError })
    const { bodyBytes } = limits
    return {
      route: createGraphqlRoute({ endpoint, admit, production, metrics }),
      webSockets: createWebSockets({ endpoint, authenticator, bodyBytes, publicError, metrics, log }),
      downloads: createDownloadRoute({ engine, admit }),
      uploads: createUploadRoute({ uploads: engine.uploads, admit, publicError }),
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('x-frame-options', 'DENY')
    guard.allowReading(request, response)
    const refusal = guard.refuse(request)
    if (refusal) return refuse(request, response, 403, expectedError('FORBIDDEN', refusal))
    if (guard.answerPreflight(request, response)) return
    switch (routeOf(pathOf(request))) {
      case '/health/live':
        return answerJson(response, 200, { status: 'live' })
      case '/health/ready': {
        const state = await health.state()
        return answerJson(response, state.status === 'ready' ? 200 : 503, state)
      }
      case '/metrics':
        return answerMetrics(request, response)
      case '/graphql':
        if (health.phase() !== 'ready') return answerNotReady(request, response)
        return api ? api.route.answer(request, response) : answerNotFound(response)
      case '/jobs/{id}/errors.csv':
      case '/jobs/{id}/failed.ndjson':
        if (health.phase() !== 'ready') return answerNotReady(request, response)
        return api ? api.downloads.answer(request, response) : answerNotFound(response)
      case '/uploads':
        if (health.phase() !== 'ready') return answerNotReady(request, response)
        return api ? api.uploads.answer(request, response) : answerNotFound(response)
      default:
        return answerNotFound(response)
    }
  }

  const answerNotFound = (response: ServerResponse) => {
    const message = `There is nothing at this path. Served here: ${[...routes].filter((route) => api || /^\/(health|metrics)/.test(route)).join(', ')}`
    answerJson(response, 404, { error: { code: 'NOT_FOUND', message } })
  }

  const answerNotReady = (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('retry-after', '1')
    response.setHeader('connection', 'close')
    const message =
      health.phase() === 'starting'
        ? 'The gateway is starting: try again in a moment'
        : 'The gateway is stopping: try again at another process, or when it is up again'
    refuse(request, response, 503, expectedError('INTERNAL', message))
  }

  // The numbers are of the whole process and name no tenant: whoever may read anything may read them.
  const answerMetrics = async (request: IncomingMessage, response: ServerResponse) => {
    const identity = await admit(request, response)
    if (!identity) return
    if (!identity.scopes.has('read')) {
      return answerError(
        request,
        response,
        403,
        expectedError('FORBIDDEN', '/metrics needs the scope read: use a key that has it'),
      )
    }
    const text = await metrics.text()
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' })
    response.end(text)
  }

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const started = performance.now()
    const { method = '' } = request
    const path = routeOf(pathOf(request))
    underWay.add(response)
    if (path !== '/uploads' || !api) cutUnlessSent(request)
    response.once('close', () => {
      underWay.delete(response)
      const ms = performance.now() - started
      const { statusCode } = response
      metrics.requestEnded(
        routes.has(path) ? path : 'other',
        methods.has(method) ? method : 'other',
        statusCode,
        ms / 1000,
      )
      log.debug({ method, path: path.slice(0, 200), status: statusCode, ms: Math.round(ms) }, 'request')
    })
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent && !response.destroyed) return refuse(request, response, 500, publicError(error))
      log.debug({ err: error }, 'an answer broke off')
      response.destroy()
    })
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket connection broke'))
    if (guard.refuse(request)) refuseUpgrade(socket, '403 Forbidden')
    else if (health.phase() !== 'ready') refuseUpgrade(socket, '503 Service Unavailable')
    else if (!api || pathOf(request) !== '/graphql') refuseUpgrade(socket, '404 Not Found')
    else api.webSockets.take(request, socket, head)
  }

  // The time that a request may take is kept here: a file may come for hours.
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000 }, serve)
  // The reader of the body says when to go on, so that one that is too long is refused before it is sent.
  server.on('checkContinue', serve)
  server.on('upgrade', upgrade)
  const port = await bind(server, settings)

  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    open({ api: parts, check }) {
      api = parts && createApi(parts)
      health.open(check)
    },
    async drain(graceMs) {
      health.stop()
      api?.route.endStreams()
      const answered = [...underWay].map((response) => new Promise<void>((resolve) => response.once('close', resolve)))
      // Files that still come by then are cut off while there is time to remove what came of them.
      const cutting = setTimeout(() => api?.uploads.cut(), graceMs / 2)
      await within(graceMs, Promise.all([...answered, api?.webSockets.close()])).catch(() => {
        log.warn(
          { unanswered: underWay.size },
          'some clients did not take their answers in time: their connections are cut',
        )
      })
      clearTimeout(cutting)
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Cuts the connection over which a request does not come to its end in time. Its answer may take longer: a stream, or a long file. */
function cutUnlessSent(request: IncomingMessage): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, sendingMs)
  // One without a body closes only with its answer.
  request.once('close', () => clearTimeout(timer))
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

async function bind(server: Server, { host, port }: HttpSettings): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(bindingFault(error, host, port), { cause: error })),
    )
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

function bindingFault({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${host}:${port} is taken by another process: set PORT to a free one, or to 0`
    case 'EACCES':
      return `${host}:${port} is not allowed to this process: set PORT to 1024 or above`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: correct HOST`
    default:
      return `${host}:${port} cannot be listened on: ${message}`
  }
}
