import { type Queryable, RetryTransaction } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import type { LinkDefinition } from '../../contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { takeProfileLocks } from '../../db/profile-locks.ts'
import {
  type LockedProfile,
  lockProfiles,
  readCreationTimes,
  readExistingKeys,
  readExtensions,
  readFilterHits,
  readTransactionTime,
} from '../../db/profile-lookup.ts'
import { readLinkDefinitions } from '../../db/profile-types.ts'
import { type Application, applyRecords, type FilterHits } from './apply-records.ts'
import type { LocalRecord } from './local-record.ts'
import { lockPlanFor } from './lock-plan.ts'
import { profileLookupFor } from './profile-lookup-for.ts'
import { type TouchedParts, touchedParts } from './touched-parts.ts'
import { writeApplication } from './write-application.ts'

/** Rows that one FILTER round reads at most, unless a single record hits more. */
const mostFilterRows = 20_000
const mostFilterIds = 200_000

interface Batch {
  transaction: Queryable
  tenant: string
  type: string
  options: ProfileUpsertOptions
  links: readonly LinkDefinition[]
}

/** Applies a batch of one profile type within the transaction: locks, reads, applies in memory, writes. See WorkingSet for why that is enough. */
export async function applyBatch(
  transaction: Queryable,
  tenant: string,
  type: string,
  options: ProfileUpsertOptions,
  records: readonly LocalRecord[],
): Promise<RecordFate[]> {
  if (records.length === 0) return []
  const [, links] = await Promise.all([
    takeProfileLocks(transaction, tenant, lockPlanFor(options, records)),
    readLinkDefinitions(transaction, tenant, type),
  ])
  const batch: Batch = { transaction, tenant, type, options, links }
  return options.matching === 'FILTER' ? applyByFilter(batch, records) : applyByValue(batch, records)
}

/**
 * How many profiles of one value have to be read. Two make it ambiguous, and each record of the batch can take the value from one profile
 * at most before that is asked; a value that all profiles share is not read to its end.
 */
const enoughHits = (records: readonly LocalRecord[]) => records.length + 2

async function applyByValue(batch: Batch, records: readonly LocalRecord[]): Promise<RecordFate[]> {
  const { transaction, tenant, type, options } = batch
  const parts = touchedParts(options, records)
  const lookup = profileLookupFor(options, records)
  const mostHits = enoughHits(records)
  const lock = () => lockProfiles(transaction, tenant, type, lookup, mostHits, parts.fields, parts.attributes)
  const [profiles, existingKeys] = await Promise.all([lock(), existingKeysFor(batch, records)])
  if (profiles.length >= mostHits && lookup.by !== 'key' && lookup.by !== 'id') {
    // A list may have been cut, and those on it may have moved on while their locks were waited for.
    const locked = new Set(profiles.map((profile) => profile.id))
    const again = await lock()
    if (again.length !== locked.size || !again.every((profile) => locked.has(profile.id))) {
      throw new RetryTransaction('another transaction has moved the profiles that show a value')
    }
  }
  const application = await applyTo(batch, parts, records, profiles, existingKeys, null)
  return application.fates
}

async function applyByFilter(batch: Batch, records: readonly LocalRecord[]): Promise<RecordFate[]> {
  const { transaction, tenant, type, options } = batch
  const parts = touchedParts(options, records)
  const limit = options.maxAffected + 1
  const fates: RecordFate[] = []
  while (fates.length < records.length) {
    const window = records.slice(fates.length, fates.length + Math.max(1, Math.floor(mostFilterIds / limit)))
    const found = await readFilterHits(
      transaction,
      tenant,
      type,
      window.map((record) => record.filter ?? []),
      limit,
    )
    const ids = new Set<string>()
    const filterHits: FilterHits[] = []
    for (const hits of found) {
      if (filterHits.length > 0 && ids.size + hits.length > mostFilterRows) break
      for (const id of hits) ids.add(id)
      filterHits.push({ ids: hits, more: hits.length >= limit })
    }
    const round = window.slice(0, filterHits.length)
    const [profiles, existingKeys] = await Promise.all([
      lockProfiles(transaction, tenant, type, { by: 'id', ids: [...ids] }, 1, parts.fields, parts.attributes),
      existingKeysFor(batch, round),
    ])
    fates.push(...(await applyTo(batch, parts, round, profiles, existingKeys, filterHits)).fates)
  }
  return fates
}

async function applyTo(
  batch: Batch,
  parts: TouchedParts,
  records: readonly LocalRecord[],
  profiles: readonly LockedProfile[],
  existingKeys: readonly { type: string; key: string }[],
  filterHits: readonly FilterHits[] | null,
): Promise<Application> {
  const { transaction, tenant, type, options, links } = batch
  const ids = profiles.map((profile) => profile.id)
  const asksForTimes = records.some((record) =>
    record.filter?.some(({ name }) => name === 'createdAt' || name === 'updatedAt'),
  )
  const [extensions, createdAt, now] = await Promise.all([
    parts.extensions && ids.length > 0 ? readExtensions(transaction, tenant, ids) : [],
    asksForTimes ? readCreationTimes(transaction, tenant, ids) : undefined,
    asksForTimes ? readTransactionTime(transaction) : '',
  ])
  const loaded = createdAt ? { profiles, extensions, existingKeys, createdAt } : { profiles, extensions, existingKeys }
  const application = applyRecords({ options, type, links, records, loaded, filterHits, now })
  const complete = await writeApplication(transaction, tenant, type, links, application, parts)
  if (!complete) throw new RetryTransaction('another transaction has created a profile of the same key')
  return application
}

/** The keys that decide about a record without being what it is matched by: given keys, new keys and the targets of links. */
async function existingKeysFor(
  { transaction, tenant, type, options, links }: Batch,
  records: readonly LocalRecord[],
): Promise<{ type: string; key: string }[]> {
  const targets = new Map(links.map((link) => [link.attribute, link.targetType]))
  const wanted = new Map<string, { type: string; key: string }>()
  const want = (keyType: string, key: string) => wanted.set(`${keyType}\u0000${key}`, { type: keyType, key })
  for (const record of records) {
    if (options.matching !== 'KEY' && record.key !== null) want(type, record.key)
    if (record.newKey !== null) want(type, record.newKey)
    if (targets.size === 0) continue
    for (const [name, value] of record.attributes) {
      const target = targets.get(name)
      if (target !== undefined && value !== null) want(target, String(value))
    }
  }
  return wanted.size === 0 ? [] : readExistingKeys(transaction, tenant, [...wanted.values()])
}
