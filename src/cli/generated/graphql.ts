/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** An attribute to add, or to change. */
export type AttributeDefinitionInput = {
  /** Whether imports may write it; null keeps what is, a new one is importable. */
  importable?: boolean | null | undefined;
  /** Its name. */
  name: string;
  /** What values it takes; null keeps the type it has, a new one is STRING. A type cannot be changed. */
  type?: AttributeType | null | undefined;
};

/** What values an attribute takes, and in which form it gives them back. */
export type AttributeType =
  /** true or false, or the texts "true" and "false". Comes back as a boolean. D·engage BOOLEAN, Altcraft `bool`. */
  | 'BOOLEAN'
  /** A day that exists, `YYYY-MM-DD`. Comes back the same. D·engage DATE. */
  | 'DATE'
  /** An RFC 3339 instant. Comes back in UTC. */
  | 'DATETIME'
  /** A number, or its decimal text, kept exactly. Comes back as a text, so that no digit is lost. D·engage DECIMAL, Altcraft `float`. */
  | 'DECIMAL'
  /** A whole number, or its decimal text, within ±(2^53−1). Comes back as a number. D·engage INTEGER, Altcraft `int`. */
  | 'INTEGER'
  /** A text; a number or boolean is taken as its JSON text. Comes back as a text. D·engage TEXT, Altcraft `unicode`. */
  | 'STRING'
  /** A list of texts, or one text with commas between them. Comes back as a list without repeats. Altcraft `tags`. */
  | 'TAGS';

/** Profiles, where they should go, and how they are matched and written there. A destination's batch size and pace are kept for the caller. */
export type BulkUpsertProfilesInput = {
  /** At most 10 texts of at most 255 characters that are kept with the job. Webex Campaign `exparam1` … `exparam10`. */
  audit?: Array<string> | null | undefined;
  /** Where the records go, each once, 1 to 20: ids of `destinations`. `local` is the gateway's own store. */
  destinations?: Array<string | number>;
  /** Have the vendor derive the place from the IP address of the record. Altcraft `detect_geo`. */
  detectGeo?: boolean;
  /** Makes a repeated request safe: the same key with the same input answers the first job, with other input an IdempotencyConflictError. At most 255 characters; kept as long as its job. */
  idempotencyKey?: string | null | undefined;
  /** What to do with a link to a profile that does not exist. Webex Campaign `update-link` "1", "2", "3". */
  linkPolicy?: LinkPolicy;
  /** By which value records find their profiles. Altcraft `matching`. */
  matching?: MatchingMode;
  /** For CUSTOM and CUSTOM_SUB, and only for them: the attribute or custom field that identifies the profile. Altcraft `field_name`. */
  matchingField?: string | null | undefined;
  /** Matching FILTER: a record that finds more profiles than this, 1 to 100000, fails with TOO_MANY_MATCHES and changes none. */
  maxAffected?: number;
  /** Whether null in a record means left out, or clears. */
  nulls?: NullPolicy;
  /** Whether one invalid record refuses the whole request, or fails alone. D·engage `throwExceptionIfInvalidRecord`. */
  onInvalid?: InvalidRecordPolicy;
  /** The profile type of all records; null is the destination's own default (`contact` at `local`). Webex Campaign `profile-name`. */
  profileType?: string | null | undefined;
  /** The records, 1 to 10,000 unless the gateway is configured for another number. Their place, counted from 0, is their `index` in results. Webex Campaign `requests`, D·engage `contactDatas`, Altcraft `data`. */
  profiles: Array<ProfileInput>;
  /** Narrows the search among extensions to one resource. Altcraft `resource_id`. */
  resourceId?: number | null | undefined;
  /** Drop a wrong extension with the warning EXTENSION_DROPPED, in place of failing its record. Altcraft `skip_invalid_subscriptions`. */
  skipInvalidExtensions?: boolean;
  /** Start none of the automations that a change would set off. Altcraft `skip_triggers`; `local` has none. */
  skipTriggers?: boolean;
  /** Whether records may create and may update. Webex Campaign `upsert` "0", "1", "2"; D·engage `insertIfNotExists`. */
  upsert?: UpsertMode;
  /** How many seconds to wait for the end of the job before it is answered as it then stands: 0 to 30. Watch `jobStatus` for the rest. */
  waitSeconds?: number;
};

/** The kind of address an extension holds. D·engage `channel`, Altcraft `channel`. */
export type Channel =
  /** An e-mail address. D·engage `E`, Altcraft `email`. */
  | 'EMAIL'
  /** The push token of an app or browser, named together with its provider. Altcraft `push`. */
  | 'PUSH'
  /** A phone number for text messages. D·engage `S`, Altcraft `sms`. */
  | 'SMS'
  /** A Telegram chat id. Altcraft `telegram_bot`. */
  | 'TELEGRAM_BOT'
  /** A phone number on Viber. Altcraft `viber`. */
  | 'VIBER'
  /** A phone number on WhatsApp. D·engage `W`, Altcraft `whatsapp`. */
  | 'WHATSAPP';

/** What a column of a CSV file holds. */
export type ColumnMappingInput = {
  /** The name of the column in the header of the file. */
  column: string;
  /** A field of `ProfileInput` in any case, an attribute's name, `attributes.NAME` where an attribute is called like a field, or `extensions[N].FIELD`; the empty text leaves the column out. */
  field: string;
};

/** One test of a filter. A filter is read from left to right, without precedence. Webex Campaign: an entry of `filter`. */
export type ConditionInput = {
  /** A field of the profile (`email`, `firstName`, `birthDate` …) or the name of one of its attributes. Webex Campaign `attribute-name`. */
  attribute: string;
  /** How it is joined to the next condition; that of the last one is ignored. Webex Campaign `logical-op`. */
  logical?: LogicalOperator;
  /** How the two are compared. Webex Campaign `rel-op`. */
  operator?: ConditionOperator;
  /** What to compare with, as text: it must be a value of the type of the field. TAGS: "a, b", which a profile with all of them equals. Webex Campaign `val`. */
  value: string;
};

