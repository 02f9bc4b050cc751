import type { RecordErrorCode } from './outcome.ts'
import type {
  Channel,
  ConditionOperator,
  ContactStatus,
  InvalidRecordPolicy,
  JsonObject,
  LinkPolicy,
  LogicalOperator,
  MatchingMode,
  NullPolicy,
  SubscriptionStatus,
  UpsertMode,
} from './profile.ts'

/** The inputs of the public schema as they arrive: types coerced, defaults filled in, nothing checked. Absent and null differ. */

export interface ConditionInput {
  attribute: string
  operator: ConditionOperator
  value: string
  logical: LogicalOperator
}

export interface ProfileExtensionInput {
  channel: Channel
  address: string
  provider?: string | null
  resourceId?: number | null
  name?: string | null
  permission?: boolean | null
  status?: SubscriptionStatus | null
  priority?: number | null
  categories?: string[] | null
  customFields?: JsonObject | null
}

export interface ProfileInput {
  clientRef?: string | null
  key?: string | null
  newKey?: string | null
  profileId?: string | null
  filter?: ConditionInput[] | null
  email?: string | null
  emailPermission?: boolean | null
  emailStatus?: ContactStatus | null
  phone?: string | null
  phonePermission?: boolean | null
  phoneStatus?: ContactStatus | null
  status?: ContactStatus | null
  firstName?: string | null
  lastName?: string | null
  gender?: string | null
  birthDate?: string | null
  subscriptionDate?: string | null
  attributes?: JsonObject | null
  extensions?: ProfileExtensionInput[] | null
}

export interface BulkUpsertProfilesInput {
  destinations: string[]
  profileType?: string | null
  matching: MatchingMode
  matchingField?: string | null
  upsert: UpsertMode
  linkPolicy: LinkPolicy
  nulls: NullPolicy
  onInvalid: InvalidRecordPolicy
  skipInvalidExtensions: boolean
  skipTriggers: boolean
  detectGeo: boolean
  resourceId?: number | null
  maxAffected: number
  audit?: string[] | null
  idempotencyKey?: string | null
  waitSeconds: number
  profiles: ProfileInput[]
}

export interface ExtensionInput {
  clientRef?: string | null
  key: string
  address: string
  channel?: Channel | null
  provider?: string | null
  resourceId?: number | null
  name?: string | null
  permission?: boolean | null
  newAddress?: string | null
  newKey?: string | null
}

export interface BulkUpsertExtensionsInput {
  destinations: string[]
  profileType?: string | null
  upsert: UpsertMode
  nulls: NullPolicy
  onInvalid: InvalidRecordPolicy
  audit?: string[] | null
  idempotencyKey?: string | null
  waitSeconds: number
  extensions: ExtensionInput[]
}

export interface ColumnMappingInput {
  column: string
  field: string
}

/** An upload in place of the records. */
export interface ImportProfilesInput extends Omit<BulkUpsertProfilesInput, 'profiles'> {
  uploadId: string
  columns?: ColumnMappingInput[] | null
}

export interface RetryJobInput {
  jobId: string
  destinations?: string[] | null
  codes?: RecordErrorCode[] | null
  idempotencyKey?: string | null
  waitSeconds: number
}
