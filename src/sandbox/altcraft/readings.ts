// How this sandbox reads what Altcraft's documents leave open, all in one place: change it here when the vendor proves
// otherwise. Sources: SPEC is "Import multiple profiles" (/api/v1.1/profiles/import_batch); DOCS are other pages of
// guides.altcraft.com, named; GUESS is ours, because nothing public says it.

/** An error code with its text, as the vendor words it where a source is named. */
export interface VendorError {
  code: number
  text: string
}

/** The codes: DOCS "API interaction" (0, 400, 401, 402, 403) and "Quick profile import" (404, 409). */
export const errors = {
  success: { code: 0, text: 'Successful operation' }, // SPEC
  // Of a whole call. GUESS: which code answers which fault, and every text not marked.
  unknownPath: { code: 404, text: 'No such method' },
  notPost: { code: 405, text: 'Only POST is allowed' },
  contentType: { code: 400, text: 'Content-Type must be application/json or application/xml' },
  tooLarge: { code: 400, text: 'Request body is too large' },
  missingToken: { code: 401, text: 'API token required' }, // DOCS "API interaction"
  unknownToken: { code: 403, text: 'Invalid API token' }, // DOCS "Quick profile import": 403 is an invalid API key
  unknownDatabase: { code: 404, text: 'Database not found' }, // DOCS "Quick profile import"
  forbiddenDatabase: { code: 403, text: 'No access to the database' },
  unknownResource: { code: 404, text: 'Resource not found' }, // DOCS "Quick profile import"
  forbiddenResource: { code: 403, text: 'No access to the resource' },
  // Of a whole call or of one profile.
  // DOCS "API interaction". GUESS: import_batch is refused once the limit is reached; within a call, each profile too many.
  tariff: { code: 402, text: 'Tariff limit reached' },
  // Of one profile (of profiles/get: of the call).
  notFound: { code: 404, text: 'Profile not found' }, // GUESS
  ambiguous: { code: 409, text: 'More than one profile matches, inaccurate match' }, // DOCS "Quick profile import"
  duplicateEmail: { code: 409, text: 'Profile with this email already exists' }, // GUESS; see `uniqueEmail`
} as const satisfies Record<string, VendorError>

/** Texts of refused values: the first three from DOCS "Common errors when importing", the others GUESS. All are 400. */
export const texts = {
  ip: 'incorrect ip',
  phone: 'Incorrect phone',
  date: 'incorrect date',
  email: 'incorrect email',
  value: 'incorrect value',
} as const

