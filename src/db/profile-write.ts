import type { Queryable } from '../contract/adapter.ts'
import { plainArray, textArray } from './literals.ts'
import { columnArray, type ProfileColumn, type ProfileColumnValue, profileColumns } from './profile-columns.ts'
import type { StoredExtension } from './profile-lookup.ts'

/** A profile to insert or update. `attributes` is JSON text. */
export interface ProfileRow {
  id: string
  type: string
  key: string | null
  fields: Partial<Record<ProfileColumn, ProfileColumnValue>>
  attributes: string
}

const arrayType = (name: ProfileColumn) =>
  profileColumns[name].type === 'bool' ? 'bool[]' : `${profileColumns[name].type}[]`

function fieldArrays(rows: readonly ProfileRow[], columns: readonly ProfileColumn[]): string[] {
  return columns.map((name) =>
    columnArray(
      name,
      rows.map((row) => row.fields[name] ?? null),
    ),
  )
}

/**
 * Inserts profiles and answers how many. Fewer than given means that another transaction has made a profile of one of the keys since
 * it was looked for. The caller sorts by type and key, so that two transactions wait for each other in one direction only.
 */
export async function insertProfiles(
  transaction: Queryable,
  tenant: string,
  rows: readonly ProfileRow[],
  columns: readonly ProfileColumn[],
): Promise<number> {
  const names = columns.map((name) => profileColumns[name].column)
  const [inserted] = await transaction.query<{ count: number }>(
    `with inserted as (
       insert into profiles (${['tenant', 'id', 'type', 'key', 'attributes', ...names].join(', ')})
       select ${['$1', 'id', 'type', 'key', 'attributes', ...columns.map((name, place) => (name === 'status' ? `coalesce(c${place}, 'ACTIVE')` : `c${place}`))].join(', ')}
       from unnest(${['$2::uuid[]', '$3::text[]', '$4::text[]', '$5::jsonb[]', ...columns.map((name, place) => `$${place + 6}::${arrayType(name)}`)].join(', ')})
         as v(${['id', 'type', 'key', 'attributes', ...columns.map((_, place) => `c${place}`)].join(', ')})
       on conflict (tenant, type, key) do nothing returning 1)
     select count(*)::int as count from inserted`,
    [
      tenant,
      textArray(rows.map((row) => row.id)),
      textArray(rows.map((row) => row.type)),
      textArray(rows.map((row) => row.key)),
      textArray(rows.map((row) => row.attributes)),
      ...fieldArrays(rows, columns),
    ],
  )
  return inserted?.count ?? 0
}

/** Updates locked profiles: key, the given columns, attributes where they were read, and `updated_at`. */
export async function updateProfiles(
  transaction: Queryable,
  tenant: string,
  rows: readonly ProfileRow[],
  columns: readonly ProfileColumn[],
  write: { keys: boolean; attributes: boolean },
): Promise<void> {
  const literals = fieldArrays(rows, columns)
  const arrays: { column: string; type: string; literal: string }[] = columns.map((name, place) => ({
    column: profileColumns[name].column,
    type: arrayType(name),
    literal: literals[place] ?? '{}',
  }))
  if (write.keys) arrays.push({ column: 'key', type: 'text[]', literal: textArray(rows.map((row) => row.key)) })
  if (write.attributes) {
    arrays.push({ column: 'attributes', type: 'jsonb[]', literal: textArray(rows.map((row) => row.attributes)) })
  }
  await transaction.query(
    `update profiles p set ${[...arrays.map(({ column }, place) => `${column} = v.c${place}`), 'updated_at = now()'].join(', ')}
     from unnest(${['$2::uuid[]', ...arrays.map(({ type }, place) => `$${place + 3}::${type}`)].join(', ')})
       as v(${['id', ...arrays.map((_, place) => `c${place}`)].join(', ')})
     where p.tenant = $1 and p.id = v.id`,
    [tenant, textArray(rows.map((row) => row.id)), ...arrays.map(({ literal }) => literal)],
  )
}

/** Takes the keys away from profiles that get another, so that chains and swaps do not meet the unique index half-way. */
export async function releaseKeys(transaction: Queryable, tenant: string, ids: readonly string[]): Promise<void> {
  await transaction.query('update profiles set key = null where tenant = $1 and id = any($2::uuid[])', [
    tenant,
    textArray(ids),
  ])
}

