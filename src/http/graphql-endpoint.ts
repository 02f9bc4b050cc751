import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DocumentNode, type ExecutionArgs, execute, type GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga'
import type { Limits } from '../config-settings.ts'
import { parseExactly } from '../domain/exact-json.ts'
import { expectedError } from '../graphql/errors.ts'
import type { Identity } from './authenticator.ts'
import { readJson } from './body.ts'
import { createCompiledQueries } from './compiled-queries.ts'
import { parseWithin } from './document-limits.ts'
import { clipped, type PublicError, withStatus } from './public-error.ts'
import { createSharedSubscribe } from './shared-subscribe.ts'
import { findUnknownFields } from './unknown-fields.ts'

/** What is served: a schema, and what its resolvers are given for one request or one operation of a WebSocket. */
export interface GraphqlParts {
  schema: GraphQLSchema
  contextFor(identity: Identity): object
}

interface ServerContext {
  request: IncomingMessage
  response: ServerResponse
  identity: Identity
  /** What came of the request before Yoga was asked to word the answer. */
  outcome?: Outcome
}

type Result = NonNullable<Awaited<ReturnType<ReturnType<typeof createYoga>['getResultForParams']>>>

/** The answer to an operation, or why it could not begin. */
type Outcome = { params: GraphQLParams; result: Result } | { fault: unknown }

/** An answer that is ready to be sent. */
export interface PlainAnswer {
  isReady: true
  type: string
  text: string
}

/** Documents longer than this are parsed each time: the cache holds many, and must not hold megabytes of each. */
const longestCached = 20_000
const mostCached = 500

/** Keeps the documents that were asked for most recently. */
function createCache<Value>() {
  const entries = new Map<string, Value>()
  return {
    get(key: string): Value | undefined {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key: string, value: Value): void {
      if (key.length > longestCached) return
      entries.set(key, value)
      const oldest = entries.size > mostCached ? entries.keys().next() : null
      if (oldest && !oldest.done) entries.delete(oldest.value)
    },
  }
}

export type GraphqlEndpoint = ReturnType<typeof createGraphqlEndpoint>

/**
 * GraphQL over HTTP by Yoga, with the parts of Yoga that suit a public playground switched off: no CORS of its own (the origin guard
 * decides), bodies of JSON only, no batches.
 */
