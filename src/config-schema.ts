import { z } from 'zod'
import { type DestinationSettings, logLevels, roles, scopes } from './config-settings.ts'

/** The settings of each known adapter's destinations, `id` and `adapter` included. */
export type AdapterSettings = Readonly<Record<string, z.ZodType<DestinationSettings>>>

const localSettings = z.strictObject({
  id: z.literal('local', 'must be "local": there is one local store, and it has that id'),
  adapter: z.literal('local'),
})

/** The adapters that need no settings; those of vendors are handed to `readConfig`. */
export const knownAdapters: AdapterSettings = { local: localSettings }

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

/** The configuration file. */
export const fileSchema = (adapters: AdapterSettings) =>
  z.strictObject({
    apiKeys: z.array(apiKeySchema).default([]),
    jwt: jwtSchema.optional(),
    tenants: z
      .record(tenantName, z.strictObject({ destinations: z.array(destinationSchema(adapters)).default([]) }))
      .default({}),
    limits: limitsSchema.prefault({}),
    corsOrigins: z.array(origin).default([]),
  })

/** The variables of the environment that the process reads. */
export const environmentSchema = z.object({
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
