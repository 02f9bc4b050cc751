import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type ExecutionResult, print } from 'graphql'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { GatewayClient } from './gateway.ts'

export interface OpenSubscription<Data> {
  /** Ends when the server completes; throws when the connection is lost. */
  readonly events: AsyncIterable<ExecutionResult<Data>>
  /** Leaves as a client that goes away does, whether or not somebody waits for an event. */
  close(): Promise<void>
}

/** One of the two ways in which a subscription reaches a client, by an independent client's code. */
export interface Transport {
  /** Its label in the metric `gateway_subscriptions`. */
  readonly name: 'websocket' | 'sse'
  /** Subscribes when the first event is asked for. It does not connect again by itself. */
  subscribe<Data, Variables extends Record<string, unknown>>(
    client: GatewayClient,
    document: TypedDocumentNode<Data, Variables> | string,
    variables: Variables,
    authorization?: string,
  ): OpenSubscription<Data>
}

const textOf = (document: TypedDocumentNode<unknown, never> | string) =>
  typeof document === 'string' ? document : print(document)

export const overWebSocket: Transport = {
  name: 'websocket',
  subscribe(client, document, variables, authorization) {
    const connection = createWebSocketClient({
      url: `${client.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(authorization === undefined ? {} : { connectionParams: { authorization } }),
    })
    const events = connection.iterate({ query: textOf(document), variables })
    return { events: events as AsyncIterable<ExecutionResult<never>>, close: async () => connection.dispose() }
  },
}

export const overServerSentEvents: Transport = {
  name: 'sse',
  subscribe(client, document, variables, authorization) {
    const connection = createSseClient({
      url: `${client.url}/graphql`,
      retryAttempts: 0,
      ...(authorization === undefined ? {} : { headers: { authorization } }),
    })
    const events = connection.iterate({ query: textOf(document), variables })
    return { events: events as AsyncIterable<ExecutionResult<never>>, close: async () => connection.dispose() }
  },
}

export const transports: readonly Transport[] = [overWebSocket, overServerSentEvents]

/** How many subscriptions a gateway has open over a transport, as /metrics says. */
export async function openSubscriptions(
  { url }: GatewayClient,
  { name }: Transport,
  authorization?: string,
): Promise<number> {
  const response = await fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } })
  const line = new RegExp(`^gateway_subscriptions\\{transport="${name}"\\} (\\d+)$`, 'm')
  return Number(line.exec(await response.text())?.[1] ?? 0)
}
