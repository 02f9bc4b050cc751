/** The words of a contact and of the ways to find and write one: the closed sets of the public schema, and the record that travels. */

export const matchingModes = [
  'KEY',
  'FILTER',
  'PROFILE_ID',
  'EMAIL',
  'EMAIL_PROFILE',
  'EMAIL_SUB',
  'PHONE',
  'PHONE_SUB',
  'EMAIL_PHONE',
  'EMAIL_PHONE_SUB',
  'PUSH_SUB',
  'CUSTOM',
  'CUSTOM_SUB',
] as const
export type MatchingMode = (typeof matchingModes)[number]

export const upsertModes = ['CREATE_ONLY', 'CREATE_OR_UPDATE', 'UPDATE_ONLY'] as const
export type UpsertMode = (typeof upsertModes)[number]

export const linkPolicies = ['IGNORE', 'CREATE', 'FAIL'] as const
export type LinkPolicy = (typeof linkPolicies)[number]

export const invalidRecordPolicies = ['REJECT_ALL', 'SKIP_INVALID'] as const
export type InvalidRecordPolicy = (typeof invalidRecordPolicies)[number]

export const nullPolicies = ['IGNORE', 'CLEAR'] as const
export type NullPolicy = (typeof nullPolicies)[number]

export const channels = ['EMAIL', 'SMS', 'WHATSAPP', 'PUSH', 'TELEGRAM_BOT', 'VIBER'] as const
export type Channel = (typeof channels)[number]

export const contactStatuses = ['ACTIVE', 'PASSIVE'] as const
export type ContactStatus = (typeof contactStatuses)[number]

export const subscriptionStatuses = [
  'SUBSCRIBED',
  'UNSUBSCRIBED',
  'COMPLAINED',
  'HARD_BOUNCED',
  'UNCONFIRMED',
  'SUSPENDED',
  'INVALID',
] as const
export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

export const conditionOperators = [
  'EQUALS',
  'NOT_EQUALS',
  'GREATER_THAN',
  'GREATER_THAN_EQUALS',
  'LESS_THAN',
  'LESS_THAN_EQUALS',
] as const
export type ConditionOperator = (typeof conditionOperators)[number]

export const logicalOperators = ['AND', 'OR'] as const
export type LogicalOperator = (typeof logicalOperators)[number]

export const attributeTypes = ['STRING', 'INTEGER', 'DECIMAL', 'BOOLEAN', 'DATE', 'DATETIME', 'TAGS'] as const
export type AttributeType = (typeof attributeTypes)[number]

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }
export type JsonObject = { [name: string]: JsonValue }

/** One test of a filter. Read left to right without precedence; the last condition's `logical` says nothing. */
export interface Condition {
  attribute: string
  operator: ConditionOperator
  value: string
  logical: LogicalOperator
}

/**
 * One channel address of a profile. A field that is absent stays as it is; null, which only `nulls: CLEAR` lets through, clears it.
 * `address` is normalised for its channel: e-mail lower-cased, phone in E.164.
 */
export interface ExtensionRecord {
  channel: Channel
  address: string
  provider?: string
  resourceId?: number
  name?: string | null
  permission?: boolean
  status?: SubscriptionStatus
  priority?: number | null
  categories?: string[] | null
  customFields?: JsonObject
}

/**
 * One contact as the caller sent it, normalised: e-mail lower-cased, phone in E.164, dates checked, null kept only where it clears.
 * A field that is absent stays as it is. Names and shape are those of ProfileInput, so that a stored record can be sent again.
 * Attribute values are still as the caller wrote them: only a destination knows their types.
 */
export interface ProfileRecord {
  clientRef?: string
  key?: string
  newKey?: string
  profileId?: string
  filter?: Condition[]
  email?: string | null
  emailPermission?: boolean
  emailStatus?: ContactStatus
  phone?: string | null
  phonePermission?: boolean
  phoneStatus?: ContactStatus
  status?: ContactStatus
  firstName?: string | null
  lastName?: string | null
  gender?: string | null
  birthDate?: string | null
  subscriptionDate?: string | null
  attributes?: JsonObject
  extensions?: ExtensionRecord[]
}

/**
 * One channel address by itself, with the key of the profile it belongs to, normalised as far as it states its channel. A field that is
 * absent stays as it is; a null name, which only `nulls: CLEAR` lets through, clears it.
 */
export interface KeyedExtensionRecord {
  clientRef?: string
  key: string
  address: string
  channel?: Channel
  provider?: string
  resourceId?: number
  name?: string | null
  permission?: boolean
  /** Takes the place of `address`. */
  newAddress?: string
  /** Moves the address to the profile of this key. */
  newKey?: string
}