/** How a condition compares. Values are compared by the type of the field; a profile without a value satisfies none of them, NOT_EQUALS included. Webex Campaign `rel-op`. */
export type ConditionOperator =
  /** The same value. Webex Campaign `Equals`. */
  | 'EQUALS'
  /** A greater value: later, higher, further down the alphabet. Webex Campaign `GreaterThan`. */
  | 'GREATER_THAN'
  /** A greater value or the same. Webex Campaign `GreaterThanEquals`. */
  | 'GREATER_THAN_EQUALS'
  /** A smaller value: earlier, lower, further up the alphabet. Webex Campaign `LessThan`. */
  | 'LESS_THAN'
  /** A smaller value or the same. Webex Campaign `LessThanEquals`. */
  | 'LESS_THAN_EQUALS'
  /** Another value; not a missing one. Webex Campaign `NotEquals`. */
  | 'NOT_EQUALS';

/** Whether a contact, or one of its two own addresses, may be used at all. D·engage `contact_status`, `email_status`, `gsm_status`. */
export type ContactStatus =
  /** In use. D·engage `A`. */
  | 'ACTIVE'
  /** Set aside: receives nothing. D·engage `P`. */
  | 'PASSIVE';

/** A profile type to create, or what to add to one. What is not named stays. */
export type DefineProfileTypeInput = {
  /** Attributes to add or change. */
  attributes?: Array<AttributeDefinitionInput>;
  /** Links to add. */
  links?: Array<LinkDefinitionInput>;
  /** The name of the type; `contact` can be extended too. */
  name: string;
};

/** Where a job stands at one destination. CANCELLED, SUCCEEDED, PARTIALLY_FAILED and FAILED are final, and drawn from its records there. */
export type DeliveryState =
  /** Ended early: at least one record was never sent. */
  | 'CANCELLED'
  /** To be cancelled; calls in flight are let end. */
  | 'CANCELLING'
  /** Ended: no record was applied. */
  | 'FAILED'
  /** Ended: some records were applied, others were not. */
  | 'PARTIALLY_FAILED'
  /** Set aside together with its job. */
  | 'PAUSED'
  /** Not begun. */
  | 'QUEUED'
  /** Batches are being sent or applied. */
  | 'RUNNING'
  /** Ended: no record FAILED, SKIPPED or UNKNOWN. */
  | 'SUCCEEDED'
  /** Nothing can be done before `nextAttemptAt`: the destination's pace, a back-off after a fault, or the vendor's own processing. */
  | 'WAITING';

/** An uploaded file of profiles, where they should go, and how they are matched and written there: as in `BulkUpsertProfilesInput`, but for some defaults. */
export type ImportProfilesInput = {
  /** At most 10 texts of at most 255 characters that are kept with the job. Webex Campaign `exparam1` … `exparam10`. */
  audit?: Array<string> | null | undefined;
  /** Of a CSV file, what columns hold whose name in the header does not say it. NDJSON takes none. */
  columns?: Array<ColumnMappingInput> | null | undefined;
  /** Where the records go, each once, 1 to 20: ids of `destinations`. `local` is the gateway's own store. */
  destinations?: Array<string | number>;
  /** Have the vendor derive the place from the IP address of the record. Altcraft `detect_geo`. */
  detectGeo?: boolean;
  /** Makes a repeated request safe: the same key with the same input answers the first job, with other input an IdempotencyConflictError. A file counts by its content, however often it was uploaded. At most 255 characters; kept as long as its job. */
  idempotencyKey?: string | null | undefined;
  /** What to do with a link to a profile that does not exist. Webex Campaign `update-link` "1", "2", "3". */
  linkPolicy?: LinkPolicy;
  /** By which value records find their profiles. Altcraft `matching`. */
  matching?: MatchingMode;
  /** For CUSTOM and CUSTOM_SUB, and only for them: the attribute or custom field that identifies the profile. Altcraft `field_name`. */
  matchingField?: string | null | undefined;
  /** Matching FILTER: a record that finds more profiles than this, 1 to 100000, fails with TOO_MANY_MATCHES and changes none. */
  maxAffected?: number;
  /** Whether null in a record, and in CSV an empty cell, means left out, or clears. */
  nulls?: NullPolicy;
  /** Whether an invalid record fails alone, or has the whole job end FAILED, with nothing written, once the file is read. */
  onInvalid?: InvalidRecordPolicy;
  /** The profile type of all records; null is the destination's own default (`contact` at `local`). Webex Campaign `profile-name`. */
  profileType?: string | null | undefined;
  /** Narrows the search among extensions to one resource. Altcraft `resource_id`. */
  resourceId?: number | null | undefined;
  /** Drop a wrong extension with the warning EXTENSION_DROPPED, in place of failing its record. Altcraft `skip_invalid_subscriptions`. */
  skipInvalidExtensions?: boolean;
  /** Start none of the automations that a change would set off. Altcraft `skip_triggers`; `local` has none. */
  skipTriggers?: boolean;
  /** What `POST /uploads` answered: a CSV or NDJSON file, of 1 to 10,000,000 records. It can be imported any number of times while it is kept. */
  uploadId: string | number;
  /** Whether records may create and may update. Webex Campaign `upsert` "0", "1", "2"; D·engage `insertIfNotExists`. */
  upsert?: UpsertMode;
  /** How many seconds to wait for the end of the job before it is answered as it then stands: 0 to 30. Watch `jobStatus` for the rest. */
  waitSeconds?: number;
};

/** What to do when records fail validation, which is done for every destination before anything is stored or sent. */
export type InvalidRecordPolicy =
  /** One bad record at one destination refuses the whole request. D·engage `throwExceptionIfInvalidRecord: true`. */
  | 'REJECT_ALL'
  /** A bad record is FAILED at the destination that cannot take it, and the others go on. D·engage `throwExceptionIfInvalidRecord: false`. */
  | 'SKIP_INVALID';

/** What the records of a job are. */
export type JobKind =
  /** Channel addresses by themselves. D·engage BulkUpsertExtensions. */
  | 'EXTENSIONS'
  /** Profiles. Webex Campaign `profiles/updateBulk`, D·engage BulkUpsert, Altcraft `profiles/import_batch`. */
  | 'PROFILES';

/** Where a job stands. CANCELLED, SUCCEEDED, PARTIALLY_FAILED and FAILED are final, and drawn from all its records at all destinations. */
export type JobState =
  /** Ended early: at least one record was never sent. */
  | 'CANCELLED'
  /** To be cancelled; calls in flight are let end. */
  | 'CANCELLING'
  /** Ended: no record was applied. */
  | 'FAILED'
  /** Ended: some records were applied, others were not. */
  | 'PARTIALLY_FAILED'
  /** Set aside until it is resumed or cancelled. */
  | 'PAUSED'
  /** To be paused; calls in flight are let end. */
  | 'PAUSING'
  /** Accepted and stored, not begun. */
  | 'QUEUED'
  /** At least one delivery is being worked on. */
  | 'RUNNING'
  /** The records are being read from the upload; nothing was sent yet. */
  | 'STAGING'
  /** Ended: no record FAILED, SKIPPED or UNKNOWN. */
  | 'SUCCEEDED';

