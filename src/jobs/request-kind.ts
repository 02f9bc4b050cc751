import type { ProfileKind, RecordKind, Unsupported } from '../contract/adapter.ts'
import type { Capabilities } from '../contract/capability.ts'
import type { ProfileInput } from '../contract/input.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { NullPolicy } from '../contract/profile.ts'
import { unsupportedBy, usesOf } from '../domain/check-request.ts'
import type { JobKind } from '../domain/job-state.ts'
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

const unable = (operation: string): Unsupported => ({ feature: 'operation', requested: operation, supported: [] })

export const profileRequests: RequestKind<ProfileInput, ProfileKind> = {
  kind: 'PROFILES',
  normalise: normaliseProfile,
  usesOf,
  unsupportedBy: ({ profiles }, options, uses) =>
    profiles === null ? unable('bulkUpsertProfiles') : unsupportedBy(profiles, options, uses),
  isRename: ({ newKey }) => newKey != null,
}
