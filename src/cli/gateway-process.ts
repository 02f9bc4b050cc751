import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, type ServerLine, type ServerProcess, startServerProcess } from './server-process.ts'

export interface GatewayProcessOptions {
  /** Credentials that the configuration names are in it. */
  environment: Environment
  /** null: an embedded database that is kept nowhere. */
  databaseUrl: string | null
  /** As gateway.config.json has it. */
  configuration: object
}

/** Settings of the caller's own gateway, which this one must not take for its own. An empty variable counts as one that is not set. */
const ownSettings = {
  HOST: '',
  PORT: '0',
  DATABASE_URL: '',
  DATA_DIR: 'memory',
  ROLE: '',
  LOG_LEVEL: 'info',
  NODE_ENV: '',
}

/** Starts src/main.ts on a free port. Its configuration is in a file for as long as it starts; it reads it once. */
export async function startGatewayProcess(
  { environment, databaseUrl, configuration }: GatewayProcessOptions,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'contact-gateway-demo-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const file = join(directory, 'gateway.config.json')
    await writeFile(file, JSON.stringify(configuration))
    const settings = { ...ownSettings, GATEWAY_CONFIG: file, DATABASE_URL: databaseUrl ?? '' }
    return await startServerProcess(
      { name: 'the gateway', module: '../main.ts', environment: { ...environment, ...settings }, readLine },
      signal,
    )
  } finally {
    remove()
    process.off('exit', remove)
  }
}

/** It logs JSON; a line that is not is something worth telling. */
function readLine(line: string): ServerLine {
  try {
    const { level, url }: { level?: unknown; url?: string } = JSON.parse(line)
    return { ...(url === undefined ? {} : { url }), complains: level !== 'info' }
  } catch {
    return { complains: true }
  }
}
