import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { readConfig } from '../../src/config.ts'
import { type AdapterSettings, knownAdapters } from '../../src/config-schema.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { type HttpServer, listen } from '../../src/http/server.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import { createLog } from '../../src/log.ts'

/** What the stand-in schema's context knows of the asker. */
interface StandInContext {
  tenant: string
}

export interface TestServer extends HttpServer {
  /** The log's lines so far, parsed. */
  readonly log: Record<string, unknown>[]
  /** How often the subscription `ticks` was begun and ended. */
  readonly ticks: { begun: number; ended: number }
}

export interface TestServerOptions {
  environment?: Record<string, string>
  file?: Record<string, unknown>
  adapters?: AdapterSettings
  schema?: GraphQLSchema
  check?: () => Promise<unknown>
}

/** The HTTP server alone, on a free port, with a small schema in place of the gateway's. */
export async function openServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { environment, file = {}, adapters = knownAdapters, check = async () => null } = options
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const directory = await mkdtemp(join(tmpdir(), 'gateway-http-'))
  await writeFile(join(directory, 'gateway.config.json'), JSON.stringify(file))
  const config = readConfig({ PORT: '0', ...environment }, { directory, adapters })
  await rm(directory, { recursive: true })
  const server = await listen(config, createMetrics(), createLog('debug', destination))
  const ticks = { begun: 0, ended: 0 }
  const schema = options.schema ?? standInSchema(ticks)
  // Its paths are not asked for here.
  const engine = {} as JobEngine
  server.open({ api: { graphql: { schema, contextFor: ({ tenant }): StandInContext => ({ tenant }) }, engine }, check })
  return { ...server, log: lines, ticks }
}

function standInSchema(ticks: TestServer['ticks']) {
  return createSchema<StandInContext>({
    typeDefs: /* GraphQL */ `
      scalar JSONObject
      enum Colour { RED }
      input RecordInput { count: Int, name: String, nested: RecordInput }
      type Node { id: ID!, name: String, child: Node! }
      type Query {
        tenant: String
        node: Node
        echo(value: String, record: RecordInput, records: [RecordInput!]): String
        length(value: String): Int
        fault: String
        refusal: String
        colour: Colour
        never: String!
      }
      type Mutation { write(value: String): String }
      type Subscription { ticks(count: Int): Int, broken: Int }
    `,
    resolvers: {
      Query: {
        tenant: (_parent, _args, { tenant }) => tenant,
        node: () => ({ id: '1', name: 'one', child: { id: '1', child: { id: '1' } } }),
        echo: (_parent, { value, record }) => value ?? JSON.stringify(record),
        length: (_parent, { value }) => value?.length,
        fault: () => {
          throw Object.assign(new Error('the secret cause'), { parameters: ['a secret value'], code: '23505' })
        },
        refusal: () => {
          throw new GraphQLError('a word to the caller', { extensions: { code: 'FORBIDDEN' } })
        },
        colour: () => 'a secret colour',
        never: () => null,
      },
      Mutation: { write: (_parent, { value }) => value },
      Subscription: {
        ticks: {
          async *subscribe(_parent: unknown, { count = null }: { count?: number | null }) {
            ticks.begun += 1
            try {
              for (let tick = 1; count === null || tick <= count; tick++) {
                yield { ticks: tick }
                if (count === null) await new Promise((resolve) => setTimeout(resolve, 20))
              }
            } finally {
              ticks.ended += 1
            }
          },
        },
        broken: {
          async *subscribe() {
            yield { broken: 1 }
            throw new Error('the secret cause')
          },
        },
      },
    },
  })
}