/** An attribute that becomes a link. */
export type LinkDefinitionInput = {
  /** A STRING attribute that the type has, or that stands in `attributes`. */
  attribute: string;
  /** The profile type that has the key. */
  targetType: string;
};

/** What to do when a link attribute names a key that no profile of the target type has. Webex Campaign `update-link`. */
export type LinkPolicy =
  /** First create an empty profile with that key. Webex Campaign `update-link "2"`, its default too. */
  | 'CREATE'
  /** Fail the record with LINK_NOT_FOUND. Webex Campaign `update-link "3"`. */
  | 'FAIL'
  /** Write the profile and let the link dangle. Webex Campaign `update-link "1"`. */
  | 'IGNORE';

/** How a condition is joined to the next one. A filter is read from left to right, without precedence. Webex Campaign `logical-op`. */
export type LogicalOperator =
  /** Both must hold. Webex Campaign `and`. */
  | 'AND'
  /** One of them must hold. Webex Campaign `or`. */
  | 'OR';

/** By which of its values a record finds the profile it is about. Webex Campaign: `key` or `filter`; D·engage: always `contact_key`; Altcraft: `matching`. Values are compared in their normalised form, and only with profiles of the type of the request. */
export type MatchingMode =
  /** The attribute that `matchingField` names; of a TAGS attribute the profiles that have all the tags given. Altcraft `custom` with `field_name`. */
  | 'CUSTOM'
  /** The first extension that carries the custom field named by `matchingField`, in that custom field of extensions. Altcraft `custom_sub`. */
  | 'CUSTOM_SUB'
  /** `email`, in the profile's own e-mail and in its EMAIL extensions. Altcraft `email`. */
  | 'EMAIL'
  /** `email`, `phone` or both, in the profile's own e-mail and phone. Two different profiles found are several hits. Altcraft `email_phone`. */
  | 'EMAIL_PHONE'
  /** The first EMAIL extension, the first SMS extension or both, in extensions only. Altcraft `email_phone_sub`. */
  | 'EMAIL_PHONE_SUB'
  /** `email`, in the profile's own e-mail only. Altcraft `email_profile`. */
  | 'EMAIL_PROFILE'
  /** The record's first EMAIL extension, in EMAIL extensions only. Altcraft `email_sub`. */
  | 'EMAIL_SUB'
  /** Every profile that satisfies the conditions of `filter`, at most `maxAffected`. Updates only, never creates. Webex Campaign `filter`. */
  | 'FILTER'
  /** `key`, unique within the tenant and the profile type. Webex Campaign `key`, D·engage `contact_key`, Altcraft `custom` on the destination's `keyField`. */
  | 'KEY'
  /** `phone`, in the profile's own phone and in its SMS extensions. Altcraft `phone`. */
  | 'PHONE'
  /** The record's first SMS extension, in SMS extensions only. Altcraft `phone_sub`. */
  | 'PHONE_SUB'
  /** `profileId`, the destination's own id. Updates only, never creates. Altcraft `profile_id`. */
  | 'PROFILE_ID'
  /** The record's first PUSH extension, by provider and address. Altcraft `push_sub`. */
  | 'PUSH_SUB';

/** What null means in a record. A field that is left out stays as it is under either. */
export type NullPolicy =
  /** Null clears a text, a date or a single attribute. For a permission, status, key, profileId, filter, `attributes` or `extensions` it is INVALID_VALUE. A destination that cannot clear refuses the request beforehand. */
  | 'CLEAR'
  /** Null means left out. */
  | 'IGNORE';

/** One channel address of the profile it stands in, upserted by channel, resourceId, provider and address; the other extensions of the profile stay. Altcraft: an entry of `subscriptions`. */
export type ProfileExtensionInput = {
  /** EMAIL: an e-mail address of at most 255 characters; SMS, WHATSAPP, VIBER: a phone number in international form with its +; PUSH: the token, at most 512 characters; TELEGRAM_BOT: the chat id, a whole number. Altcraft `email`, `phone`, `subscription_id`, `cc_data`. */
  address: string;
  /** The categories subscribed to; replaces those there were. Altcraft `cats`. */
  categories?: Array<string> | null | undefined;
  /** The kind of address. Altcraft `channel`. */
  channel: Channel;
  /** Further fields of the extension by name, merged name by name. Altcraft `custom_fields`. */
  customFields?: Record<string, unknown> | null | undefined;
  /** An extension type configured for the channel, see `extensionTypes`. D·engage `name`. */
  name?: string | null | undefined;
  /** Whether the contact agreed to messages at this address. Left out: stays; never invented. D·engage `permission`. */
  permission?: boolean | null | undefined;
  /** Which address is tried first: 0 is the highest. Altcraft `priority`. */
  priority?: number | null | undefined;
  /** Who delivers a push token, `ios-apns` say; PUSH only, at most 100 characters. Altcraft `provider`. */
  provider?: string | null | undefined;
  /** The resource that is subscribed to. Altcraft `resource_id`. */
  resourceId?: number | null | undefined;
  /** Where the subscription stands. Left out: stays; never invented. Altcraft `status`. */
  status?: SubscriptionStatus | null | undefined;
};

