import type { CallLimits, Capabilities } from '../../contract/capability.ts'
import { channels, linkPolicies, matchingModes, upsertModes } from '../../contract/profile.ts'

const limits: CallLimits = {
  maxBatchSize: 1000,
  minIntervalMs: 0,
  maxConcurrency: 1,
  source: 'the chunk in which input and results are stored; batches of one job are applied in order',
}

/** All that the schema can ask for, except geography: there is no map to look addresses up in. */
export const localCapabilities: Capabilities = {
  profiles: {
    matching: matchingModes,
    upsert: upsertModes,
    linkPolicy: linkPolicies,
    channels,
    options: ['skipTriggers', 'resourceId', 'newKey', 'nulls', 'skipInvalidExtensions'],
    ...limits,
  },
  extensions: { upsert: upsertModes, channels, ...limits },
}
