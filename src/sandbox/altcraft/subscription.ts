import { readValue } from './field-type.ts'
import { integerOf, isAbsent, isObject, type Json, type JsonObject, objectOf, partOf } from './json.ts'
import { type Contact, type Status, type Subscription, statuses } from './profile.ts'
import { type Format, readings, texts } from './readings.ts'
import { incorrect } from './refusal.ts'
import type { Resource } from './settings.ts'
import { systemSubscriptionFieldsByName } from './system-fields.ts'

/** A subscription as an item gives it; undefined parts are to be left as they are. */
export interface SubscriptionChange {
  resourceId: number
  channel: string
  contact: Contact
  status: Status | undefined
  priority: number | undefined
  categories: readonly string[] | undefined
  customFields: ReadonlyMap<string, Json>
}

/** Reads one element of `subscriptions`. Throws a Refusal (400): the subscription is invalid. */
export function readSubscription(
  value: Json,
  databaseId: number,
  resources: readonly Resource[],
  format: Format,
): SubscriptionChange {
  const input = objectOf(value, format)
  if (input === undefined) throw incorrect('incorrect subscription: it must be an object')
  const channel = partOf(input, 'channel')
  if (typeof channel !== 'string' || channel === '') throw incorrect('incorrect subscription: channel is missing')
  const resource = readResource(input, databaseId, resources, format)
  if (!resource.channels.includes(channel)) {
    throw incorrect(`incorrect subscription: resource ${resource.id} has no channel ${channel}`)
  }
  return {
    resourceId: resource.id,
    channel,
    contact: readContact(channel, input, format),
    status: readStatus(partOf(input, 'status'), format),
    priority: readPriority(partOf(input, 'priority'), format),
    categories: readCategories(partOf(input, 'cats'), resource),
    customFields: readCustomFields(partOf(input, 'custom_fields'), resource, format),
  }
}

/** What the subscription is after the change, over what it was (undefined: it is new). */
export function changedSubscription(before: Subscription | undefined, change: SubscriptionChange): Subscription {
  const { resourceId, channel, contact, customFields } = change
  return {
    resourceId,
    channel,
    contact,
    status: change.status ?? before?.status ?? readings.newSubscription.status,
    priority: change.priority ?? before?.priority ?? readings.newSubscription.priority,
    categories: readings.categories(before?.categories ?? [], change.categories),
    customFields: readings.subscriptionFields(before?.customFields ?? new Map(), customFields),
  }
}

/** Page "Subscription": inside a profile, a subscription is known by its resource, channel and contact. */
export function subscriptionIdentity(subscription: Pick<Subscription, 'resourceId' | 'channel' | 'contact'>): string {
  const { resourceId, channel, contact } = subscription
  const key = contact.kind === 'email' ? { email: readings.emailKey(contact.email) } : contact
  return JSON.stringify([resourceId, channel, key])
}

function readResource(input: JsonObject, databaseId: number, resources: readonly Resource[], format: Format): Resource {
  const value = partOf(input, 'resource_id')
  const id = value === undefined ? undefined : integerOf(value, format)
  if (id === undefined) throw incorrect('incorrect subscription: resource_id is missing or no integer')
  const resource = resources.find((candidate) => candidate.id === id)
  if (resource === undefined) throw incorrect(`incorrect subscription: no resource ${id}`)
  if (!resource.databaseIds.includes(databaseId)) {
    throw incorrect(`incorrect subscription: resource ${id} is not linked to database ${databaseId}`)
  }
  return resource
}

function readContact(channel: string, input: JsonObject, format: Format): Contact {
  switch (channel) {
    case 'email': {
      const email = readings.email(contactText(input, 'email_data', 'email'))
      if (email === undefined) throw incorrect(texts.email)
      return { kind: 'email', email }
    }
    case 'sms':
      return { kind: 'phone', phone: readPhone(contactText(input, 'phone_data', 'phone')) }
    case 'push':
      return {
        kind: 'push',
        provider: filled(contactText(input, 'push_data', 'provider'), 'provider'),
        subscriptionId: filled(contactText(input, 'push_data', 'subscription_id'), 'subscription_id'),
      }
    default:
      return readChannelData(channel, partOf(input, 'cc_data'), format)
  }
}

function readChannelData(channel: string, data: Json | undefined, format: Format): Contact {
  if (!isObject(data)) throw incorrect('incorrect subscription: cc_data must be an object')
  switch (channel) {
    case 'telegram_bot': {
      const value = partOf(data, 'id')
      const id = value === undefined ? undefined : integerOf(value, format)
      if (id === undefined) throw incorrect('incorrect subscription: cc_data.id must be an integer')
      return { kind: 'chat', id }
    }
    case 'whatsapp':
    case 'viber':
    case 'notify': {
      const phone = partOf(data, 'phone')
      return { kind: 'messenger', phone: readPhone(typeof phone === 'string' ? phone : '') }
    }
    default:
      if (Object.keys(data).length === 0) throw incorrect('incorrect subscription: cc_data is empty')
      return { kind: 'custom', data }
  }
}

/** A part of the contact from its nested or its flat form, the empty string when it is in neither. */
function contactText(input: JsonObject, container: string, name: string): string {
  const outer = partOf(input, container)
  const nested = isObject(outer) ? partOf(outer, name) : undefined
  const flat = partOf(input, name)
  if (nested !== undefined && flat !== undefined && nested !== flat && readings.refusesContactsThatDisagree) {
    throw incorrect(`incorrect subscription: ${name} and ${container}.${name} differ`)
  }
  const value = nested ?? flat
  return typeof value === 'string' ? value : ''
}

function readPhone(text: string): string {
  const phone = readings.phone(text)
  if (phone === undefined) throw incorrect(texts.phone)
  return phone
}

function filled(text: string, name: string): string {
  if (text.trim() === '') throw incorrect(`incorrect subscription: ${name} is missing`)
  return text
}

function readStatus(value: Json | undefined, format: Format): Status | undefined {
  if (value === undefined) return undefined
  const number = integerOf(value, format)
  if (number === readings.leave) return undefined
  const status = number === undefined ? statuses.find((word) => word === value) : statuses[number]
  if (status === undefined) throw incorrect(`incorrect subscription: unknown status ${JSON.stringify(value)}`)
  return status
}

function readPriority(value: Json | undefined, format: Format): number | undefined {
  if (value === undefined) return undefined
  const priority = integerOf(value, format)
  if (priority === readings.leave) return undefined
  if (priority === undefined || priority < 0) throw incorrect('incorrect subscription: priority')
  return priority
}

function readCategories(value: Json | undefined, resource: Resource): string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw incorrect('incorrect subscription: cats must be an array')
  return [...new Set(value)].map((category) => {
    if (typeof category === 'string' && resource.categories.includes(category)) return category
    throw incorrect(`incorrect subscription: resource ${resource.id} has no category ${JSON.stringify(category)}`)
  })
}

function readCustomFields(value: Json | undefined, resource: Resource, format: Format): Map<string, Json> {
  const input = value === undefined ? {} : objectOf(value, format)
  if (input === undefined) throw incorrect('incorrect subscription: custom_fields must be an object')
  return new Map(
    Object.entries(input).flatMap(([name, part]): [string, Json][] => {
      if (isAbsent(part)) return []
      const custom = resource.customFields.find((candidate) => candidate.name === name)
      const field = custom ?? systemSubscriptionFieldsByName.get(name)
      if (field === undefined) throw incorrect(`incorrect subscription: unknown field ${name}`)
      return [[name, readValue(field, part, format)]]
    }),
  )
}
