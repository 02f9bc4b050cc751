import type { Queryable } from '../contract/adapter.ts'
import type { AttributeType, Channel } from '../contract/profile.ts'
import type { AttributeDefinition, ExtensionType, LinkDefinition, ProfileType } from '../contract/profile-type.ts'
import { plainArray, textArray } from './literals.ts'

/** Exists for every tenant, defined or not. */
export const defaultProfileType = 'contact'

interface TypeRow {
  name: string
  attributes: AttributeDefinition[] | null
  links: LinkDefinition[] | null
}

/** The tenant's types, `contact` first; one statement, so that a type is never read half defined. */
export async function readProfileTypes(db: Queryable, tenant: string): Promise<ProfileType[]> {
  const rows = await db.query<TypeRow>(
    `select t.name,
       (select json_agg(json_build_object('name', a.name, 'type', a.type, 'importable', a.importable) order by a.name collate "C")
          from attribute_definitions a where a.tenant = $1 and a.profile_type = t.name) as attributes,
       (select json_agg(json_build_object('attribute', l.attribute, 'targetType', l.target_type) order by l.attribute collate "C")
          from link_definitions l where l.tenant = $1 and l.profile_type = t.name) as links
     from (select name from profile_types where tenant = $1 union select $2) t
     order by t.name <> $2, t.name collate "C"`,
    [tenant, defaultProfileType],
  )
  return rows.map((row) => ({ name: row.name, attributes: row.attributes ?? [], links: row.links ?? [] }))
}

export async function readExtensionTypes(db: Queryable, tenant: string): Promise<ExtensionType[]> {
  return db.query<{ channel: Channel; name: string }>(
    'select channel, name from extension_types where tenant = $1 order by channel, name collate "C"',
    [tenant],
  )
}

/** Nothing happens to one that is there. */
export async function writeExtensionType(
  db: Queryable,
  tenant: string,
  { channel, name }: ExtensionType,
): Promise<void> {
  await db.query('insert into extension_types (tenant, channel, name) values ($1, $2, $3) on conflict do nothing', [
    tenant,
    channel,
    name,
  ])
}

/** The links of one type, as they are at this moment of the transaction. */
export async function readLinkDefinitions(
  transaction: Queryable,
  tenant: string,
  profileType: string,
): Promise<LinkDefinition[]> {
  const rows = await transaction.query<{ attribute: string; target_type: string }>(
    'select attribute, target_type from link_definitions where tenant = $1 and profile_type = $2',
    [tenant, profileType],
  )
  return rows.map((row) => ({ attribute: row.attribute, targetType: row.target_type }))
}

/** Writes a type with its new or changed attributes and its new links. */
export async function writeProfileType(
  transaction: Queryable,
  tenant: string,
  name: string,
  attributes: readonly { name: string; type: AttributeType; importable: boolean }[],
  links: readonly LinkDefinition[],
): Promise<void> {
  await transaction.query('insert into profile_types (tenant, name) values ($1, $2) on conflict do nothing', [
    tenant,
    name,
  ])
  await transaction.query(
    `insert into attribute_definitions (tenant, profile_type, name, type, importable)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::bool[])
     on conflict (tenant, profile_type, name) do update set importable = excluded.importable`,
    [
      tenant,
      name,
      textArray(attributes.map((attribute) => attribute.name)),
      textArray(attributes.map((attribute) => attribute.type)),
      plainArray(attributes.map((attribute) => attribute.importable)),
    ],
  )
  await transaction.query(
    `insert into link_definitions (tenant, profile_type, attribute, target_type)
     select $1, $2, * from unnest($3::text[], $4::text[]) on conflict do nothing`,
    [tenant, name, textArray(links.map((link) => link.attribute)), textArray(links.map((link) => link.targetType))],
  )
}

/** Gives the values that stand in attributes already a row among the links, when the attribute becomes a link. */
export async function linkExistingValues(
  transaction: Queryable,
  tenant: string,
  profileType: string,
  { attribute, targetType }: LinkDefinition,
): Promise<void> {
  await transaction.query(
    `insert into links (tenant, profile_id, attribute, target_type, target_key)
     select tenant, id, $3, $4, attributes ->> $3 from profiles
     where tenant = $1 and type = $2 and length(attributes ->> $3) between 1 and 255
     on conflict do nothing`,
    [tenant, profileType, attribute, targetType],
  )
}
