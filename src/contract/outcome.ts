/**
 * What became of one record at one destination. The order is the storage format: an outcome is stored as its place in this list,
 * and counts are arrays in this order. Append only.
 */
export const recordOutcomes = [
  'PENDING',
  'CREATED',
  'UPDATED',
  'UPSERTED',
  'UNCHANGED',
  'SKIPPED',
  'SUPERSEDED',
  'FAILED',
  'CANCELLED',
  'UNKNOWN',
] as const
export type RecordOutcome = (typeof recordOutcomes)[number]

/** One number per outcome, in the order of `recordOutcomes`. */
export type OutcomeCounts = number[]

export const recordErrorCodes = [
  'PROFILE_NOT_FOUND',
  'PROFILE_EXISTS',
  'AMBIGUOUS_MATCH',
  'MISSING_MATCH_VALUE',
  'TOO_MANY_MATCHES',
  'KEY_CONFLICT',
  'UNKNOWN_PROFILE_TYPE',
  'UNKNOWN_ATTRIBUTE',
  'ATTRIBUTE_NOT_IMPORTABLE',
  'INVALID_VALUE',
  'INVALID_EMAIL',
  'INVALID_PHONE',
  'VALUE_TOO_LONG',
  'MALFORMED_RECORD',
  'LINK_NOT_FOUND',
  'KEY_TAKEN',
  'NEW_KEY_NOT_FOUND',
  'EXTENSION_NOT_FOUND',
  'EXTENSION_EXISTS',
  'ADDRESS_TAKEN',
  'UNKNOWN_EXTENSION_TYPE',
  'CHANNEL_IMMUTABLE',
  'CHANNEL_REQUIRED',
  'INVALID_EXTENSION',
  'PERMISSION_REQUIRED',
  'DESTINATION_AUTH',
  'DESTINATION_FORBIDDEN',
  'DESTINATION_REJECTED',
  'DESTINATION_UNAVAILABLE',
  'NO_ANSWER',
] as const
export type RecordErrorCode = (typeof recordErrorCodes)[number]

export const recordWarningCodes = [
  'PERMISSION_DEFAULTED',
  'STATUS_REACTIVATED',
  'VALUE_DEFAULTED',
  'EXTENSION_DROPPED',
  'DESTINATION_WARNING',
] as const
export type RecordWarningCode = (typeof recordWarningCodes)[number]

/** Why a record failed. `field` is the path in the record that has to be changed, `attributes.size` say. */
export interface RecordError {
  code: RecordErrorCode
  message: string
  field?: string
  vendorCode?: string
  vendorMessage?: string
}

/** Something that was done to an applied record and that its sender would want to know. */
export interface RecordWarning {
  code: RecordWarningCode
  message: string
  field?: string
  vendorMessage?: string
}

/** The fate of one record at one destination. Absent lists are empty; `affected` is absent where the outcome says it (0 or 1). */
export interface RecordFate {
  outcome: RecordOutcome
  /** The destination's id of the profile, where it tells. */
  profileId?: string
  /** Profiles written, where it is neither 0 nor 1 as the outcome says (FILTER). */
  affected?: number
  /** The position, within the same batch, of the record this one was folded into. */
  supersededBy?: number
  errors?: RecordError[]
  warnings?: RecordWarning[]
  vendorRequestId?: string
  vendorTransactionId?: string
}
