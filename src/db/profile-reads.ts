import type { Queryable } from '../contract/adapter.ts'
import type { TypedCondition } from '../domain/filter.ts'
import { textArray } from './literals.ts'
import { filterPredicate } from './profile-filter.ts'
import type { extensions, links, profiles } from './schema/profiles.ts'

export type ProfileRow = Omit<typeof profiles.$inferSelect, 'tenant'>
export type ExtensionRow = Omit<typeof extensions.$inferSelect, 'tenant'>
export type LinkRow = Omit<typeof links.$inferSelect, 'tenant'>

const profileColumns = `p.id, p.type, p.key, p.email, p.email_permission as "emailPermission", p.email_status as "emailStatus",
  p.phone, p.phone_permission as "phonePermission", p.phone_status as "phoneStatus", p.status,
  p.first_name as "firstName", p.last_name as "lastName", p.gender, p.birth_date as "birthDate",
  p.subscription_date as "subscriptionDate", p.attributes, p.created_at as "createdAt", p.updated_at as "updatedAt"`

const extensionColumns = `e.id, e.profile_id as "profileId", e.channel, e.address, e.provider, e.resource_id as "resourceId", e.name,
  e.permission, e.status, e.priority, e.categories, e.custom_fields as "customFields",
  e.created_at as "createdAt", e.updated_at as "updatedAt"`

/** The profiles among those ids, in no order. */
export function profilesById(db: Queryable, tenant: string, ids: readonly string[]): Promise<ProfileRow[]> {
  return db.query<ProfileRow>(
    `select ${profileColumns} from profiles p where p.tenant = $1 and p.id = any($2::uuid[])`,
    [tenant, textArray(ids)],
  )
}

/** A profile as its referrers and lookups name it. */
export interface ProfileName {
  type: string
  /** Its key, e-mail or phone. */
  value: string
}

/** A profile with the name it was found by. */
export type NamedProfileRow = ProfileRow & { wantedType: string; wantedValue: string }

const lookupColumns = { key: 'p.key', email: 'p.email', phone: 'p.phone' }
export type LookupField = keyof typeof lookupColumns

/**
 * The profiles whose own field has one of those values, at most two for each: more than one is told apart from one, and an e-mail that
 * a million profiles share costs two rows.
 */
export function profilesByField(
  db: Queryable,
  tenant: string,
  field: LookupField,
  wanted: readonly ProfileName[],
): Promise<NamedProfileRow[]> {
  const column = lookupColumns[field]
  return db.query<NamedProfileRow>(
    `select p.*, w.type as "wantedType", w.value as "wantedValue"
     from unnest($2::text[], $3::text[]) as w (type, value)
     cross join lateral (
       select ${profileColumns} from profiles p where p.tenant = $1 and p.type = w.type and ${column} = w.value limit 2
     ) p`,
    [tenant, textArray(wanted.map(({ type }) => type)), textArray(wanted.map(({ value }) => value))],
  )
}

/** The extensions among those ids, in no order. */
export function extensionsById(db: Queryable, tenant: string, ids: readonly string[]): Promise<ExtensionRow[]> {
  return db.query<ExtensionRow>(
    `select ${extensionColumns} from extensions e where e.tenant = $1 and e.id = any($2::uuid[])`,
    [tenant, textArray(ids)],
  )
}

/** All extensions of those profiles, each profile's in the order they were made. */
export function extensionsOfProfiles(
  db: Queryable,
  tenant: string,
  profileIds: readonly string[],
): Promise<ExtensionRow[]> {
  return db.query<ExtensionRow>(
    `select ${extensionColumns} from extensions e where e.tenant = $1 and e.profile_id = any($2::uuid[]) order by e.id`,
    [tenant, textArray(profileIds)],
  )
}

