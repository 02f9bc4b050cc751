import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Patience, Unsupported } from '../contract/adapter.ts'
import type { CallLimits } from '../contract/capability.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { JsonValue, ProfileRecord } from '../contract/profile.ts'
import { type ProfileUpsertOptions, type RecordUses, type UnifiedField, unifiedFields } from '../contract/request.ts'
import { attributePrefix } from '../domain/filter.ts'
import { shortened, shownName } from '../domain/json.ts'

/** What one vendor has by default where the configuration says nothing. */
export interface CallDefaults {
  minIntervalMs: number
  maxConcurrency: number
  maxBatchSize: number
  /** The most that `maxBatchSize` may be set to. */
  mostRecords: number
}

const milliseconds = (least: number) => z.int().min(least).max(86_400_000)

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://', abort: true })
  .refine((text) => {
    const { username, password, search, hash } = new URL(text)
    return `${username}${password}${search}${hash}` === ''
  }, 'must be scheme, host and path alone, without credentials, query or fragment')
  .transform((text) => new URL(text).href.replace(/\/+$/, ''))

/** A credential that travels in a header. */
export const headerSecret = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be ASCII characters without spaces, as a header carries them')

/** A field's name at the vendor, where names are all there is. */
export const vendorFieldName = z.string().min(1)

/**
 * The settings that every vendor destination takes, as the members of a `z.strictObject`. `fieldName` is what a field's or attribute's
 * name at this vendor may look like.
 */
export function vendorShape<Adapter extends string, Name extends z.ZodType>(
  adapter: Adapter,
  defaults: CallDefaults,
  fieldName: Name,
) {
  return {
    id: z
      .string()
      .min(1)
      .max(255)
      .refine((id) => id !== 'local', 'must not be "local", which is the gateway\'s own store'),
    adapter: z.literal(adapter),
    baseUrl,
    minIntervalMs: milliseconds(0).default(defaults.minIntervalMs),
    maxConcurrency: z.int().min(1).max(100).default(defaults.maxConcurrency),
    maxBatchSize: z
      .int()
      .min(1)
      .max(defaults.mostRecords, `must be at most ${defaults.mostRecords}, the vendor's own limit`)
      .default(defaults.maxBatchSize),
    timeoutMs: milliseconds(1).default(30_000),
    retryBaseMs: milliseconds(1).default(500),
    pollIntervalMs: milliseconds(1).default(2000),
    pollTimeoutMs: milliseconds(1).default(3_600_000),
    giveUpAfterSeconds: z.int().min(1).max(2_592_000).default(86_400),
    profileTypes: z.record(z.string().min(1), z.string().min(1)).default({}),
    fields: z.record(z.string().min(1), fieldName).default({}),
    missingPermission: z.enum(['warn', 'reject'], 'must be "warn" or "reject"').default('warn'),
  }
}

/** The settings as every vendor has them. */
export type VendorSettings = z.output<z.ZodObject<ReturnType<typeof vendorShape<string, z.ZodType>>>>
export type MissingPermission = VendorSettings['missingPermission']

export function patienceOf(settings: Patience): Patience {
  const { timeoutMs, retryBaseMs, pollIntervalMs, pollTimeoutMs, giveUpAfterSeconds } = settings
  return { timeoutMs, retryBaseMs, pollIntervalMs, pollTimeoutMs, giveUpAfterSeconds }
}

export function callLimitsOf(settings: Omit<CallLimits, 'source'>, source: string): CallLimits {
  const { maxBatchSize, minIntervalMs, maxConcurrency } = settings
  return { maxBatchSize, minIntervalMs, maxConcurrency, source }
}

/** Names the vendor account by a hash: the same base URL and credential, the same lane. */
export function laneOf(adapter: string, url: string, credential: string): string {
  return createHash('sha256')
    .update(JSON.stringify([adapter, url, credential]))
    .digest('hex')
}

/**
 * The vendor's name of the profile type that is asked for; null is the account's own default. What is not listed under `profileTypes` passes
 * as it is or, under `refuse`, is unsupported; `contact`, which every destination has, is then the default.
 */
export function vendorProfileType(
  profileTypes: Readonly<Record<string, string>>,
  { profileType }: Pick<ProfileUpsertOptions, 'profileType'>,
  unlisted: 'pass' | 'refuse',
): { ok: true; name: string | null } | { ok: false; unsupported: Unsupported } {
  const listed = new Map(Object.entries(profileTypes))
  if (unlisted === 'pass')
    return { ok: true, name: profileType === null ? null : (listed.get(profileType) ?? profileType) }
  const requested = profileType ?? 'contact'
  const name = listed.get(requested)
  if (name !== undefined || requested === 'contact') return { ok: true, name: name ?? null }
  const supported = [...new Set(['contact', ...listed.keys()])]
  return { ok: false, unsupported: { feature: 'profileType', requested, supported } }
}

