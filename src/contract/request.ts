import type { Channel, InvalidRecordPolicy, LinkPolicy, MatchingMode, NullPolicy, UpsertMode } from './profile.ts'

/** What every bulk upsert asks for beside its records, defaults filled in. Stored with the job and handed to adapters as it is. */
export interface UpsertOptions {
  /** null: the destination's own default type (`contact` at `local`). */
  profileType: string | null
  upsert: UpsertMode
  nulls: NullPolicy
  onInvalid: InvalidRecordPolicy
  /** At most ten free texts kept with the job. */
  audit: string[]
}

/** What a bulk upsert of profiles asks for. */
export interface ProfileUpsertOptions extends UpsertOptions {
  matching: MatchingMode
  /** The attribute that identifies the profile; set for CUSTOM and CUSTOM_SUB, else null. */
  matchingField: string | null
  linkPolicy: LinkPolicy
  skipInvalidExtensions: boolean
  skipTriggers: boolean
  detectGeo: boolean
  /** Narrows the search among extensions to one resource. */
  resourceId: number | null
  /** FILTER: a record that matches more profiles than this fails with TOO_MANY_MATCHES. */
  maxAffected: number
}

/** What a bulk upsert of extensions by themselves asks for: nothing more. */
export type ExtensionUpsertOptions = UpsertOptions

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

/** The same of extensions by themselves. */
export interface ExtensionUses {
  newKey: boolean
  newAddress: boolean
  provider: boolean
  resourceId: boolean
  channels: ReadonlySet<Channel>
}
