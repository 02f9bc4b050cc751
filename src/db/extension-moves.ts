import type { Queryable } from '../contract/adapter.ts'
import { textArray } from './literals.ts'
import type { StoredExtension } from './profile-lookup.ts'

/**
 * Takes extensions that get another address or profile away from where they are, so that chains and swaps do not meet the unique index
 * half-way. Until `placeExtensions`, later in the same transaction, each is its own owner, which no other row can be.
 */
export async function releaseExtensions(transaction: Queryable, tenant: string, ids: readonly string[]): Promise<void> {
  await transaction.query('update extensions set profile_id = id where tenant = $1 and id = any($2::uuid[])', [
    tenant,
    textArray(ids),
  ])
}

/** Puts released extensions where they belong from now on. That they have changed, `updateExtensions` writes. */
export async function placeExtensions(
  transaction: Queryable,
  tenant: string,
  rows: readonly StoredExtension[],
): Promise<void> {
  await transaction.query(
    `update extensions e set profile_id = v.profile_id, address = v.address
     from unnest($2::uuid[], $3::uuid[], $4::text[]) as v(id, profile_id, address)
     where e.tenant = $1 and e.id = v.id`,
    [
      tenant,
      textArray(rows.map((row) => row.id)),
      textArray(rows.map((row) => row.profileId)),
      textArray(rows.map((row) => row.address)),
    ],
  )
}
