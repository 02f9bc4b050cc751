import type { StoreAdapter } from '../../contract/adapter.ts'
import { defaultProfileType } from '../../db/profile-types.ts'
import { applyBatch } from './apply-batch.ts'
import { localCapabilities } from './capabilities.ts'
import { readDefinitions } from './definitions.ts'
import { createLocalExtensions } from './extensions/operation.ts'
import { watchGrowth } from './growth.ts'
import { type LocalRecord, localPreparer } from './local-record.ts'

/** The gateway's own store: the union of what the vendors' interfaces mean, in PostgreSQL or PGlite. */
export function createLocalAdapter(): StoreAdapter<LocalRecord> {
  const grow = watchGrowth('profiles')
  return {
    kind: 'store',
    name: 'local',
    capabilities: localCapabilities,
    async preparer(db, tenant, options) {
      const defined = await readDefinitions(db, tenant, options)
      if (!defined.ok) return defined
      return { ok: true, prepare: localPreparer(options, defined.type, defined.extensionTypes) }
    },
    async apply(transaction, tenant, options, records) {
      const type = options.profileType ?? defaultProfileType
      const fates = await applyBatch(transaction, tenant, type, options, records)
      await grow(transaction, fates)
      return fates
    },
    extensions: createLocalExtensions(),
    rehearse: (transaction, tenant, options, records) =>
      applyBatch(transaction, tenant, options.profileType ?? defaultProfileType, options, records),
  }
}
