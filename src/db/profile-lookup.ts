import type { Queryable } from '../contract/adapter.ts'
import type { Channel, JsonObject, SubscriptionStatus } from '../contract/profile.ts'
import type { TypedCondition } from '../domain/filter.ts'
import { plainArray, textArray } from './literals.ts'
import { type ProfileColumn, type ProfileColumnValue, profileColumns } from './profile-columns.ts'
import { filterOperands, filterShape, filterTest } from './profile-filter.ts'

/** A profile as a batch needs it; fields and attributes that were not asked for are left out. */
export type FoundProfile = {
  id: string
  key: string | null
  attributes?: JsonObject
  /** Whether one of its extensions showed a value; there where extensions were looked at. */
  byExtension?: boolean
} & Partial<Record<ProfileColumn, ProfileColumnValue>>

/** The values of a batch, by the place where a profile may show them. */
export type ProfileLookup =
  | { by: 'key'; keys: readonly string[] }
  | { by: 'id'; ids: readonly string[] }
  | { by: 'attribute'; containments: readonly string[] }
  | { by: 'customField'; containments: readonly string[]; resourceId: number | null }
  | { by: 'push'; addresses: readonly { address: string; provider: string }[]; resourceId: number | null }
  | {
      by: 'address'
      /** Looked for in the profile's own field. */
      emails: readonly string[] | null
      phones: readonly string[] | null
      /** Looked for among extensions of the channel. */
      addresses: readonly { channel: Channel; values: readonly string[] }[]
      resourceId: number | null
    }

/** How profiles `p` are come by, and what is selected beside their own columns. */
interface Source {
  from: string
  also: string
  params: unknown[]
  /** The same profiles by their ids alone, without a look at their rows; null where ids are not found first. */
  hits: string | null
}

/** Ids first, rows after: whatever the planner knows of the tables, the rows are then fetched by their primary key. */
function idsFirst(ids: string, params: unknown[]): Source {
  const hits = `(select id, bool_or(by_extension) as by_extension from (${ids}) as found(id, by_extension) group by id) as hit`
  const from = `${hits} join profiles p on p.tenant = $1 and p.id = hit.id`
  return { from, also: ', hit.by_extension as "byExtension"', params, hits }
}

function sourceOf(lookup: ProfileLookup, mostHits: number): Source {
  const params: unknown[] = []
  const parameter = (value: unknown, type: string) => `$${2 + params.push(value)}::${type}`
  const list = (values: readonly string[], type: string) => `unnest(${parameter(textArray(values), type)}) as v`

  /** The profiles of a list's values by the profile's own columns. */
  const byOwn = (values: string, test: string) =>
    `select own.id, false from ${values} cross join lateral (
       select c.id from profiles c where c.tenant = $1 and c.type = $2 and ${test} limit ${parameter(mostHits, 'int')}) own`

  /** The same by the profile's extensions. */
  const byExtension = (values: string, test: string, resourceId: number | null) =>
    `select shown.id, true from ${values} cross join lateral (
       select distinct e.profile_id as id
       from extensions e join profiles c on c.tenant = $1 and c.id = e.profile_id and c.type = $2
       where e.tenant = $1 and ${test} ${resourceId === null ? '' : `and e.resource_id = ${parameter(resourceId, 'int')}`}
       limit ${parameter(mostHits, 'int')}) shown`

  switch (lookup.by) {
    case 'key':
      return {
        from: `${list(lookup.keys, 'text[]')} join profiles p on p.tenant = $1 and p.type = $2 and p.key = v`,
        also: '',
        params,
        hits: null,
      }
    case 'id':
      return {
        from: `${list(lookup.ids, 'uuid[]')} join profiles p on p.tenant = $1 and p.id = v`,
        also: '',
        params,
        hits: null,
      }
    case 'attribute': {
      const test = `c.attributes @> v and c.attributes <> '{}'::jsonb`
      return idsFirst(byOwn(list(lookup.containments, 'jsonb[]'), test), params)
    }
    case 'customField': {
      const test = `e.custom_fields @> v and e.custom_fields <> '{}'::jsonb`
      return idsFirst(byExtension(list(lookup.containments, 'jsonb[]'), test, lookup.resourceId), params)
    }
    case 'push': {
      const addresses = parameter(textArray(lookup.addresses.map((one) => one.address)), 'text[]')
      const providers = parameter(textArray(lookup.addresses.map((one) => one.provider)), 'text[]')
      const values = `unnest(${addresses}, ${providers}) as v(address, provider)`
      const test = `e.channel = 'PUSH' and e.address = v.address and coalesce(e.provider, '') = v.provider`
      return idsFirst(byExtension(values, test, lookup.resourceId), params)
    }
    case 'address': {
      const selects: string[] = []
      if (lookup.emails) selects.push(byOwn(list(lookup.emails, 'text[]'), 'c.email = v'))
      if (lookup.phones) selects.push(byOwn(list(lookup.phones, 'text[]'), 'c.phone = v'))
      for (const { channel, values } of lookup.addresses) {
        const test = `e.channel = '${channel}' and e.address = v`
        selects.push(byExtension(list(values, 'text[]'), test, lookup.resourceId))
      }
      return idsFirst(selects.join(' union all '), params)
    }
  }
}

function selectList(columns: Iterable<ProfileColumn>, attributes: boolean): string {
  const list = ['p.id', 'p.key']
  for (const name of columns) list.push(`p.${profileColumns[name].column} as "${name}"`)
  if (attributes) list.push('p.attributes')
  return list.join(', ')
}