/** One contact of a bulk upsert. What is left out stays as it is; what null means is said by `nulls`. The value that `matching` looks for finds the profile, and is written only where one is created. */
export type ProfileInput = {
  /** Custom attributes by name, at most 1000, merged name by name. At `local` they are those that `defineProfileType` made, and have its types. Webex Campaign `attributes`, D·engage custom columns, Altcraft custom fields. */
  attributes?: Record<string, unknown> | null | undefined;
  /** The day of birth. D·engage `birth_date`, Altcraft `_bdate`. */
  birthDate?: string | null | undefined;
  /** The caller's own name for this record, at most 255 characters, given back in its result. Not stored in the profile. */
  clientRef?: string | null | undefined;
  /** An e-mail address of at most 255 characters; trimmed and lower-cased. All vendors: `email`. */
  email?: string | null | undefined;
  /** Whether the contact agreed to e-mails. Left out: stays; never invented. D·engage `email_permission`. */
  emailPermission?: boolean | null | undefined;
  /** Whether the e-mail is in use. Left out: ACTIVE where `email` changes, else it stays. D·engage `email_status`. */
  emailStatus?: ContactStatus | null | undefined;
  /** Channel addresses of the profile, at most 100; those that are not named stay. Altcraft `subscriptions`. */
  extensions?: Array<ProfileExtensionInput> | null | undefined;
  /** Which profiles to update, 1 to 20 conditions; matching FILTER only. Webex Campaign `filter`. */
  filter?: Array<ConditionInput> | null | undefined;
  /** At most 100 characters. D·engage `name`, Altcraft `_fname`. */
  firstName?: string | null | undefined;
  /** Any text of at most 100 characters. D·engage `gender`, Altcraft `_sex`. */
  gender?: string | null | undefined;
  /** The unique key of the profile, at most 255 characters. Under another matching mode than KEY it is given to a profile that has none. Webex Campaign `key`, D·engage `contact_key`. */
  key?: string | null | undefined;
  /** At most 100 characters. D·engage `surname`, Altcraft `_lname`. */
  lastName?: string | null | undefined;
  /** Renames the profile; links that point to the old key follow. Matching KEY and UPDATE_ONLY only. D·engage `new_contact_key`. */
  newKey?: string | null | undefined;
  /** A phone number in international form with its +, at most 20 characters; stored as E.164. D·engage `gsm` (without +), Altcraft `phones`. */
  phone?: string | null | undefined;
  /** Whether the contact agreed to text messages. Left out: stays; never invented. D·engage `gsm_permission`. */
  phonePermission?: boolean | null | undefined;
  /** Whether the phone is in use. Left out: ACTIVE where `phone` changes, else it stays. D·engage `gsm_status`. */
  phoneStatus?: ContactStatus | null | undefined;
  /** The destination's own id of the profile; matching PROFILE_ID only. At `local` the `id` of a Profile, at Altcraft `profile_id`. */
  profileId?: string | number | null | undefined;
  /** Whether the contact as a whole is in use; a new one is ACTIVE. D·engage `contact_status`. */
  status?: ContactStatus | null | undefined;
  /** The day the contact signed up. D·engage `subscription_date`, Altcraft `_regdate`. */
  subscriptionDate?: string | null | undefined;
};

/** The one value by which a single profile is looked up. */
export type ProfileLookupInput =
  {   /** The profile's own e-mail address, in any case; not those of its extensions. */
  email: string; id?: never; key?: never; phone?: never; }
  |  { email?: never;   /** The `id` of a Profile, of whatever type. */
  id: string | number; key?: never; phone?: never; }
  |  { email?: never; id?: never;   /** The key. */
  key: string; phone?: never; }
  |  { email?: never; id?: never; key?: never;   /** The profile's own phone number in international form with its +; not those of its extensions. */
  phone: string; };

/** Why a record failed, in one vocabulary for all destinations. The vendor's own code stands beside it in `vendorCode`. */
export type RecordErrorCode =
  /** The profile already has the new address. */
  | 'ADDRESS_TAKEN'
  /** Several profiles have that match value, or several channels of one an address that was sent without its channel. Altcraft 409. */
  | 'AMBIGUOUS_MATCH'
  /** The attribute exists, and is not open to imports. */
  | 'ATTRIBUTE_NOT_IMPORTABLE'
  /** The address exists under another channel, and a channel cannot change. */
  | 'CHANNEL_IMMUTABLE'
  /** A new extension, and a new address, need their channel. */
  | 'CHANNEL_REQUIRED'
  /** The vendor refused the destination's credentials. Webex Campaign 498, D·engage 401, Altcraft 401. */
  | 'DESTINATION_AUTH'
  /** The vendor's account may not do this. Webex Campaign 430, D·engage 403, Altcraft 403. */
  | 'DESTINATION_FORBIDDEN'
  /** The vendor refused for a reason of its own: see `vendorCode` and `vendorMessage`. Webex Campaign 1010, Altcraft 402 and 440. */
  | 'DESTINATION_REJECTED'
  /** The vendor could not be reached until patience ended; certainly not applied. */
  | 'DESTINATION_UNAVAILABLE'
  /** The profile has that address already, under CREATE_ONLY. */
  | 'EXTENSION_EXISTS'
  /** The profile has no such address, and none may be created. */
  | 'EXTENSION_NOT_FOUND'
  /** Not an e-mail address of at most 255 characters. */
  | 'INVALID_EMAIL'
  /** An extension of the record is wrong; `field` says which and where. */
  | 'INVALID_EXTENSION'
  /** Not a possible phone number in international form with its +, at most 20 characters. */
  | 'INVALID_PHONE'
  /** The value is not one of its type, or null stands where nothing can be cleared. D·engage code 11, Altcraft 400. */
  | 'INVALID_VALUE'
  /** The profile that was found by another value has another key than the record states. */
  | 'KEY_CONFLICT'
  /** Another profile already has the new key. */
  | 'KEY_TAKEN'
  /** A link names a key that no profile of the target type has, under `linkPolicy: FAIL`. */
  | 'LINK_NOT_FOUND'
  /** The line of the file cannot be read as a record. */
  | 'MALFORMED_RECORD'
  /** The record lacks the value that its matching mode looks for, or its filter is empty. */
  | 'MISSING_MATCH_VALUE'
  /** The profile to which the address should move does not exist. */
  | 'NEW_KEY_NOT_FOUND'
  /** The record was sent and no answer tells whether it was applied. */
  | 'NO_ANSWER'
  /** The record states no permission, the destination would opt the contact in by itself, and its configuration (`missingPermission: "reject"`) forbids that. */
  | 'PERMISSION_REQUIRED'
  /** A profile has that match value, under CREATE_ONLY. Webex Campaign 7201. */
  | 'PROFILE_EXISTS'
  /** No profile has that match value, and none may be created. Webex Campaign 7200, Altcraft 404, a key that D·engage passes over. */
  | 'PROFILE_NOT_FOUND'
  /** The filter finds more profiles than `maxAffected`. */
  | 'TOO_MANY_MATCHES'
  /** The profile type has no such attribute: define it with `defineProfileType`, or correct the name. Webex Campaign 7029, D·engage code 1. */
  | 'UNKNOWN_ATTRIBUTE'
  /** The extension `name` is not configured for that channel. */
  | 'UNKNOWN_EXTENSION_TYPE'
  /** The destination has no such profile type. Webex Campaign 3005 and 7031. */
  | 'UNKNOWN_PROFILE_TYPE'
  /** Longer than the field may be: names and gender 100 characters. */
  | 'VALUE_TOO_LONG';

