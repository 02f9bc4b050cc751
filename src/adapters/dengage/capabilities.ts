import type { Capabilities } from '../../contract/capability.ts'
import { callLimitsOf } from '../vendor-settings.ts'
import { clearingOptions } from './readings.ts'

/** "called once a minute with a single request! Parallel calls are prevented", "up to 1000 records in a single call". */
export const dengageLimits = { maxBatchSize: 1000, minIntervalMs: 60_000, maxConcurrency: 1 } as const

interface Configured {
  maxBatchSize: number
  minIntervalMs: number
  maxConcurrency: number
}

export function dengageCapabilities(settings: Configured): Capabilities {
  return {
    profiles: {
      ...callLimitsOf(settings, 'D·engage BulkUpsert'),
      matching: ['KEY'],
      upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'],
      linkPolicy: [],
      channels: [],
      options: ['newKey', ...clearingOptions],
    },
    // The pace is one with that of BulkUpsert, although only the latter's page asks for it.
    extensions: {
      ...callLimitsOf(settings, 'D·engage BulkUpsertExtensions; its pace is that of BulkUpsert'),
      upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'],
      channels: ['EMAIL', 'SMS', 'WHATSAPP'],
    },
  }
}
