import { pgTable, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant } from './columns.ts'

/** The key by which the gateway signs links, the same for every process. */
export const signingKeys = pgTable('signing_keys', {
  id: uuid().primaryKey(),
  key: bytes().notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
})
