import { type Field, readValue } from './field-type.ts'
import { isObject, type Json, type JsonObject, partOf } from './json.ts'
import type { Profile } from './profile.ts'
import { errors, type Format, readings, texts } from './readings.ts'
import { incorrect, Refusal } from './refusal.ts'
import { keys, type Store } from './store.ts'

/** The eleven of the documents. */
export const matchingModes = [
  ...(['email', 'email_profile', 'email_sub', 'phone', 'phone_sub', 'profile_id', 'push_sub'] as const),
  ...(['custom', 'custom_sub', 'email_phone', 'email_phone_sub'] as const),
] as const
export type MatchingMode = (typeof matchingModes)[number]

/** How a call's items are matched. */
export type Matching = { format: Format } & (
  | { mode: Exclude<MatchingMode, 'custom' | 'custom_sub'>; resourceId: number | undefined }
  | { mode: 'custom'; field: Field }
  | { mode: 'custom_sub'; fieldName: string }
)

/**
 * The profile that the item speaks of, undefined when there is none.
 * Throws a Refusal: 400 for a value that is missing or ill-formed, 409 when several profiles match.
 */
export function findProfile(
  store: Store,
  databaseId: number,
  matching: Matching,
  item: JsonObject,
): Profile | undefined {
  const { wanted, all } = searchOf(matching, item)
  const sets = wanted.map((key) => store.find(databaseId, key))
  const [first = new Set<string>(), ...others] = sets
  const ids = all
    ? new Set([...first].filter((id) => others.every((set) => set.has(id))))
    : new Set(sets.flatMap((set) => [...set]))
  if (ids.size > 1) throw new Refusal(errors.ambiguous)
  const [id] = ids
  return id === undefined ? undefined : store.get(id)
}

/** The keys wanted: any of them, or (`all`, of tags) all together. */
interface Search {
  wanted: readonly string[]
  all: boolean
}

function searchOf(matching: Matching, item: JsonObject): Search {
  switch (matching.mode) {
    case 'custom':
      return fieldSearch(matching.field, item, matching.format)
    case 'custom_sub': {
      const value = firstOf(item, readings.valueNames(matching.fieldName)) ?? ''
      if (value === '' || typeof value === 'object') throw missing(matching.fieldName)
      return any([keys.subscriptionField(matching.fieldName, value)])
    }
    case 'profile_id': {
      const id = firstOf(item, readings.idNames) ?? ''
      if (typeof id !== 'string' || id === '') throw missing('profile_id')
      return any([keys.id(id)])
    }
    case 'push_sub':
      return any([pushKey(item)])
    default:
      return any(contactKeys(matching.mode, item, matching.resourceId))
  }
}

type ContactMode = Exclude<MatchingMode, 'custom' | 'custom_sub' | 'profile_id' | 'push_sub'>

function contactKeys(mode: ContactMode, item: JsonObject, resourceId: number | undefined): string[] {
  const own = readings.resourceNarrowsProfileFields && resourceId !== undefined ? [] : [true]
  switch (mode) {
    case 'email':
      return needed('email', emailOf(item, false), (email) => [
        ...own.map(() => keys.email(email)),
        keys.emailSubscription(email, resourceId),
      ])
    case 'email_profile':
      return needed('email', emailOf(item, false), (email) => [keys.email(email)])
    case 'email_sub':
      return needed('email', emailOf(item, true), (email) => [keys.emailSubscription(email, resourceId)])
    case 'phone':
      return needed('phone', phoneOf(item), (phone) => [
        ...own.map(() => keys.phone(phone)),
        keys.phoneSubscription(phone, resourceId),
      ])
    case 'phone_sub':
      return needed('phone', phoneOf(item), (phone) => [keys.phoneSubscription(phone, resourceId)])
    case 'email_phone':
    case 'email_phone_sub': {
      const [email, phone] = [emailOf(item, mode === 'email_phone_sub'), phoneOf(item)]
      if (email === undefined && phone === undefined) throw missing('email or phone')
      const inSubscriptions = mode === 'email_phone_sub' || readings.emailPhoneSearchesSubscriptions
      const inProfile = mode === 'email_phone'
      return [
        ...(email !== undefined && inProfile ? [keys.email(email)] : []),
        ...(email !== undefined && inSubscriptions ? [keys.emailSubscription(email, resourceId)] : []),
        ...(phone !== undefined && inProfile ? [keys.phone(phone)] : []),
        ...(phone !== undefined && inSubscriptions ? [keys.phoneSubscription(phone, resourceId)] : []),
      ]
    }
  }
}