export function createGraphqlEndpoint({
  parts,
  limits,
  production,
  publicError,
}: {
  parts: GraphqlParts
  limits: Limits
  production: boolean
  publicError: PublicError
}) {
  const parse = parseWithin(limits)
  const readParams = async ({ request, response }: ServerContext) =>
    (await readJson(request, response, limits.bodyBytes)) as GraphQLParams

  const reading: Plugin<object, { node: ServerContext }> = {
    onRequestParse({ request, serverContext, setRequestParser }) {
      const { node } = serverContext
      if (request.method === 'GET') setRequestParser(() => readQuery(node.request.url ?? ''))
      if (request.method === 'POST') setRequestParser(() => (node.outcome ? paramsOf(node.outcome) : readParams(node)))
    },
    onParams({ context, setResult }) {
      const { outcome } = (context as { node: ServerContext }).node
      if (outcome && 'result' in outcome) setResult(outcome.result)
    },
  }
  const limiting: Plugin = {
    onParse: ({ setParseFn }) => setParseFn(parse),
    onValidate:
      () =>
      ({ result, setResult }) => {
        if (result.length > 0) setResult((result as readonly GraphQLError[]).map(clipped))
      },
  }

  const refuseUnknown = ({ schema, document, operationName, variableValues }: ExecutionArgs) => {
    const found = findUnknownFields(schema, document, operationName, variableValues ?? {})
    if (found.length === 0) return null
    return { errors: found.map((message) => withStatus(400, expectedError('BAD_USER_INPUT', message), { spec: true })) }
  }
  const checking: Plugin = {
    onExecute({ args, setExecuteFn, setResultAndStopExecution }) {
      const refused = refuseUnknown(args)
      if (refused) {
        setResultAndStopExecution(refused)
        return
      }
      // What was read for the first try may have changed, and its size is counted already.
      const again = (tried: ExecutionArgs) => {
        const { identity } = (tried.contextValue as { node: ServerContext }).node
        return execute({
          ...tried,
          contextValue: { ...(tried.contextValue as object), ...parts.contextFor(identity) },
        })
      }
      // Yoga's own executor copies all variables before it coerces them: a tenth of the time of a large mutation.
      setExecuteFn(compile(args, again) ?? execute)
      return {
        onExecuteDone({ result, setResult }) {
          // An answer that grew too large is given up as a whole: what there is of it, and its errors, may be thousands.
          const whole = 'errors' in result && result.errors?.find(({ extensions }) => extensions['limit'] === 'objects')
          if (whole) setResult({ errors: [whole] })
        },
      }
    },
    onResultProcess({ request, result, setResult }) {
      if (!isStream(result) || acceptsEvents(request.headers.get('accept'))) return
      // Nobody would end it.
      Promise.resolve(result[Symbol.asyncIterator]().return?.()).catch(() => {})
      const message = 'A subscription is answered as a stream of events: send the header Accept: text/event-stream'
      setResult({ errors: [withStatus(406, expectedError('BAD_USER_INPUT', message))] })
    },
    onSubscribe({ args, setResultAndStopExecution, setSubscribeFn }) {
      const refused = refuseUnknown(args)
      if (refused) setResultAndStopExecution(refused)
      setSubscribeFn(subscribe)
    },
  }

  const compile = createCompiledQueries()

  // Its tenant is the event's own: only its subscribers are given it.
  const subscribe = createSharedSubscribe(({ operationName, variableValues, contextValue }) => {
    const { scopes } = contextValue as { scopes?: ReadonlySet<string> }
    return JSON.stringify([operationName ?? null, variableValues ?? {}, [...(scopes ?? [])].sort()])
  })

  const yoga = createYoga<{ node: ServerContext }>({
    schema: parts.schema,
    context: ({ node }: { node: Pick<ServerContext, 'identity'> }) => parts.contextFor(node.identity),
    logging: false,
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    graphiql: production ? false : { title: 'Contact gateway' },
    maskedErrors: { maskError: publicError, errorMessage: '', isDev: false },
    parserAndValidationCache: { documentCache: createCache<DocumentNode>(), errorCache: createCache<unknown>() },
    plugins: [reading, limiting, checking],
  })

  const outcomeOf = async (node: ServerContext): Promise<Outcome> => {
    try {
      const params = await readParams(node)
      const context = { node } as never
      const result = await yoga.getResultForParams({ params, request: posted }, context)
      if (!result) throw new TypeError('an operation has no result')
      return { params, result }
    } catch (fault) {
      return { fault }
    }
  }

  /** The answer of Yoga, which words everything that is not plain: faults, pages, streams. */
  const answerOfYoga = async (
    node: ServerContext,
    signal: AbortSignal,
    asked: Record<string, string> = {},
  ): Promise<Response> => {
    const { method = 'GET', url = '/', headers } = node.request
    const named = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const request = new yoga.fetchAPI.Request(`http://gateway${url}`, {
      method,
      headers: { ...Object.fromEntries(named), ...asked },
      signal,
    })
    return await yoga.handleRequest(request, { node })
  }

  return {
    /**
     * Answers one request that was let in; the answer may be a stream. `signal` says that nobody waits for it any more. A POST whose
     * answer is JSON without errors goes through all of Yoga's steps but the making of Fetch objects, which take as long as the rest.
     */
    async answer(node: ServerContext, signal: () => AbortSignal): Promise<PlainAnswer | Response> {
      const type = node.request.method === 'POST' ? jsonTypeFor(node.request.headers.accept) : null
      if (type === null) return await answerOfYoga(node, signal())
      const outcome = await outcomeOf(node)
      if ('result' in outcome && isPlain(outcome.result))
        return { isReady: true, type, text: JSON.stringify(outcome.result) }
      if (!('result' in outcome) || !isStream(outcome.result)) return await answerOfYoga({ ...node, outcome }, signal())
      // Its asker left while it was begun: nobody would end it.
      if (node.response.destroyed) await outcome.result[Symbol.asyncIterator]().return?.()
      // Yoga knows of its own subscriptions alone that they are answered as events wherever anything will do.
      const asked = acceptsEvents(node.request.headers.accept) ? { accept: 'text/event-stream' } : {}
      return await answerOfYoga({ ...node, outcome }, signal(), asked)
    },
    /** The same steps for one operation that came another way. */
    operation: (identity: Identity) => yoga.getEnveloped({ node: { identity } }),
  }
}

/** All that Yoga's steps look at in a request whose parameters are known. */
const posted = { method: 'POST' } as Request

function paramsOf(outcome: Outcome): GraphQLParams {
  if ('fault' in outcome) throw outcome.fault
  return outcome.params
}

const isStream = (result: unknown): result is AsyncIterable<unknown> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result

const isPlain = (result: object) => !isStream(result) && !('errors' in result) && !('extensions' in result)

const acceptsEvents = (accept: string | null | undefined) =>
  !accept || /(^|[,\s])(text\/(event-stream|\*)|\*\/\*)/i.test(accept)

/** The type of a JSON answer that the header Accept asks for first; null where Yoga has to look closer. */
function jsonTypeFor(accept: string | undefined): string | null {
  if (accept === undefined) return 'application/json'
  if (accept.length > 200 || accept.includes('charset')) return null
  for (const range of accept.toLowerCase().split(',')) {
    const asked = range.split(';', 1)[0]?.trim()
    if (asked === 'application/json' || asked === '*/*') return 'application/json'
    if (asked === 'application/graphql-response+json') return asked
  }
  return null
}

function readQuery(url: string): GraphQLParams {
  const search = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
  const json = (name: string) => {
    const text = search.get(name)
    if (!text) return undefined
    try {
      return parseExactly(text)
    } catch {
      throw withStatus(400, expectedError('BAD_USER_INPUT', `The parameter ${name} is not JSON: send one JSON object`))
    }
  }
  const text = (name: string) => search.get(name) || undefined
  const given = {
    query: text('query'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