/** What became of one record at one destination. */
export type RecordOutcome =
  /** Never sent: the job was cancelled, or given up before anything of it was sent, as an import is under REJECT_ALL for one invalid record. */
  | 'CANCELLED'
  /** The profile, or extension, was created. D·engage `inserted`. */
  | 'CREATED'
  /** Certainly not applied; `errors` says why. */
  | 'FAILED'
  /** Nothing yet. */
  | 'PENDING'
  /** The destination passed it over. D·engage does so with an unknown key under UPDATE_ONLY. */
  | 'SKIPPED'
  /** Folded into a later record about the same profile or extension, see `supersededBy`: its values count where that one has none. */
  | 'SUPERSEDED'
  /** It already was as the record says, and was left alone. */
  | 'UNCHANGED'
  /** Sent, and no answer tells whether it was applied (NO_ANSWER). */
  | 'UNKNOWN'
  /** It was changed. D·engage `updated`. */
  | 'UPDATED'
  /** Written; the destination does not tell whether created or updated (Altcraft, Webex Campaign asynchronous). */
  | 'UPSERTED';

/** Something that was done to an applied record and that its sender would want to know. */
export type RecordWarningCode =
  /** The vendor warned; see `vendorMessage`. */
  | 'DESTINATION_WARNING'
  /** An extension was wrong and left out, as `skipInvalidExtensions` asks. */
  | 'EXTENSION_DROPPED'
  /** The record stated no permission or status, and the vendor opted the contact in by itself (D·engage permissions, Altcraft subscriptions). */
  | 'PERMISSION_DEFAULTED'
  /** The address changed, and the vendor set its status ACTIVE by itself (D·engage). */
  | 'STATUS_REACTIVATED'
  /** The vendor did not take a value and used its own default instead. */
  | 'VALUE_DEFAULTED';

/** Where an extension stands towards messages. Altcraft subscription `status`. */
export type SubscriptionStatus =
  /** The contact has reported a message as spam. Altcraft `complained` (2). */
  | 'COMPLAINED'
  /** The address refuses for good. Altcraft `hardbounced` (3). */
  | 'HARD_BOUNCED'
  /** The address cannot work. Altcraft `invalid` (6). */
  | 'INVALID'
  /** Ready for messages. Altcraft `subscribed` (0). */
  | 'SUBSCRIBED'
  /** Switched off for a while. Altcraft `suspended` (5). */
  | 'SUSPENDED'
  /** The double opt-in was not confirmed yet. Altcraft `unconfirmed` (4). */
  | 'UNCONFIRMED'
  /** The contact has unsubscribed. Altcraft `unsubscribed` (1). */
  | 'UNSUBSCRIBED';

/** What may happen to a record whose profile exists, and to one whose profile does not. */
export type UpsertMode =
  /** Create; a profile that is found fails the record with PROFILE_EXISTS. Webex Campaign `upsert "0"`. D·engage and Altcraft cannot. */
  | 'CREATE_ONLY'
  /** Create what is not found and update what is. Webex Campaign `upsert "1"`, D·engage `insertIfNotExists: true`, Altcraft `profiles/import_batch`. */
  | 'CREATE_OR_UPDATE'
  /** Update; where nothing is found the record ends with PROFILE_NOT_FOUND. Webex Campaign `upsert "2"`, D·engage `insertIfNotExists: false`, Altcraft `profiles/update_batch`. */
  | 'UPDATE_ONLY';

export type BulkUpsertProfilesMutationVariables = Exact<{
  input: BulkUpsertProfilesInput;
  failures?: number;
}>;


export type BulkUpsertProfilesMutation = { bulkUpsertProfiles:
    | { __typename: 'IdempotencyConflictError', message: string, jobId: string }
    | { __typename: 'InvalidInputError', message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'InvalidRecordsError', message: string, totalInvalid: number, records: Array<{ index: number, clientRef: string | null, destinationIds: Array<string>, errors: Array<{ code: RecordErrorCode, message: string, field: string | null }> }> }
    | { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, results: { totalCount: number, nodes: Array<{ index: number, clientRef: string | null, key: string | null, destinationId: string, outcome: RecordOutcome, affected: number, supersededBy: number | null, profileId: string | null, vendorRequestId: string | null, vendorTransactionId: string | null, errors: Array<{ code: RecordErrorCode, message: string, field: string | null, vendorCode: string | null, vendorMessage: string | null }>, warnings: Array<{ code: RecordWarningCode, message: string, field: string | null, vendorMessage: string | null }> }> }, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } }
    | { __typename: 'UnsupportedByDestinationError', message: string, destinationId: string, feature: string, requested: string, supported: Array<string> }
   | null };

export type DestinationsQueryVariables = Exact<{ [key: string]: never; }>;


export type DestinationsQuery = { destinations: Array<{ id: string, adapter: string, capabilities: { profiles: { matching: Array<MatchingMode>, upsert: Array<UpsertMode>, linkPolicy: Array<LinkPolicy>, channels: Array<Channel>, options: Array<string>, maxBatchSize: number, minIntervalMs: number, maxConcurrency: number } | null, extensions: { upsert: Array<UpsertMode>, channels: Array<Channel>, maxBatchSize: number, minIntervalMs: number, maxConcurrency: number } | null } }> | null };

export type ImportProfilesMutationVariables = Exact<{
  input: ImportProfilesInput;
}>;


export type ImportProfilesMutation = { importProfiles:
    | { __typename: 'IdempotencyConflictError', message: string, jobId: string }
    | { __typename: 'InvalidInputError', message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'UnsupportedByDestinationError', message: string, destinationId: string, feature: string, requested: string, supported: Array<string> }
   | null };

export type CancelJobMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob:
    | { __typename: 'InvalidStateError', message: string, state: JobState }
    | { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } }
    | { __typename: 'NotFoundError', message: string }
   | null };

export type PauseJobMutationVariables = Exact<{
  id: string | number;
}>;


export type PauseJobMutation = { pauseJob:
    | { __typename: 'InvalidStateError', message: string, state: JobState }
    | { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } }
    | { __typename: 'NotFoundError', message: string }
   | null };

