import { type OnHoped, type Queryable, RetryTransaction } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { type LockPlan, takeProfileLocks } from '../../db/profile-locks.ts'
import {
  type FoundProfile,
  lockProfiles,
  readCreationTimes,
  readExistingKeys,
  readExtensions,
  readFilterHits,
  readHits,
  readProfiles,
  readTransactionTime,
} from '../../db/profile-lookup.ts'
import { readLinkDefinitions } from '../../db/profile-types.ts'
import { type Application, applyRecords, type FilterHits } from './apply-records.ts'
import type { Batch } from './batch.ts'
import { type Applied, courseOf, type Expectations, noKeys } from './expectation.ts'
import type { LocalRecord } from './local-record.ts'
import { lockPlanFor } from './lock-plan.ts'
import { looksAtOwnAddresses } from './match-tokens.ts'
import { profileLookupFor } from './profile-lookup-for.ts'
import { touchedParts } from './touched-parts.ts'
import { writeApplication } from './write-application.ts'

/** Rows that one FILTER round reads at most, unless a single record hits more. */
const mostFilterRows = 20_000
const mostFilterIds = 200_000

/**
 * Applies a batch of one profile type within the transaction: locks, reads, applies in memory, writes. See WorkingSet for why that is
 * enough. A large batch is done in fewer steps, or beside others, where it goes as the one before it went.
 */
export async function applyBatch(
  transaction: Queryable,
  tenant: string,
  type: string,
  options: ProfileUpsertOptions,
  records: readonly LocalRecord[],
  expectations: Expectations,
  onHoped: OnHoped = () => {},
): Promise<RecordFate[]> {
  if (records.length === 0) return []
  const unlinked: Batch = { transaction, tenant, type, options, parts: touchedParts(options, records), links: [] }
  const plan = lockPlanFor(options, records)
  if (options.matching === 'FILTER') {
    const [, links] = await Promise.all([
      takeProfileLocks(transaction, tenant, plan),
      readLinkDefinitions(transaction, tenant, type),
    ])
    return applyByFilter({ ...unlinked, links }, records)
  }
  const expected = expectations.of(unlinked, records.length)
  try {
    let applied: Applied | null = null
    if (expected === 'creates') applied = await applyAsNew(unlinked, plan, records, onHoped)
    if (expected === 'unchanged') applied = await applyUnlocked(unlinked, plan, records)
    if (applied === null && (expected === 'unchanged' || expected === 'keeps')) {
      applied = await applyBesideOthers(unlinked, plan, records)
    }
    applied ??= await applyAlone(unlinked, plan, records)
    expectations.learn(unlinked, records.length, courseOf(applied))
    return applied.application.fates
  } catch (error) {
    // Whatever it was, it is not to be met again the same way.
    expectations.learn(unlinked, records.length, 'mixed')
    throw error
  }
}

/** As any batch can be applied. */
async function applyAlone(unlinked: Batch, plan: LockPlan, records: readonly LocalRecord[]): Promise<Applied> {
  const { transaction, tenant, type } = unlinked
  // Sent with the locks: it begins, and takes its snapshot, when they are held.
  const [, links, profiles] = await Promise.all([
    takeProfileLocks(transaction, tenant, plan),
    readLinkDefinitions(transaction, tenant, type),
    lockHits(unlinked, records),
  ])
  return applyByValue({ ...unlinked, links }, records, profiles)
}

/**
 * Applies a batch as if nothing of what it looks for were there, before its locks are taken, and sends locks, look-up and writes at once.
 * Where something was there after all, or its type has links, the writes are taken back, those of whoever hoped for them included, and it is
 * applied to what was found.
 */
