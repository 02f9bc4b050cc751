import { type Queryable, RetryTransaction } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
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
import type { Batch } from './batch.ts'
import type { LocalRecord } from './local-record.ts'
import { lockPlanFor } from './lock-plan.ts'
import { profileLookupFor } from './profile-lookup-for.ts'
import { touchedParts } from './touched-parts.ts'
import { writeApplication } from './write-application.ts'

/** Rows that one FILTER round reads at most, unless a single record hits more. */
const mostFilterRows = 20_000
const mostFilterIds = 200_000

/** Applies a batch of one profile type within the transaction: locks, reads, applies in memory, writes. See WorkingSet for why that is enough. */
export async function applyBatch(
  transaction: Queryable,
  tenant: string,
  type: string,
  options: ProfileUpsertOptions,
  records: readonly LocalRecord[],
): Promise<RecordFate[]> {
  if (records.length === 0) return []
  const unlinked: Batch = { transaction, tenant, type, options, parts: touchedParts(options, records), links: [] }
  const locking = takeProfileLocks(transaction, tenant, lockPlanFor(options, records))
  const linking = readLinkDefinitions(transaction, tenant, type)
  if (options.matching === 'FILTER') {
    const [, links] = await Promise.all([locking, linking])
    return applyByFilter({ ...unlinked, links }, records)
  }
  // Sent with the locks: it begins, and takes its snapshot, when they are held.
  const [, links, profiles] = await Promise.all([locking, linking, lockHits(unlinked, records)])
  return applyByValue({ ...unlinked, links }, records, profiles)
}

/**
 * How many profiles of one value have to be read. Two make it ambiguous, and each record of the batch can take the value from one profile
 * at most before that is asked; a value that all profiles share is not read to its end.
 */
const enoughHits = (records: readonly LocalRecord[]) => records.length + 2

/** The profiles that show any of the records' values, locked. */
async function lockHits(
  { transaction, tenant, type, options, parts }: Batch,
  records: readonly LocalRecord[],
): Promise<LockedProfile[]> {
  const lookup = profileLookupFor(options, records)
  const mostHits = enoughHits(records)
  const lock = () => lockProfiles(transaction, tenant, type, lookup, mostHits, parts.fields, parts.attributes)
  const profiles = await lock()
  if (profiles.length >= mostHits && lookup.by !== 'key' && lookup.by !== 'id') {
    // A list may have been cut, and those on it may have moved on while their locks were waited for.
    const locked = new Set(profiles.map((profile) => profile.id))
    const again = await lock()
    if (again.length !== locked.size || !again.every((profile) => locked.has(profile.id))) {
      throw new RetryTransaction('another transaction has moved the profiles that show a value')
    }
  }
  return profiles
}

/**
 * That nobody has the key of a profile that is created is taken for granted where the unique index is the only one to object: then it is
 * asked who has those keys, and all is applied again. Elsewhere it is asked beforehand.
 */
async function applyByValue(
  batch: Batch,
  records: readonly LocalRecord[],
  profiles: readonly LockedProfile[],
): Promise<RecordFate[]> {
  const { transaction, tenant, links } = batch
  const wanted = keysThatMatter(batch, records, profiles)
  const decidesEarlier =
    links.length > 0 || records.some(({ newKey }) => newKey !== null) || profiles.some(({ key }) => key === null)
  if (wanted.length > 0 && !decidesEarlier) {
    const hoped = await inMemory(batch, records, profiles, [], null)
    const saving = transaction.query('savepoint hoped')
    const [isComplete] = await Promise.all([writeApplication(batch, hoped), saving])
    if (isComplete) return hoped.fates
    await transaction.query('rollback to savepoint hoped')
  }
  const existingKeys = await readExistingKeys(transaction, tenant, wanted)
  return written(batch, await inMemory(batch, records, profiles, existingKeys, null))
}

async function applyByFilter(batch: Batch, records: readonly LocalRecord[]): Promise<RecordFate[]> {
  const { transaction, tenant, type, options, parts } = batch
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
    const lookup = { by: 'id', ids: [...ids] } as const
    const profiles = await lockProfiles(transaction, tenant, type, lookup, 1, parts.fields, parts.attributes)
    const existingKeys = await readExistingKeys(transaction, tenant, keysThatMatter(batch, round, profiles))
    fates.push(...(await written(batch, await inMemory(batch, round, profiles, existingKeys, filterHits))))
  }
  return fates
}

/** Reads what else of the locked profiles matters, and applies the records to them. */
async function inMemory(
  { transaction, tenant, type, options, parts, links }: Batch,
  records: readonly LocalRecord[],
  profiles: readonly LockedProfile[],
  existingKeys: readonly { type: string; key: string }[],
  filterHits: readonly FilterHits[] | null,
): Promise<Application> {
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
  return applyRecords({ options, type, links, records, loaded, filterHits, now })
}

async function written(batch: Batch, application: Application): Promise<RecordFate[]> {
  if (await writeApplication(batch, application)) return application.fates
  throw new RetryTransaction('another transaction has created a profile of the same key')
}

/**
 * The keys that decide about a record without being what it is matched by: given keys, new keys and the targets of links. Those of the
 * profiles that were met are known to be there.
 */
function keysThatMatter(
  { type, options, links }: Batch,
  records: readonly LocalRecord[],
  met: readonly LockedProfile[],
): { type: string; key: string }[] {
  const known = new Set(met.map(({ key }) => key))
  const targets = new Map(links.map((link) => [link.attribute, link.targetType]))
  const wanted = new Map<string, { type: string; key: string }>()
  const want = (keyType: string, key: string) => {
    if (keyType !== type || !known.has(key)) wanted.set(`${keyType}\u0000${key}`, { type: keyType, key })
  }
  for (const record of records) {
    if (options.matching !== 'KEY' && record.key !== null) want(type, record.key)
    if (record.newKey !== null) want(type, record.newKey)
    if (targets.size === 0) continue
    for (const [name, value] of record.attributes) {
      const target = targets.get(name)
      if (target !== undefined && value !== null) want(target, String(value))
    }
  }
  return [...wanted.values()]
}
