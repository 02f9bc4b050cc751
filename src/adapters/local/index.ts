import type { StoreAdapter } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import { takeProfileLocks, wholeTenant } from '../../db/profile-locks.ts'
import { defaultProfileType } from '../../db/profile-types.ts'
import { applyBatch } from './apply-batch.ts'
import { localCapabilities } from './capabilities.ts'
import { readDefinitions } from './definitions.ts'
import { createExpectations } from './expectation.ts'
import { createLocalExtensions } from './extensions/operation.ts'
import { watchGrowth } from './growth.ts'
import { type LocalRecord, localPreparer } from './local-record.ts'
import { keyToken } from './match-tokens.ts'

/** The gateway's own store: the union of what the vendors' interfaces mean, in PostgreSQL or PGlite. */
export function createLocalAdapter(expectations = createExpectations()): StoreAdapter<LocalRecord> {
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
    async apply(transaction, tenant, options, records, onHoped) {
      const type = options.profileType ?? defaultProfileType
      const fates = await applyBatch(transaction, tenant, type, options, records, expectations, onHoped)
      await grow(transaction, fates)
      return fates
    },
    // What a filter hits and what a rename meets depend on everything: each batch of those locks the whole tenant.
    claims: ({ matching }, records) =>
      matching === 'FILTER' || records.some(({ newKey }) => newKey !== null)
        ? null
        : {
            holds: records.flatMap(({ tokens, key }) => (key === null ? tokens : [...tokens, keyToken(key)])),
            mentions: records.flatMap(({ linkedKeys }) => linkedKeys.map(keyToken)),
          },
    extensions: createLocalExtensions(),
    async rehearse(transaction, tenant, options, batches) {
      // Rows are locked in order within a batch, not from one to the next: with several of them nobody else may be at it.
      if (batches.length > 1) await takeProfileLocks(transaction, tenant, wholeTenant)
      const type = options.profileType ?? defaultProfileType
      const fates: RecordFate[] = []
      for (const records of batches) {
        fates.push(...(await applyBatch(transaction, tenant, type, options, records, expectations)))
      }
      return fates
    },
  }
}
