import type { Channel } from '../../contract/profile.ts'

/** What tells one extension of a profile from another; missing parts are equal to each other. */
export interface ExtensionIdentity {
  channel: Channel
  address: string
  provider?: string | null
  resourceId?: number | null
}

/** The identity as one text, for maps. */
export function identityOf({ channel, address, provider, resourceId }: ExtensionIdentity): string {
  return `${channel}\u0000${address}\u0000${provider ?? ''}\u0000${resourceId ?? ''}`
}