export type ResumeJobMutationVariables = Exact<{
  id: string | number;
}>;


export type ResumeJobMutation = { resumeJob:
    | { __typename: 'InvalidStateError', message: string, state: JobState }
    | { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } }
    | { __typename: 'NotFoundError', message: string }
   | null };

type JobActionAnswer_InvalidStateError_Fragment = { __typename: 'InvalidStateError', message: string, state: JobState };

type JobActionAnswer_JobPayload_Fragment = { __typename: 'JobPayload', job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } };

type JobActionAnswer_NotFoundError_Fragment = { __typename: 'NotFoundError', message: string };

export type JobActionAnswerFragment =
  | JobActionAnswer_InvalidStateError_Fragment
  | JobActionAnswer_JobPayload_Fragment
  | JobActionAnswer_NotFoundError_Fragment
;

export type JobFilesQueryVariables = Exact<{
  id: string | number;
}>;


export type JobFilesQuery = { job: { errorsCsvPath: string, failedRecordsPath: string } | null };

export type ResultDetailsFragment = { index: number, clientRef: string | null, key: string | null, destinationId: string, outcome: RecordOutcome, affected: number, supersededBy: number | null, profileId: string | null, vendorRequestId: string | null, vendorTransactionId: string | null, errors: Array<{ code: RecordErrorCode, message: string, field: string | null, vendorCode: string | null, vendorMessage: string | null }>, warnings: Array<{ code: RecordWarningCode, message: string, field: string | null, vendorMessage: string | null }> };