function fieldSearch(field: Field, item: JsonObject, format: Format): Search {
  const value = firstOf(item, readings.valueNames(field.name)) ?? ''
  if (value === '' || (Array.isArray(value) && value.length === 0)) throw missing(field.name)
  const stored = readValue(field, value, format)
  const parts = Array.isArray(stored) ? stored : [stored]
  if (parts.length === 0) throw missing(field.name)
  return { wanted: parts.map((part) => keys.field(field.name, part)), all: true }
}

function pushKey(item: JsonObject): string {
  const subscription = subscriptionsOf(item, 'push')[0] ?? {}
  const nested = partOf(subscription, 'push_data')
  const part = (name: string) => {
    const value = partOf(item, name) ?? partOf(subscription, name) ?? (isObject(nested) ? partOf(nested, name) : '')
    if (typeof value !== 'string' || value === '') throw missing(name)
    return value
  }
  return keys.push(part('provider'), part('subscription_id'))
}

/** The item's own e-mail; with `subscribed` and without one of its own, that of its first e-mail subscription. */
function emailOf(item: JsonObject, subscribed: boolean): string | undefined {
  const own = filled(partOf(item, 'email'))
  const value = own ?? (subscribed ? contactOf(item, 'email', 'email_data', 'email') : undefined)
  if (value === undefined) return undefined
  const email = typeof value === 'string' ? readings.email(value) : undefined
  if (email === undefined) throw incorrect(texts.email)
  return email
}

/** `phone`, else the first of `phones`, else that of the first SMS subscription. */
function phoneOf(item: JsonObject): string | undefined {
  const phones = partOf(item, 'phones')
  const first = Array.isArray(phones) ? phones[0] : undefined
  const value = filled(partOf(item, 'phone')) ?? filled(first) ?? contactOf(item, 'sms', 'phone_data', 'phone')
  if (value === undefined) return undefined
  const phone = typeof value === 'string' ? readings.phone(value) : undefined
  if (phone === undefined) throw incorrect(texts.phone)
  return phone
}

function contactOf(item: JsonObject, channel: string, container: string, name: string): Json | undefined {
  const subscription = subscriptionsOf(item, channel)[0]
  if (subscription === undefined) return undefined
  const nested = partOf(subscription, container)
  return filled(partOf(subscription, name)) ?? (isObject(nested) ? filled(partOf(nested, name)) : undefined)
}

function subscriptionsOf(item: JsonObject, channel: string): JsonObject[] {
  const subscriptions = partOf(item, 'subscriptions')
  const objects = Array.isArray(subscriptions) ? subscriptions.filter(isObject) : []
  return objects.filter((subscription) => partOf(subscription, 'channel') === channel)
}

function firstOf(item: JsonObject, names: readonly string[]): Json | undefined {
  return names.map((name) => partOf(item, name)).find((value) => value !== undefined)
}

function filled(value: Json | undefined): Json | undefined {
  return value === '' || value === null ? undefined : value
}

function needed(name: string, value: string | undefined, toKeys: (value: string) => string[]): string[] {
  if (value === undefined) throw missing(name)
  return toKeys(value)
}

function any(wanted: readonly string[]): Search {
  return { wanted, all: false }
}

function missing(name: string): Refusal {
  return incorrect(`${name} is required for matching`)
}
