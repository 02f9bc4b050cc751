import type { Json } from './json.ts'

/** Page "Subscription status": the word at each number. */
export const statuses = [
  ...(['subscribed', 'unsubscribed', 'complained', 'hardbounced'] as const),
  ...(['unconfirmed', 'suspended', 'invalid'] as const),
] as const
export type Status = (typeof statuses)[number]

/** Where a subscription sends to, by the form that its channel asks for. */
export type Contact =
  | { kind: 'email'; email: string }
  | { kind: 'phone'; phone: string }
  | { kind: 'push'; provider: string; subscriptionId: string }
  | { kind: 'chat'; id: number }
  | { kind: 'messenger'; phone: string }
  /** Of a custom channel: its `cc_data` as it was sent. */
  | { kind: 'custom'; data: Readonly<Record<string, Json>> }

export interface Subscription {
  readonly resourceId: number
  readonly channel: string
  readonly contact: Contact
  readonly status: Status
  readonly priority: number
  readonly categories: readonly string[]
  readonly customFields: ReadonlyMap<string, Json>
}

/** A trigger event that an import would have fired, or that `skip_triggers` kept from firing. */
export interface TriggerEvent {
  /** ISO 8601. */
  at: string
  event: string
  fired: boolean
}

export interface Profile {
  /** 24 hexadecimal digits. */
  readonly id: string
  readonly databaseId: number
  readonly fields: ReadonlyMap<string, Json>
  readonly subscriptions: readonly Subscription[]
  readonly triggers: readonly TriggerEvent[]
}
