import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Channel, ContactStatus, JsonObject, SubscriptionStatus } from '../contract/profile.ts'

/*
 * The tenant is the first column of every key and of every index that can carry it, so that the store can be distributed by it.
 * Two kinds of index cannot: the GIN indexes (jsonb containment takes no text column beside it) and those that find work, which look
 * at all tenants at once. One table has no tenant at all: a lane belongs to a vendor's account, however many tenants name it.
 */

const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Contacts. `id` is a UUIDv7, so ids grow with time and new rows land at the right edge of their indexes. */
export const profiles = pgTable(
  'profiles',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    type: text().notNull(),
    key: text(),
    email: text(),
    emailPermission: boolean('email_permission'),
    emailStatus: text('email_status').$type<ContactStatus>(),
    phone: text(),
    phonePermission: boolean('phone_permission'),
    phoneStatus: text('phone_status').$type<ContactStatus>(),
    status: text().$type<ContactStatus>().notNull().default('ACTIVE'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    gender: text(),
    birthDate: date('birth_date', { mode: 'string' }),
    subscriptionDate: date('subscription_date', { mode: 'string' }),
    attributes: jsonb().$type<JsonObject>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.id] }),
    uniqueIndex('profiles_key').on(t.tenant, t.type, t.key),
    index('profiles_type').on(t.tenant, t.type, t.id),
    index('profiles_email').on(t.tenant, t.type, t.email).where(sql`${t.email} is not null`),
    index('profiles_phone').on(t.tenant, t.type, t.phone).where(sql`${t.phone} is not null`),
    index('profiles_attributes')
      .using('gin', sql`${t.attributes} jsonb_path_ops`)
      .with({ fastupdate: false })
      .where(sql`${t.attributes} <> '{}'::jsonb`),
  ],
)

/** Channel addresses of a profile. Missing parts of the identity are equal to each other. */
export const extensions = pgTable(
  'extensions',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    profileId: uuid('profile_id').notNull(),
    channel: text().$type<Channel>().notNull(),
    address: text().notNull(),
    provider: text(),
    resourceId: integer('resource_id'),
    name: text(),
    permission: boolean(),
    status: text().$type<SubscriptionStatus>(),
    priority: integer(),
    categories: text().array().notNull().default(sql`'{}'::text[]`),
    customFields: jsonb('custom_fields').$type<JsonObject>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.id] }),
    unique('extensions_identity')
      .on(t.tenant, t.profileId, t.channel, t.address, t.resourceId, t.provider)
      .nullsNotDistinct(),
    index('extensions_address').on(t.tenant, t.channel, t.address),
    index('extensions_custom_fields')
      .using('gin', sql`${t.customFields} jsonb_path_ops`)
      .with({ fastupdate: false })
      .where(sql`${t.customFields} <> '{}'::jsonb`),
  ],
)

/** The values of link attributes, so that a rename finds who points at the old key. The same value stands in `profiles.attributes`. */
export const links = pgTable(
  'links',
  {
    tenant: text().notNull(),
    profileId: uuid('profile_id').notNull(),
    attribute: text().notNull(),
    targetType: text('target_type').notNull(),
    targetKey: text('target_key').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.profileId, t.attribute] }),
    index('links_target').on(t.tenant, t.targetType, t.targetKey),
  ],
)

/** Profile types that were defined; `contact` exists for every tenant without a row. */
export const profileTypes = pgTable('profile_types', { tenant: text().notNull(), name: text().notNull() }, (t) => [
  primaryKey({ columns: [t.tenant, t.name] }),
])

export const attributeDefinitions = pgTable(
  'attribute_definitions',
  {
    tenant: text().notNull(),
    profileType: text('profile_type').notNull(),
    name: text().notNull(),
    type: text().notNull(),
    importable: boolean().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.profileType, t.name] })],
)

export const linkDefinitions = pgTable(
  'link_definitions',
  {
    tenant: text().notNull(),
    profileType: text('profile_type').notNull(),
    attribute: text().notNull(),
    targetType: text('target_type').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.profileType, t.attribute] })],
)

export const extensionTypes = pgTable(
  'extension_types',
  { tenant: text().notNull(), channel: text().$type<Channel>().notNull(), name: text().notNull() },
  (t) => [primaryKey({ columns: [t.tenant, t.channel, t.name] })],
)

