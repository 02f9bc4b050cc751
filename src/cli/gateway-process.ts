import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type Environment = Readonly<Record<string, string | undefined>>

/** A gateway that runs as a process of its own. */
export interface GatewayProcess {
  /** `http://127.0.0.1:41234` */
  readonly url: string
  readonly pid: number
  /** Lines that it logged at `warn` or above. */
  readonly complaints: readonly string[]
  /** Asks it to drain, ends it after ten seconds if it has not, and resolves when it is gone. */
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const stopWithinMs = 10_000
const keptLines = 20

/** Settings of the caller's own gateway, which this one must not take for its own. An empty variable counts as one that is not set. */
const ownSettings = {
  HOST: '',
  PORT: '0',
  DATABASE_URL: '',
  DATA_DIR: 'memory',
  GATEWAY_CONFIG: '',
  ROLE: '',
  LOG_LEVEL: 'info',
  NODE_ENV: '',
}

/**
 * Starts src/main.ts on a free port, without a configuration file and without credentials, on the database at `databaseUrl` or, with null,
 * on an embedded one that is kept nowhere. Resolves when it listens; rejects with what it said when it exits before, or when `signal`
 * aborts. Its process group is its own, so that Ctrl-C reaches the caller alone; it is killed with the caller's exit at the latest.
 */
export async function startGatewayProcess(
  environment: Environment,
  databaseUrl: string | null,
  signal: AbortSignal,
): Promise<GatewayProcess> {
  signal.throwIfAborted()
  const child = spawn(process.execPath, [main], {
    // Where no gateway.config.json stands.
    cwd: here,
    env: { ...environment, ...ownSettings, ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const exited = once(child, 'exit').catch(() => [])
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  void exited.then(() => process.off('exit', kill))

  const lines: string[] = []
  const complaints: string[] = []
  const listening = Promise.withResolvers<string>()
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      const { level, url } = logLine(line)
      if (url) listening.resolve(url)
      if (level !== 'info') complaints.push(line)
    })
  }
  child.once('error', listening.reject)
  // The output may still be on its way when the exit is known.
  child.once('close', () => listening.reject(new Error(`the gateway did not start:\n${lines.join('\n')}`)))
  const abort = () => listening.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })

  const stop = async () => {
    child.kill('SIGTERM')
    const patience = new AbortController()
    const late = delay(stopWithinMs, 'late', { signal: patience.signal }).catch(() => 'stopped')
    if ((await Promise.race([exited, late])) === 'late') kill()
    patience.abort()
    await exited
  }
  try {
    return { url: await listening.promise, pid: child.pid ?? 0, complaints, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** What is asked of a line of the log; a line that is not JSON is something worth telling. */
function logLine(line: string): { level?: unknown; url?: string } {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}
