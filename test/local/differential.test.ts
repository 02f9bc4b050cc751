import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Course } from '../../src/adapters/local/expectation.ts'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import { createProfileTypeStore } from '../../src/adapters/local/profile-type-store.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import type { ProfileType } from '../../src/contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { normaliseProfile } from '../../src/domain/normalise-profile.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { Model, type ModelFate, type ModelProfile, type ModelRecord } from './model.ts'
import { extensionText } from './model-extensions.ts'
import { type RandomBatch, randomSequence, randomTypes } from './random-batches.ts'
import { readStoredProfiles, type StoredProfile, setClocksBack } from './stored-state.ts'

/*
 * Random batches against the sequential model. A failure names the seed of its sequence and prints the sequence, made as short as it can
 * be; to run it again: LOCAL_SEED=… LOCAL_SEQUENCES=1 npx vitest run test/local/differential.test.ts
 */
const seed = Number(process.env['LOCAL_SEED'] ?? Math.floor(Math.random() * 2 ** 30))
const sequences = Number(process.env['LOCAL_SEQUENCES'] ?? 190)

let database: ScratchDatabase
beforeAll(async () => {
  database = await openScratchDatabase()
})
afterAll(() => database.close())

let expected: Course = 'mixed'
const adapter = createLocalAdapter({ of: () => expected, learn: () => {} })
const globalId = (id: string) => Buffer.from(`Profile:${id}`).toString('base64')
const nobody = '00000000-0000-7000-8000-000000000000'

let tenants = 0
let batches = 0

async function openTenant(): Promise<{ tenant: string; types: ProfileType[] }> {
  tenants += 1
  const tenant = `tenant-${tenants}`
  const store = createProfileTypeStore(database)
  for (const type of randomTypes) {
    const defined = await store.define(tenant, type)
    if (!defined.ok) throw new TypeError(JSON.stringify(defined.issues))
  }
  await database.query(
    `insert into extension_types (tenant, channel, name)
     select $1, channel, name from unnest(array['EMAIL', 'SMS', 'WHATSAPP', 'PUSH', 'TELEGRAM_BOT', 'VIBER']) as channel,
       unnest(array['news', 'offers']) as name`,
    [tenant],
  )
  return { tenant, types: await store.list(tenant) }
}

async function runSequence(sequence: readonly RandomBatch[]): Promise<void> {
  const { tenant, types } = await openTenant()
  const model = new Model(types)
  const rowIds = new Map<number, string>()
  for (const { options, records, ...batch } of sequence) {
    batches += 1
    expected = batch.expected
    const sent = records.map((record) => namingProfile(record, model, rowIds))
    const ready = await readied(tenant, options, sent, model)
    const becomes = model.apply(
      options,
      ready.map((one) => one.record),
    )
    const [fates, stored] = await database.transaction(async (transaction) => {
      await setClocksBack(transaction, tenant)
      const values = ready.map((one) => one.value)
      return [
        await adapter.apply(transaction, tenant, options, values),
        await readStoredProfiles(transaction, tenant),
      ] as const
    })
    learnRowIds(rowIds, model, becomes, fates, stored)
    expect(shownFates(fates, becomes, options, rowIds)).toEqual(expectedFates(fates, becomes, rowIds))
    expect(shownStore(stored, model)).toEqual(expectedStore(model, types, rowIds, stored))
  }
}

/** Lets a PROFILE_ID record name one of the profiles that there are; every tenth names none. */
function namingProfile(record: ModelRecord, model: Model, rowIds: ReadonlyMap<number, string>) {
  if (record.profile == null) return { record, profileId: undefined }
  const named = record.profile === 9 ? undefined : model.profiles[record.profile % Math.max(1, model.profiles.length)]
  return {
    record: { ...record, profile: named?.id ?? 0 },
    profileId: globalId((named && rowIds.get(named.id)) ?? nobody),
  }
}

/** Normalises and prepares; the model has to know which records have nothing to match by. */
async function readied(
  tenant: string,
  options: ProfileUpsertOptions,
  sent: readonly { record: ModelRecord; profileId: string | undefined }[],
  model: Model,
) {
  const preparer = await adapter.preparer(database, tenant, options)
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  return sent.flatMap(({ record, profileId }) => {
    const { profile: _, ...input } = record
    const normalised = normaliseProfile(profileId === undefined ? input : { ...input, profileId }, options)
    const prepared = normalised.ok ? preparer.prepare(normalised.record) : normalised
    if (!model.canMatch(options, record)) {
      expect(prepared).toMatchObject({ ok: false, errors: [{ code: 'MISSING_MATCH_VALUE' }] })
      return []
    }
    expect(prepared).toMatchObject({ ok: true })
    return prepared.ok && 'value' in prepared ? [{ record, value: prepared.value }] : []
  })
}

/** New profiles are known by the results that name them, targets of links by their keys. */
function learnRowIds(
  rowIds: Map<number, string>,
  model: Model,
  expected: readonly ModelFate[],
  fates: readonly RecordFate[],
  stored: readonly StoredProfile[],
): void {
  for (const [place, { profile }] of expected.entries()) {
    const rowId = fates[place]?.profileId
    if (profile !== null && rowId !== undefined && !rowIds.has(profile)) rowIds.set(profile, rowId)
  }
  for (const profile of model.profiles) {
    if (rowIds.has(profile.id) || profile.key === null) continue
    const row = stored.find((one) => one.type === profile.type && one.key === profile.key)
    if (row) rowIds.set(profile.id, row.id)
  }
}

interface ShownFate {
  outcome: string
  codes: string[]
  profile: string | undefined
  affected: number
}

