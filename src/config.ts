import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { RemoteAdapter } from './contract/adapter.ts'

export const scopes = ['read', 'write', 'admin'] as const
/** `read` queries and subscriptions, `write` mutations, `admin` the define… mutations. None includes another. */
export type Scope = (typeof scopes)[number]

export const roles = ['api', 'worker', 'all'] as const
/** Whether the process serves the API, delivers jobs, or does both. */
export type Role = (typeof roles)[number]

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A key that a caller may present. Only its SHA-256 is kept. */
export interface ApiKey {
  hash: Buffer
  tenant: string
  scopes: readonly Scope[]
}

/** Whose tokens are believed, and which of their claims say who the caller is. */
export interface JwtSettings {
  jwksUrl: string
  issuer: string
  audience: string
  tenantClaim: string
  scopeClaim: string
}

/** One destination of a tenant. Its other settings are its adapter's own, and its secrets stay with them. */
export interface DestinationSettings {
  id: string
  adapter: string
  /** Makes the adapter of a vendor's account; absent at a store. */
  connect?: () => RemoteAdapter
}

/** Sizes beyond which a request is refused, and how long things are kept. */
export interface Limits {
  /** Bytes of one request body or one WebSocket message. */
  bodyBytes: number
  recordsPerMutation: number
  /** Fields within fields of one operation, fragments included, introspection apart. */
  queryDepth: number
  /** Aliases of one document, fragments counted wherever they are spread. */
  aliases: number
  /** Tokens of one document. */
  tokens: number
  uploadBytes: number
  uploadTtlHours: number
  resultRetentionDays: number
}

/** Everything that the process is told from outside, checked. */
export interface Config {
  host: string
  /** 0 picks a free one. */
  port: number
  /** PostgreSQL; null is the embedded database in `dataDirectory`. */
  databaseUrl: string | null
  /** Absolute; null keeps nothing. */
  dataDirectory: string | null
  role: Role
  logLevel: LogLevel
  /** NODE_ENV is `production`: no GraphiQL. */
  production: boolean
  apiKeys: readonly ApiKey[]
  jwt: JwtSettings | null
  /** By tenant, in the order of the file, `local` first. A tenant that is not here has `local` alone. */
  tenants: ReadonlyMap<string, readonly DestinationSettings[]>
  limits: Limits
  /** Origins whose pages may read and write, as browsers send them: `https://app.example.com`. */
  corsOrigins: readonly string[]
}

/** The settings of each known adapter's destinations, `id` and `adapter` included. */
export type AdapterSettings = Readonly<Record<string, z.ZodType<DestinationSettings>>>

const localSettings = z.strictObject({
  id: z.literal('local', 'must be "local": there is one local store, and it has that id'),
  adapter: z.literal('local'),
})

/** The adapters that need no settings; those of vendors are handed to `readConfig`. */
export const knownAdapters: AdapterSettings = { local: localSettings }

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

const count = (most = Number.MAX_SAFE_INTEGER) => z.int().min(1).max(most)

// A body is read into one string, and V8 makes none longer than about 512 MiB.
const limitsSchema = z.strictObject({
  bodyBytes: count(512 * 1024 * 1024 - 1024).default(33_554_432),
  recordsPerMutation: count(1_000_000).default(10_000),
  queryDepth: count(1000).default(12),
  aliases: z.int().min(0).max(100_000).default(30),
  tokens: count(1_000_000).default(20_000),
  uploadBytes: count().default(10_737_418_240),
  uploadTtlHours: count(87_600).default(24),
  resultRetentionDays: count(36_500).default(30),
})

/** Also what a token's tenant claim must look like. */
export const tenantName = z
  .string()
  .regex(/^[^\p{C}\s](?:[^\p{C}]{0,98}[^\p{C}\s])?$/u, 'must be 1 to 100 characters, none of them a control character')

const apiKeySchema = z.strictObject({
  key: z.string().regex(/^[\x21-\x7e]+$/, 'must be ASCII characters without spaces, as a Bearer credential is'),
  tenant: tenantName,
  scopes: z.array(z.enum(scopes)).min(1, `must name at least one of ${scopes.join(', ')}`),
})

const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })

const jwtSchema = z.strictObject({
  jwksUrl: webUrl,
  issuer: z.string().min(1),
  audience: z.string().min(1),
  tenantClaim: z.string().min(1).default('tenant'),
  scopeClaim: z.string().min(1).default('scope'),
})

const origin = z
  .string()
  .refine(
    (text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    'must be an origin as browsers send it: scheme, host and port without a path, for example "https://app.example.com"',
  )

const destinationSchema = (adapters: AdapterSettings) =>
  z.looseObject({ id: z.string(), adapter: z.string() }).transform((value, context): DestinationSettings => {
    const settings = Object.hasOwn(adapters, value.adapter) ? adapters[value.adapter] : undefined
    if (settings === undefined) {
      const known = Object.keys(adapters).join(', ')
      context.addIssue({ code: 'custom', path: ['adapter'], message: `is no adapter of this version; known: ${known}` })
      return z.NEVER
    }
    const parsed = settings.safeParse(value)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) context.addIssue({ ...issue } as Parameters<typeof context.addIssue>[0])
    return z.NEVER
  })

const fileSchema = (adapters: AdapterSettings) =>
  z.strictObject({
    apiKeys: z.array(apiKeySchema).default([]),
    jwt: jwtSchema.optional(),
    tenants: z
      .record(tenantName, z.strictObject({ destinations: z.array(destinationSchema(adapters)).default([]) }))
      .default({}),
    limits: limitsSchema.prefault({}),
    corsOrigins: z.array(origin).default([]),
  })

const environmentSchema = z.object({
  HOST: z
    .string()
    .regex(/^[^\s/]+$/, 'must be an address or a host name')
    .default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535; 0 picks a free one')
    .transform(Number)
    .pipe(z.number().max(65_535, 'must be a number from 0 to 65535; 0 picks a free one'))
    .default(4000),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:port/database' })
    .optional(),
  DATA_DIR: z.string().default('.data'),
  ROLE: z.enum(roles, `must be one of ${roles.join(', ')}`).default('all'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  NODE_ENV: z.string().optional(),
})

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
