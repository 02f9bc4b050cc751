import { customType, timestamp } from 'drizzle-orm/pg-core'

/*
 * The tenant is the first column of every key and of every index that can carry it, so that the store can be distributed by it.
 * Two kinds of index cannot: the GIN indexes (jsonb containment takes no text column beside it) and those that find work, which look
 * at all tenants at once. Two tables have no tenant at all: a lane belongs to a vendor's account, however many tenants name it, and the
 * key of links to the whole gateway.
 */

export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
export const instant = (name: string) => timestamp(name, { withTimezone: true })
