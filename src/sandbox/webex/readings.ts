// How the emulator reads the two Webex Campaign pages it is written from ("Bulk Create / Update contact profiles API",
// "Get profile query status API") where they are silent, lost their formatting, or contradict themselves. Nothing here
// is confirmed by the vendor; each reading is changed here and nowhere else. What a test wants both ways is a setting
// (settings.ts) instead.

/** The failure codes, with the pages' own words. Their table spans rows: which HTTP status 1001 and 498 have is a guess. */
export const failures = {
  1010: { status: 200, description: 'The request was not processed.' },
  3005: { status: 200, description: 'Invalid Profile ID' },
  7200: { status: 200, description: 'Unable to Update Profile as User does not Exist and Upsert value is 2.' },
  7201: { status: 200, description: 'Unable to create profile as Profile already exist, Upsert value is 0.' },
  7029: { status: 200, description: 'Profile Attribute in update mentioned does not exist' },
  7031: { status: 200, description: 'Profile Id and Profile name do not match.' },
  430: {
    status: 401,
    description: 'Authorization failed. This resource is not allowed to access using this TOKEN or KEY',
  },
  498: { status: 401, description: 'Invalid token or Access token expired' },
  405: { status: 405, description: 'Method not supported' },
  429: { status: 429, description: 'Too many requests. Throttle limit reached for the time window.' },
  1001: { status: 500, description: 'Invalid input JSON' },
} as const

export type FailureCode = keyof typeof failures

export const readings = {
  /** The documents give the paths' ends; the middle is from the request example of the status page. */
  resources: '/resources/v3',
  /** "up to 100 contact profiles" counts the entries of `requests`, not the rows that their filters find. */
  mostRequests: 100,
  /** The codes are JSON numbers in the failure body: a public client of a sibling endpoint reads them so. */
  codeOf: (code: FailureCode): number => code,
  /** A profile-name that is not defined is an "Invalid Profile ID": no code speaks of names alone. */
  unknownName: 3005 as FailureCode,
  /** A parameter of the wrong type or spelling, or over a limit, refuses the whole call. */
  badParameter: 1010 as FailureCode,
  /** Nothing says what an entry with both key and filter, or with neither, does: it fails alone. */
  keyAndFilter: 1010 as FailureCode,
  /** A filter that finds nothing has no key to create a row with: update-only has its own code, the others none. */
  nothingFound: (upsert: '0' | '1' | '2'): FailureCode => (upsert === '2' ? 7200 : 1010),
  /** A filter that finds a row under upsert 0 is a profile that exists. */
  foundUnderCreate: 7201 as FailureCode,
  /** update-link 3 has no code of its own. */
  linkMissing: { code: 1010 as FailureCode, description: 'The linked profile does not exist and update-link is 3.' },
  /** The page's filter example has an empty attribute-name: a slip of the page, since the table wants an id or a name. */
  emptyAttributeName: 7029 as FailureCode,
  /** The table writes `Equals`, the example sends `equals`. */
  operatorsIgnoreCase: true,
  /** logical-op stands on the last condition too: it joins a condition to the next one, the last is ignored. */
  joinWithout: 'and' as const,
  /** The array of per-record answers has no documented name, nor do Status, ActionType and Result have values. */
  responses: 'responses',
  success: { Status: '0', Result: 'Success' },
  failureResult: 'Failed',
  actionTypes: { create: 'Create', update: 'Update' },
  /** An entry with a filter shows the one row's key; with none or several there is no one key to show. */
  keyOfSeveral: '',
  /** There is no status field, and no code for "not finished" or "no such request". */
  pending: 1010 as FailureCode,
  unknownRequest: 1010 as FailureCode,
  /** The samples' indexes are 1, 31 and 40. */
  firstIndex: 1,
  /** "escaped by ." with the character lost: nearly surely a backslash. Other styles are a setting. */
  escape: '\\',
  /** The sample row `123 , Failed, 1` has no quotes and stray spaces. */
  bareRow: (code: number, index: number) => `${code} , Failed, ${index}`,
  errorFilePath: (requestId: string) => `/exports/${requestId}_error.csv`,
  firstRequestId: 90_211,
} as const

/** A value that a row lacks, or that is empty, satisfies no operator. Numbers are compared as such where both are, else text. */
export function compare(stored: string | undefined, wanted: string): number | null {
  if (stored === undefined || stored === '') return null
  const [left, right] = [Number(stored), Number(wanted)]
  if (wanted !== '' && Number.isFinite(left) && Number.isFinite(right)) return Math.sign(left - right)
  if (stored === wanted) return 0
  return stored < wanted ? -1 : 1
}
