import type { ExtensionKind, Prepared, RecordPreparer } from '../../../contract/adapter.ts'
import { type Channel, channels, type KeyedExtensionRecord } from '../../../contract/profile.ts'
import type { ExtensionType } from '../../../contract/profile-type.ts'
import type { ExtensionUpsertOptions } from '../../../contract/request.ts'
import { normaliseAddress } from '../../../domain/normalise-extension.ts'

/** An address as one channel stores it. */
export interface ChannelAddress {
  channel: Channel
  address: string
}

/** A record as the local store applies it. */
export interface LocalKeyedExtension {
  key: string
  /** Where the extension is looked for: in its own channel, or in every one that could have such an address. */
  addresses: readonly ChannelAddress[]
  /** The same address in the channels that the record does not mean; asked only where nothing may be created. */
  otherAddresses: readonly ChannelAddress[]
  /** null: whichever the extension has; nothing is created then. */
  channel: Channel | null
  provider: string | null
  resourceId: number | null
  /** Absent: stays; null clears. */
  name?: string | null
  /** The channels for which the name is configured. */
  namedChannels: readonly Channel[]
  permission?: boolean
  newAddress: string | null
  newKey: string | null
  /** Records of one value look for the same. */
  matchValue: string
}

/** Readies records of one request for the local store. */
export function keyedExtensionPreparer(
  { upsert }: ExtensionUpsertOptions,
  extensionTypes: readonly ExtensionType[],
): RecordPreparer<LocalKeyedExtension, ExtensionKind> {
  const channelsOfName = Map.groupBy(extensionTypes, ({ name }) => name)

  return (record): Prepared<LocalKeyedExtension> => {
    const { key, name, permission, provider = null, resourceId = null, newAddress = null, newKey = null } = record
    const { address, channel = null } = record
    const namedChannels = (channelsOfName.get(name ?? '') ?? []).map((type) => type.channel)
    if (name != null && !(channel === null ? namedChannels.length > 0 : namedChannels.includes(channel))) {
      return { ok: false, errors: [unknownType(name, channel)] }
    }
    const asksOthers = channel === null || upsert === 'UPDATE_ONLY'
    const possible = asksOthers ? addressesOf(address) : []
    const value: LocalKeyedExtension = {
      key,
      addresses: channel === null ? possible : [{ channel, address }],
      otherAddresses: channel === null ? [] : possible.filter((one) => one.channel !== channel),
      channel,
      provider,
      resourceId,
      ...(name === undefined ? {} : { name }),
      namedChannels,
      ...(permission === undefined ? {} : { permission }),
      newAddress,
      newKey,
      matchValue: JSON.stringify([key, channel, address, provider, resourceId]),
    }
    return { ok: true, value, warnings: [] }
  }
}

export function unknownType(name: string, channel: Channel | null) {
  const where = channel === null ? 'any channel' : `the channel ${channel}`
  const message = `There is no extension type ${name} for ${where}: define it with defineExtensionType`
  return { code: 'UNKNOWN_EXTENSION_TYPE', message, field: 'name' } as const
}

/** The address in every channel that could have it, each as it would be stored there. */
function addressesOf(address: KeyedExtensionRecord['address']): ChannelAddress[] {
  return channels.flatMap((channel) => {
    const checked = normaliseAddress(channel, address)
    return checked.ok ? [{ channel, address: checked.value }] : []
  })
}
