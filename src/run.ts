import { vendorAdapters } from './adapters/vendors.ts'
import { ConfigurationError, readConfig } from './config.ts'
import { knownAdapters } from './config-schema.ts'
import type { Config } from './config-settings.ts'
import { openPglite } from './db/pglite.ts'
import type { Gateway } from './gateway.ts'
import { holdHeap } from './heap.ts'
import { createLog, describeFault, type Log } from './log.ts'

const stopWithinMs = 9700

/** Runs a gateway as this process: signals stop it, a fault ends it. Resolves when it serves. */
export async function run(): Promise<void> {
  const config = readConfigOrExit()
  const log = createLog(config.logLevel)
  const starting = start(config, log)
  stopOnSignals(starting, log)
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'the gateway met a fault that nothing answers for, and exits')
    process.exit(1)
  })
  try {
    await starting
  } catch (error) {
    log.fatal(
      { err: error },
      `the gateway could not start: ${error instanceof Error ? error.message : 'unknown fault'}`,
    )
    process.exit(1)
  }
}

function readConfigOrExit(): Config {
  try {
    return readConfig(undefined, { adapters: { ...knownAdapters, ...vendorAdapters() } })
  } catch (error) {
    // There is no log yet: its level is part of the configuration.
    console.error(error instanceof ConfigurationError ? error.message : describeFault(error))
    process.exit(1)
  }
}

/** An embedded database, whose thread takes longest to start, starts while the rest of the program is loaded. */
async function start(config: Config, log: Log): Promise<Gateway> {
  const embedded = config.databaseUrl === null ? openPglite(config.dataDirectory) : undefined
  // Its fault is for startGateway to tell.
  embedded?.catch(() => {})
  const { startGateway } = await import('./gateway.ts')
  return await startGateway(config, { log, onLargeLoad: holdHeap, ...(embedded && { embedded }) })
}

function stopOnSignals(starting: Promise<Gateway>, log: Log): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) {
      log.warn({ signal }, 'a second signal: the gateway exits at once')
      process.exit(1)
    }
    stopping = true
    log.info({ signal }, 'the gateway stops')
    setTimeout(() => {
      log.error('the gateway did not stop in time: what was in flight is left to another process or the next start')
      process.exit(1)
    }, stopWithinMs).unref()
    // One that could not start has closed what it had opened.
    const gateway = await starting.catch(() => null)
    await gateway?.stop()
    log.info('the gateway has stopped')
    process.exit(0)
  }
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
}
