import { v7 as newId } from 'uuid'
import { textArray } from '../../src/db/literals.ts'
import type { BenchDatabase } from './stage.ts'

export interface Contact {
  key: string
  email: string
  phone: string
  firstName: string
  lastName: string
}

/** The contact of that number as it is at that revision. */
export const contactAt = (number: number, revision: number): Contact => ({
  key: `contact-${number}`,
  email: `contact.${number}@example.com`,
  phone: `+4915${100_000_000 + number}`,
  firstName: `First ${revision}`,
  lastName: `Last ${number}`,
})

export const contactsFrom = (first: number, count: number, revision: number): Contact[] =>
  Array.from({ length: count }, (_, place) => contactAt(first + place, revision))

const columns = ['email', 'phone', 'first_name', 'last_name', 'email_status', 'phone_status'] as const

/** What everything is measured against: a table like that of profiles, with all its indexes and settings. */
export async function createBareTable({ query }: BenchDatabase): Promise<void> {
  await query('create table bare_profiles (like profiles including all)')
  const [options] = await query<{ options: string | null }>(
    `select array_to_string(reloptions, ', ') as options from pg_class where oid = 'profiles'::regclass`,
  )
  if (options?.options) await query(`alter table bare_profiles set (${options.options})`)
  await query(
    'alter table bare_profiles alter column tenant set (n_distinct = 1), alter column type set (n_distinct = 1)',
  )
}

const statement = `insert into bare_profiles (tenant, id, type, key, ${columns.join(', ')})
  select 'default', id, 'contact', key, ${columns.join(', ')}
    from unnest($1::uuid[], $2::text[], ${columns.map((_, place) => `$${place + 3}::text[]`).join(', ')}) as v(id, key, ${columns.join(', ')})
  on conflict (tenant, type, key) do update
    set updated_at = now(), ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`

/**
 * One set-based statement, committed by itself: no validation, no look-up by anything but the key, no outcomes, no job, a write even where
 * nothing changes.
 */
export async function upsertBare({ query }: BenchDatabase, contacts: readonly Contact[]): Promise<void> {
  const texts = (read: (contact: Contact) => string) => textArray(contacts.map(read))
  await query(statement, [
    textArray(contacts.map(() => newId())),
    texts(({ key }) => key),
    texts(({ email }) => email),
    texts(({ phone }) => phone),
    texts(({ firstName }) => firstName),
    texts(({ lastName }) => lastName),
    texts(() => 'ACTIVE'),
    texts(() => 'ACTIVE'),
  ])
}

/** Fills the profiles' table with so many contacts, by the server alone. */
export async function fillProfiles({ query }: BenchDatabase, from: number, to: number): Promise<void> {
  const step = 100_000
  for (let first = from; first < to; first += step) {
    await query(
      `insert into profiles (tenant, id, type, key, email, email_status, phone, phone_status, first_name, last_name)
       select 'default', gen_random_uuid(), 'contact', 'contact-' || n, 'contact.' || n || '@example.com', 'ACTIVE',
              '+4915' || (100000000 + n), 'ACTIVE', 'First 0', 'Last ' || n
         from generate_series($1::int, $2::int) n order by 4`,
      [first, Math.min(first + step, to) - 1],
    )
  }
  await query('vacuum (analyze) profiles')
}

/** Runs `work` over the items, so many at once. */
export async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<unknown>) {
  const left = [...items].reverse()
  const lane = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}