/** Leads links of any profile from old keys of a type to new ones, in the links and in the attributes that hold the same value. */
export async function followRenames(
  transaction: Queryable,
  tenant: string,
  targetType: string,
  renames: readonly { from: string; to: string }[],
): Promise<void> {
  await transaction.query(
    `with moved as (
       update links l set target_key = v.new_key from unnest($3::text[], $4::text[]) as v(old_key, new_key)
       where l.tenant = $1 and l.target_type = $2 and l.target_key = v.old_key
       returning l.profile_id, l.attribute, l.target_key)
     update profiles p set attributes = p.attributes || patch.attributes, updated_at = now()
     from (select profile_id, jsonb_object_agg(attribute, target_key) as attributes from moved group by profile_id) patch
     where p.tenant = $1 and p.id = patch.profile_id`,
    [tenant, targetType, textArray(renames.map((one) => one.from)), textArray(renames.map((one) => one.to))],
  )
}

const extensionArrays = (rows: readonly StoredExtension[]) => [
  textArray(rows.map((row) => row.id)),
  textArray(rows.map((row) => row.name)),
  plainArray(rows.map((row) => row.permission)),
  textArray(rows.map((row) => row.status)),
  plainArray(rows.map((row) => row.priority)),
  textArray(rows.map((row) => JSON.stringify(row.categories))),
  textArray(rows.map((row) => JSON.stringify(row.customFields))),
]
const categoriesOf = (json: string) => `array(select jsonb_array_elements_text(${json}))`

export async function insertExtensions(
  transaction: Queryable,
  tenant: string,
  rows: readonly StoredExtension[],
): Promise<void> {
  await transaction.query(
    `insert into extensions (tenant, id, name, permission, status, priority, categories, custom_fields,
       profile_id, channel, address, provider, resource_id)
     select $1, id, name, permission, status, priority, ${categoriesOf('categories')}, custom_fields,
       profile_id, channel, address, provider, resource_id
     from unnest($2::uuid[], $3::text[], $4::bool[], $5::text[], $6::int[], $7::jsonb[], $8::jsonb[],
       $9::uuid[], $10::text[], $11::text[], $12::text[], $13::int[])
       as v(id, name, permission, status, priority, categories, custom_fields,
         profile_id, channel, address, provider, resource_id)`,
    [
      tenant,
      ...extensionArrays(rows),
      textArray(rows.map((row) => row.profileId)),
      textArray(rows.map((row) => row.channel)),
      textArray(rows.map((row) => row.address)),
      textArray(rows.map((row) => row.provider)),
      plainArray(rows.map((row) => row.resourceId)),
    ],
  )
}

export async function updateExtensions(
  transaction: Queryable,
  tenant: string,
  rows: readonly StoredExtension[],
): Promise<void> {
  await transaction.query(
    `update extensions e set name = v.name, permission = v.permission, status = v.status, priority = v.priority,
       categories = ${categoriesOf('v.categories')}, custom_fields = v.custom_fields, updated_at = now()
     from unnest($2::uuid[], $3::text[], $4::bool[], $5::text[], $6::int[], $7::jsonb[], $8::jsonb[])
       as v(id, name, permission, status, priority, categories, custom_fields)
     where e.tenant = $1 and e.id = v.id`,
    [tenant, ...extensionArrays(rows)],
  )
}

export interface LinkRow {
  profileId: string
  attribute: string
  targetType: string
  /** null: the link was cleared. */
  targetKey: string | null
}

/** Brings the links of locked or new profiles to what their attributes say. */
export async function writeLinks(transaction: Queryable, tenant: string, rows: readonly LinkRow[]): Promise<void> {
  const params = [
    tenant,
    textArray(rows.map((row) => row.profileId)),
    textArray(rows.map((row) => row.attribute)),
    textArray(rows.map((row) => row.targetType)),
    textArray(rows.map((row) => row.targetKey)),
  ]
  await transaction.query(
    `with v as (select * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as v(profile_id, attribute, target_type, target_key)),
     cleared as (
       delete from links l using v
       where v.target_key is null and l.tenant = $1 and l.profile_id = v.profile_id and l.attribute = v.attribute)
     insert into links (tenant, profile_id, attribute, target_type, target_key)
     select $1, profile_id, attribute, target_type, target_key from v where target_key is not null
     on conflict (tenant, profile_id, attribute) do update
       set target_type = excluded.target_type, target_key = excluded.target_key`,
    params,
  )
}
