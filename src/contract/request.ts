import type { Channel, InvalidRecordPolicy, LinkPolicy, MatchingMode, NullPolicy, UpsertMode } from './profile.ts'

/** What a bulk upsert of profiles asks for beside its records, defaults filled in. Stored with the job and handed to adapters as it is. */
export interface ProfileUpsertOptions {
  /** null: the destination's own default type (`contact` at `local`). */
  profileType: string | null
  matching: MatchingMode
  /** The attribute that identifies the profile; set for CUSTOM and CUSTOM_SUB, else null. */
  matchingField: string | null
  upsert: UpsertMode
  linkPolicy: LinkPolicy
  nulls: NullPolicy
  onInvalid: InvalidRecordPolicy
  skipInvalidExtensions: boolean
  skipTriggers: boolean
  detectGeo: boolean
  /** Narrows the search among extensions to one resource. */
  resourceId: number | null
  /** FILTER: a record that matches more profiles than this fails with TOO_MANY_MATCHES. */
  maxAffected: number
  /** At most ten free texts kept with the job. */
  audit: string[]
}

/** The fields of a record that hold plain data about the contact: each needs a name of its own at a vendor. */
export const unifiedFields = [
  'key',
  'email',
  'emailPermission',
  'emailStatus',
  'phone',
  'phonePermission',
  'phoneStatus',
  'status',
  'firstName',
  'lastName',
  'gender',
  'birthDate',
  'subscriptionDate',
] as const
export type UnifiedField = (typeof unifiedFields)[number]

/** What the records of a request use, all together, that a destination may not have. null counts only where it clears. */
export interface RecordUses {
  newKey: boolean
  /** Channels of embedded extensions. */
  channels: ReadonlySet<Channel>
  fields: ReadonlySet<UnifiedField>
  /** Names of custom attributes. */
  attributes: ReadonlySet<string>
  /** What filters test: names of unified fields or of attributes. */
  conditions: ReadonlySet<string>
}