async function applyAsNew(
  unlinked: Batch,
  plan: LockPlan,
  records: readonly LocalRecord[],
  onHoped: OnHoped,
): Promise<Applied | null> {
  const { transaction, tenant, type, options } = unlinked
  if (options.upsert === 'UPDATE_ONLY' || plan.gate === 'exclusive') return null
  const hoped = await inMemory(unlinked, records, [], [], null)
  const locking = takeProfileLocks(transaction, tenant, plan)
  const linking = readLinkDefinitions(transaction, tenant, type)
  // Whether a key was there is told by the unique index.
  const looking = options.matching === 'KEY' ? [] : findHits(unlinked, records)
  const saving = transaction.query('savepoint hoped')
  const writing = writeApplication(unlinked, hoped)
  onHoped(hoped.fates)
  const [, links, found, , isComplete] = await Promise.all([locking, linking, looking, saving, writing])
  if (found.length === 0 && links.length === 0 && isComplete) {
    return { application: hoped, profiles: [], links, keys: { ...noKeys, wanted: records.length } }
  }
  await transaction.query('rollback to savepoint hoped')
  return applyByValue({ ...unlinked, links }, records, await lockHits(unlinked, records))
}

/**
 * Applies a batch that is expected to change nothing to what one statement reads, and locks nothing but the gate, which keeps renames and
 * definitions out: such a batch comes after all that was committed when that statement began, and before all else. Where it would write
 * after all, or where that statement does not tell all that decides, null is the answer, and nothing is done.
 */
async function applyUnlocked(
  unlinked: Batch,
  plan: LockPlan,
  records: readonly LocalRecord[],
): Promise<Applied | null> {
  const { transaction, tenant, type, options, parts } = unlinked
  if (plan.gate === 'exclusive' || parts.extensions === 'all') return null
  const lookup = profileLookupFor(options, records)
  const [, links, profiles] = await Promise.all([
    takeProfileLocks(transaction, tenant, { gate: 'shared', exclusive: [], shared: [] }),
    readLinkDefinitions(transaction, tenant, type),
    readProfiles(transaction, tenant, type, lookup, enoughHits(records), parts.fields, parts.attributes),
  ])
  const batch: Batch = { ...unlinked, links }
  const tellsAll =
    profiles.length < enoughHits(records) &&
    !profiles.some(({ byExtension }) => byExtension === true) &&
    keysThatMatter(batch, records, profiles).length === 0
  if (!tellsAll) return null
  const applied = { application: await inMemory(batch, records, profiles, [], null), profiles, links, keys: noKeys }
  return courseOf(applied) === 'unchanged' ? applied : null
}

/**
 * Applies a batch that looks for addresses beside others that do so too. What it finds it locks row by row; what it does not find another
 * may bring about at the same time, and then comes after it. So it must bring about nothing itself that others look for, ask for nothing
 * else, and find the same when it looks again with all its rows locked: while it waited for one, an address may have come to another.
 * Otherwise its locks are given back, and null is the answer.
 */
async function applyBesideOthers(
  unlinked: Batch,
  plan: LockPlan,
  records: readonly LocalRecord[],
): Promise<Applied | null> {
  const { transaction, tenant, type, options } = unlinked
  if (plan.gate === 'exclusive' || !looksAtOwnAddresses(options.matching)) return null
  const [, , links, profiles, still] = await Promise.all([
    transaction.query('savepoint beside'),
    takeProfileLocks(transaction, tenant, { ...plan, exclusive: [] }),
    readLinkDefinitions(transaction, tenant, type),
    findHits(unlinked, records),
    readHits(transaction, tenant, type, profileLookupFor(options, records), enoughHits(records)),
  ])
  const batch: Batch = { ...unlinked, links }
  const locked = new Map(profiles.map(({ id, byExtension }) => [id, byExtension]))
  const isSettled =
    profiles.length < enoughHits(records) &&
    still?.length === locked.size &&
    still.every(({ id, byExtension }) => locked.get(id) === byExtension)
  if (isSettled && keysThatMatter(batch, records, profiles).length === 0) {
    const applied = { application: await inMemory(batch, records, profiles, [], null), profiles, links, keys: noKeys }
    const course = courseOf(applied)
    if (course === 'keeps' || course === 'unchanged') {
      await written(batch, applied.application)
      return applied
    }
  }
  await transaction.query('rollback to savepoint beside')
  return null
}