/** Accepted requests. `id` is a UUIDv7 made by the process that accepts, so that a commit whose answer was lost can be asked after. */
export const jobs = pgTable(
  'jobs',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    kind: text().notNull(),
    state: text().notNull(),
    /** Grows with every change; the cursor of jobStatus. */
    version: integer().notNull().default(1),
    /** The GraphQL mutation that made it; idempotency keys of different operations do not meet. */
    operation: text().notNull(),
    options: jsonb().notNull(),
    total: integer().notNull(),
    staged: integer().notNull(),
    idempotencyKey: text('idempotency_key'),
    /** SHA-256 of the request in hex; null without an idempotency key. */
    fingerprint: text(),
    /** The job that this one retries. */
    parentId: uuid('parent_id'),
    /** Of an import or a retry: where its records come from. */
    source: jsonb(),
    /** Somebody watches until then: a change ends in NOTIFY. */
    watchedUntil: instant('watched_until'),
    createdAt: instant('created_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    /** The last time that progress was made. */
    progressedAt: instant('progressed_at'),
    finishedAt: instant('finished_at'),
    /** When its records and results were removed; its counts stay. */
    removedAt: instant('removed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.id] }),
    uniqueIndex('jobs_idempotency')
      .on(t.tenant, t.operation, t.idempotencyKey)
      .where(sql`${t.idempotencyKey} is not null`),
    index('jobs_state').on(t.tenant, t.state, t.id).where(sql`${t.state} <> 'SUCCEEDED'`),
    index('jobs_kept').on(t.finishedAt).where(sql`${t.finishedAt} is not null and ${t.removedAt} is null`),
  ],
)

/** A job at one destination. `counts` holds one number per outcome in the order of the contract's list. */
export const deliveries = pgTable(
  'deliveries',
  {
    tenant: text().notNull(),
    jobId: uuid('job_id').notNull(),
    /** The place of the destination in the request. */
    ordinal: smallint().notNull(),
    destinationId: text('destination_id').notNull(),
    adapter: text().notNull(),
    state: text().notNull(),
    /** The job's records are still being read: nothing is delivered yet. */
    staging: boolean().notNull().default(false),
    counts: integer().array().notNull(),
    batchesTotal: integer('batches_total').notNull(),
    /** At a store: also the number of the chunk that comes next. */
    batchesDone: integer('batches_done').notNull().default(0),
    vendorRequestIds: text('vendor_request_ids').array().notNull().default(sql`'{}'::text[]`),
    /** The pace it keeps, at a vendor; null at a store. */
    lane: text(),
    /** Least milliseconds between two of its calls when it was planned, for the time that is left. */
    minIntervalMs: integer('min_interval_ms').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at'),
    /** Set by the first fault since a call went through: when no more is tried. */
    giveUpAt: instant('give_up_at'),
    lastError: text('last_error'),
    startedAt: instant('started_at'),
    /** When it was last taken up; the claim takes the one that has waited longest. */
    progressedAt: instant('progressed_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.jobId, t.ordinal] }),
    index('deliveries_claim')
      .on(t.progressedAt)
      .where(sql`${t.state} in ('QUEUED', 'RUNNING', 'WAITING') and ${t.lane} is null and not ${t.staging}`),
    index('deliveries_lane')
      .on(t.lane, t.progressedAt)
      .where(
        sql`${t.state} in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED', 'CANCELLING') and ${t.lane} is not null and not ${t.staging}`,
      ),
    // One row a job: its first delivery stands for the staging of all.
    index('deliveries_staging')
      .on(t.progressedAt)
      .where(sql`${t.staging} and ${t.ordinal} = 0 and ${t.state} = 'QUEUED'`),
  ],
)

/**
 * The records of a delivery that travel to a vendor in one call. CALLING is a call in flight, and its lease frees it when its process dies;
 * POLLING one that the vendor has taken and is asked about.
 */
export const batches = pgTable(
  'batches',
  {
    tenant: text().notNull(),
    jobId: uuid('job_id').notNull(),
    ordinal: smallint().notNull(),
    batch: integer().notNull(),
    lane: text().notNull(),
    /** Begins when all lower ones of the delivery are done. */
    wave: integer().notNull(),
    state: text().notNull().default('READY'),
    /** Where it stands in its wave: the least of its indexes. */
    firstIndex: integer('first_index').notNull(),
    /** Indexes in the input, ascending, of the records sent and of those folded into them. */
    indexes: integer().array().notNull(),
    /** For each of them the index of the record in which it travels; null: each in itself. */
    carriers: integer().array(),
    /** Hashes of its match values, which no other call may hold at the same time; null: could be any. */
    valueHashes: integer('value_hashes').array(),
    /** Whether it may be sent again when nobody knows what became of a call. */
    repeatable: boolean().notNull(),
    attempts: integer().notNull().default(0),
    /** An attempt may have been applied. */
    uncertain: boolean().notNull().default(false),
    /** What the vendor gave to go on with, as a list of one: POLLING asks by it, READY calls by it. */
    ticket: jsonb(),
    pollUntil: instant('poll_until'),
    leaseId: uuid('lease_id'),
    leaseUntil: instant('lease_until'),
    nextAttemptAt: instant('next_attempt_at'),
    /** The batch that it was split off while one bad record is looked for. */
    splitOf: integer('split_of'),
    /** Further calls that may still be spent on looking for bad records of this batch and those split off it; null: none was looked for. */
    extraCallsLeft: integer('extra_calls_left'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.jobId, t.ordinal, t.batch] }),
    index('batches_open').on(t.tenant, t.jobId, t.ordinal, t.wave, t.firstIndex).where(sql`${t.state} <> 'DONE'`),
    index('batches_busy').on(t.lane, t.leaseUntil).where(sql`${t.state} in ('CALLING', 'POLLING')`),
    index('batches_due')
      .on(t.lane, t.nextAttemptAt)
      .where(sql`${t.state} in ('READY', 'POLLING') and ${t.nextAttemptAt} is not null`),
  ],
)

