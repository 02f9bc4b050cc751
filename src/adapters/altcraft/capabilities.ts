import type { Capabilities } from '../../contract/capability.ts'
import { channels, type MatchingMode } from '../../contract/profile.ts'
import { callLimitsOf } from '../vendor-settings.ts'
import { readings } from './readings.ts'

export const altcraftLimits = { maxBatchSize: 1000, minIntervalMs: 0, maxConcurrency: readings.maxConcurrency } as const

/** What `matching` is called there. KEY is `custom` on the configured field. */
export const matchingNames = {
  EMAIL: 'email',
  EMAIL_PROFILE: 'email_profile',
  EMAIL_SUB: 'email_sub',
  PHONE: 'phone',
  PHONE_SUB: 'phone_sub',
  EMAIL_PHONE: 'email_phone',
  EMAIL_PHONE_SUB: 'email_phone_sub',
  PROFILE_ID: 'profile_id',
  PUSH_SUB: 'push_sub',
  CUSTOM: 'custom',
  CUSTOM_SUB: 'custom_sub',
  KEY: 'custom',
} as const satisfies Partial<Record<MatchingMode, string>>

/** A mode that Altcraft has: all but FILTER. */
export type AltcraftMode = keyof typeof matchingNames

export function isAltcraftMode(mode: MatchingMode): mode is AltcraftMode {
  return Object.hasOwn(matchingNames, mode)
}

export function altcraftCapabilities(settings: {
  maxBatchSize: number
  minIntervalMs: number
  maxConcurrency: number
  keyField?: string | undefined
}): Capabilities {
  const source =
    'Altcraft, Import multiple profiles: no more than 10,000 profiles and 10 MB in one request are recommended; calls are not limited'
  const modes = Object.keys(matchingNames).filter((mode): mode is AltcraftMode => mode in matchingNames)
  return {
    profiles: {
      matching: modes.filter((mode) => mode !== 'KEY' || settings.keyField !== undefined),
      upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'],
      linkPolicy: [],
      channels,
      options: ['skipTriggers', 'detectGeo', 'resourceId', 'skipInvalidExtensions'],
      ...callLimitsOf(settings, source),
    },
    extensions: null,
  }
}
