import type { LockPlan } from '../../../db/profile-locks.ts'
import { mostToldApart } from '../lock-plan.ts'
import { addressToken } from '../match-tokens.ts'
import type { LocalKeyedExtension } from './keyed-extension.ts'

/**
 * What a batch of extensions has to lock before it looks (see LockPlan): the addresses that it brings about, so that no batch of profiles
 * that looks for one of them misses it. Profiles are found by key, as in a KEY batch, and the locks of their rows guard their extensions.
 * An extension that moves to another profile takes custom fields along, which nobody can name beforehand: then it is all values.
 */
export function extensionLockPlan(records: readonly LocalKeyedExtension[], creates: boolean): LockPlan {
  const moves = records.some((record) => record.newKey !== null)
  if (moves || records.length > mostToldApart) return { gate: 'shared', exclusive: [], shared: null }
  const shared = new Set<string>()
  for (const { channel, addresses, provider, newAddress } of records) {
    if (channel === null) continue
    if (newAddress !== null) shared.add(addressToken({ channel, address: newAddress, provider }))
    if (creates) for (const { address } of addresses) shared.add(addressToken({ channel, address, provider }))
  }
  return { gate: 'shared', exclusive: [], shared }
}
