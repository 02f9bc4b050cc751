import type { ExtensionKind, ProfileKind, RecordKind, Unsupported } from '../contract/adapter.ts'
import type { Capabilities } from '../contract/capability.ts'
import type { ExtensionInput, ProfileInput } from '../contract/input.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { NullPolicy } from '../contract/profile.ts'
import { extensionsUnsupportedBy, extensionUsesOf } from '../domain/check-extensions-request.ts'
import { unsupportedBy, usesOf } from '../domain/check-request.ts'
import type { JobKind } from '../domain/job-state.ts'
import { normaliseKeyedExtension } from '../domain/normalise-keyed-extension.ts'
import { normaliseProfile } from '../domain/normalise-profile.ts'

/** What every record has, whatever its kind: how a result names it. */
export interface LabelledRecord {
  clientRef?: string | null
  key?: string | null
}

export type Normalised =
  | { ok: true; record: LabelledRecord; warnings: RecordWarning[] }
  | { ok: false; errors: RecordError[] }

/** All that the engine knows of the records of one kind of job; the rest is its destinations'. */
export interface RequestKind<Input extends LabelledRecord = LabelledRecord, Kind extends RecordKind = RecordKind> {
  kind: JobKind
  /** Checks and normalises one record as far as that does not depend on a destination. */
  normalise(input: Input, options: Kind['options']): Normalised
  /** All that the records use, that a destination may not have. */
  usesOf(inputs: readonly Input[], nulls: NullPolicy): Kind['uses']
  /** The first thing asked for that the destination cannot do, or null. */
  unsupportedBy(capabilities: Capabilities, options: Kind['options'], uses: Kind['uses']): Unsupported | null
  /** Whether the record changes what identifies it: such a one is never folded. */
  isRename(record: Input): boolean
}

const operations = { profiles: 'bulkUpsertProfiles', extensions: 'bulkUpsertExtensions' } as const

/** The operation itself is what the destination does not have. */
function unable(
  asked: keyof typeof operations,
  other: keyof typeof operations,
  capabilities: Capabilities,
): Unsupported {
  const supported = capabilities[other] === null ? [] : [operations[other]]
  return { feature: 'operation', requested: operations[asked], supported }
}

export const profileRequests: RequestKind<ProfileInput, ProfileKind> = {
  kind: 'PROFILES',
  normalise: normaliseProfile,
  usesOf,
  unsupportedBy: (capabilities, options, uses) =>
    capabilities.profiles === null
      ? unable('profiles', 'extensions', capabilities)
      : unsupportedBy(capabilities.profiles, options, uses),
  isRename: ({ newKey }) => newKey != null,
}

export const extensionRequests: RequestKind<ExtensionInput, ExtensionKind> = {
  kind: 'EXTENSIONS',
  normalise: normaliseKeyedExtension,
  usesOf: extensionUsesOf,
  unsupportedBy: (capabilities, options, uses) =>
    capabilities.extensions === null
      ? unable('extensions', 'profiles', capabilities)
      : extensionsUnsupportedBy(capabilities.extensions, options, uses),
  isRename: ({ newKey, newAddress }) => newKey != null || newAddress != null,
}

const kinds: Readonly<Record<JobKind, RequestKind>> = { PROFILES: profileRequests, EXTENSIONS: extensionRequests }

export function requestKindOf(kind: JobKind): RequestKind {
  return kinds[kind]
}
