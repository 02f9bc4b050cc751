import type { IncomingMessage, ServerResponse } from 'node:http'
import { expectedError } from '../graphql/errors.ts'
import type { Admit } from './admission.ts'
import { answerError, type OpenStream, sendStream, sendText, sendWhole } from './answer.ts'
import type { Identity } from './authenticator.ts'
import type { GraphqlEndpoint } from './graphql-endpoint.ts'
import type { Metrics } from './metrics.ts'

export interface GraphqlRoute {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Ends every stream, now and from now on. */
  endStreams(): void
}

// GraphiQL is a page without data; what it then asks for carries credentials.
const anonymous: Identity = { tenant: '', scopes: new Set(), expiresAt: null }
const notAcceptable = expectedError(
  'BAD_USER_INPUT',
  'The answer has none of the types that the header Accept names: queries and mutations are answered as application/json or application/graphql-response+json, subscriptions as text/event-stream or over WebSocket',
)
/** Says when the client has left without its answer. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (response.destroyed) gone.abort()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return gone.signal
}

const longestTimer = 2_147_483_647

/** `/graphql` over HTTP, subscriptions as server-sent events included. */
export function createGraphqlRoute({
  endpoint,
  admit,
  production,
  metrics,
}: {
  endpoint: GraphqlEndpoint
  admit: Admit
  production: boolean
  metrics: Metrics
}): GraphqlRoute {
  const streams = new Set<OpenStream>()
  let ending = false

  const isPage = ({ method, headers }: IncomingMessage) =>
    !production && method === 'GET' && headers.accept?.includes('text/html') === true

  /** Follows a stream to its end; that of a token ends it too, and the client comes again with a new one. */
  const follow = async (stream: OpenStream, { expiresAt }: Identity) => {
    streams.add(stream)
    metrics.subscriptionOpened('sse')
    const left = expiresAt === null ? null : Math.min(Math.max(expiresAt - Date.now(), 0), longestTimer)
    const timer = left === null ? null : setTimeout(stream.end, left)
    try {
      if (ending) stream.end()
      await stream.ended
    } finally {
      if (timer) clearTimeout(timer)
      streams.delete(stream)
      metrics.subscriptionClosed('sse')
    }
  }

  return {
    async answer(request, response) {
      const identity = isPage(request) ? anonymous : await admit(request, response)
      if (!identity) return
      const answer = await endpoint.answer({ request, response, identity }, () => goneSignal(response))
      if ('isReady' in answer) return sendText(answer, response)
      const isStream = /^(text\/event-stream|multipart\/mixed)/.test(answer.headers.get('content-type') ?? '')
      if (answer.status === 406) answerError(request, response, 406, notAcceptable)
      else if (isStream) await follow(sendStream(answer, response), identity)
      else await sendWhole(answer, response)
    },
    endStreams() {
      ending = true
      for (const stream of streams) stream.end()
    },
  }
}