export const readings = {
  /** DOCS "Bulk import + trigger": 10 MB by default. GUESS: binary megabytes, and that it holds for import_batch. */
  bodyLimitBytes: 10 * 1024 * 1024,

  /** GUESS: the HTTP status of a body over the limit; its `error` is 400. */
  tooLargeStatus: 413,

  /**
   * DOCS "API interaction": HTTP 200 says that the transport worked, the outcome is the body's `error`. GUESS: bodies
   * that cannot be read and foreign content types are 400, other paths 404, other methods 405. The setting
   * `mirrorErrorInStatus` answers every refused call with its error code instead.
   */
  unreadableStatus: 400,

  /** SPEC names the token in the body; DOCS "API interaction" adds Bearer and the query. GUESS: the first found counts. */
  tokenPlaces: ['body', 'bearer', 'query'],

  /**
   * GUESS: some pages show a `format` parameter, and "API interaction" names the header; without either the answer has
   * the format of the question.
   */
  answerFormat: (question: Format, parameter: Format | undefined, accepted: readonly Format[]): Format =>
    parameter ?? (accepted.length === 0 || accepted.includes(question) ? question : (accepted[0] ?? question)),

  /** GUESS: top-level `error` stays 0 when profiles fail; a refused call has no `result`; a failed profile no id. */
  errorWhenProfilesFail: errors.success,

  /** GUESS: null is as good as not there, for parameters, fields and parts of subscriptions alike. */
  nullMeansAbsent: true,

  /** GUESS: in JSON, numbers of parameters and subscriptions must be numbers; int and float fields also take text. */
  numericFieldsTakeText: true,

  /** GUESS: a text field refuses JSON numbers and booleans rather than spelling them out. */
  textFieldsTakeOnlyText: true,

  /** GUESS: `""` empties any field; the e-mail cannot be emptied, as DOCS "functional update" forbids its `unset`. */
  emptyTextClears: (field: string) => field !== 'email',

  /** GUESS: a tags field takes `"a, b"` too; SPEC has that form for `field_value`. */
  tagsOfText: (text: string): string[] => [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ],

  /** GUESS: two words in one page, numbers in another; both are taken and kept as sent. */
  sexes: ['male', 'female', 0, 1, 2] as readonly (string | number)[],

  /** GUESS: 8 to 15 digits, no leading zero. DOCS "Common errors" name 12345, phone and +000000000000 as wrong. */
  phone: (text: string): string | undefined => {
    const digits = text.trim().replace(/[\s().-]/g, '')
    return /^\+?[1-9]\d{7,14}$/.test(digits) ? `+${digits.replace('+', '')}` : undefined
  },

  /** GUESS: one @, a domain with a dot, nothing blank. Compared trimmed and without case, kept as sent but trimmed. */
  email: (text: string): string | undefined => {
    const trimmed = text.trim()
    return trimmed.length <= 254 && /^[^\s@<>",;]+@[^\s@<>",;.]+(\.[^\s@<>",;.]+)+$/.test(trimmed) ? trimmed : undefined
  },
  emailKey: (email: string): string => email.trim().toLowerCase(),

  /** GUESS: unknown parameters and unknown keys of a subscription are ignored, unknown fields of a profile are not. */
  unknownFieldText: (name: string) => `unknown field ${name}`,

  /** GUESS: `_tz` must be a zone of the IANA database. */
  knowsZones: true,

  /**
   * SPEC has the value of `custom` in each item, under the field's own name. GUESS: of the other modes too; where an
   * item has no such key, these are looked at next. E-mails fall back to the first e-mail subscription (`*_sub` only),
   * phones to `phones` and the first SMS subscription, push tokens to the first push subscription: matching.ts.
   */
  valueNames: (fieldName: string): readonly string[] => [fieldName, 'field_value'],
  idNames: ['profile_id', 'id'] as readonly string[],

  /**
   * GUESS: keys of an item that only say whom it is about; never stored, unless the database has a field so named. Any
   * other key is a field and is written, the match value too: a profile that `interests: ["jazz"]` found among others
   * holds jazz alone afterwards, one found by `field_value: "jazz"` keeps its tags.
   */
  matchKeys: ['profile_id', 'phone', 'provider', 'subscription_id', 'field_value'] as readonly string[],

  /** What profiles/get returns besides (DOCS "Get profile data"). GUESS: import ignores it. */
  bookkeeping: [
    ...['id', 'db_id', '_acid', '_createtime', '_md5', '_xxh', '_xxm', '_emaildomain', '_domaingroup', '_lat', '_lon'],
    ...['_is_desktop', '_is_test', '_click_exist', '_click_push_exist', '_deliv_date', '_open_date'],
  ] as readonly string[],

  /** GUESS: `custom` finds by custom fields alone, not by `_fname` and the like. */
  customMatchesSystemFields: false,

  /** The documents disagree. GUESS: `email_phone` looks at the profile's own fields (two pages of three). */
  emailPhoneSearchesSubscriptions: false,

  /** The documents disagree. GUESS: `custom_sub` finds by a subscription's `cc_data` or `custom_fields` of that name. */
  customSubSearches: ['cc_data', 'custom_fields'] as readonly ('cc_data' | 'custom_fields')[],

  /** GUESS: `resource_id` narrows e-mail and SMS subscriptions; the profile's own e-mail and phones still count. */
  resourceNarrowsProfileFields: false,

  /** DOCS "Matching": profile_id is for updates only. GUESS: 404 for one that is not there, also in import_batch. */
  modesThatNeverCreate: ['profile_id'] as readonly string[],

  /** DOCS "Update multiple profiles" lists neither. GUESS: update_batch ignores them, so that its triggers fire. */
  updateBatchIgnores: ['skip_triggers', 'detect_geo'] as readonly string[],

  /** GUESS: a new subscription without status is subscribed, one without priority is the first. */
  newSubscription: { status: 'subscribed', priority: 0 } as const,

  /** DOCS "Add or edit subscription": -1 or nothing leaves status and priority alone. */
  leave: -1,

  /** GUESS: `cats` replace those of the subscription; without any they stay. */
  categories: (held: readonly string[], sent: readonly string[] | undefined): readonly string[] => sent ?? held,

  /** GUESS: `custom_fields` merge by name. */
  subscriptionFields: <Value>(held: ReadonlyMap<string, Value>, sent: ReadonlyMap<string, Value>) =>
    new Map([...held, ...sent]),

  /** GUESS: both forms of a contact may stand side by side if they agree; if not, the subscription is invalid. */
  refusesContactsThatDisagree: true,

  /** GUESS: a number that is not there counts as this. */
  incrementsFrom: 0,

  /** GUESS: `submatch` is a path of names with dots; without one, `upsert` merges its object into the field's. */
  submatchPath: (text: string): string[] => text.split('.'),

  /**
   * DOCS "functional update" has add and delete for tags and arr_object. GUESS: for phones too; `add`
   * leaves no repeats but in arr_object; `delete` takes away what is equal.
   */
  listFunctions: ['tags', 'arr_object', 'phones'] as readonly string[],

  /** GUESS: names of what would have been triggered; the documents only say "trigger events". */
  triggers: {
    created: 'profile_created',
    updated: 'profile_updated',
    subscribed: 'subscription_created',
    status: 'subscription_status_changed',
  },

  /**
   * DOCS: the samples mark arrays of one element by `array='true'`. GUESS: these four are arrays even unmarked, each
   * inside its parent; marked by what one element of them is.
   */
  xmlArrays: {
    xml: { data: 'object' },
    data: { subscriptions: 'object', phones: 'text' },
    subscriptions: { cats: 'text' },
  } as Readonly<Record<string, Readonly<Record<string, 'object' | 'text'>>>>,

  /** SPEC shows a single <result> without `array='true'`. */
  xmlUnmarkedArrays: ['result'] as readonly string[],
} as const

export type Format = 'json' | 'xml'
