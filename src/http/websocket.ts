import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ExecutionArgs, FormattedExecutionResult, GraphQLError } from 'graphql'
import { CloseCode } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { keepExact } from '../domain/exact-json.ts'
import { expectedError } from '../graphql/errors.ts'
import { type Authenticator, type Identity, Unauthenticated } from './authenticator.ts'
import type { GraphqlEndpoint } from './graphql-endpoint.ts'
import type { Metrics } from './metrics.ts'
import { formatError, type PublicError } from './public-error.ts'

const goingAway = 1001
const tryAgainLater = 1013
/** How long a peer may take over its half of the closing handshake, and over its first message. */
const closingMs = 1000
const initialisationMs = 10_000
const longestTimer = 2_147_483_647

type Operation = ReturnType<GraphqlEndpoint['operation']>

/** What travels from reading an operation to running it. */
interface OperationArgs extends ExecutionArgs {
  operation: Operation
}

export interface WebSockets {
  /** Takes over a connection that asked for /graphql as a WebSocket and was let in. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Closes every socket with 1001, and resolves when all are gone. */
  close(): Promise<void>
}

/**
 * GraphQL over `graphql-transport-ws`. Credentials come in the first message: none or bad ones close the socket with 4403, silence closes
 * it with 4408, the end of a token with 4403.
 */
export function createWebSockets({
  endpoint,
  authenticator,
  bodyBytes,
  publicError,
  metrics,
  log,
}: {
  endpoint: GraphqlEndpoint
  authenticator: Authenticator
  bodyBytes: number
  publicError: PublicError
  metrics: Metrics
  log: Logger
}): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: bodyBytes, perMessageDeflate: false })
  let stopping = false
  const identities = new WeakMap<WebSocket, Identity>()
  const subscribed = new WeakMap<WebSocket, Set<string>>()

  server.on('connection', (socket: WebSocket) => {
    metrics.webSocketOpened()
    subscribed.set(socket, new Set())
    socket.once('close', () => metrics.webSocketClosed())
  })

  const read = async (
    identity: Identity,
    query: string,
    variables: ExecutionArgs['variableValues'],
    name: string | null | undefined,
  ) => {
    const operation = endpoint.operation(identity)
    const document = operation.parse(query)
    const errors = operation.validate(operation.schema, document)
    if (errors.length > 0) return errors.map(publicError)
    const contextValue = await operation.contextFactory()
    const args: OperationArgs = {
      schema: operation.schema,
      document,
      contextValue,
      operation,
      ...(variables ? { variableValues: variables } : {}),
      ...(name ? { operationName: name } : {}),
    }
    return args
  }

  const run = async (step: 'execute' | 'subscribe', args: ExecutionArgs) => {
    try {
      return await (args as OperationArgs).operation[step](args)
    } catch (error) {
      return { errors: [publicError(error)] }
    }
  }

  const formatted = (errors: readonly GraphQLError[]) => errors.map((error) => formatError(publicError(error)))

  useServer<{ authorization?: unknown; Authorization?: unknown }>(
    {
      // Only in "production" does it keep a fault's message out of the close frame.
      isProd: true,
      connectionInitWaitTimeout: initialisationMs,
      jsonMessageReviver: keepExact,
      async onConnect({ connectionParams, extra: { socket } }) {
        const given = connectionParams?.authorization ?? connectionParams?.Authorization
        try {
          const identity = await authenticator.authenticate(typeof given === 'string' ? given : undefined)
          identities.set(socket, identity)
          closeAtEnd(socket, identity)
          return true
        } catch (error) {
          if (error instanceof Unauthenticated) {
            socket.close(CloseCode.Forbidden, reason(error.message))
          } else {
            publicError(error)
            socket.close(tryAgainLater, 'Credentials cannot be checked now: try again later')
          }
          return false
        }
      },
      async onSubscribe({ extra: { socket } }, id, { query, variables, operationName }) {
        const identity = identities.get(socket)
        try {
          if (stopping) throw new Error('an operation came after the socket was told that the gateway is stopping')
          if (!identity) throw expectedError('UNAUTHENTICATED', 'Credentials are missing')
          const args = await read(identity, query, variables ?? undefined, operationName)
          return args
        } catch (error) {
          log.debug({ id }, 'an operation was refused')
          return [publicError(error)]
        }
      },
      execute: (args) => run('execute', args),
      subscribe: (args) => run('subscribe', args),
      onOperation({ extra: { socket } }, id, _payload, _args, result) {
        if (!(Symbol.asyncIterator in result)) return
        subscribed.get(socket)?.add(id)
        metrics.subscriptionOpened('websocket')
      },
      onComplete({ extra: { socket } }, id) {
        if (subscribed.get(socket)?.delete(id)) metrics.subscriptionClosed('websocket')
      },
      onClose({ extra: { socket } }) {
        for (const _ of subscribed.get(socket) ?? []) metrics.subscriptionClosed('websocket')
        subscribed.delete(socket)
      },
      onNext: (_context, _id, _payload, _args, result) =>
        (result.errors ? { ...result, errors: formatted(result.errors) } : result) as FormattedExecutionResult,
      onError: (_context, _id, _payload, errors) => formatted(errors),
    },
    server,
  )

  // graphql-ws would print a client's fault (a message beyond maxPayload, say) to stderr; ws closes the socket by itself.
  server.on('connection', (socket: WebSocket) => {
    socket.removeAllListeners('error')
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket broke'))
  })

  return {
    take(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => server.emit('connection', webSocket, request))
    },
    async close() {
      stopping = true
      const closing = [...server.clients].map((socket) => {
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
        socket.close(goingAway, 'The gateway is stopping: connect again')
        const timer = setTimeout(() => socket.terminate(), closingMs)
        return closed.finally(() => clearTimeout(timer))
      })
      await Promise.all(closing)
    },
  }
}

function closeAtEnd(socket: WebSocket, { expiresAt }: Identity): void {
  if (expiresAt === null) return
  const timer = setTimeout(
    () => socket.close(CloseCode.Forbidden, 'The token has expired: get a new one'),
    Math.min(Math.max(expiresAt - Date.now(), 0), longestTimer),
  )
  socket.once('close', () => clearTimeout(timer))
}

/** A close frame holds at most 123 bytes of reason. */
const reason = (message: string) => message.slice(0, 120)
