import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type Environment = Readonly<Record<string, string | undefined>>

/** A server that runs as a process of its own. */
export interface ServerProcess {
  /** `http://127.0.0.1:41234` */
  readonly url: string
  readonly pid: number
  /** Lines that it wrote and that tell of a fault. */
  readonly complaints: readonly string[]
  /** Asks it to end, kills it after ten seconds if it has not, and resolves when it is gone. */
  stop(): Promise<void>
}

/** What one line of a server's output says. */
export interface ServerLine {
  /** Where it listens: it is ready. */
  url?: string
  complains: boolean
}

export interface ServerProgram {
  /** For people: `the gateway`. */
  name: string
  /** Its module, from this directory. */
  module: string
  environment: Environment
  readLine(line: string, from: 'stdout' | 'stderr'): ServerLine
}

const here = new URL('.', import.meta.url)
const stopWithinMs = 10_000
const keptLines = 20

/**
 * Starts a server and resolves when it listens; rejects with what it said when it exits before, or when `signal` aborts. Its process group is
 * its own, so that Ctrl-C reaches the caller alone; it is killed with the caller's exit at the latest.
 */
export async function startServerProcess(
  { name, module, environment, readLine }: ServerProgram,
  signal: AbortSignal,
): Promise<ServerProcess> {
  signal.throwIfAborted()
  const child = spawn(process.execPath, [fileURLToPath(new URL(module, here))], {
    // Where no configuration of the caller's stands.
    cwd: here,
    env: environment,
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
  for (const from of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[from] }).on('line', (line) => {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      const { url, complains } = readLine(line, from)
      if (url !== undefined) listening.resolve(url)
      if (complains) complaints.push(line)
    })
  }
  child.once('error', listening.reject)
  // The output may still be on its way when the exit is known.
  child.once('close', () => listening.reject(new Error(`${name} did not start:\n${lines.join('\n')}`)))
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