/**
 * Locks the profiles of a type that show any of the values, in the order of their ids, and reads them as they are once locked. One
 * statement for a batch, whatever the mode. The lists are joined, not compared with `= any`: for a list of unknown length the planner
 * would rather walk all profiles of the type in the order of their ids.
 *
 * `mostHits` bounds what one value can bring in. Keys and ids have one profile each and are not bounded by it.
 */
export async function lockProfiles(
  transaction: Queryable,
  tenant: string,
  type: string,
  lookup: ProfileLookup,
  mostHits: number,
  columns: Iterable<ProfileColumn>,
  attributes: boolean,
): Promise<FoundProfile[]> {
  const { from, also, params } = sourceOf(lookup, mostHits)
  return transaction.query<FoundProfile>(
    `select ${selectList(columns, attributes)}${also} from ${from}
     where p.tenant = $1 and p.type = $2 order by p.id for update of p`,
    [tenant, type, ...params],
  )
}

/** The same profiles as they are at one moment, without a lock: whoever holds one is not waited for. */
export async function readProfiles(
  transaction: Queryable,
  tenant: string,
  type: string,
  lookup: ProfileLookup,
  mostHits: number,
  columns: Iterable<ProfileColumn>,
  attributes: boolean,
): Promise<FoundProfile[]> {
  const { from, also, params } = sourceOf(lookup, mostHits)
  return transaction.query<FoundProfile>(
    `select ${selectList(columns, attributes)}${also} from ${from} where p.tenant = $1 and p.type = $2`,
    [tenant, type, ...params],
  )
}

/** Their ids alone, as they are at one moment; null where a look-up is not by ids first. */
export async function readHits(
  transaction: Queryable,
  tenant: string,
  type: string,
  lookup: ProfileLookup,
  mostHits: number,
): Promise<{ id: string; byExtension: boolean }[] | null> {
  const { hits, params } = sourceOf(lookup, mostHits)
  if (hits === null) return null
  return transaction.query(`select hit.id, hit.by_extension as "byExtension" from ${hits}`, [tenant, type, ...params])
}

/** Which of the keys have a profile. Keys are never freed but by a rename, and renames run alone. */
export async function readExistingKeys(
  transaction: Queryable,
  tenant: string,
  wanted: readonly { type: string; key: string }[],
): Promise<{ type: string; key: string }[]> {
  if (wanted.length === 0) return []
  return transaction.query<{ type: string; key: string }>(
    `select p.type, p.key from unnest($2::text[], $3::text[]) as v(type, key)
     join profiles p on p.tenant = $1 and p.type = v.type and p.key = v.key`,
    [tenant, textArray(wanted.map((one) => one.type)), textArray(wanted.map((one) => one.key))],
  )
}

export interface StoredExtension {
  id: string
  profileId: string
  channel: Channel
  address: string
  provider: string | null
  resourceId: number | null
  name: string | null
  permission: boolean | null
  status: SubscriptionStatus | null
  priority: number | null
  categories: string[]
  customFields: JsonObject
}

/** The extensions of profiles whose rows are locked; whoever writes an extension holds its profile's lock. */
export async function readExtensions(
  transaction: Queryable,
  tenant: string,
  profileIds: readonly string[],
): Promise<StoredExtension[]> {
  return transaction.query<StoredExtension>(
    `select id, profile_id as "profileId", channel, address, provider, resource_id as "resourceId", name, permission, status,
            priority, categories, custom_fields as "customFields"
     from extensions where tenant = $1 and profile_id = any($2::uuid[]) order by id`,
    [tenant, textArray(profileIds)],
  )
}

/**
 * The ids that each filter hits, at most `limit` a filter. Filters of one shape travel as columns of operands and are answered by one
 * statement; a batch has as many statements as it has shapes.
 */
export async function readFilterHits(
  transaction: Queryable,
  tenant: string,
  type: string,
  filters: readonly (readonly TypedCondition[])[],
  limit: number,
): Promise<string[][]> {
  const hits: string[][] = filters.map(() => [])
  const shapes = new Map<string, number[]>()
  filters.forEach((filter, place) => {
    const shape = filterShape(filter)
    const places = shapes.get(shape)
    if (places) places.push(place)
    else shapes.set(shape, [place])
  })
  for (const places of shapes.values()) {
    const conditions = filters[places[0] ?? 0] ?? []
    const operands = places.map((place) => filterOperands(filters[place] ?? []))
    const columns = conditions.map((_, column) => textArray(operands.map((row) => row[column] ?? null)))
    const rows = await transaction.query<{ place: number; id: string }>(
      `select v.place, hit.id
       from unnest($3::int[]${conditions.map((_, column) => `, $${column + 5}::text[]`).join('')})
         as v(place${conditions.map((_, column) => `, c${column}`).join('')})
       cross join lateral (select p.id from profiles p where p.tenant = $1 and p.type = $2
         and ${filterTest(conditions, (column) => `v.c${column}`)} limit $4::int) hit`,
      [tenant, type, plainArray(places), limit, ...columns],
    )
    for (const { place, id } of rows) hits[place]?.push(id)
  }
  return hits
}

const instantText = (expression: string) => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** When profiles were created, to the millisecond, as the texts that filters compare. */
export async function readCreationTimes(
  transaction: Queryable,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await transaction.query<{ id: string; time: string }>(
    `select id, ${instantText('created_at')} as time from profiles where tenant = $1 and id = any($2::uuid[])`,
    [tenant, textArray(ids)],
  )
  return new Map(rows.map((row) => [row.id, row.time]))
}

/** What `now()` is throughout the transaction, as such a text. */
export async function readTransactionTime(transaction: Queryable): Promise<string> {
  const [row] = await transaction.query<{ time: string }>(`select ${instantText('now()')} as time`)
  return row?.time ?? ''
}
