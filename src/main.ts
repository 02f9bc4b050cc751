import { vendorAdapters } from './adapters/vendors.ts'
import { ConfigurationError, knownAdapters, readConfig } from './config.ts'
import { startGateway } from './gateway.ts'
import { createLog, describeFault } from './log.ts'

const stopWithinMs = 9700

function readConfigOrExit() {
  try {
    return readConfig(undefined, { adapters: { ...knownAdapters, ...vendorAdapters() } })
  } catch (error) {
    // There is no log yet: its level is part of the configuration.
    console.error(error instanceof ConfigurationError ? error.message : describeFault(error))
    process.exit(1)
  }
}

const config = readConfigOrExit()
const log = createLog(config.logLevel)
const starting = startGateway(config, { log })
let stopping = false

async function stop(signal: NodeJS.Signals): Promise<void> {
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
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the gateway met a fault that nothing answers for, and exits')
  process.exit(1)
})

try {
  await starting
} catch (error) {
  log.fatal({ err: error }, `the gateway could not start: ${error instanceof Error ? error.message : 'unknown fault'}`)
  process.exit(1)
}