/** How unified fields and attributes are called at one vendor. */
export interface FieldMap<Name> {
  /** The unified fields that have a name there. */
  readonly fields: readonly UnifiedField[]
  /** undefined: the configuration maps it to nothing. */
  field(name: UnifiedField): Name | undefined
  /** The name of a custom attribute: its own unless the configuration says otherwise. */
  attribute(name: string): Name
  /** Tells names apart. */
  identity(name: Name): string
}

/**
 * Joins the vendor's own names with the configured ones, which win. In `configured`, `attributes.email` is the attribute and `email` the
 * field, as in filters; a name that is no field is an attribute. `asItIs` makes the vendor's name of an attribute that is not configured.
 */
export function createFieldMap<Name>(
  configured: Readonly<Record<string, Name>>,
  defaults: Readonly<Partial<Record<UnifiedField, Name>>>,
  asItIs: (attribute: string) => Name,
): FieldMap<Name> {
  const fields = new Map<string, Name>(Object.entries(defaults))
  const attributes = new Map<string, Name>()
  for (const [written, name] of Object.entries(configured)) {
    if (written.startsWith(attributePrefix)) attributes.set(written.slice(attributePrefix.length), name)
    else if (isUnifiedField(written)) fields.set(written, name)
    else attributes.set(written, name)
  }
  return {
    fields: unifiedFields.filter((field) => fields.has(field)),
    field: (name) => fields.get(name),
    attribute: (name) => attributes.get(name) ?? asItIs(name),
    identity: (name) => (typeof name === 'string' ? name : JSON.stringify(name)),
  }
}

export function isUnifiedField(name: string): name is UnifiedField {
  return unifiedFields.some((field) => field === name)
}

/**
 * The first field, `key` apart, that the records of a request use and nothing maps, for the refusal before anything is stored; null where
 * all have a name. How a record's key is called is no matter of configuration.
 */
export function unmappedUse<Name>(uses: RecordUses | undefined, map: FieldMap<Name>): Unsupported | null {
  for (const field of uses?.fields ?? []) {
    if (field === 'key' || map.field(field) !== undefined) continue
    return { feature: 'field', requested: field, supported: map.fields }
  }
  return null
}

/** One value that a record states, under the vendor's name. */
export interface MappedValue<Name> {
  /** Where it stands in the record: `firstName`, `attributes.size`. */
  path: string
  name: Name
  /** As the record has it; null clears. */
  value: JsonValue
}

/**
 * Every unified field, `key` apart, and attribute that the record states, under its vendor's name: fields first, then attributes in the record's order.
 * UNKNOWN_ATTRIBUTE for a field that nothing maps, INVALID_VALUE where two of them would go to one name.
 */
export function mapRecord<Name>(
  record: ProfileRecord,
  map: FieldMap<Name>,
): { values: MappedValue<Name>[]; errors: RecordError[] } {
  const values: MappedValue<Name>[] = []
  const errors: RecordError[] = []
  const pathOf = new Map<string, string>()
  const add = (path: string, name: Name, value: JsonValue) => {
    const identity = map.identity(name)
    const other = pathOf.get(identity)
    if (other === undefined) {
      pathOf.set(identity, path)
      values.push({ path, name, value })
    } else {
      const message = `${shortened(path)} and ${shortened(other)} both go to ${shownName(identity)} at this destination: send one of them, or change its fields in the configuration`
      errors.push({ code: 'INVALID_VALUE', message, field: path })
    }
  }
  for (const field of unifiedFields) {
    const value = record[field]
    if (field === 'key' || value === undefined) continue
    const name = map.field(field)
    if (name === undefined) errors.push(unmappedField(field))
    else add(field, name, value)
  }
  for (const [attribute, value] of Object.entries(record.attributes ?? {})) {
    add(`${attributePrefix}${attribute}`, map.attribute(attribute), value)
  }
  return { values, errors }
}

export function unmappedField(field: string, path = field): RecordError {
  const message = `${field} has no name at this destination: map it under fields in the destination's configuration, or leave it out`
  return { code: 'UNKNOWN_ATTRIBUTE', message, field: path }
}

/** A permission or status that a record does not state, and that its vendor would decide by itself. */
export interface UnstatedPermission {
  /** Where it would stand in the record: `emailPermission`, `extensions[0].status`. */
  field: string
  /** What the vendor does then: "D·engage gives a new contact its e-mail permission". */
  consequence: string
}

/** PERMISSION_DEFAULTED as a warning for each, or PERMISSION_REQUIRED as an error where the destination is configured to reject. */
export function judgePermissions(
  policy: MissingPermission,
  unstated: readonly UnstatedPermission[],
): { errors: RecordError[]; warnings: RecordWarning[] } {
  if (policy === 'reject') {
    const errors = unstated.map(({ field, consequence }): RecordError => {
      const message = `${field} is not stated, and ${consequence}: this destination is configured to refuse that, so state it`
      return { code: 'PERMISSION_REQUIRED', message, field }
    })
    return { errors, warnings: [] }
  }
  const warnings = unstated.map(({ field, consequence }): RecordWarning => {
    return { code: 'PERMISSION_DEFAULTED', message: `${field} is not stated: ${consequence}`, field }
  })
  return { errors: [], warnings }
}
