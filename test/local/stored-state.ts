import type { Queryable } from '../../src/contract/adapter.ts'
import type { JsonObject } from '../../src/contract/profile.ts'
import { beforeBatch, modelFields } from './model.ts'
import type { ModelExtension } from './model-extensions.ts'

/** All that the store holds of a tenant. */
export interface StoredProfile {
  id: string
  type: string
  key: string | null
  fields: Record<string, string | boolean | null>
  attributes: JsonObject
  extensions: ModelExtension[]
  /** As `attribute type key`, sorted. */
  links: string[]
  /** Since the clocks were set back. */
  created: boolean
  written: boolean
}

const column = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Reads the tenant's profiles as plain as they lie there. */
export async function readStoredProfiles(db: Queryable, tenant: string): Promise<StoredProfile[]> {
  return db.query<StoredProfile>(
    `select p.id, p.type, p.key, p.attributes,
       p.created_at > $2::timestamptz as created, p.updated_at > $2::timestamptz as written,
       json_build_object(${modelFields.map((name) => `'${name}', p.${column(name)}`).join(', ')}) as fields,
       coalesce((select json_agg(json_build_object('channel', e.channel, 'address', e.address, 'provider', e.provider,
           'resourceId', e.resource_id, 'name', e.name, 'permission', e.permission, 'status', e.status, 'priority', e.priority,
           'categories', e.categories, 'customFields', e.custom_fields))
         from extensions e where e.tenant = $1 and e.profile_id = p.id), '[]') as extensions,
       array(select l.attribute || ' ' || l.target_type || ' ' || l.target_key
         from links l where l.tenant = $1 and l.profile_id = p.id order by 1) as links
     from profiles p where p.tenant = $1`,
    [tenant, beforeBatch],
  )
}

/** Makes every profile and extension look as if it had been written long ago, so that what a batch writes shows. */
export async function setClocksBack(db: Queryable, tenant: string): Promise<void> {
  for (const table of ['profiles', 'extensions']) {
    await db.query(
      `update ${table} set created_at = $2::timestamptz, updated_at = $2::timestamptz
       where tenant = $1 and updated_at > $2::timestamptz`,
      [tenant, beforeBatch],
    )
  }
}

/** How many profiles and extensions were written since the clocks were set back. */
export async function countWritten(db: Queryable, tenant: string): Promise<{ profiles: number; extensions: number }> {
  const [row] = await db.query<{ profiles: number; extensions: number }>(
    `select (select count(*)::int from profiles where tenant = $1 and updated_at > $2::timestamptz) as profiles,
            (select count(*)::int from extensions where tenant = $1 and updated_at > $2::timestamptz) as extensions`,
    [tenant, beforeBatch],
  )
  return row ?? { profiles: 0, extensions: 0 }
}
