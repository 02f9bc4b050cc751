import type { Unsupported } from '../contract/adapter.ts'
import type { ExtensionCapabilities } from '../contract/capability.ts'
import type { BulkUpsertExtensionsInput, ExtensionInput } from '../contract/input.ts'
import type { Channel } from '../contract/profile.ts'
import type { ExtensionUpsertOptions, ExtensionUses } from '../contract/request.ts'
import { type CheckedRequest, checkRecordCount, checkShared, InputFaults } from './check-request.ts'

/** The same as `checkRequest` for extensions by themselves. */
export function checkExtensionsRequest(
  input: BulkUpsertExtensionsInput,
  limits: { recordsPerMutation: number },
): CheckedRequest<ExtensionUpsertOptions> {
  const faults = new InputFaults()
  checkRecordCount('extensions', input.extensions.length, limits, faults)
  checkShared(input, faults)
  const { issues } = faults
  if (issues.length > 0) return { ok: false, issues }
  const { profileType, upsert, nulls, onInvalid, audit } = input
  return { ok: true, options: { profileType: profileType ?? null, upsert, nulls, onInvalid, audit: audit ?? [] } }
}

/** All that the records use. */
export function extensionUsesOf(extensions: readonly ExtensionInput[]): ExtensionUses {
  const channels = new Set<Channel>()
  for (const { channel } of extensions) if (channel != null) channels.add(channel)
  return {
    newKey: extensions.some(({ newKey }) => newKey != null),
    newAddress: extensions.some(({ newAddress }) => newAddress != null),
    provider: extensions.some(({ provider }) => provider != null && provider !== ''),
    resourceId: extensions.some(({ resourceId }) => resourceId != null),
    channels,
  }
}

/** The first thing asked for that the destination cannot do, or null. Nothing of it would be dropped in silence. */
export function extensionsUnsupportedBy(
  capabilities: ExtensionCapabilities,
  { upsert }: ExtensionUpsertOptions,
  { channels }: Pick<ExtensionUses, 'channels'>,
): Unsupported | null {
  if (!capabilities.upsert.includes(upsert)) {
    return { feature: 'upsert', requested: upsert, supported: capabilities.upsert }
  }
  for (const channel of channels) {
    if (!capabilities.channels.includes(channel)) {
      return { feature: 'channel', requested: channel, supported: capabilities.channels }
    }
  }
  return null
}
