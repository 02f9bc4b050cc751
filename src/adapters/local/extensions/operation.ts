import type { ExtensionKind, StoreOperation } from '../../../contract/adapter.ts'
import { defaultProfileType } from '../../../db/profile-types.ts'
import { readDefinitions } from '../definitions.ts'
import { watchGrowth } from '../growth.ts'
import { applyExtensionBatch } from './apply-batch.ts'
import { keyedExtensionPreparer, type LocalKeyedExtension } from './keyed-extension.ts'

/** Extensions by themselves: addresses of profiles that are there, found by key. Profiles are neither made nor changed by it. */
export function createLocalExtensions(): StoreOperation<LocalKeyedExtension, ExtensionKind> {
  const grow = watchGrowth('extensions')
  return {
    async preparer(db, tenant, options) {
      const defined = await readDefinitions(db, tenant, options)
      return defined.ok ? { ok: true, prepare: keyedExtensionPreparer(options, defined.extensionTypes) } : defined
    },
    async apply(transaction, tenant, options, records) {
      const type = options.profileType ?? defaultProfileType
      const fates = await applyExtensionBatch(transaction, tenant, type, options, records)
      await grow(transaction, fates)
      return fates
    },
  }
}
