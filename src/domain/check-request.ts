import type { Unsupported } from '../contract/adapter.ts'
import type { ProfileCapabilities } from '../contract/capability.ts'
import type { BulkUpsertProfilesInput, ImportProfilesInput, ProfileInput, RetryJobInput } from '../contract/input.ts'
import type { Channel, NullPolicy } from '../contract/profile.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import { type ProfileUpsertOptions, type RecordUses, type UnifiedField, unifiedFields } from '../contract/request.ts'
import { maxNameLength } from './json.ts'
import { checkText } from './values.ts'

/** Limits of one request beside the number of its records, which is configured. */
export const requestLimits = {
  destinations: 20,
  waitSeconds: 30,
  auditTexts: 10,
  auditLength: 255,
  maxAffected: 100_000,
  idempotencyKey: 255,
  profileType: 100,
} as const

export type CheckedRequest<Options = ProfileUpsertOptions> =
  | { ok: true; options: Options }
  | { ok: false; issues: InputIssue[] }

/** What every bulk upsert asks for beside its records. */
type SharedInput = Pick<
  BulkUpsertProfilesInput,
  'destinations' | 'profileType' | 'waitSeconds' | 'audit' | 'idempotencyKey'
>

/** Gathers all that is wrong with a request. */
export class InputFaults {
  readonly issues: InputIssue[] = []

  report(path: string[], message: string): void {
    this.issues.push({ path: ['input', ...path], message })
  }

  /** A text that, where it is given, says something and can be stored. */
  checkLength(path: string[], text: string, maxLength: number): void {
    const name = path[0] ?? ''
    const checked = checkText(text, maxLength)
    if (text === '') this.report(path, `${name} is empty: leave it out or send a value`)
    else if (!checked.ok) this.report(path, `${name} ${checked.message}`)
  }
}

/** Checks everything of a bulk upsert but its records, and answers all that is wrong at once. Whether its destinations exist is not asked. */
export function checkRequest(input: BulkUpsertProfilesInput, limits: { recordsPerMutation: number }): CheckedRequest {
  const faults = new InputFaults()
  checkRecordCount('profiles', input.profiles.length, limits, faults)
  return checkProfileRequest(input, faults)
}

/** The same of an import, whose records are in an upload. */
export function checkImportRequest(input: ImportProfilesInput): CheckedRequest {
  return checkProfileRequest(input, new InputFaults())
}

/** What an upsert of profiles asks for beside its records. */
type ProfileRequestInput = Omit<BulkUpsertProfilesInput, 'profiles'>

function checkProfileRequest(input: ProfileRequestInput, faults: InputFaults): CheckedRequest {
  const { maxAffected, matching, upsert } = input
  checkShared(input, faults)
  checkMatchingField(input, faults)
  if (matching === 'FILTER' && upsert === 'CREATE_ONLY') {
    faults.report(['upsert'], 'matching FILTER only finds profiles: use it with CREATE_OR_UPDATE or UPDATE_ONLY')
  }
  if (maxAffected < 1 || maxAffected > requestLimits.maxAffected) {
    faults.report(['maxAffected'], `maxAffected is ${maxAffected}: expected 1 to ${requestLimits.maxAffected}`)
  }
  const { issues } = faults
  return issues.length > 0 ? { ok: false, issues } : { ok: true, options: optionsOf(input) }
}

/** `field` is where the records stand in the input. */
export function checkRecordCount(
  field: string,
  count: number,
  { recordsPerMutation }: { recordsPerMutation: number },
  faults: InputFaults,
): void {
  if (count === 0) faults.report([field], `${field} is empty: send at least one record`)
  if (count > recordsPerMutation) {
    const message = `${field} has ${count} records; at most ${recordsPerMutation} go in one request: split them`
    faults.report([field], message)
  }
}

export function checkShared(input: SharedInput, faults: InputFaults): void {
  const { destinations, waitSeconds, profileType, idempotencyKey } = input
  checkDestinations(destinations, faults)
  if (profileType != null) faults.checkLength(['profileType'], profileType, requestLimits.profileType)
  if (waitSeconds < 0 || waitSeconds > requestLimits.waitSeconds) {
    faults.report(['waitSeconds'], `waitSeconds is ${waitSeconds}: expected 0 to ${requestLimits.waitSeconds}`)
  }
  const audit = input.audit ?? []
  if (audit.length > requestLimits.auditTexts) {
    faults.report(['audit'], `audit has ${audit.length} texts; at most ${requestLimits.auditTexts} are kept with a job`)
  }
  // What is too many is not named one by one: the answer would be larger than the request.
  for (const [place, text] of audit.slice(0, requestLimits.auditTexts).entries()) {
    const checked = checkText(text, requestLimits.auditLength)
    if (!checked.ok) faults.report(['audit', String(place)], `audit text ${checked.message}`)
  }
  if (idempotencyKey != null) faults.checkLength(['idempotencyKey'], idempotencyKey, requestLimits.idempotencyKey)
}

