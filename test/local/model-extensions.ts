import type { ProfileExtensionInput } from '../../src/contract/input.ts'
import type { JsonObject, JsonValue } from '../../src/contract/profile.ts'

export interface ModelExtension {
  channel: string
  address: string
  provider: string | null
  resourceId: number | null
  name: string | null
  permission: boolean | null
  status: string | null
  priority: number | null
  categories: string[]
  customFields: JsonObject
}

export const lowerCased = (text: string) => text.trim().toLowerCase()
export const withoutSpaces = (text: string) => text.replaceAll(' ', '')

/** Upserts an extension by its identity, and says whether that changed anything. */
export function writeExtension(
  profile: { extensions: ModelExtension[] },
  given: ProfileExtensionInput,
  clears: boolean,
): boolean {
  const address =
    given.channel === 'EMAIL'
      ? lowerCased(given.address)
      : given.channel === 'PUSH'
        ? given.address
        : withoutSpaces(given.address)
  const identity = {
    channel: given.channel,
    address,
    provider: given.provider ?? null,
    resourceId: given.resourceId ?? null,
  }
  const index = profile.extensions.findIndex(
    (one) =>
      one.channel === identity.channel &&
      one.address === identity.address &&
      one.provider === identity.provider &&
      one.resourceId === identity.resourceId,
  )
  const stored = profile.extensions[index]
  const next: ModelExtension = structuredClone(
    stored ?? {
      ...identity,
      name: null,
      permission: null,
      status: null,
      priority: null,
      categories: [],
      customFields: {},
    },
  )
  const stays = (value: JsonValue | undefined) => value === undefined || (value === null && !clears)
  if (!stays(given.name)) next.name = given.name ?? null
  if (!stays(given.priority)) next.priority = given.priority ?? null
  if (!stays(given.categories)) next.categories = given.categories ?? []
  if (given.permission != null) next.permission = given.permission
  if (given.status != null) next.status = given.status
  for (const [name, value] of Object.entries(given.customFields ?? {})) {
    if (value !== null) next.customFields[name] = value
    else if (clears) delete next.customFields[name]
  }
  if (stored && extensionText(stored) === extensionText(next)) return false
  if (stored) profile.extensions[index] = next
  else profile.extensions.push(next)
  return true
}

/** One text for equal extensions, whatever the order of their custom fields. */
export function extensionText(extension: ModelExtension): string {
  return JSON.stringify([
    extension.channel,
    extension.address,
    extension.provider,
    extension.resourceId,
    extension.name,
    extension.permission,
    extension.status,
    extension.priority,
    extension.categories,
    Object.entries(extension.customFields).sort(([a], [b]) => (a < b ? -1 : 1)),
  ])
}
