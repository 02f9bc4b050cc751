import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type ExecutionResult, print } from 'graphql'
import { createClient } from 'graphql-ws'

/** A client of one gateway's API: queries and mutations over HTTP, subscriptions over WebSocket. */
export interface GraphqlClient {
  /** Sends one operation and resolves to its data; rejects with a GraphqlFault when the answer holds errors, with ConnectionLost when none comes. */
  request<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>
  /**
   * Yields what the subscription says until it completes; rejects with a GraphqlFault when it is refused, and with ConnectionLost when the
   * connection breaks, or nothing has come over it for a while: the caller knows from where to go on.
   */
  subscribe<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncGenerator<Data, void, undefined>
  /** Closes the WebSocket; subscriptions end. */
  close(): Promise<void>
}

export interface GraphqlClientOptions {
  /** A key or token of the gateway; none where it asks for none. */
  credential?: string
  /** Ends what is under way: requests reject, subscriptions end. */
  signal?: AbortSignal
  /** How long a request waits for its answer; a minute. */
  answerMs?: number
}

/** The gateway's answer holds errors: an operation was refused, or failed unexpectedly. */
export class GraphqlFault extends Error {
  override name = 'GraphqlFault'
  /** As the gateway gives them in `extensions.code`; INTERNAL, say. */
  readonly codes: readonly string[]

  constructor(errors: NonNullable<ExecutionResult['errors']> | readonly { message: string }[]) {
    super(errors.map((error) => error.message).join('\n'))
    this.codes = errors.map((error) => String(('extensions' in error && error.extensions?.['code']) || 'UNKNOWN'))
  }
}

/** Nothing came back, or no more: what was asked for may have been done all the same. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

/** Whether the same may be answered otherwise in a moment. INTERNAL is also what a gateway answers that starts or stops. */
export function isPassing(error: unknown): error is Error {
  return error instanceof ConnectionLost || (error instanceof GraphqlFault && error.codes[0] === 'INTERNAL')
}

/** After so much silence the gateway is asked whether it is still there, and given up when it is silent for as long again: a torn network tells nobody. */
const silenceMs = 5000

/** A client of the gateway at `url`, `http://127.0.0.1:4000` say. */
export function createGraphqlClient(url: string, options: GraphqlClientOptions = {}): GraphqlClient {
  const { credential, signal, answerMs = 60_000 } = options
  const authorization = credential === undefined ? null : `Bearer ${credential}`
  let silence: NodeJS.Timeout | undefined
  const expectAnswer = () => {
    silence = setTimeout(() => sockets.terminate(), silenceMs)
  }
  const hearAnswer = () => clearTimeout(silence)
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    ...(authorization === null ? {} : { connectionParams: { authorization } }),
    retryAttempts: 0,
    keepAlive: silenceMs,
    on: {
      connecting: expectAnswer,
      connected: hearAnswer,
      ping: (isOfGateway) => {
        if (!isOfGateway) expectAnswer()
      },
      pong: hearAnswer,
      closed: hearAnswer,
    },
  })
  signal?.addEventListener('abort', () => sockets.terminate(), { once: true })

  /** What a transport has thrown, in place of an answer: an error, the event of a closed socket, or the errors of a refused subscription. */
  function lost(thrown: unknown): never {
    signal?.throwIfAborted()
    if (Array.isArray(thrown)) throw new GraphqlFault(thrown)
    throw new ConnectionLost(reasonOf(thrown), { cause: thrown })
  }

  return {
    async request(document, variables) {
      const request = fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(authorization === null ? {} : { authorization }),
        },
        body: JSON.stringify({ query: print(document), variables }),
        signal: AbortSignal.any([AbortSignal.timeout(answerMs), ...(signal ? [signal] : [])]),
      })
      const answer = await request.then((response) => response.json()).catch(lost)
      return dataOf(answer as Answer<typeof document>)
    },
    async *subscribe(document, variables) {
      const answers = sockets.iterate({ query: print(document), variables })
      try {
        for (;;) {
          const { done, value } = await answers.next().catch(lost)
          signal?.throwIfAborted()
          if (done) return
          yield dataOf(value as Answer<typeof document>)
        }
      } finally {
        await answers.return?.()
      }
    },
    close: async () => sockets.dispose(),
  }
}

type Answer<Document> = ExecutionResult<Document extends TypedDocumentNode<infer Data, never> ? Data : never>

function reasonOf(thrown: unknown): string {
  // A request says why in its cause alone; an address that was tried in several ways has an empty message.
  const fault = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  if (fault instanceof Error) {
    const code = String('code' in fault ? fault.code : fault.name)
    if (fault.name === 'TimeoutError') return 'it is silent'
    // OpenSSL would tell where in its source it was astonished.
    if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'what is there does not speak TLS: is it http:// ?'
    return fault.message || code
  }
  const { reason, code } = Object(fault)
  return reason || `the connection was closed${code === undefined ? '' : ` (${code})`}`
}

function dataOf<Data>({ data, errors }: ExecutionResult<Data>): Data {
  if (errors && errors.length > 0) throw new GraphqlFault(errors)
  if (data === null || data === undefined) throw new Error('the gateway answered neither data nor errors')
  return data
}
