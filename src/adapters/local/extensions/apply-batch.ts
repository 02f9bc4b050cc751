import type { Queryable } from '../../../contract/adapter.ts'
import type { RecordFate } from '../../../contract/outcome.ts'
import type { ExtensionUpsertOptions } from '../../../contract/request.ts'
import { type ExtensionPlace, readExtensionsAt } from '../../../db/extension-lookup.ts'
import { placeExtensions, releaseExtensions } from '../../../db/extension-moves.ts'
import { takeProfileLocks } from '../../../db/profile-locks.ts'
import { type FoundProfile, lockProfiles } from '../../../db/profile-lookup.ts'
import { insertExtensions, updateExtensions } from '../../../db/profile-write.ts'
import { applyExtensions } from './apply-records.ts'
import type { WorkingExtension } from './extension-set.ts'
import type { LocalKeyedExtension } from './keyed-extension.ts'
import { extensionLockPlan } from './lock-plan.ts'

/** Applies a batch of extensions of profiles of one type within the transaction: locks, reads, applies in memory, writes. */
export async function applyExtensionBatch(
  transaction: Queryable,
  tenant: string,
  type: string,
  { upsert }: ExtensionUpsertOptions,
  records: readonly LocalKeyedExtension[],
): Promise<RecordFate[]> {
  if (records.length === 0) return []
  const keys = new Set(records.flatMap(({ key, newKey }) => (newKey === null ? [key] : [key, newKey])))
  const [, profiles] = await Promise.all([
    takeProfileLocks(transaction, tenant, extensionLockPlan(records, upsert !== 'UPDATE_ONLY')),
    lockProfiles(transaction, tenant, type, { by: 'key', keys: [...keys] }, 1, [], false),
  ])
  const places = placesOf(records, profiles)
  const extensions = places.length === 0 ? [] : await readExtensionsAt(transaction, tenant, places)
  const application = applyExtensions(upsert, records, { profiles, extensions })
  await write(transaction, tenant, application.extensions)
  return application.fates
}

/** Every place that a record can reach, each once: where it looks, and where it would move what it finds. */
function placesOf(
  records: readonly LocalKeyedExtension[],
  profiles: readonly Pick<FoundProfile, 'id' | 'key'>[],
): ExtensionPlace[] {
  const profileIds = new Map(profiles.map(({ id, key }) => [key, id]))
  const places = new Map<string, ExtensionPlace>()
  for (const { key, newKey, newAddress, addresses, otherAddresses } of records) {
    const add = (ofKey: string, { channel, address }: Omit<ExtensionPlace, 'profileId'>) => {
      const profileId = profileIds.get(ofKey)
      if (profileId !== undefined) places.set(`${profileId} ${channel} ${address}`, { profileId, channel, address })
    }
    for (const place of addresses) {
      add(key, place)
      add(newKey ?? key, { channel: place.channel, address: newAddress ?? place.address })
    }
    for (const place of otherAddresses) add(key, place)
  }
  return [...places.values()]
}

/** Writes where a batch has ended. Statements are sent without waiting for each other: a transaction carries them out in this order. */
async function write(transaction: Queryable, tenant: string, extensions: readonly WorkingExtension[]): Promise<void> {
  const rowsWhere = (test: (extension: WorkingExtension) => boolean) =>
    extensions.filter(test).map(({ record }) => record)
  const created = rowsWhere(({ state }) => state === 'new')
  const changed = rowsWhere(({ state }) => state === 'changed')
  const moved = rowsWhere((extension) => extension.moved)
  const pending: Promise<void>[] = []
  if (moved.length > 0) {
    const ids = moved.map(({ id }) => id)
    pending.push(releaseExtensions(transaction, tenant, ids))
  }
  if (created.length > 0) pending.push(insertExtensions(transaction, tenant, created))
  if (changed.length > 0) pending.push(updateExtensions(transaction, tenant, changed))
  if (moved.length > 0) pending.push(placeExtensions(transaction, tenant, moved))
  await Promise.all(pending)
}
