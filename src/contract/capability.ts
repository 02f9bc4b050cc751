import type { Channel, LinkPolicy, MatchingMode, UpsertMode } from './profile.ts'

export const profileOptions = [
  'skipTriggers',
  'detectGeo',
  'resourceId',
  'newKey',
  'nulls',
  'skipInvalidExtensions',
] as const
export type ProfileOption = (typeof profileOptions)[number]

/** The limits of one operation at one destination, as data, with the place they were read. */
export interface CallLimits {
  /** Records in one call or transaction. */
  maxBatchSize: number
  /** Least milliseconds between the starts of two calls; 0 is none. */
  minIntervalMs: number
  /** Calls in flight at once. */
  maxConcurrency: number
  /** Where the numbers stand. */
  source: string
}

export interface ProfileCapabilities extends CallLimits {
  matching: readonly MatchingMode[]
  upsert: readonly UpsertMode[]
  /** Empty: the destination has no links. */
  linkPolicy: readonly LinkPolicy[]
  /** Channels of extensions inside a profile; empty: it takes none. */
  channels: readonly Channel[]
  options: readonly ProfileOption[]
}

export interface ExtensionCapabilities extends CallLimits {
  upsert: readonly UpsertMode[]
  channels: readonly Channel[]
}

/** What a destination can do. The checks before a job is accepted and the `destinations` query read the same object. */
export interface Capabilities {
  profiles: ProfileCapabilities | null
  extensions: ExtensionCapabilities | null
}
