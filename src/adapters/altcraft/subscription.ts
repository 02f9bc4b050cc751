import type { RecordError } from '../../contract/outcome.ts'
import type { Channel, ExtensionRecord, JsonObject, JsonValue, SubscriptionStatus } from '../../contract/profile.ts'
import { shownName } from '../../domain/json.ts'
import { readings } from './readings.ts'
import type { AltcraftSettings } from './settings.ts'
import { xmlNameProblem, xmlValueProblem } from './xml-writer.ts'

/** An element of `subscriptions`. What is absent stays as it is there. */
export type AltcraftSubscription = Contact & {
  channel: string
  resource_id?: number
  status?: string
  priority?: number
  custom_fields?: JsonObject
  cats?: string[]
}

/** Where it sends to, in the form that its channel asks for. */
type Contact =
  | { [readings.emailContactName]: { email: string } }
  | { phone: string }
  | { provider: string; subscription_id: string }
  | { cc_data: { id: number } | { phone: string } }

/** A subscription with the extension that it is made of. */
export interface BuiltSubscription {
  extension: ExtensionRecord
  subscription: AltcraftSubscription
}

const channelNames = {
  EMAIL: 'email',
  SMS: 'sms',
  WHATSAPP: 'whatsapp',
  PUSH: 'push',
  TELEGRAM_BOT: 'telegram_bot',
  VIBER: 'viber',
} as const satisfies Record<Channel, string>

const statusNames = {
  SUBSCRIBED: 'subscribed',
  UNSUBSCRIBED: 'unsubscribed',
  COMPLAINED: 'complained',
  HARD_BOUNCED: 'hardbounced',
  UNCONFIRMED: 'unconfirmed',
  SUSPENDED: 'suspended',
  INVALID: 'invalid',
} as const satisfies Record<SubscriptionStatus, string>

/** The subscription that the extension is, or everything that keeps it from being one, each as INVALID_EXTENSION. */
export function buildSubscription(
  extension: ExtensionRecord,
  place: number,
  resourceId: number | null,
  format: AltcraftSettings['format'],
): { ok: true; subscription: AltcraftSubscription } | { ok: false; errors: RecordError[] } {
  const errors: RecordError[] = []
  const refuse = (member: string, message: string) => {
    const field = `extensions[${place}].${member}`
    errors.push({ code: 'INVALID_EXTENSION', message: `${field} ${message}`, field })
  }
  const { channel, address, provider, name, status, permission, priority, categories, customFields } = extension
  const contact = contactOf(channel, address, provider)
  const resource = extension.resourceId ?? resourceId ?? undefined
  if (contact === null) refuse('provider', 'is missing: Altcraft knows a push token by its provider and itself')
  if (channel !== 'PUSH' && provider !== undefined) refuse('provider', 'is for PUSH alone at Altcraft: leave it out')
  if (resource === undefined && readings.resourceIdRequired) {
    refuse(
      'resourceId',
      'is missing: every subscription at Altcraft belongs to a resource; add it, or a resourceId of the request',
    )
  }
  if (name !== undefined) refuse('name', 'has no place at Altcraft: leave it out')
  if (permission !== undefined && !isSaidByStatus(permission, status)) {
    const stated = permission ? 'SUBSCRIBED' : 'UNSUBSCRIBED'
    refuse('permission', `has no place at Altcraft beside the status: state status ${stated}, or leave it out`)
  }
  if (priority === null || categories === null) {
    refuse(
      priority === null ? 'priority' : 'categories',
      'cannot be cleared at Altcraft: leave it out, or send a value',
    )
  }
  for (const [field, value] of Object.entries(customFields ?? {})) {
    const problem = customValueProblem(field, value, format)
    if (problem !== null) refuse(`customFields.${field}`, problem)
  }
  const texts = [address, provider ?? '', ...(categories ?? [])]
  const unreadable = format === 'xml' ? xmlValueProblem(texts) : null
  if (unreadable !== null) refuse('address', `or another of its texts ${unreadable}`)
  if (errors.length > 0 || contact === null) return { ok: false, errors }
  const subscription: AltcraftSubscription = {
    channel: channelNames[channel],
    ...contact,
    ...(resource === undefined ? {} : { resource_id: resource }),
    ...(status === undefined ? {} : { status: statusNames[status] }),
    ...(typeof priority === 'number' ? { priority } : {}),
    ...(customFields === undefined ? {} : { custom_fields: customFields }),
    ...(Array.isArray(categories) ? { cats: categories } : {}),
  }
  return { ok: true, subscription }
}

/** null: a push token without provider. */
function contactOf(channel: Channel, address: string, provider: string | undefined): Contact | null {
  switch (channel) {
    case 'EMAIL':
      return { [readings.emailContactName]: { email: address } }
    case 'SMS':
      return { phone: address }
    case 'PUSH':
      return provider === undefined ? null : { provider, subscription_id: address }
    case 'TELEGRAM_BOT':
      return { cc_data: { id: Number(address) } }
    case 'WHATSAPP':
    case 'VIBER':
      return { cc_data: { phone: address } }
  }
}

function isSaidByStatus(permission: boolean, status: SubscriptionStatus | undefined): boolean {
  return permission ? status === 'SUBSCRIBED' : status === 'UNSUBSCRIBED'
}

function customValueProblem(name: string, value: JsonValue, format: AltcraftSettings['format']): string | null {
  if (name === '') return 'has an empty name: give it one'
  if (value === null) return 'cannot be cleared at Altcraft: leave it out, or send a value'
  const problem = functionProblem(value)
  if (problem !== null || format === 'json') return problem
  return xmlNameProblem(name) ?? xmlValueProblem(value)
}

/** What would make Altcraft take the value, or a part of it, for a function to carry out, or null. */
export function functionProblem(value: JsonValue): string | null {
  if (typeof value !== 'object' || value === null) return null
  if (!Array.isArray(value) && Object.hasOwn(value, readings.functionMember)) {
    return `has the member ${shownName(readings.functionMember)}, by which Altcraft takes it for an operation on the field: rename it`
  }
  for (const member of Object.values(value)) {
    const problem = functionProblem(member)
    if (problem !== null) return problem
  }
  return null
}

/** Inside a profile, subscriptions of one resource, channel and contact are one. */
function identityOf(subscription: AltcraftSubscription): string {
  const { status: _status, priority: _priority, custom_fields: _customFields, cats: _cats, ...identity } = subscription
  return JSON.stringify(Object.entries(identity).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** As if the later ones were written over the earlier. */
export function mergeSubscriptions(
  earlier: readonly AltcraftSubscription[],
  later: readonly AltcraftSubscription[],
): AltcraftSubscription[] {
  const merged = new Map<string, AltcraftSubscription>()
  for (const subscription of [...earlier, ...later]) {
    const identity = identityOf(subscription)
    const held = merged.get(identity)
    merged.set(identity, held === undefined ? subscription : over(held, subscription))
  }
  return [...merged.values()]
}

function over(held: AltcraftSubscription, subscription: AltcraftSubscription): AltcraftSubscription {
  const customFields = { ...held.custom_fields, ...subscription.custom_fields }
  const hasFields = Object.keys(customFields).length > 0
  return { ...held, ...subscription, ...(hasFields ? { custom_fields: customFields } : {}) }
}
