import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type ExecutionResult, print } from 'graphql'
import { vendorAdapters } from '../../src/adapters/vendors.ts'
import { readConfig } from '../../src/config.ts'
import { knownAdapters } from '../../src/config-schema.ts'
import { type GatewayOptions, startGateway } from '../../src/gateway.ts'
import { openScratchDatabase } from './scratch-database.ts'

export interface GatewaySettings {
  /** Environment variables beside those that make it quiet and take a free port. */
  environment?: Record<string, string>
  /** What gateway.config.json holds; nothing is a keyless gateway. */
  file?: object
  /** A PostgreSQL database to share with others; left out, the gateway has a store of its own that goes with it. */
  databaseUrl?: string
}

export interface GraphqlAnswer<Data> extends ExecutionResult<Data> {
  status: number
}

export interface RequestOptions {
  /** The whole header: `Bearer acme-key`. */
  authorization?: string
  headers?: Record<string, string>
}

export interface GatewayClient {
  readonly url: string
  readonly port: number
  /** null: an embedded store. */
  readonly databaseUrl: string | null
  /** Sends one operation over HTTP. */
  request<Data = Record<string, unknown>, Variables = Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<GraphqlAnswer<Data>>
}

export interface TestGateway extends GatewayClient {
  close(): Promise<void>
}

export interface SpawnedGateway extends TestGateway {
  readonly process: ChildProcess
  /** The lines of its log so far. */
  readonly log: readonly string[]
  /** How the process ended. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** A client of the gateway at `url`. */
export function createClient(url: string, databaseUrl: string | null = null): GatewayClient {
  return {
    url,
    port: Number(new URL(url).port),
    databaseUrl,
    async request(document, variables, { authorization, headers } = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(authorization === undefined ? {} : { authorization }),
          ...headers,
        },
        body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
      })
      return { ...(await response.json()), status: response.status }
    },
  }
}

/** Starts a gateway in this process on a store of its own. */
export async function openGateway(settings: GatewaySettings = {}, options: GatewayOptions = {}): Promise<TestGateway> {
  const place = await openPlace(settings)
  try {
    const adapters = { ...knownAdapters, ...vendorAdapters() }
    const config = readConfig(place.environment, { directory: place.directory, adapters })
    const gateway = await startGateway(config, options)
    return {
      ...createClient(gateway.url, place.databaseUrl),
      async close() {
        await gateway.stop()
        await place.close()
      },
    }
  } catch (error) {
    await place.close()
    throw error
  }
}

/** Starts a gateway as a process of its own and resolves when it listens; rejects with its output when it exits before. */
export async function spawnGateway(settings: GatewaySettings = {}): Promise<SpawnedGateway> {
  const place = await openPlace(settings, { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info' })
  const { child, log, exited } = runMain(place.environment, place.directory)
  const close = async () => {
    child.kill('SIGKILL')
    await exited
    await place.close()
  }
  const listening = Promise.withResolvers<string>()
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      log.push(line)
      const url = /"url":"([^"]+)"/.exec(line)?.[1]
      if (url) listening.resolve(url)
    })
  }
  void exited.then(() => listening.reject(new Error(`the gateway exited before it listened:\n${log.join('\n')}`)))
  try {
    const client = createClient(await listening.promise, place.databaseUrl)
    return { ...client, process: child, log, exited, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs src/main.ts in `directory` with nothing but the given environment. */
export function runMain(environment: Record<string, string>, directory: string) {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main], { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  return { child, log: [] as string[], exited }
}

/** A directory with the configuration file, and the environment that leads there. */
async function openPlace(
  { environment = {}, file, databaseUrl }: GatewaySettings,
  defaults: Record<string, string> = {},
) {
  const scratch = databaseUrl === undefined && process.env['DATABASE_URL'] ? await openScratchDatabase() : null
  const url = databaseUrl ?? scratch?.url ?? null
  const directory = await mkdtemp(join(tmpdir(), 'gateway-test-'))
  if (file) await writeFile(join(directory, 'gateway.config.json'), JSON.stringify(file))
  return {
    directory,
    databaseUrl: url,
    environment: {
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...(url === null ? { DATA_DIR: 'memory' } : { DATABASE_URL: url }),
      ...defaults,
      ...environment,
    },
    async close() {
      await rm(directory, { recursive: true, force: true })
      await scratch?.close()
    },
  }
}
