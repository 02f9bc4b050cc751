import type { RemoteAdapter } from './contract/adapter.ts'

export const scopes = ['read', 'write', 'admin'] as const
/** `read` queries and subscriptions, `write` mutations, `admin` the define… mutations. None includes another. */
export type Scope = (typeof scopes)[number]

export const roles = ['api', 'worker', 'all'] as const
/** Whether the process serves the API, delivers jobs, or does both. */
export type Role = (typeof roles)[number]

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
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
