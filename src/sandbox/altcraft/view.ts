import { createHash } from 'node:crypto'
import type { Json, JsonObject } from './json.ts'
import type { Profile, Subscription } from './profile.ts'
import { readings } from './readings.ts'
import { subscriptionIdentity } from './subscription.ts'

/** A profile as `profiles/get` gives it (page "Get profile data"): its fields, then its subscriptions. */
export function profileView({ id, databaseId, fields, subscriptions }: Profile): JsonObject {
  return {
    ...Object.fromEntries(fields),
    id,
    db_id: databaseId,
    subscriptions: subscriptions.map((subscription) => subscriptionView(id, subscription)),
  }
}

/** What `GET /_sandbox/altcraft/profiles` shows: the same, and which triggers fired or were kept from it. */
export function storedView(profile: Profile): JsonObject {
  return {
    ...profileView(profile),
    triggers: profile.triggers.map(({ at, event, fired }) => ({ at, event, fired })),
  }
}

function subscriptionView(profileId: string, subscription: Subscription): JsonObject {
  const { resourceId, channel, status, priority, categories, customFields } = subscription
  return {
    hash_id: digest(`${profileId} ${subscriptionIdentity(subscription)}`),
    resource_id: resourceId,
    channel,
    ...contactView(subscription),
    status,
    priority,
    cats: [...categories],
    custom_fields: Object.fromEntries(customFields),
    is_delete: false,
  }
}

function contactView({ contact, channel }: Subscription): JsonObject {
  switch (contact.kind) {
    case 'email': {
      const domain = contact.email.slice(contact.email.lastIndexOf('@') + 1).toLowerCase()
      const md5 = digest(readings.emailKey(contact.email))
      return { email_data: { email: contact.email, domain, domain_group: domain, md5 } }
    }
    case 'phone':
      return { phone_data: { phone: contact.phone } }
    case 'push':
      return { push_data: { provider: contact.provider, subscription_id: contact.subscriptionId } }
    case 'chat':
      return { cc_data: { id: contact.id } }
    case 'messenger':
      return {
        ...(channel === 'notify' ? {} : { phone_data: { phone: contact.phone } }),
        cc_data: { phone: contact.phone },
      }
    case 'custom':
      return { cc_data: copyOf(contact.data) }
  }
}

function copyOf(data: Readonly<Record<string, Json>>): JsonObject {
  return Object.fromEntries(Object.entries(data))
}

/** The documents show both as MD5 digests. */
function digest(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
