import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, instant } from './columns.ts'

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

/** The pace of each vendor account. It has no tenant: all of them share the account, and so its pace. */
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
    /** JSON list of the records; null in place of one that nobody can ask for any more, or of a file's that could not be read at all. */
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