const ranks = ['UNCHANGED', 'UPDATED', 'CREATED'] as const
const rankOf = ({ outcome }: { outcome: string }) => (ranks as readonly string[]).indexOf(outcome)

/** The store's fates; a record that says it was folded says so in place of its outcome if it may, else it shows as it is. */
function shownFates(
  fates: readonly RecordFate[],
  expected: readonly ModelFate[],
  options: ProfileUpsertOptions,
  rowIds: ReadonlyMap<number, string>,
): ShownFate[] {
  return fates.map((fate, place) => {
    const own = expected[place]
    const into = fate.supersededBy === undefined ? undefined : expected[fate.supersededBy]
    const isFold =
      fate.outcome === 'SUPERSEDED' &&
      options.upsert !== 'CREATE_ONLY' &&
      options.matching !== 'FILTER' &&
      own !== undefined &&
      into !== undefined &&
      (fate.supersededBy ?? 0) > place &&
      fates[fate.supersededBy ?? 0]?.outcome !== 'SUPERSEDED' &&
      rankOf(own) >= 0 &&
      rankOf(into) >= 0 &&
      own.profile === into.profile &&
      own.matchValue === into.matchValue
    return {
      outcome: isFold ? 'folded' : fate.outcome,
      codes: (fate.errors ?? []).map((error) => error.code).sort(),
      profile: fate.profileId ?? (isFold && own?.profile ? rowIds.get(own.profile) : undefined),
      affected: fate.affected ?? (isFold ? (own?.affected ?? 0) : rankOf(fate) > 0 ? 1 : 0),
    }
  })
}

/** The model's fates, those of folded records carried over to the records they were folded into. */
function expectedFates(
  fates: readonly RecordFate[],
  expected: readonly ModelFate[],
  rowIds: ReadonlyMap<number, string>,
): ShownFate[] {
  return expected.map((fate, place) => {
    const folded = expected.filter((_, other) => fates[other]?.supersededBy === place)
    const best = Math.max(...[fate, ...folded].map(rankOf))
    const isFolded = fates[place]?.supersededBy !== undefined
    return {
      outcome: isFolded ? 'folded' : (ranks[best] ?? fate.outcome),
      codes: [...fate.codes].sort(),
      profile: fate.profile === null ? undefined : rowIds.get(fate.profile),
      affected: folded.length > 0 ? Math.max(0, Math.min(best, 1)) : fate.affected,
    }
  })
}

const sorted = (texts: string[]) => texts.sort()
const attributeLines = (attributes: object) =>
  sorted(Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`))

function shownStore(stored: readonly StoredProfile[], model: Model) {
  const known = new Map(stored.map((row) => [row.id, row]))
  expect(known.size).toBe(model.profiles.length)
  return Object.fromEntries(
    stored.map((row) => [
      row.id,
      {
        ...row,
        attributes: attributeLines(row.attributes),
        extensions: sorted(row.extensions.map(extensionText)),
      },
    ]),
  )
}

function expectedStore(
  model: Model,
  types: readonly ProfileType[],
  rowIds: ReadonlyMap<number, string>,
  stored: readonly StoredProfile[],
) {
  const linksOf = ({ type, attributes }: ModelProfile) =>
    (types.find((one) => one.name === type)?.links ?? []).flatMap(({ attribute, targetType }) =>
      attribute in attributes ? [`${attribute} ${targetType} ${attributes[attribute]}`] : [],
    )
  return Object.fromEntries(
    model.profiles.map((profile) => {
      const id = rowIds.get(profile.id) ?? `unknown ${profile.id}`
      const followed = profile.followed && JSON.stringify(profile.attributes) !== profile.attributesBefore
      // There and back in one batch: whether that was a change is the store's to say.
      const isOpen = profile.followed && !followed && !profile.written
      return [
        id,
        {
          id,
          type: profile.type,
          key: profile.key,
          fields: profile.fields,
          attributes: attributeLines(profile.attributes),
          extensions: sorted(profile.extensions.map(extensionText)),
          links: sorted(linksOf(profile)),
          created: profile.created,
          written: isOpen ? stored.find((row) => row.id === id)?.written : profile.written || followed,
        },
      ]
    }),
  )
}

async function failureOf(sequence: readonly RandomBatch[]): Promise<unknown> {
  try {
    await runSequence(sequence)
    return null
  } catch (error) {
    return error
  }
}

/** Leaves out batches, then records, as long as it still fails. */
async function shortened(sequence: RandomBatch[]): Promise<RandomBatch[]> {
  let shortest = sequence
  const shorten = async (candidate: RandomBatch[]) => {
    if ((await failureOf(candidate)) === null) return false
    shortest = candidate
    return true
  }
  for (let place = sequence.length - 1; place >= 0; place -= 1) await shorten(shortest.toSpliced(place, 1))
  for (let place = shortest.length - 1; place >= 0; place -= 1) {
    for (let index = (shortest[place]?.records.length ?? 0) - 1; index >= 0; index -= 1) {
      const batch = shortest[place]
      if (batch) await shorten(shortest.with(place, { ...batch, records: batch.records.toSpliced(index, 1) }))
    }
  }
  return shortest
}

it(`ends up as the sequential model does (seed ${seed})`, { timeout: 300_000 }, async () => {
  console.log(`LOCAL_SEED=${seed}`)
  for (let place = 0; place < sequences; place += 1) {
    const [sequence = []] = fc.sample(randomSequence, { seed: seed + place, numRuns: 1 })
    if ((await failureOf(sequence)) === null) continue
    const shortest = await shortened(sequence)
    console.log(`LOCAL_SEED=${seed + place} fails with\n${shortest.map((batch) => JSON.stringify(batch)).join('\n')}`)
    throw await failureOf(shortest)
  }
  console.log(`${batches} batches compared`)
})
