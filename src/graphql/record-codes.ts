import type { RecordErrorCode, RecordWarningCode } from '../contract/outcome.ts'
import { enumOf } from './builder.ts'

export const recordErrorCodeEnum = enumOf<RecordErrorCode>(
  'RecordErrorCode',
  "Why a record failed, in one vocabulary for all destinations. The vendor's own code stands beside it in `vendorCode`.",
  {
    PROFILE_NOT_FOUND:
      'No profile has that match value, and none may be created. Webex Campaign 7200, Altcraft 404, a key that D·engage passes over.',
    PROFILE_EXISTS: 'A profile has that match value, under CREATE_ONLY. Webex Campaign 7201.',
    AMBIGUOUS_MATCH:
      'Several profiles have that match value, or several channels of one an address that was sent without its channel. Altcraft 409.',
    MISSING_MATCH_VALUE: 'The record lacks the value that its matching mode looks for, or its filter is empty.',
    TOO_MANY_MATCHES: 'The filter finds more profiles than `maxAffected`.',
    KEY_CONFLICT: 'The profile that was found by another value has another key than the record states.',
    UNKNOWN_PROFILE_TYPE: 'The destination has no such profile type. Webex Campaign 3005 and 7031.',
    UNKNOWN_ATTRIBUTE:
      'The profile type has no such attribute: define it with `defineProfileType`, or correct the name. Webex Campaign 7029, D·engage code 1.',
    ATTRIBUTE_NOT_IMPORTABLE: 'The attribute exists, and is not open to imports.',
    INVALID_VALUE:
      'The value is not one of its type, or null stands where nothing can be cleared. D·engage code 11, Altcraft 400.',
    INVALID_EMAIL: 'Not an e-mail address of at most 255 characters.',
    INVALID_PHONE: 'Not a possible phone number in international form with its +, at most 20 characters.',
    VALUE_TOO_LONG: 'Longer than the field may be: names and gender 100 characters.',
    MALFORMED_RECORD: 'The line of the file cannot be read as a record.',
    LINK_NOT_FOUND: 'A link names a key that no profile of the target type has, under `linkPolicy: FAIL`.',
    KEY_TAKEN: 'Another profile already has the new key.',
    NEW_KEY_NOT_FOUND: 'The profile to which the address should move does not exist.',
    EXTENSION_NOT_FOUND: 'The profile has no such address, and none may be created.',
    EXTENSION_EXISTS: 'The profile has that address already, under CREATE_ONLY.',
    ADDRESS_TAKEN: 'The profile already has the new address.',
    UNKNOWN_EXTENSION_TYPE: 'The extension `name` is not configured for that channel.',
    CHANNEL_IMMUTABLE: 'The address exists under another channel, and a channel cannot change.',
    CHANNEL_REQUIRED: 'A new extension, and a new address, need their channel.',
    INVALID_EXTENSION: 'An extension of the record is wrong; `field` says which and where.',
    PERMISSION_REQUIRED:
      'The record states no permission, the destination would opt the contact in by itself, and its configuration (`missingPermission: "reject"`) forbids that.',
    DESTINATION_AUTH:
      "The vendor refused the destination's credentials. Webex Campaign 498, D·engage 401, Altcraft 401.",
    DESTINATION_FORBIDDEN: "The vendor's account may not do this. Webex Campaign 430, D·engage 403, Altcraft 403.",
    DESTINATION_REJECTED:
      'The vendor refused for a reason of its own: see `vendorCode` and `vendorMessage`. Webex Campaign 1010, Altcraft 402 and 440.',
    DESTINATION_UNAVAILABLE: 'The vendor could not be reached until patience ended; certainly not applied.',
    NO_ANSWER: 'The record was sent and no answer tells whether it was applied.',
  },
)

export const recordWarningCodeEnum = enumOf<RecordWarningCode>(
  'RecordWarningCode',
  'Something that was done to an applied record and that its sender would want to know.',
  {
    PERMISSION_DEFAULTED:
      'The record stated no permission or status, and the vendor opted the contact in by itself (D·engage permissions, Altcraft subscriptions).',
    STATUS_REACTIVATED: 'The address changed, and the vendor set its status ACTIVE by itself (D·engage).',
    VALUE_DEFAULTED: 'The vendor did not take a value and used its own default instead.',
    EXTENSION_DROPPED: 'An extension was wrong and left out, as `skipInvalidExtensions` asks.',
    DESTINATION_WARNING: 'The vendor warned; see `vendorMessage`.',
  },
)
