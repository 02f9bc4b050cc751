import type { SandboxClock } from '../vendor.ts'
import { isObject, type Json } from './json.ts'
import type { Profile, Subscription } from './profile.ts'
import { readings } from './readings.ts'

/** The profiles of all databases, and who can be found by what. */
export interface Store {
  readonly size: number
  all(): Profile[]
  find(databaseId: number, key: string): ReadonlySet<string>
  get(id: string): Profile | undefined
  /** Replaces the profile of that id, or adds it. */
  put(profile: Profile): void
  /** An id that no profile had before: 24 hexadecimal digits, the first eight the seconds of the clock. */
  newId(): string
  clear(): void
}

/** What a profile is found by. Equal keys are equal contacts or values; `resourceId` 0 stands for any resource. */
export const keys = {
  id: (id: string) => JSON.stringify(['id', id]),
  email: (email: string) => JSON.stringify(['email', readings.emailKey(email)]),
  phone: (phone: string) => JSON.stringify(['phone', phone]),
  emailSubscription: (email: string, resourceId = 0) =>
    JSON.stringify(['email_sub', resourceId, readings.emailKey(email)]),
  phoneSubscription: (phone: string, resourceId = 0) => JSON.stringify(['phone_sub', resourceId, phone]),
  push: (provider: string, subscriptionId: string) => JSON.stringify(['push_sub', provider, subscriptionId]),
  /** Of a field that holds a list: one of its elements. */
  field: (name: string, value: Json) => JSON.stringify(['custom', name, value]),
  subscriptionField: (name: string, value: Json) => JSON.stringify(['custom_sub', name, String(value)]),
}

export function createStore(now: SandboxClock): Store {
  const profiles = new Map<string, Profile>()
  const idsByKey = new Map<string, Set<string>>()
  const none: ReadonlySet<string> = new Set()
  let issued = 0
  const indexKey = (databaseId: number, key: string) => `${databaseId} ${key}`
  const forget = (profile: Profile) => {
    for (const key of keysOf(profile)) idsByKey.get(indexKey(profile.databaseId, key))?.delete(profile.id)
  }
  return {
    get size() {
      return profiles.size
    },
    all: () => [...profiles.values()],
    find: (databaseId, key) => idsByKey.get(indexKey(databaseId, key)) ?? none,
    get: (id) => profiles.get(id),
    put(profile) {
      const before = profiles.get(profile.id)
      if (before !== undefined) forget(before)
      profiles.set(profile.id, profile)
      for (const key of keysOf(profile)) {
        const ids = idsByKey.get(indexKey(profile.databaseId, key))
        if (ids === undefined) idsByKey.set(indexKey(profile.databaseId, key), new Set([profile.id]))
        else ids.add(profile.id)
      }
    },
    newId() {
      issued += 1
      const seconds = Math.floor(now() / 1000)
      return `${seconds.toString(16).padStart(8, '0').slice(-8)}5a9db0${issued.toString(16).padStart(10, '0')}`
    },
    clear() {
      profiles.clear()
      idsByKey.clear()
    },
  }
}

function keysOf({ id, fields, subscriptions }: Profile): Set<string> {
  const found = new Set([keys.id(id)])
  for (const [name, value] of fields) {
    if (name === 'email' && typeof value === 'string') found.add(keys.email(value))
    else if (name === 'phones' && Array.isArray(value)) for (const phone of value) found.add(keys.phone(String(phone)))
    else
      for (const part of Array.isArray(value) ? value : [value]) if (!isObject(part)) found.add(keys.field(name, part))
  }
  for (const subscription of subscriptions) for (const key of subscriptionKeys(subscription)) found.add(key)
  return found
}

function subscriptionKeys({ contact, resourceId, customFields }: Subscription): string[] {
  const fields = readings.customSubSearches.includes('custom_fields')
    ? [...customFields].map(([name, value]) => keys.subscriptionField(name, value))
    : []
  const channelData = readings.customSubSearches.includes('cc_data')
    ? (data: Readonly<Record<string, Json>>) =>
        Object.entries(data).map(([name, value]) => keys.subscriptionField(name, value))
    : () => []
  switch (contact.kind) {
    case 'email':
      return [...fields, ...[0, resourceId].map((id) => keys.emailSubscription(contact.email, id))]
    case 'phone':
      return [...fields, ...[0, resourceId].map((id) => keys.phoneSubscription(contact.phone, id))]
    case 'push':
      return [...fields, keys.push(contact.provider, contact.subscriptionId)]
    case 'chat':
      return [...fields, ...channelData({ id: contact.id })]
    case 'messenger':
      return [...fields, ...channelData({ phone: contact.phone })]
    case 'custom':
      return [...fields, ...channelData(contact.data)]
  }
}
