import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { type AdapterSettings, environmentSchema, fileSchema, knownAdapters } from './config-schema.ts'
import type { Config, DestinationSettings } from './config-settings.ts'

/** One thing that is wrong, where it stands (a variable's name, or a path in the file), and what to do about it. */
export interface ConfigurationFault {
  path: string
  message: string
}

/** All that is wrong with the configuration, at once. Values never stand in it: they may be secrets. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
  readonly faults: readonly ConfigurationFault[]

  constructor(faults: readonly ConfigurationFault[]) {
    const lines = faults.map(({ path, message }) => `  ${path}: ${message}`)
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`)
    this.faults = faults
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

type Environment = Readonly<Record<string, string | undefined>>
type Path = readonly PropertyKey[]

const pathText = (path: Path): string =>
  path
    .map((part) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[\w-]+$/.test(String(part))
          ? `.${String(part)}`
          : `["${String(part)}"]`,
    )
    .join('')
    .replace(/^\./, '')

function faultsOf(error: z.ZodError, root: string): ConfigurationFault[] {
  return error.issues.flatMap((issue) => {
    const at = (path: Path) => pathText(path) || root
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: at([...issue.path, key]),
        message: 'is no setting of this place: remove it, or check its spelling',
      }))
    }
    // A missing member reads better as such than as "expected string, received undefined".
    const message = issue.message.endsWith('received undefined') ? 'is missing' : issue.message
    return [{ path: at(issue.path), message }]
  })
}

/** Puts the environment's values in place of `${NAME}` in every string; a name that is not set becomes a fault. */
function interpolate(value: unknown, environment: Environment, path: Path, faults: ConfigurationFault[]): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const found = environment[name]
      if (found !== undefined) return found
      faults.push({
        path: pathText(path),
        message: `the environment variable ${name} is not set: set it, or take \${${name}} out`,
      })
      return 'unset'
    })
  }
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, environment, [...path, index], faults))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, interpolate(member, environment, [...path, name], faults)]),
  )
}

/** The file's content; an empty object where there is none and none was asked for; null when it cannot be read. */
function readFile(named: string | undefined, directory: string, faults: ConfigurationFault[]): unknown {
  const path = resolve(directory, named ?? 'gateway.config.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOENT' && named === undefined) return {}
    faults.push({
      path: 'GATEWAY_CONFIG',
      message: `${path} cannot be read (${code}): name a file that this process may read`,
    })
    return null
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, and a secret may stand there.
    faults.push({ path, message: 'is not JSON: check its commas, quotes and brackets (JSON takes no comments)' })
    return null
  }
}

const hashOf = (key: string) => createHash('sha256').update(key).digest()

type File = z.infer<ReturnType<typeof fileSchema>>

function crossFaults(file: File): ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  const seen = new Set<string>()
  file.apiKeys.forEach(({ key }, index) => {
    if (seen.has(key))
      faults.push({ path: `apiKeys[${index}].key`, message: 'stands here twice: give every entry a key of its own' })
    seen.add(key)
  })
  for (const [tenant, { destinations }] of Object.entries(file.tenants)) {
    const ids = new Set<string>()
    destinations.forEach(({ id }, index) => {
      const path = pathText(['tenants', tenant, 'destinations', index, 'id'])
      if (ids.has(id))
        faults.push({ path, message: `"${id}" stands here twice: give every destination an id of its own` })
      ids.add(id)
    })
  }
  return faults
}

const local: DestinationSettings = { id: 'local', adapter: 'local' }

/**
 * Reads the environment and the configuration file, relative to `directory`. Throws a ConfigurationError that lists everything that is
 * wrong with either.
 */
export function readConfig(
  environment: Environment = process.env,
  { directory = process.cwd(), adapters = knownAdapters }: { directory?: string; adapters?: AdapterSettings } = {},
): Config {
  const faults: ConfigurationFault[] = []
  // An empty variable counts as one that is not set: that is how compose files and CI systems pass what they have no value for.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const settings = environmentSchema.safeParse(given)
  if (!settings.success) faults.push(...faultsOf(settings.error, 'environment'))

  const text = readFile(given['GATEWAY_CONFIG'], directory, faults)
  const file = text === null ? null : fileSchema(adapters).safeParse(interpolate(text, environment, [], faults))
  if (file && !file.success) faults.push(...faultsOf(file.error, 'gateway.config.json'))
  if (file?.success) {
    // Names that are not set all stand for the same text: they would look like the same key.
    if (faults.length === 0) faults.push(...crossFaults(file.data))
    const keyless = file.data.apiKeys.length === 0 && file.data.jwt === undefined
    const host = settings.success ? settings.data.HOST : given['HOST']
    if (keyless && host !== undefined && !isLoopback(host)) {
      faults.push({
        path: 'HOST',
        message:
          'is not a loopback address, and no credentials are asked for: configure apiKeys or jwt, or set HOST to 127.0.0.1',
      })
    }
  }
  if (faults.length > 0 || !settings.success || !file?.success) throw new ConfigurationError(faults)

  const { HOST, PORT, DATABASE_URL, DATA_DIR, ROLE, LOG_LEVEL, NODE_ENV } = settings.data
  return {
    host: HOST,
    port: PORT,
    databaseUrl: DATABASE_URL ?? null,
    dataDirectory: DATA_DIR === 'memory' ? null : resolve(directory, DATA_DIR),
    role: ROLE,
    logLevel: LOG_LEVEL,
    production: NODE_ENV === 'production',
    apiKeys: file.data.apiKeys.map(({ key, tenant, scopes }) => ({ hash: hashOf(key), tenant, scopes })),
    jwt: file.data.jwt ?? null,
    tenants: new Map(
      Object.entries(file.data.tenants).map(([tenant, { destinations }]) => [
        tenant,
        [local, ...destinations.filter(({ id }) => id !== 'local')],
      ]),
    ),
    limits: file.data.limits,
    corsOrigins: file.data.corsOrigins,
  }
}
