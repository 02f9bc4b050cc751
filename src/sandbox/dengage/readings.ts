// How the emulator reads the two D·engage pages it is written from (BulkUpsert, BulkUpsertExtensions) where they are
// silent or lost their formatting. Each reading says where it comes from: "page" is one of the two; "measured" is what
// public code reports of live accounts; "cited" is what such code or neighbouring pages of the reference say; the rest
// is a guess. They are changed here and nowhere else. What a test wants both ways is a setting (settings.ts) instead.

export const readings = {
  /** Cited: the production address ends in /rest. The two paths are the pages' own names. */
  paths: {
    login: '/rest/login',
    contacts: '/rest/bulk/contacts',
    extensions: '/rest/bulk/contact_extensions',
    contact: '/rest/contacts/',
  },
  /** Page: "up to 1000 records in a single call". */
  mostRecords: 1000,
  /** Cited from the asynchronous sister page; measured for 1 only. */
  codes: { success: 0, fieldError: 1, forbidden: 10, validationFails: 11 },
  /** Measured, the names in one message. That a column which is not import-enabled reads the same is a guess. */
  unknownColumns: (names: readonly string[]) => `Column does not exist: ${names.join(', ')}`,
  /** Page. The body around it is a guess: nothing is to be parsed from it. */
  notAuthenticated: 'Not-authenticated. Please re-login.',
  forbidden: {
    contacts:
      'The operation is not allowed. Your API user does not have the DataSpace.Manage role permission required to use this API.',
    extensions: 'The operation is not allowed. Your API user is not authorized to use this API.',
  },
  /** Measured: refused before credentials are read; at the login the reason is in `actionResult`, elsewhere the body is empty. */
  addressRefused: (address: string) => `IP address ${address} is not whitelisted`,
  /** Cited: one more call while another is in flight. The body is a guess. */
  tooManyRequests: 'Too many concurrent requests',
  /** The text after "gsm" is measured, and that it is a warning. Where the key stands, and the e-mail's, are guesses. */
  defaultUsed: (column: string) => `${column} value is invalid. Default value is used!`,
  /** A guess throughout: missing key, unknown enum value, no date, no boolean, too long are errors, not warnings. */
  invalid: (column: string) => `${column} value is invalid.`,
  tooLong: (column: string, most: number) => `${column} value is longer than ${most} characters.`,
  withKey: (key: string, message: string) => `${key}: ${message}`,
  /** A record without a usable key can only be told of by its place. */
  withoutKey: (place: number, message: string) => `Record ${place}: ${message}`,
  /** A guess: a parameter that is no part of the page refuses the call, so that a misspelt one shows. */
  refuseUnknownParameters: true,
  /** A guess, and the harsher one: a listed column that a record lacks gets its default. */
  resetListedButMissing: true,
  /** Guess: a new contact's address counts as changed, so that its status is A whatever the record states. */
  insertChangesAddress: true,
  /** Guess: the answer tells of a renamed contact by the key it was sent under. */
  renamedUnderOldKey: true,
  /** Guess: an extension is told of by its contact's key alone. */
  extensionNamedBy: (contactKey: string, _address: string) => contactKey,
  /** Table default of the two permissions (cited); of an extension's it is a guess. */
  permissionDefault: true,
  /** Cited as "digits incl. country code"; the server's own rule is unknown and stricter than this one. */
  gsm: /^[1-9][0-9]{7,18}$/,
  email: /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/,
  /** Cited: the formats that the reference lists for date-times. */
  dateTime: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?)?$/,
  /** The sandbox's only answer that nothing speaks of: a method that a path does not take. */
  wrongMethod: 405,
} as const
