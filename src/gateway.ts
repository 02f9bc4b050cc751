import { createLocalAdapter } from './adapters/local/index.ts'
import { createProfileTypeStore } from './adapters/local/profile-type-store.ts'
import { createRegistry } from './adapters/registry.ts'
import type { Config } from './config-settings.ts'
import type {
  RecordKind,
  RemoteAdapter,
  RemoteOperation,
  StoreAdapter,
  StoreOperation,
  VendorAnswer,
} from './contract/adapter.ts'
import type { RecordFate } from './contract/outcome.ts'
import type { Database, DatabaseOptions } from './db/database.ts'
import { migrate } from './db/migrate.ts'
import { openPglite } from './db/pglite.ts'
import { openPostgres } from './db/postgres.ts'
import { createContextFactory } from './graphql/context.ts'
import { schema } from './graphql/schema.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { listen } from './http/server.ts'
import { within } from './http/within.ts'
import { createJobEngine, type JobEngine } from './jobs/engine.ts'
import type { ImportResult, RetryResult, SubmitResult } from './jobs/job.ts'
import { createLog, type Log } from './log.ts'

/** A gateway that runs. */
export interface Gateway {
  /** Where it was bound to: `http://127.0.0.1:4000`. */
  readonly url: string
  readonly port: number
  /**
   * Takes nothing new, lets what is in flight end, closes streams and sockets, then everything else. Resolves within 10 s whatever clients
   * and database do; work that did not end in time is left to another process or the next start. Further calls wait for the first.
   */
  stop(): Promise<void>
}

export interface GatewayOptions {
  log?: Log
  /** Told of every SQL statement, for tests that count them. */
  onStatement?: DatabaseOptions['onStatement']
  /** The embedded database, where it is being opened already; closed by the gateway, also when that cannot start. */
  embedded?: Promise<Database>
  /** Called again and again while a file or a large job passes through this process. */
  onLargeLoad?: () => void
}

const drainMs = 4000
const closingMs = 500

/**
 * Joins the parts and resolves when the gateway serves. The port is taken first, so that /health/ready can say that the process is
 * starting; the database is brought up to date next. Rejects, with everything closed again, when a part cannot start.
 */
export async function startGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const log = options.log ?? createLog(config.logLevel)
  const metrics = createMetrics()
  /** What was opened, latest first. */
  const closers: (() => Promise<unknown>)[] = []
  try {
    const { embedded } = options
    const closeDatabase = (opened: Database) => within(closingMs, opened.close())
    // Where the port cannot be taken, it is still to be closed.
    if (embedded !== undefined) closers.unshift(() => embedded.then(closeDatabase, () => {}))
    const server = await listen(config, metrics, log)
    closers.unshift(() => server.close())
    const database = await (embedded ?? openDatabase(config, options))
    if (embedded === undefined) closers.unshift(() => closeDatabase(database))
    await prepare(database)

    const registry = createRegistry({
      adapters: [countedStore(createLocalAdapter(), metrics)],
      destinations: config.tenants,
      wrap: (adapter) => countedRemote(adapter, metrics),
    })
    const { onLargeLoad } = options
    const engine = createJobEngine({
      database,
      registry,
      limits: config.limits,
      role: config.role,
      log,
      ...(onLargeLoad && { onLargeLoad }),
    })
    // Side by side, the clients first: requests in flight end with the engine's help, and what watches is closed before it would complete.
    closers.unshift(() => Promise.all([server.drain(drainMs), engine.stop()]))
    await engine.start()

    const contextFor = createContextFactory({
      database,
      engine: countedEngine(engine, metrics),
      profileTypes: createProfileTypeStore(database),
      registry,
    })
    server.open({
      api: config.role === 'worker' ? null : { graphql: { schema, contextFor }, engine },
      check: () => database.query('select 1'),
    })
    log.info({ url: server.url, role: config.role, database: database.kind }, `the gateway listens at ${server.url}`)

    let stopped: Promise<void> | null = null
    return {
      url: server.url,
      port: server.port,
      stop() {
        stopped ??= closeAll(closers, log)
        return stopped
      },
    }
  } catch (error) {
    await closeAll(closers, log)
    throw error
  }
}

async function closeAll(closers: readonly (() => Promise<unknown>)[], log: Log): Promise<void> {
  for (const close of closers) {
    try {
      await close()
    } catch (error) {
      log.warn({ err: error }, 'a part did not stop as it should')
    }
  }
}

async function openDatabase(
  { databaseUrl, dataDirectory }: Config,
  { onStatement }: GatewayOptions,
): Promise<Database> {
  const options = onStatement ? { onStatement } : {}
  return databaseUrl === null ? await openPglite(dataDirectory, options) : openPostgres(databaseUrl, options)
}

async function prepare(database: Database): Promise<void> {
  try {
    await database.query('select 1')
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no answer'
    throw new Error(`The database cannot be used (${why}): check DATABASE_URL, and that the server runs`, {
      cause: error,
    })
  }
  await migrate(database)
}

/** The adapter, with what it answers counted. */
function countedStore<Value>(adapter: StoreAdapter<Value>, metrics: Metrics): StoreAdapter<Value> {
  const counted = <One, Kind extends RecordKind>(operation: StoreOperation<One, Kind>): StoreOperation<One, Kind> => ({
    ...operation,
    async apply(...batch) {
      const fates = await operation.apply(...batch)
      countFates(fates, metrics)
      return fates
    },
  })
  const { extensions } = adapter
  return { ...adapter, ...counted(adapter), ...(extensions && { extensions: counted(extensions) }) }
}

function countedRemote<Value>(adapter: RemoteAdapter<Value>, metrics: Metrics): RemoteAdapter<Value> {
  const answered = async (answering: Promise<VendorAnswer>) => {
    const answer = await answering
    if (answer.kind === 'settled') countFates(answer.fates, metrics)
    return answer
  }
  const counted = <One, Kind extends RecordKind>(
    operation: RemoteOperation<One, Kind>,
  ): RemoteOperation<One, Kind> => ({
    ...operation,
    submit: (call) => answered(operation.submit(call)),
    resume: (ticket, call) => answered(operation.resume(ticket, call)),
  })
  const { extensions } = adapter
  return { ...adapter, ...counted(adapter), ...(extensions && { extensions: counted(extensions) }) }
}

function countFates(fates: readonly RecordFate[], metrics: Metrics): void {
  for (const [outcome, alike] of Map.groupBy(fates, (fate) => fate.outcome)) {
    metrics.recordsApplied(outcome, alike.length)
  }
}

function countedEngine(engine: JobEngine, metrics: Metrics): JobEngine {
  const counted = async <Result extends SubmitResult | ImportResult | RetryResult>(submitting: Promise<Result>) => {
    const result = await submitting
    if (result.kind === 'job') metrics.jobAccepted(result.job.kind)
    return result
  }
  return {
    ...engine,
    submitProfiles: (...request) => counted(engine.submitProfiles(...request)),
    submitExtensions: (...request) => counted(engine.submitExtensions(...request)),
    importProfiles: (...request) => counted(engine.importProfiles(...request)),
    retryJob: (...request) => counted(engine.retryJob(...request)),
  }
}
