import type { Queryable } from '../contract/adapter.ts'

/** There is one key; another one under this id is not taken. */
const only = '00000000-0000-0000-0000-000000000000'

/** The key that links are signed with: the one given, if it is the first. */
export async function sharedSigningKey(db: Queryable, key: Uint8Array): Promise<Uint8Array> {
  await db.query('insert into signing_keys (id, key) values ($1::uuid, $2::bytea) on conflict (id) do nothing', [
    only,
    key,
  ])
  const [shared] = await db.query<{ key: Uint8Array }>('select key from signing_keys where id = $1::uuid', [only])
  if (!shared) throw new Error('there is no key to sign links with')
  return Uint8Array.from(shared.key)
}
