import type { LinkPolicy, MatchingMode, UpsertMode } from '../../contract/profile.ts'

// Where the two Webex Campaign pages ("Bulk Create / Update contact profiles API", "Get profile query status API") are silent, lost their
// formatting or contradict themselves, this is how they are read. Nothing here is confirmed by the vendor unless it says so: when the
// vendor proves otherwise, it is changed here and nowhere else.

export const readings = {
  /** Stands in the request example of the status page; older accounts use another prefix, so it can be configured. */
  defaultPathPrefix: '/campaignapi',
  /** "updateBulk" with its plural and capital: the reference page's address. */
  bulkPath: '/resources/v3/profiles/updateBulk',
  /** request-id is called a body parameter and is the path's last segment in the example; a GET has no body. */
  statusPath: (requestId: string) => `/resources/v3/profilequerystatus/${encodeURIComponent(requestId)}`,
  /** Texts, as in both examples. One value for the whole call. */
  upsert: { CREATE_ONLY: '0', CREATE_OR_UPDATE: '1', UPDATE_ONLY: '2' } as const satisfies Record<UpsertMode, string>,
  /**
   * The values are documented, the level is not: beside upsert. The documented default, CREATE, is left out, so that what is asked for
   * most rests on no reading.
   */
  updateLink: { IGNORE: '1', CREATE: null, FAIL: '3' } as const satisfies Record<LinkPolicy, string | null>,
  /** The table writes `exparam`, the examples number them from 1. */
  auditName: (place: number) => `exparam${place + 1}`,
  /** All values go as text, lists as "a, b". No page says how a value is cleared: `nulls: CLEAR` is refused. */
  listSeparator: ', ',
  /** No page limits the body; this keeps a call within what web servers commonly take. */
  maxBatchBytes: 10_000_000,

  /** The array of per-record answers has no name: any object with these members, in any case, wherever it stands, is one. */
  recordMembers: { key: 'Key', oneOf: ['Status', 'Result'] },
  /**
   * Status and Result have no documented values. A failure code of the page in Status is a failure, whatever Result says. Beside it a record
   * is refused only where Result says so in words; otherwise a Status of success is believed ("Unchanged", "Profile modified"), and then a
   * Result of success. Anything else says nothing.
   */
  successStatus: /^(0|200|ok|success(ful)?|true)$/i,
  successResult: /^(0|200|ok|true|done|created?|inserted|updated?|processed)$|\bsuccess(ful(ly)?)?\b/i,
  failureResult: /\b(not|cannot|unable|unsuccess\w*|fail\w*|errors?|reject\w*|refus\w*|denied|invalid)\b/i,
  /** ActionType neither. What fits none of these is told by the upsert mode, or not at all. */
  createdAction: /^(creat|insert|add)/i,
  updatedAction: /^updat/i,
  /**
   * An answer without per-record objects: as many updates as records prove them all applied. With several filters one may have reached
   * many rows and another none, so that the count would prove nothing: each has a call of its own.
   */
  countProves: (matching: MatchingMode, records: number, updates: number) =>
    updates >= records && (matching === 'KEY' || records === 1),
  /** A body with request-id and neither update-count nor records is accepted and not yet done: the asynchronous mode. */
  acceptedMember: 'request-id',

  /** There is no status field: this code at the status page means "not finished yet", and cannot be told from "no such request". */
  pendingCode: '1010',
  /** The samples' indexes are 1, 31 and 40: the first record is 1. */
  firstIndex: 1,
  /** A file that is announced and not there (HTTP 404) is still being written. */
  missingErrorFile: 404,
  /** One that leaves records open may have been cut short, or not be whole yet: it is asked for again so often before it is taken as it is. */
  mostMisreads: 3,
} as const

// Readings that are not values but the way something is done, and where:
// - webex-record.ts: attribute-id, documented for filters, names a value that is written too. A filter has no limit on the rows it reaches,
//   so maxAffected cannot be kept: record-fates.ts warns where the count shows it.
// - record-fates.ts: answers are paired with records by Key, then by position.
// - error-file.ts: `error-file` is a path below the configured base URL, a URL of that origin, or the file itself. "escaped by ." lost its
//   character: a backslash and a doubled quote are both understood, and rows without quotes, as in the samples.
// - poll.ts: the file is asked for with the same credential, and what it does not name was applied, if the count of updates agrees.
