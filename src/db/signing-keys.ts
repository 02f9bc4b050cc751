import type { Database } from './database.ts'

/** The key that links are signed with; the one given becomes it where there is none yet. */
export async function newestSigningKey(database: Database, id: string, key: Uint8Array): Promise<Uint8Array> {
  return database.transaction(async (transaction) => {
    await transaction.query('lock table signing_keys in exclusive mode')
    await transaction.query(
      'insert into signing_keys (id, key) select $1::uuid, $2::bytea where not exists (select from signing_keys)',
      [id, key],
    )
    const [newest] = await transaction.query<{ key: Uint8Array }>(
      'select key from signing_keys order by id desc limit 1',
    )
    if (!newest) throw new Error('there is no key to sign links with')
    return Uint8Array.from(newest.key)
  })
}
