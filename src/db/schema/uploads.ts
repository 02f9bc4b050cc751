import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

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
