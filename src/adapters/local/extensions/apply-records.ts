import type { RecordError, RecordFate } from '../../../contract/outcome.ts'
import type { UpsertMode } from '../../../contract/profile.ts'
import { ExtensionSet, type LoadedExtensions, type WorkingExtension } from './extension-set.ts'
import { type LocalKeyedExtension, unknownType } from './keyed-extension.ts'

export interface ExtensionApplication {
  /** One per record, in order. */
  fates: RecordFate[]
  extensions: readonly WorkingExtension[]
}

/** What became of one record, and the extension that it reached. */
interface Applied {
  fate: RecordFate
  extension: WorkingExtension | null
}

/** Applies records in order, in memory. */
export function applyExtensions(
  upsert: UpsertMode,
  records: readonly LocalKeyedExtension[],
  loaded: LoadedExtensions,
): ExtensionApplication {
  const set = new ExtensionSet(loaded)
  const applied = records.map((record) => applyOne(set, upsert, record))
  if (upsert !== 'CREATE_ONLY') fold(records, applied)
  return { fates: applied.map(({ fate }) => fate), extensions: set.extensions }
}

function failed(code: RecordError['code'], field: string, message: string): Applied {
  return { fate: { outcome: 'FAILED', errors: [{ code, message, field }] }, extension: null }
}

function applyOne(set: ExtensionSet, upsert: UpsertMode, record: LocalKeyedExtension): Applied {
  const { key, addresses, provider, resourceId } = record
  const profileId = set.profileId(key)
  if (profileId === undefined) return failed('PROFILE_NOT_FOUND', 'key', `No profile has the key ${key}`)
  const at = (places: LocalKeyedExtension['addresses']) =>
    places.flatMap((place) => set.find(profileId, { ...place, provider, resourceId }) ?? [])
  const [hit, ...others] = at(addresses)
  if (hit === undefined) {
    if (upsert !== 'UPDATE_ONLY') return create(set, profileId, record)
    const [elsewhere] = at(record.otherAddresses)
    if (elsewhere === undefined) {
      return failed('EXTENSION_NOT_FOUND', 'address', 'The profile has no such address, and this request creates none')
    }
    const message = `The profile has the address under the channel ${elsewhere.record.channel}, and a channel cannot change`
    return failed('CHANNEL_IMMUTABLE', 'channel', message)
  }
  if (others.length > 0) {
    const message = `${others.length + 1} channels of the profile have the address: say which one is meant`
    return failed('AMBIGUOUS_MATCH', 'channel', message)
  }
  if (upsert === 'CREATE_ONLY') {
    return failed('EXTENSION_EXISTS', 'address', 'The profile has the address already, and this request updates none')
  }
  return update(set, hit, record)
}

function create(set: ExtensionSet, profileId: string, record: LocalKeyedExtension): Applied {
  const { channel, addresses, provider, resourceId } = record
  const [place] = addresses
  if (channel === null || place === undefined) {
    const message = 'The profile has no such address, and a new one needs its channel: add it'
    return failed('CHANNEL_REQUIRED', 'channel', message)
  }
  const extension = set.create({
    profileId,
    ...place,
    provider,
    resourceId,
    name: record.name ?? null,
    permission: record.permission ?? null,
  })
  return { fate: { outcome: 'CREATED', profileId }, extension }
}

function update(set: ExtensionSet, hit: WorkingExtension, record: LocalKeyedExtension): Applied {
  const { name, permission, namedChannels, newKey, newAddress } = record
  const { channel } = hit.record
  if (name != null && !namedChannels.includes(channel)) {
    return { fate: { outcome: 'FAILED', errors: [unknownType(name, channel)] }, extension: null }
  }
  const profileId = newKey === null ? hit.record.profileId : set.profileId(newKey)
  if (profileId === undefined) return failed('NEW_KEY_NOT_FOUND', 'newKey', `No profile has the key ${newKey}`)
  const address = newAddress ?? hit.record.address
  const holder = set.find(profileId, { ...hit.record, address })
  if (holder !== undefined && holder !== hit) {
    const message = `The profile ${newKey ?? record.key} has the address ${address} already`
    return failed('ADDRESS_TAKEN', newAddress === null ? 'newKey' : 'newAddress', message)
  }
  const changed = set.change(hit, {
    profileId,
    address,
    ...(name === undefined ? {} : { name }),
    ...(permission === undefined ? {} : { permission }),
  })
  return { fate: { outcome: changed ? 'UPDATED' : 'UNCHANGED', profileId }, extension: hit }
}

/** Reports records of one match value that were applied to one extension as folded into the last of them. */
function fold(records: readonly LocalKeyedExtension[], applied: readonly Applied[]): void {
  const latest = new Map<string, number>()
  for (let place = records.length - 1; place >= 0; place -= 1) {
    const record = records[place]
    const own = applied[place]
    if (!record || !own?.extension || record.newKey !== null || record.newAddress !== null) continue
    const later = latest.get(record.matchValue)
    const into = later === undefined ? undefined : applied[later]
    if (later === undefined || into?.extension !== own.extension) {
      latest.set(record.matchValue, place)
      continue
    }
    if (own.fate.outcome === 'CREATED' || into.fate.outcome === 'UNCHANGED') into.fate.outcome = own.fate.outcome
    own.fate.outcome = 'SUPERSEDED'
    own.fate.supersededBy = later
  }
}
