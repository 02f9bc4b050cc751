import type { ContactStatus, MatchingMode } from '../../contract/profile.ts'

// Where Altcraft's "Import multiple profiles" (SPEC below) and the pages around it (PAGES, each named) are silent or contradict each other,
// this is how they are read. Nothing here is confirmed by the vendor unless it says so: when the vendor proves otherwise, it is changed here
// and nowhere else.

export const readings = {
  /** SPEC. Update alone is the page "Update multiple profiles": the same call, without skip_triggers and detect_geo in its table. */
  importPath: '/api/v1.1/profiles/import_batch',
  updatePath: '/api/v1.1/profiles/update_batch',
  updateTakesTriggersAndGeo: false,

  /**
   * PAGES "Import multiple profiles" (Russian): more than 10,000 profiles or 10 MB are "not recommended"; "Bulk import + trigger": 10 MB is the
   * limit of a body. Taken as decimal megabytes; what is left is for the call's own parameters.
   */
  mostRecords: 10_000,
  maxBatchBytes: 9_500_000,
  /** No limit of calls is published. */
  maxConcurrency: 4,

  /** Nothing in Altcraft is called a profile type. What comes nearest is the database: `profileTypes` leads to ids of databases. null: it is none. */
  databaseOfProfileType: (text: string): number | null => {
    const id = /^[1-9]\d*$/.test(text) ? Number(text) : 0
    return Number.isSafeInteger(id) && id > 0 ? id : null
  },

  /**
   * SPEC shows the value of `custom` in each profile under the field's own name, and nothing of the other modes: each profile carries its own
   * value under the name of the parameter. Of these names `email` is also the profile's e-mail and is written; these only say whom the
   * profile is about and are never stored.
   */
  matchKeys: ['phone', 'profile_id', 'provider', 'subscription_id', 'field_value'],

  /**
   * `email_sub` and `email_phone_sub` look for the address of the first e-mail subscription where a profile has no `email`. Sending it as
   * `email` would make it the profile's own e-mail, although it only was to find it.
   */
  subscriptionEmailFinds: true,
  /** `email_phone` and `email_phone_sub` look for `phone`, else the first of `phones`, else the first SMS subscription's number. */
  phoneFallsBack: true,
  /** Real callers of `phone` send `phones` alone. For an update `phone` does too, so that the number which found a profile is not all it keeps. */
  phoneAloneFinds: true,

  /** PAGE "Matching": `custom_sub` takes field_name and field_value. Looked for in the custom fields of subscriptions, as the user guide has it. */
  customSubValueName: 'field_value',
  /** SPEC: a combination of tags is searched for as "tag-1, tag-2" in field_value. Under the field's own name it would replace the tags. */
  tagSeparator: ', ',

  /** SPEC: "Resource ID for email and phone matching". It narrows the search among subscriptions and says nothing in other modes. */
  narrowedModes: [
    'EMAIL',
    'EMAIL_PROFILE',
    'EMAIL_SUB',
    'PHONE',
    'PHONE_SUB',
    'EMAIL_PHONE',
    'EMAIL_PHONE_SUB',
  ] as readonly MatchingMode[],

  /** PAGES "Profile data object" and "Types of fields in the database"; confirmed but for `subscriptionDate`: the registration. */
  fieldNames: {
    email: 'email',
    phone: 'phones',
    status: '_status',
    firstName: '_fname',
    lastName: '_lname',
    gender: '_sex',
    birthDate: '_bdate',
    subscriptionDate: '_regdate',
  },

  /**
   * PAGE "Profile data object": `_status` is the global status of subscription, 0 to 6. PASSIVE is "suspended" (5): not reached for now. To say
   * "unsubscribed" (1) would invent a withdrawal that nobody has declared.
   */
  statusCodes: { ACTIVE: 0, PASSIVE: 5 } as const satisfies Record<ContactStatus, number>,

  /** `_sex` is "male" or "female" on one page and a number on another. Anything else passes as it is; numbers as the attribute `_sex`. */
  sexes: new Map([
    ['m', 'male'],
    ['male', 'male'],
    ['f', 'female'],
    ['female', 'female'],
  ]) as ReadonlyMap<string, string>,

  /** PAGE "Get profile data": what Altcraft keeps for itself. Taken to be ignored when it is sent, hence refused. */
  bookkeeping: [
    'id',
    'db_id',
    '_acid',
    '_createtime',
    '_md5',
    '_xxh',
    '_xxm',
    '_emaildomain',
    '_domaingroup',
    '_lat',
    '_lon',
    '_is_desktop',
    '_is_test',
    '_click_exist',
    '_click_push_exist',
    '_deliv_date',
    '_open_date',
  ],

  /**
   * PAGE "Database fields functional update": an object with `action` is a function, documented for updates and the import of one profile. Taken
   * to work here too, and refused: a value is a value. `unset` would clear a field; `nulls: CLEAR` is refused until the vendor says it does here.
   */
  functionMember: 'action',

  /** SPEC's table has an e-mail subscription's address as `email`, its example as `email_data`. SMS and push have only the flat form. */
  emailContactName: 'email_data',
  /** Every sample has a resource_id; that a subscription cannot do without is read from that. */
  resourceIdRequired: true,
  /** Opted in: a new subscription without status is "subscribed". */
  newSubscriptionIsSubscribed: true,
  /**
   * What skip_invalid_subscriptions left out is told nowhere. A profile that is found by its subscription may so be created without it, and
   * created again by a repeated call.
   */
  mayLoseSubscriptionSilently: true,

  /** An empty list in XML is an empty element, a list of one is marked by array='true' (samples of several PAGES). */
  xmlArrayMark: " array='true'",

  /**
   * SPEC has an error code for the call and one for each profile, and does not say how they go together: the call's stays 0 when profiles fail. Where
   * it does not and results are there all the same, the results are believed.
   */
  resultsWinOverError: true,
  /** A readable body with a code other than 0 and without results says that nothing was written, whatever its code and status. */
  readableRefusalIsCertain: true,
} as const
