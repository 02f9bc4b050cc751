import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type ExecutionResult, print } from 'graphql'
import { createClient } from 'graphql-ws'

/** A client of one gateway's API: queries and mutations over HTTP, subscriptions over WebSocket. */
export interface GraphqlClient {
  /** Sends one operation and resolves to its data; rejects with a GraphqlFault when the answer holds errors. */
  request<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>
  /** Yields what the subscription says until it completes. A connection that breaks is made anew, and the subscription begun again. */
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

/** A client of the gateway at `url`, `http://127.0.0.1:4000` say. */
export function createGraphqlClient(url: string, { credential, signal }: GraphqlClientOptions = {}): GraphqlClient {
  const authorization = credential === undefined ? null : `Bearer ${credential}`
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    ...(authorization === null ? {} : { connectionParams: { authorization } }),
  })
  signal?.addEventListener('abort', () => sockets.terminate(), { once: true })

  return {
    async request(document, variables) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(authorization === null ? {} : { authorization }),
        },
        body: JSON.stringify({ query: print(document), variables }),
        ...(signal ? { signal } : {}),
      })
      return dataOf((await response.json()) as Answer<typeof document>)
    },
    async *subscribe(document, variables) {
      for await (const answer of sockets.iterate({ query: print(document), variables })) {
        signal?.throwIfAborted()
        yield dataOf(answer as Answer<typeof document>)
      }
      signal?.throwIfAborted()
    },
    close: async () => sockets.dispose(),
  }
}

type Answer<Document> = ExecutionResult<Document extends TypedDocumentNode<infer Data, never> ? Data : never>

function dataOf<Data>({ data, errors }: ExecutionResult<Data>): Data {
  if (errors && errors.length > 0) throw new GraphqlFault(errors)
  if (data === null || data === undefined) throw new Error('the gateway answered neither data nor errors')
  return data
}
