import type { StoreAdapter } from '../../contract/adapter.ts'
import { defaultProfileType, readExtensionTypes, readProfileTypes } from '../../db/profile-types.ts'
import { informPlanner } from '../../db/statistics.ts'
import { applyBatch } from './apply-batch.ts'
import { localCapabilities } from './capabilities.ts'
import { type LocalRecord, localPreparer } from './local-record.ts'

/** While a store is young, the planner is informed each time that so many profiles have been added. */
const createdBetweenLooks = 100

/** The gateway's own store: the union of what the vendors' interfaces mean, in PostgreSQL or PGlite. */
export function createLocalAdapter(): StoreAdapter<LocalRecord> {
  let storeHasGrown = false
  let createdUnseen = 0
  return {
    kind: 'store',
    name: 'local',
    capabilities: localCapabilities,
    async preparer(db, tenant, options) {
      const name = options.profileType ?? defaultProfileType
      const [types, extensionTypes] = await Promise.all([readProfileTypes(db, tenant), readExtensionTypes(db, tenant)])
      const type = types.find((one) => one.name === name)
      if (!type) {
        const supported = types.map((one) => one.name)
        return { ok: false, unsupported: { feature: 'profileType', requested: name, supported } }
      }
      return { ok: true, prepare: localPreparer(options, type, extensionTypes) }
    },
    async apply(transaction, tenant, options, records) {
      const type = options.profileType ?? defaultProfileType
      const fates = await applyBatch(transaction, tenant, type, options, records)
      if (!storeHasGrown) {
        createdUnseen += fates.filter((fate) => fate.outcome === 'CREATED').length
        if (createdUnseen >= createdBetweenLooks) {
          storeHasGrown = await informPlanner(transaction)
          createdUnseen = 0
        }
      }
      return fates
    },
    rehearse: (transaction, tenant, options, records) =>
      applyBatch(transaction, tenant, options.profileType ?? defaultProfileType, options, records),
  }
}
