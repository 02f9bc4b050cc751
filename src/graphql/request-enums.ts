import type {
  ConditionOperator,
  InvalidRecordPolicy,
  LinkPolicy,
  LogicalOperator,
  MatchingMode,
  NullPolicy,
  UpsertMode,
} from '../contract/profile.ts'
import { enumOf } from './builder.ts'

export const matchingModeEnum = enumOf<MatchingMode>(
  'MatchingMode',
  'By which of its values a record finds the profile it is about. Webex Campaign: `key` or `filter`; D·engage: always `contact_key`; Altcraft: `matching`. Values are compared in their normalised form, and only with profiles of the type of the request.',
  {
    KEY: "`key`, unique within the tenant and the profile type. Webex Campaign `key`, D·engage `contact_key`, Altcraft `custom` on the destination's `keyField`.",
    FILTER:
      'Every profile that satisfies the conditions of `filter`, at most `maxAffected`. Updates only, never creates. Webex Campaign `filter`.',
    PROFILE_ID: "`profileId`, the destination's own id. Updates only, never creates. Altcraft `profile_id`.",
    EMAIL: "`email`, in the profile's own e-mail and in its EMAIL extensions. Altcraft `email`.",
    EMAIL_PROFILE: "`email`, in the profile's own e-mail only. Altcraft `email_profile`.",
    EMAIL_SUB: "The record's first EMAIL extension, in EMAIL extensions only. Altcraft `email_sub`.",
    PHONE: "`phone`, in the profile's own phone and in its SMS extensions. Altcraft `phone`.",
    PHONE_SUB: "The record's first SMS extension, in SMS extensions only. Altcraft `phone_sub`.",
    EMAIL_PHONE:
      "`email`, `phone` or both, in the profile's own e-mail and phone. Two different profiles found are several hits. Altcraft `email_phone`.",
    EMAIL_PHONE_SUB:
      'The first EMAIL extension, the first SMS extension or both, in extensions only. Altcraft `email_phone_sub`.',
    PUSH_SUB: "The record's first PUSH extension, by provider and address. Altcraft `push_sub`.",
    CUSTOM:
      'The attribute that `matchingField` names; of a TAGS attribute the profiles that have all the tags given. Altcraft `custom` with `field_name`.',
    CUSTOM_SUB:
      'The first extension that carries the custom field named by `matchingField`, in that custom field of extensions. Altcraft `custom_sub`.',
  },
)

export const upsertModeEnum = enumOf<UpsertMode>(
  'UpsertMode',
  'What may happen to a record whose profile exists, and to one whose profile does not.',
  {
    CREATE_ONLY:
      'Create; a profile that is found fails the record with PROFILE_EXISTS. Webex Campaign `upsert "0"`. D·engage and Altcraft cannot.',
    CREATE_OR_UPDATE:
      'Create what is not found and update what is. Webex Campaign `upsert "1"`, D·engage `insertIfNotExists: true`, Altcraft `profiles/import_batch`.',
    UPDATE_ONLY:
      'Update; where nothing is found the record ends with PROFILE_NOT_FOUND. Webex Campaign `upsert "2"`, D·engage `insertIfNotExists: false`, Altcraft `profiles/update_batch`.',
  },
)

export const linkPolicyEnum = enumOf<LinkPolicy>(
  'LinkPolicy',
  'What to do when a link attribute names a key that no profile of the target type has. Webex Campaign `update-link`.',
  {
    IGNORE: 'Write the profile and let the link dangle. Webex Campaign `update-link "1"`.',
    CREATE: 'First create an empty profile with that key. Webex Campaign `update-link "2"`, its default too.',
    FAIL: 'Fail the record with LINK_NOT_FOUND. Webex Campaign `update-link "3"`.',
  },
)

export const invalidRecordPolicyEnum = enumOf<InvalidRecordPolicy>(
  'InvalidRecordPolicy',
  'What to do when records fail validation, which is done for every destination before anything is stored or sent.',
  {
    REJECT_ALL:
      'One bad record at one destination refuses the whole request. D·engage `throwExceptionIfInvalidRecord: true`.',
    SKIP_INVALID:
      'A bad record is FAILED at the destination that cannot take it, and the others go on. D·engage `throwExceptionIfInvalidRecord: false`.',
  },
)

export const nullPolicyEnum = enumOf<NullPolicy>(
  'NullPolicy',
  'What null means in a record. A field that is left out stays as it is under either.',
  {
    IGNORE: 'Null means left out.',
    CLEAR:
      'Null clears a text, a date or a single attribute. For a permission, status, key, profileId, filter, `attributes` or `extensions` it is INVALID_VALUE. A destination that cannot clear refuses the request beforehand.',
  },
)

export const conditionOperatorEnum = enumOf<ConditionOperator>(
  'ConditionOperator',
  'How a condition compares. Values are compared by the type of the field; a profile without a value satisfies none of them, NOT_EQUALS included. Webex Campaign `rel-op`.',
  {
    EQUALS: 'The same value. Webex Campaign `Equals`.',
    NOT_EQUALS: 'Another value; not a missing one. Webex Campaign `NotEquals`.',
    GREATER_THAN: 'A greater value: later, higher, further down the alphabet. Webex Campaign `GreaterThan`.',
    GREATER_THAN_EQUALS: 'A greater value or the same. Webex Campaign `GreaterThanEquals`.',
    LESS_THAN: 'A smaller value: earlier, lower, further up the alphabet. Webex Campaign `LessThan`.',
    LESS_THAN_EQUALS: 'A smaller value or the same. Webex Campaign `LessThanEquals`.',
  },
)

export const logicalOperatorEnum = enumOf<LogicalOperator>(
  'LogicalOperator',
  'How a condition is joined to the next one. A filter is read from left to right, without precedence. Webex Campaign `logical-op`.',
  {
    AND: 'Both must hold. Webex Campaign `and`.',
    OR: 'One of them must hold. Webex Campaign `or`.',
  },
)