function checkDestinations(destinations: readonly string[], faults: InputFaults) {
  if (destinations.length === 0) {
    faults.report(['destinations'], 'destinations is empty: name at least one, or leave it out for local')
  }
  if (destinations.length > requestLimits.destinations) {
    const message = `destinations names ${destinations.length}; at most ${requestLimits.destinations} are taken`
    faults.report(['destinations'], message)
  }
  const seen = new Set<string>()
  for (const [place, destination] of destinations.slice(0, requestLimits.destinations).entries()) {
    const path = ['destinations', String(place)]
    faults.checkLength(path, destination, maxNameLength)
    if (seen.has(destination))
      faults.report(path, `destinations names ${JSON.stringify(destination)} twice: name it once`)
    seen.add(destination)
  }
}

function checkMatchingField({ matching, matchingField }: ProfileRequestInput, faults: InputFaults) {
  if (matching === 'CUSTOM' || matching === 'CUSTOM_SUB') {
    if (matchingField != null) faults.checkLength(['matchingField'], matchingField, maxNameLength)
    else faults.report(['matchingField'], `matching ${matching} needs matchingField: name what identifies the profile`)
  } else if (matchingField != null) {
    const message = `matchingField belongs to CUSTOM and CUSTOM_SUB; matching is ${matching}: leave it out`
    faults.report(['matchingField'], message)
  }
}

function optionsOf(input: ProfileRequestInput): ProfileUpsertOptions {
  return {
    profileType: input.profileType ?? null,
    matching: input.matching,
    matchingField: input.matchingField ?? null,
    upsert: input.upsert,
    linkPolicy: input.linkPolicy,
    nulls: input.nulls,
    onInvalid: input.onInvalid,
    skipInvalidExtensions: input.skipInvalidExtensions,
    skipTriggers: input.skipTriggers,
    detectGeo: input.detectGeo,
    resourceId: input.resourceId ?? null,
    maxAffected: input.maxAffected,
    audit: input.audit ?? [],
  }
}

/** All that the records use. Under `nulls: IGNORE` a null is left out, as everywhere. */
export function usesOf(profiles: readonly ProfileInput[], nulls: NullPolicy): RecordUses {
  let newKey = false
  const channels = new Set<Channel>()
  const fields = new Set<UnifiedField>()
  const attributes = new Set<string>()
  const conditions = new Set<string>()
  const isUsed = (value: unknown) => value !== undefined && (value !== null || nulls === 'CLEAR')
  for (const profile of profiles) {
    if (profile.newKey != null) newKey = true
    for (const field of unifiedFields) if (isUsed(profile[field])) fields.add(field)
    for (const name in profile.attributes ?? {}) if (isUsed(profile.attributes?.[name])) attributes.add(name)
    for (const condition of profile.filter ?? []) conditions.add(condition.attribute)
    for (const extension of profile.extensions ?? []) channels.add(extension.channel)
  }
  return { newKey, channels, fields, attributes, conditions }
}

/** The first thing asked for that the destination cannot do, or null. Nothing of it would be dropped in silence. */
export function unsupportedBy(
  capabilities: ProfileCapabilities,
  options: ProfileUpsertOptions,
  uses: Pick<RecordUses, 'newKey' | 'channels'>,
): Unsupported | null {
  const { matching, upsert, linkPolicy, nulls, resourceId } = options
  if (!capabilities.matching.includes(matching)) {
    return { feature: 'matching', requested: matching, supported: capabilities.matching }
  }
  if (!capabilities.upsert.includes(upsert)) {
    return { feature: 'upsert', requested: upsert, supported: capabilities.upsert }
  }
  // IGNORE and the default CREATE ask for nothing that a destination without links would have to do; FAIL asks for a check.
  if (linkPolicy === 'FAIL' && !capabilities.linkPolicy.includes('FAIL')) {
    return { feature: 'linkPolicy', requested: linkPolicy, supported: capabilities.linkPolicy }
  }
  const can = capabilities.options
  for (const option of ['skipTriggers', 'detectGeo', 'skipInvalidExtensions'] as const) {
    if (options[option] && !can.includes(option)) return { feature: option, requested: 'true', supported: ['false'] }
  }
  if (nulls === 'CLEAR' && !can.includes('nulls')) return { feature: 'nulls', requested: nulls, supported: ['IGNORE'] }
  if (resourceId !== null && !can.includes('resourceId')) {
    return { feature: 'resourceId', requested: String(resourceId), supported: [] }
  }
  if (uses.newKey && !can.includes('newKey')) return { feature: 'newKey', requested: 'newKey', supported: [] }
  for (const channel of uses.channels) {
    if (!capabilities.channels.includes(channel)) {
      return { feature: 'extensions', requested: channel, supported: capabilities.channels }
    }
  }
  return null
}

/** The same of a retry, whose options are those of the job that it retries. */
export function checkRetryRequest({ destinations, waitSeconds, idempotencyKey, codes }: RetryJobInput): InputIssue[] {
  const faults = new InputFaults()
  if (destinations?.length === 0) {
    const message =
      'destinations is empty: name at least one, or leave it out for all at which records of the job failed'
    faults.report(['destinations'], message)
  }
  const named = destinations?.length ? destinations : ['local']
  checkShared({ destinations: named, waitSeconds, idempotencyKey: idempotencyKey ?? null }, faults)
  if (codes?.length === 0) faults.report(['codes'], 'codes is empty: name at least one, or leave it out for all')
  return faults.issues
}