/**
 * How many profiles of one value have to be read. Two make it ambiguous, and each record of the batch can take the value from one profile
 * at most before that is asked; a value that all profiles share is not read to its end.
 */
const enoughHits = (records: readonly LocalRecord[]) => records.length + 2

/** The profiles that show any of the records' values, locked; where there are very many, not all of them. */
function findHits(
  { transaction, tenant, type, options, parts }: Batch,
  records: readonly LocalRecord[],
): Promise<FoundProfile[]> {
  const lookup = profileLookupFor(options, records)
  return lockProfiles(transaction, tenant, type, lookup, enoughHits(records), parts.fields, parts.attributes)
}

/** The same, and all that decide about the records. */
async function lockHits(batch: Batch, records: readonly LocalRecord[]): Promise<FoundProfile[]> {
  const { matching } = batch.options
  const profiles = await findHits(batch, records)
  if (profiles.length >= enoughHits(records) && matching !== 'KEY' && matching !== 'PROFILE_ID') {
    // A list may have been cut, and those on it may have moved on while their locks were waited for.
    const locked = new Set(profiles.map((profile) => profile.id))
    const again = await findHits(batch, records)
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
  profiles: readonly FoundProfile[],
): Promise<Applied> {
  const { transaction, tenant, links } = batch
  const wanted = keysThatMatter(batch, records, profiles)
  const decidesEarlier =
    links.length > 0 || records.some(({ newKey }) => newKey !== null) || profiles.some(({ key }) => key === null)
  if (wanted.length > 0 && !decidesEarlier) {
    const hoped = await inMemory(batch, records, profiles, [], null)
    const saving = transaction.query('savepoint hoped')
    const [isComplete] = await Promise.all([writeApplication(batch, hoped), saving])
    if (isComplete) return { application: hoped, profiles, links, keys: { wanted: wanted.length, taken: 0 } }
    await transaction.query('rollback to savepoint hoped')
  }
  const existingKeys = await readExistingKeys(transaction, tenant, wanted)
  const application = await inMemory(batch, records, profiles, existingKeys, null)
  await written(batch, application)
  return { application, profiles, links, keys: { wanted: wanted.length, taken: existingKeys.length } }
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
    const application = await inMemory(batch, round, profiles, existingKeys, filterHits)
    await written(batch, application)
    fates.push(...application.fates)
  }
  return fates
}

/** Reads what else of the locked profiles matters, and applies the records to them. */
async function inMemory(
  { transaction, tenant, type, options, parts, links }: Batch,
  records: readonly LocalRecord[],
  profiles: readonly FoundProfile[],
  existingKeys: readonly { type: string; key: string }[],
  filterHits: readonly FilterHits[] | null,
): Promise<Application> {
  const ids = profiles.map((profile) => profile.id)
  const extended =
    parts.extensions === 'all' ? ids : profiles.flatMap(({ id, byExtension }) => (byExtension === true ? [id] : []))
  const asksForTimes = records.some((record) =>
    record.filter?.some(({ name }) => name === 'createdAt' || name === 'updatedAt'),
  )
  const [extensions, createdAt, now] = await Promise.all([
    parts.extensions !== 'none' && extended.length > 0 ? readExtensions(transaction, tenant, extended) : [],
    asksForTimes ? readCreationTimes(transaction, tenant, ids) : undefined,
    asksForTimes ? readTransactionTime(transaction) : '',
  ])
  const loaded = createdAt ? { profiles, extensions, existingKeys, createdAt } : { profiles, extensions, existingKeys }
  return applyRecords({ options, type, links, records, loaded, filterHits, now })
}

async function written(batch: Batch, application: Application): Promise<void> {
  if (await writeApplication(batch, application)) return
  throw new RetryTransaction('another transaction has created a profile of the same key')
}

/**
 * The keys that decide about a record without being what it is matched by: given keys, new keys and the targets of links. Those of the
 * profiles that were met are known to be there.
 */
function keysThatMatter(
  { type, options, links }: Batch,
  records: readonly LocalRecord[],
  met: readonly FoundProfile[],
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