/** All links of those profiles, each profile's in the order of the attributes' names. */
export function linksOfProfiles(db: Queryable, tenant: string, profileIds: readonly string[]): Promise<LinkRow[]> {
  return db.query<LinkRow>(
    `select l.profile_id as "profileId", l.attribute, l.target_type as "targetType", l.target_key as "targetKey"
     from links l where l.tenant = $1 and l.profile_id = any($2::uuid[]) order by l.attribute collate "C"`,
    [tenant, textArray(profileIds)],
  )
}

/** Which profiles a page is taken from. */
export interface ProfileSelection {
  type: string
  conditions: readonly TypedCondition[]
}

/** Which part of them: those between two ids, from the beginning or (`fromEnd`) from the end, at most `limit`. */
export interface ProfileRange {
  after: string | null
  before: string | null
  fromEnd: boolean
  limit: number
}

/** Hits of a filter that are sorted by hand rather than met on a walk through all profiles of the type. */
const fewHits = 1000
const indexedFields = new Set(['key', 'email', 'phone'])

/** Whether an index narrows the filter down: every condition has to hold, and one of them is an equality that has an index. */
const isNarrowed = (conditions: readonly TypedCondition[]) =>
  conditions.slice(0, -1).every(({ logical }) => logical === 'AND') &&
  conditions.some(
    ({ source, name, operator }) => operator === 'EQUALS' && (source === 'attribute' || indexedFields.has(name)),
  )

/**
 * Profiles in the order of their ids, which is that of their making; from the end, the last one comes first. Asked for a page in order,
 * the planner walks the ids and tests each profile: right for a filter that hits many, a walk through the whole type for one that hits
 * few. So the few are asked for first, without an order.
 */
export async function profilePage(
  db: Queryable,
  tenant: string,
  { type, conditions }: ProfileSelection,
  { after, before, fromEnd, limit }: ProfileRange,
): Promise<ProfileRow[]> {
  const params: unknown[] = [tenant, type]
  const parameter = (value: unknown) => `$${params.push(value)}`
  const filter = filterPredicate(conditions, params.length + 1)
  params.push(...filter.params)
  const bounds = [
    ...(after === null ? [] : [`and p.id > ${parameter(after)}::uuid`]),
    ...(before === null ? [] : [`and p.id < ${parameter(before)}::uuid`]),
  ].join(' ')
  const selected = `profiles p where p.tenant = $1 and p.type = $2 and (${filter.text}) ${bounds}`
  const inOrder = fromEnd ? 'desc' : 'asc'
  if (isNarrowed(conditions)) {
    const hits = await db.query<{ id: string }>(`select p.id from ${selected} limit ${fewHits + 1}`, params)
    if (hits.length <= fewHits) {
      const ids = hits.map(({ id }) => id).sort()
      return pageOfIds(db, tenant, fromEnd ? ids.reverse().slice(0, limit) : ids.slice(0, limit), inOrder)
    }
  }
  return db.query<ProfileRow>(
    `select ${profileColumns} from ${selected} order by p.id ${inOrder} limit ${parameter(limit)}::int`,
    params,
  )
}

async function pageOfIds(
  db: Queryable,
  tenant: string,
  ids: readonly string[],
  inOrder: 'asc' | 'desc',
): Promise<ProfileRow[]> {
  if (ids.length === 0) return []
  return db.query<ProfileRow>(
    `select ${profileColumns} from profiles p where p.tenant = $1 and p.id = any($2::uuid[]) order by p.id ${inOrder}`,
    [tenant, textArray(ids)],
  )
}

/** How many profiles there are to take pages from. Counts them one by one: asked only where a client wants to know. */
export async function profileCount(
  db: Queryable,
  tenant: string,
  { type, conditions }: ProfileSelection,
): Promise<number> {
  const filter = filterPredicate(conditions, 3)
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from profiles p where p.tenant = $1 and p.type = $2 and (${filter.text})`,
    [tenant, type, ...filter.params],
  )
  return row?.count ?? 0
}