export type JobResultsQueryVariables = Exact<{
  id: string | number;
  destinationId?: string | number | null | undefined;
  outcomes?: Array<RecordOutcome> | RecordOutcome | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobResultsQuery = { job: { id: string, state: JobState, version: number, results: { totalCount: number, nodes: Array<{ index: number, clientRef: string | null, key: string | null, destinationId: string, outcome: RecordOutcome, affected: number, supersededBy: number | null, profileId: string | null, vendorRequestId: string | null, vendorTransactionId: string | null, errors: Array<{ code: RecordErrorCode, message: string, field: string | null, vendorCode: string | null, vendorMessage: string | null }>, warnings: Array<{ code: RecordWarningCode, message: string, field: string | null, vendorMessage: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type JobStatusSubscriptionVariables = Exact<{
  id: string | number;
  afterVersion?: number | null | undefined;
}>;


export type JobStatusSubscription = { jobStatus: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } };

export type JobSnapshotFragment = { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> };

export type JobQueryVariables = Exact<{
  id: string | number;
}>;


export type JobQuery = { job: { id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> } | null };

export type JobsQueryVariables = Exact<{
  states?: Array<JobState> | JobState | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { nodes: Array<{ id: string, kind: JobKind, state: JobState, version: number, staged: number, audit: Array<string>, idempotencyKey: string | null, createdAt: string, startedAt: string | null, finishedAt: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null }, deliveries: Array<{ destinationId: string, state: DeliveryState, batchesTotal: number, batchesDone: number, vendorRequestIds: Array<string>, nextAttemptAt: string | null, lastError: string | null, progress: { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null } }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ProfileTypeDefinitionFragment = { name: string, attributes: Array<{ name: string, type: AttributeType, importable: boolean }>, links: Array<{ attribute: string, targetType: string }> };

export type ProfileTypesQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfileTypesQuery = { profileTypes: Array<{ name: string, attributes: Array<{ name: string, type: AttributeType, importable: boolean }>, links: Array<{ attribute: string, targetType: string }> }> | null, extensionTypes: Array<{ channel: Channel, name: string }> | null };

export type DefineProfileTypeMutationVariables = Exact<{
  input: DefineProfileTypeInput;
}>;


export type DefineProfileTypeMutation = { defineProfileType:
    | { __typename: 'InvalidInputError', message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'ProfileTypePayload', profileType: { name: string, attributes: Array<{ name: string, type: AttributeType, importable: boolean }>, links: Array<{ attribute: string, targetType: string }> } }
   | null };

export type ProfileDetailsFragment = { id: string, type: string, key: string | null, email: string | null, emailPermission: boolean | null, emailStatus: ContactStatus | null, phone: string | null, phonePermission: boolean | null, phoneStatus: ContactStatus | null, status: ContactStatus, firstName: string | null, lastName: string | null, gender: string | null, birthDate: string | null, subscriptionDate: string | null, attributes: Record<string, unknown>, createdAt: string, updatedAt: string, extensions: Array<{ id: string, channel: Channel, address: string, provider: string | null, resourceId: number | null, name: string | null, permission: boolean | null, status: SubscriptionStatus | null, priority: number | null, categories: Array<string>, customFields: Record<string, unknown> }>, links: Array<{ attribute: string, key: string, profile: { id: string, type: string, key: string | null } | null }> };

export type ProfileQueryVariables = Exact<{
  by: ProfileLookupInput;
  type?: string | null | undefined;
}>;


export type ProfileQuery = { profile: { id: string, type: string, key: string | null, email: string | null, emailPermission: boolean | null, emailStatus: ContactStatus | null, phone: string | null, phonePermission: boolean | null, phoneStatus: ContactStatus | null, status: ContactStatus, firstName: string | null, lastName: string | null, gender: string | null, birthDate: string | null, subscriptionDate: string | null, attributes: Record<string, unknown>, createdAt: string, updatedAt: string, extensions: Array<{ id: string, channel: Channel, address: string, provider: string | null, resourceId: number | null, name: string | null, permission: boolean | null, status: SubscriptionStatus | null, priority: number | null, categories: Array<string>, customFields: Record<string, unknown> }>, links: Array<{ attribute: string, key: string, profile: { id: string, type: string, key: string | null } | null }> } | null };

export type ProfilesQueryVariables = Exact<{
  type?: string | null | undefined;
  filter?: Array<ConditionInput> | ConditionInput | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  count?: boolean;
}>;


export type ProfilesQuery = { profiles: { totalCount?: number, edges: Array<{ cursor: string, node: { id: string, type: string, key: string | null, email: string | null, emailPermission: boolean | null, emailStatus: ContactStatus | null, phone: string | null, phonePermission: boolean | null, phoneStatus: ContactStatus | null, status: ContactStatus, firstName: string | null, lastName: string | null, gender: string | null, birthDate: string | null, subscriptionDate: string | null, attributes: Record<string, unknown>, createdAt: string, updatedAt: string, extensions: Array<{ id: string, channel: Channel, address: string, provider: string | null, resourceId: number | null, name: string | null, permission: boolean | null, status: SubscriptionStatus | null, priority: number | null, categories: Array<string>, customFields: Record<string, unknown> }>, links: Array<{ attribute: string, key: string, profile: { id: string, type: string, key: string | null } | null }> } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null };

export type StoredContactsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type StoredContactsQuery = { profiles: { nodes: Array<{ key: string | null, email: string | null, emailPermission: boolean | null, phone: string | null, phonePermission: boolean | null, firstName: string | null, lastName: string | null, gender: string | null, birthDate: string | null, attributes: Record<string, unknown>, extensions: Array<{ channel: Channel, address: string }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ProgressCountsFragment = { total: number, processed: number, created: number, updated: number, upserted: number, unchanged: number, skipped: number, superseded: number, failed: number, cancelled: number, unknown: number, percent: number, recordsPerSecond: number | null, etaSeconds: number | null };

export const ProgressCountsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}}]} as unknown as DocumentNode<ProgressCountsFragment, unknown>;
export const JobSnapshotFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}}]} as unknown as DocumentNode<JobSnapshotFragment, unknown>;
export const JobActionAnswerFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobActionAnswer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobActionResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotFoundError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidStateError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]} as unknown as DocumentNode<JobActionAnswerFragment, unknown>;
export const ResultDetailsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ResultDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RecordResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"clientRef"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"affected"}},{"kind":"Field","name":{"kind":"Name","value":"supersededBy"}},{"kind":"Field","name":{"kind":"Name","value":"profileId"}},{"kind":"Field","name":{"kind":"Name","value":"errors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestId"}},{"kind":"Field","name":{"kind":"Name","value":"vendorTransactionId"}}]}}]} as unknown as DocumentNode<ResultDetailsFragment, unknown>;
export const ProfileTypeDefinitionFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileTypeDefinition"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProfileType"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"importable"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"targetType"}}]}}]}}]} as unknown as DocumentNode<ProfileTypeDefinitionFragment, unknown>;
export const ProfileDetailsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Profile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"emailPermission"}},{"kind":"Field","name":{"kind":"Name","value":"emailStatus"}},{"kind":"Field","name":{"kind":"Name","value":"phone"}},{"kind":"Field","name":{"kind":"Name","value":"phonePermission"}},{"kind":"Field","name":{"kind":"Name","value":"phoneStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"gender"}},{"kind":"Field","name":{"kind":"Name","value":"birthDate"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionDate"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"}},{"kind":"Field","name":{"kind":"Name","value":"extensions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"channel"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"resourceId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"permission"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"categories"}},{"kind":"Field","name":{"kind":"Name","value":"customFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}}]}}]} as unknown as DocumentNode<ProfileDetailsFragment, unknown>;
export const BulkUpsertProfilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"BulkUpsertProfiles"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"BulkUpsertProfilesInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"failures"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"bulkUpsertProfiles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}},{"kind":"Field","name":{"kind":"Name","value":"results"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"outcomes"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"FAILED"},{"kind":"EnumValue","value":"SKIPPED"},{"kind":"EnumValue","value":"UNKNOWN"}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"failures"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ResultDetails"}}]}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issues"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidRecordsError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalInvalid"}},{"kind":"Field","name":{"kind":"Name","value":"records"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"clientRef"}},{"kind":"Field","name":{"kind":"Name","value":"destinationIds"}},{"kind":"Field","name":{"kind":"Name","value":"errors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UnsupportedByDestinationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"feature"}},{"kind":"Field","name":{"kind":"Name","value":"requested"}},{"kind":"Field","name":{"kind":"Name","value":"supported"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"IdempotencyConflictError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ResultDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RecordResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"clientRef"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"affected"}},{"kind":"Field","name":{"kind":"Name","value":"supersededBy"}},{"kind":"Field","name":{"kind":"Name","value":"profileId"}},{"kind":"Field","name":{"kind":"Name","value":"errors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestId"}},{"kind":"Field","name":{"kind":"Name","value":"vendorTransactionId"}}]}}]} as unknown as DocumentNode<BulkUpsertProfilesMutation, BulkUpsertProfilesMutationVariables>;
export const DestinationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Destinations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"adapter"}},{"kind":"Field","name":{"kind":"Name","value":"capabilities"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profiles"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matching"}},{"kind":"Field","name":{"kind":"Name","value":"upsert"}},{"kind":"Field","name":{"kind":"Name","value":"linkPolicy"}},{"kind":"Field","name":{"kind":"Name","value":"channels"}},{"kind":"Field","name":{"kind":"Name","value":"options"}},{"kind":"Field","name":{"kind":"Name","value":"maxBatchSize"}},{"kind":"Field","name":{"kind":"Name","value":"minIntervalMs"}},{"kind":"Field","name":{"kind":"Name","value":"maxConcurrency"}}]}},{"kind":"Field","name":{"kind":"Name","value":"extensions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"upsert"}},{"kind":"Field","name":{"kind":"Name","value":"channels"}},{"kind":"Field","name":{"kind":"Name","value":"maxBatchSize"}},{"kind":"Field","name":{"kind":"Name","value":"minIntervalMs"}},{"kind":"Field","name":{"kind":"Name","value":"maxConcurrency"}}]}}]}}]}}]}}]} as unknown as DocumentNode<DestinationsQuery, DestinationsQueryVariables>;
export const ImportProfilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportProfiles"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ImportProfilesInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"importProfiles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issues"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UnsupportedByDestinationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"feature"}},{"kind":"Field","name":{"kind":"Name","value":"requested"}},{"kind":"Field","name":{"kind":"Name","value":"supported"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"IdempotencyConflictError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobId"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]} as unknown as DocumentNode<ImportProfilesMutation, ImportProfilesMutationVariables>;
export const CancelJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobActionAnswer"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobActionAnswer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobActionResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotFoundError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidStateError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]} as unknown as DocumentNode<CancelJobMutation, CancelJobMutationVariables>;
export const PauseJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PauseJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pauseJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobActionAnswer"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobActionAnswer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobActionResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotFoundError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidStateError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]} as unknown as DocumentNode<PauseJobMutation, PauseJobMutationVariables>;
export const ResumeJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ResumeJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"resumeJob"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobActionAnswer"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobActionAnswer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobActionResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"JobPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"NotFoundError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidStateError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}}]} as unknown as DocumentNode<ResumeJobMutation, ResumeJobMutationVariables>;
export const JobFilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"JobFiles"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"errorsCsvPath"}},{"kind":"Field","name":{"kind":"Name","value":"failedRecordsPath"}}]}}]}}]} as unknown as DocumentNode<JobFilesQuery, JobFilesQueryVariables>;
export const JobResultsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"JobResults"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"destinationId"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"outcomes"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordOutcome"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"results"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"destinationId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"destinationId"}}},{"kind":"Argument","name":{"kind":"Name","value":"outcomes"},"value":{"kind":"Variable","name":{"kind":"Name","value":"outcomes"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ResultDetails"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ResultDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RecordResult"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"index"}},{"kind":"Field","name":{"kind":"Name","value":"clientRef"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"affected"}},{"kind":"Field","name":{"kind":"Name","value":"supersededBy"}},{"kind":"Field","name":{"kind":"Name","value":"profileId"}},{"kind":"Field","name":{"kind":"Name","value":"errors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"vendorMessage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestId"}},{"kind":"Field","name":{"kind":"Name","value":"vendorTransactionId"}}]}}]} as unknown as DocumentNode<JobResultsQuery, JobResultsQueryVariables>;
export const JobStatusDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"JobStatus"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterVersion"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobStatus"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"afterVersion"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterVersion"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]} as unknown as DocumentNode<JobStatusSubscription, JobStatusSubscriptionVariables>;
export const JobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Job"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]} as unknown as DocumentNode<JobQuery, JobQueryVariables>;
export const JobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Jobs"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"states"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"JobState"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"states"},"value":{"kind":"Variable","name":{"kind":"Name","value":"states"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"JobSnapshot"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProgressCounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Progress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"processed"}},{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"updated"}},{"kind":"Field","name":{"kind":"Name","value":"upserted"}},{"kind":"Field","name":{"kind":"Name","value":"unchanged"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"superseded"}},{"kind":"Field","name":{"kind":"Name","value":"failed"}},{"kind":"Field","name":{"kind":"Name","value":"cancelled"}},{"kind":"Field","name":{"kind":"Name","value":"unknown"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"JobSnapshot"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Job"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"staged"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"destinationId"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProgressCounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"batchesTotal"}},{"kind":"Field","name":{"kind":"Name","value":"batchesDone"}},{"kind":"Field","name":{"kind":"Name","value":"vendorRequestIds"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}}]}},{"kind":"Field","name":{"kind":"Name","value":"audit"}},{"kind":"Field","name":{"kind":"Name","value":"idempotencyKey"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}}]}}]} as unknown as DocumentNode<JobsQuery, JobsQueryVariables>;
export const ProfileTypesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ProfileTypes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profileTypes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProfileTypeDefinition"}}]}},{"kind":"Field","name":{"kind":"Name","value":"extensionTypes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"channel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileTypeDefinition"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProfileType"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"importable"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"targetType"}}]}}]}}]} as unknown as DocumentNode<ProfileTypesQuery, ProfileTypesQueryVariables>;
export const DefineProfileTypeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DefineProfileType"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DefineProfileTypeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"defineProfileType"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProfileTypePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profileType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProfileTypeDefinition"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"issues"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileTypeDefinition"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProfileType"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"importable"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"targetType"}}]}}]}}]} as unknown as DocumentNode<DefineProfileTypeMutation, DefineProfileTypeMutationVariables>;
export const ProfileDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Profile"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"by"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ProfileLookupInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profile"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"by"},"value":{"kind":"Variable","name":{"kind":"Name","value":"by"}}},{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProfileDetails"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Profile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"emailPermission"}},{"kind":"Field","name":{"kind":"Name","value":"emailStatus"}},{"kind":"Field","name":{"kind":"Name","value":"phone"}},{"kind":"Field","name":{"kind":"Name","value":"phonePermission"}},{"kind":"Field","name":{"kind":"Name","value":"phoneStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"gender"}},{"kind":"Field","name":{"kind":"Name","value":"birthDate"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionDate"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"}},{"kind":"Field","name":{"kind":"Name","value":"extensions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"channel"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"resourceId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"permission"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"categories"}},{"kind":"Field","name":{"kind":"Name","value":"customFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}}]}}]} as unknown as DocumentNode<ProfileQuery, ProfileQueryVariables>;
export const ProfilesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Profiles"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConditionInput"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"count"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},"defaultValue":{"kind":"BooleanValue","value":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profiles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"},"directives":[{"kind":"Directive","name":{"kind":"Name","value":"include"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"if"},"value":{"kind":"Variable","name":{"kind":"Name","value":"count"}}}]}]},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProfileDetails"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProfileDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Profile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"emailPermission"}},{"kind":"Field","name":{"kind":"Name","value":"emailStatus"}},{"kind":"Field","name":{"kind":"Name","value":"phone"}},{"kind":"Field","name":{"kind":"Name","value":"phonePermission"}},{"kind":"Field","name":{"kind":"Name","value":"phoneStatus"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"gender"}},{"kind":"Field","name":{"kind":"Name","value":"birthDate"}},{"kind":"Field","name":{"kind":"Name","value":"subscriptionDate"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"}},{"kind":"Field","name":{"kind":"Name","value":"extensions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"channel"}},{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"provider"}},{"kind":"Field","name":{"kind":"Name","value":"resourceId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"permission"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"categories"}},{"kind":"Field","name":{"kind":"Name","value":"customFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"attribute"}},{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"key"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}}]}}]} as unknown as DocumentNode<ProfilesQuery, ProfilesQueryVariables>;
export const StoredContactsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StoredContacts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"profiles"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"type"},"value":{"kind":"StringValue","value":"contact","block":false}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"emailPermission"}},{"kind":"Field","name":{"kind":"Name","value":"phone"}},{"kind":"Field","name":{"kind":"Name","value":"phonePermission"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"gender"}},{"kind":"Field","name":{"kind":"Name","value":"birthDate"}},{"kind":"Field","name":{"kind":"Name","value":"attributes"}},{"kind":"Field","name":{"kind":"Name","value":"extensions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"channel"}},{"kind":"Field","name":{"kind":"Name","value":"address"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<StoredContactsQuery, StoredContactsQueryVariables>;