/** The pace of each vendor account. The one table without a tenant: all of them share the account, and so its pace. */
export const lanes = pgTable('lanes', {
  lane: text().primaryKey(),
  /** When the pace allows the next call. */
  nextCallAt: instant('next_call_at').notNull().default(sql`'-infinity'`),
  /** Nothing goes out before, after a fault of the account. */
  backOffUntil: instant('back_off_until').notNull().default(sql`'-infinity'`),
  /** In a row. */
  faults: integer().notNull().default(0),
})

/** The input of a job, by chunks of 1,000 indexes. */
export const jobChunks = pgTable(
  'job_chunks',
  {
    tenant: text().notNull(),
    jobId: uuid('job_id').notNull(),
    chunk: integer().notNull(),
    size: integer().notNull(),
    /** JSON lists of what results show of each record; null where no record of the chunk has one. */
    keys: text(),
    clientRefs: text('client_refs'),
    /** JSON list of the records; null in place of one that nobody can ask for any more. */
    records: text().notNull(),
    /** Of an import, the 1-based line of the file at which each record begins; null: `first_line` and those after it. */
    lines: integer().array(),
    firstLine: integer('first_line'),
    /** Of a retry, the index of each record in the job that it retries. */
    sourceIndexes: integer('source_indexes').array(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.jobId, t.chunk] })],
)

/** What became of a chunk's records at one destination. Where there is no row, all of them are PENDING. */
export const resultChunks = pgTable(
  'result_chunks',
  {
    tenant: text().notNull(),
    jobId: uuid('job_id').notNull(),
    chunk: integer().notNull(),
    ordinal: smallint().notNull(),
    /**
     * One byte a record: the outcome's place in the contract's list; 255 where the record does not go to this destination (a retry). In a
     * delivery that has ended, PENDING says CANCELLED, so that ending one writes none of its chunks.
     */
    outcomes: bytes().notNull(),
    counts: integer().array().notNull(),
    /** JSON list with null for each record that reached no profile; null where none did. */
    profileIds: text('profile_ids'),
    /** By index within the chunk, only where there is something to tell. */
    details: jsonb(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.jobId, t.chunk, t.ordinal] })],
)

/**
 * Files that were sent to be imported. RECEIVING until the last byte is stored, then READY; GIVEN_UP while its parts are removed, because it
 * broke off or its time was up.
 */
export const uploads = pgTable(
  'uploads',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    state: text().notNull().default('RECEIVING'),
    format: text().notNull(),
    /** Uncompressed. */
    bytes: bigint({ mode: 'number' }).notNull().default(0),
    /** Those that cannot be read included. */
    records: integer().notNull().default(0),
    parts: integer().notNull().default(0),
    /** Of a CSV file, the header and what separates its cells: `{ "columns": [...], "delimiter": "," }`. */
    header: jsonb(),
    /** SHA-256 of the format and the uncompressed content, in hex; null while it is received. */
    contentHash: text('content_hash'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** RECEIVING: when it counts as broken off unless more arrives; READY: when it is removed. */
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.id] }), index('uploads_expiry').on(t.expiresAt)],
)

/** The content of an upload, cut at the ends of records: each part holds as many records as a chunk, the last one the rest. */
export const uploadParts = pgTable(
  'upload_parts',
  {
    tenant: text().notNull(),
    uploadId: uuid('upload_id').notNull(),
    part: integer().notNull(),
    size: integer().notNull(),
    firstLine: integer('first_line').notNull(),
    /** The line at which each record begins; null: `first_line` and those after it. */
    lines: integer().array(),
    /**
     * The records as they stand in the file, each ended by a line feed; an empty line in place of one that cannot be read. A record of CSV may
     * have line feeds of its own within quotes, which were checked: the line feed that ends it is the first one outside of them.
     */
    content: text().notNull(),
    /** Why records cannot be read, by their place in the part. */
    malformed: jsonb(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.uploadId, t.part] })],
)

/** The key by which the gateway signs links, the same for every process. */
export const signingKeys = pgTable('signing_keys', {
  id: uuid().primaryKey(),
  key: bytes().notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
})
