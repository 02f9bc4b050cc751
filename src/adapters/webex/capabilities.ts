import type { Capabilities } from '../../contract/capability.ts'
import { linkPolicies, upsertModes } from '../../contract/profile.ts'
import { callLimitsOf } from '../vendor-settings.ts'
import type { WebexSettings } from './settings.ts'

export function webexCapabilities(settings: WebexSettings): Capabilities {
  const source =
    'Webex Campaign, Bulk Create / Update contact profiles API: up to 100 contact profiles in a single request; its throttle limit is not published'
  return {
    profiles: {
      matching: ['KEY', 'FILTER'],
      upsert: upsertModes,
      linkPolicy: linkPolicies,
      channels: [],
      options: [],
      ...callLimitsOf(settings, source),
    },
    extensions: null,
  }
}
