import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ExtensionInput, ProfileExtensionInput } from '../../src/contract/input.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import { type Channel, nullPolicies, upsertModes } from '../../src/contract/profile.ts'
import type { ExtensionUpsertOptions } from '../../src/contract/request.ts'
import { channelsOf, ExtensionModel, type ModelExtensionFate } from './keyed-extension-model.ts'
import { type LocalBench, type LocalTenant, openLocalBench, said } from './local-bench.ts'
import { extensionText, type ModelExtension } from './model-extensions.ts'

/*
 * Random batches of extensions, and of profiles that carry some, against the sequential model. A failure names the seed of its sequence
 * and prints it, made as short as it can be; to run it again: EXTENSION_SEED=… EXTENSION_SEQUENCES=1 npx vitest run test/local/extension-differential.test.ts
 */
const seed = Number(process.env['EXTENSION_SEED'] ?? Math.floor(Math.random() * 2 ** 30))
const sequences = Number(process.env['EXTENSION_SEQUENCES'] ?? 120)

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

const keys = ['k1', 'k2', 'k3']
const channelsOfNames: Record<string, Channel[]> = {
  news: ['EMAIL', 'SMS', 'WHATSAPP', 'PUSH', 'TELEGRAM_BOT', 'VIBER'],
  work: ['EMAIL', 'WHATSAPP'],
}

// So few values that nearly every record meets another.
const addresses = ['a@example.com', ' B@Example.com', 'b@example.com', '+4915112345678', '+49 151 12345678', '007', 'x']
const seldom = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3, nil: undefined })
const address = fc.constantFrom(...addresses)
const key = fc.constantFrom(...keys, ...keys, ...keys, 'nobody')
const drawn = fc.record({
  key,
  address,
  // Out of the channels that can have the address; the last one is none.
  channel: fc.nat(6),
  newAddress: seldom(address),
  newKey: seldom(key),
  provider: seldom(fc.constantFrom(null, 'fcm')),
  resourceId: seldom(fc.constantFrom(null, 1)),
  name: seldom(fc.constantFrom(null, 'news', 'work')),
  permission: seldom(fc.constantFrom(null, true, false)),
})

/** A record that says nothing that could be refused before it is applied. */
function recordOf(
  given: typeof drawn extends fc.Arbitrary<infer Drawn> ? Drawn : never,
  options: ExtensionUpsertOptions,
) {
  const { newAddress, newKey, permission, name, provider, resourceId } = given
  const channel = [...channelsOf(given.address), undefined][given.channel % (channelsOf(given.address).length + 1)]
  const record: ExtensionInput = { key: given.key, address: given.address }
  if (channel !== undefined) record.channel = channel
  if (provider === null || (provider && (channel ?? 'PUSH') === 'PUSH')) record.provider = provider
  if (resourceId !== undefined) record.resourceId = resourceId
  if (name != null) record.name = channel === undefined || channelsOfNames[name]?.includes(channel) ? name : 'news'
  else if (name === null) record.name = null
  if (permission !== undefined && !(permission === null && options.nulls === 'CLEAR')) record.permission = permission
  if (options.upsert !== 'UPDATE_ONLY') return record
  if (newKey !== undefined) record.newKey = newKey
  if (newAddress !== undefined && channel !== undefined && channelsOf(newAddress).includes(channel)) {
    record.newAddress = newAddress
  }
  return record
}

const embedded = fc.record({
  key: fc.constantFrom(...keys),
  extensions: fc.array(
    fc.record({ address, channel: fc.nat(3), name: seldom(fc.constant('news')), permission: seldom(fc.boolean()) }),
    { minLength: 1, maxLength: 2 },
  ),
})

type Batch =
  | { kind: 'extensions'; options: ExtensionUpsertOptions; records: ExtensionInput[] }
  | { kind: 'profiles'; records: { key: string; extensions: ProfileExtensionInput[] }[] }

const batchOfExtensions = fc
  .record({
    upsert: fc.constantFrom(...upsertModes, 'UPDATE_ONLY' as const),
    nulls: fc.constantFrom(...nullPolicies),
    records: fc.array(drawn, { minLength: 1, maxLength: 12 }),
  })
  .map(({ upsert, nulls, records }): Batch => {
    const options: ExtensionUpsertOptions = { profileType: null, upsert, nulls, onInvalid: 'REJECT_ALL', audit: [] }
    return { kind: 'extensions', options, records: records.map((record) => recordOf(record, options)) }
  })

const embeddable: readonly Channel[] = ['EMAIL', 'SMS', 'WHATSAPP', 'PUSH']
const batchOfProfiles = fc.array(embedded, { minLength: 1, maxLength: 4 }).map(
  (records): Batch => ({
    kind: 'profiles',
    records: records.map((record) => ({
      key: record.key,
      extensions: record.extensions.map(({ channel, name, permission, ...rest }) => {
        const possible = channelsOf(rest.address).filter((one) => embeddable.includes(one))
        return {
          ...rest,
          channel: possible[channel % possible.length] ?? 'PUSH',
          ...(name === undefined ? {} : { name }),
          ...(permission === undefined ? {} : { permission }),
        }
      }),
    })),
  }),
)

/** Few places and many moves between them: chains, swaps, places that are taken and given up again. */
const mail = fc.constantFrom('a@example.com', 'b@example.com', 'c@example.com')
const batchOfMoves = fc
  .array(
    fc.record({
      key: fc.constantFrom('k1', 'k2'),
      address: mail,
      newAddress: fc.option(mail, { freq: 2, nil: undefined }),
      newKey: fc.option(fc.constantFrom('k1', 'k2'), { freq: 1, nil: undefined }),
      permission: seldom(fc.boolean()),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map(
    (records): Batch => ({
      kind: 'extensions',
      options: { profileType: null, upsert: 'UPDATE_ONLY', nulls: 'IGNORE', onInvalid: 'REJECT_ALL', audit: [] },
      records: records.map(({ newAddress, newKey, permission, ...record }) => ({
        ...record,
        channel: 'EMAIL',
        ...(newAddress === undefined ? {} : { newAddress }),
        ...(newKey === undefined ? {} : { newKey }),
        ...(permission === undefined ? {} : { permission }),
      })),
    }),
  )

const start: Batch = {
  kind: 'profiles',
  records: ['k1', 'k2'].map((one, place) => ({
    key: one,
    extensions: ['a@example.com', 'b@example.com'].map((email) => ({
      channel: 'EMAIL',
      address: email,
      permission: place === 0,
    })),
  })),
}

const randomSequence = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: batchOfExtensions },
      { weight: 2, arbitrary: batchOfMoves },
      { weight: 1, arbitrary: batchOfProfiles },
    ),
    { minLength: 2, maxLength: 7 },
  )
  .map((batches) => [start, ...batches])

let batches = 0

async function runSequence(sequence: readonly Batch[]): Promise<void> {
  const tenant = bench.tenant()
  for (const [name, channels] of Object.entries(channelsOfNames)) {
    for (const channel of channels) await tenant.extensionType(channel, name)
  }
  await tenant.upsert(keys.map((one) => ({ key: one })))
  const profileIds = new Map((await tenant.profiles()).map(({ key: stored, id }) => [stored, id]))
  const model = new ExtensionModel(keys, channelsOfNames)
  const rowIds = new Map<number, string>()
  for (const batch of sequence) {
    batches += 1
    model.startBatch()
    await tenant.setClocksBack()
    if (batch.kind === 'profiles') {
      await tenant.upsert(batch.records)
      for (const { key: of, extensions } of batch.records) {
        for (const extension of extensions) model.embed(of, extension, false)
      }
    } else {
      const fates = await tenant.upsertExtensions(batch.records, batch.options)
      const expected = batch.records.map((record) => model.apply(batch.options, record))
      expectFates(fates, expected, batch, profileIds)
    }
    await expectStore(tenant, model, rowIds)
  }
}

const ranks = ['UNCHANGED', 'UPDATED', 'CREATED']

function expectFates(
  fates: readonly RecordFate[],
  expected: readonly ModelExtensionFate[],
  { options, records }: Extract<Batch, { kind: 'extensions' }>,
  profileIds: ReadonlyMap<string | null, string>,
): void {
  const best = expected.map(({ outcome }) => ranks.indexOf(outcome))
  for (const [place, { supersededBy }] of fates.entries()) {
    if (supersededBy === undefined) continue
    const [own, into] = [expected[place], expected[supersededBy]]
    // Folded only where that may be: into a later record of the same value that reached the same extension.
    expect(options.upsert).not.toBe('CREATE_ONLY')
    expect(supersededBy).toBeGreaterThan(place)
    expect(into?.extension).toBe(own?.extension)
    expect(own?.extension).not.toBeNull()
    expect(matchValue(records[supersededBy])).toEqual(matchValue(records[place]))
    best[supersededBy] = Math.max(best[supersededBy] ?? 0, best[place] ?? 0)
  }
  const shown = fates.map((fate) => ({ said: said(fate), profileId: fate.profileId }))
  expect(shown).toEqual(
    expected.map(({ outcome, code, key: of }, place) => ({
      said: fates[place]?.supersededBy === undefined ? (code ?? ranks[best[place] ?? 0] ?? outcome) : 'SUPERSEDED',
      profileId: of === null ? undefined : profileIds.get(of),
    })),
  )
}

function matchValue(record: ExtensionInput | undefined) {
  const { newAddress, newKey } = record ?? {}
  expect([newAddress, newKey]).toEqual([undefined, undefined])
  const address = record?.channel === undefined ? record?.address : record.address.replaceAll(' ', '').toLowerCase()
  return [record?.key, record?.channel, address, record?.provider ?? null, record?.resourceId ?? null]
}

interface StoredRow extends ModelExtension {
  id: string
  key: string
  written: boolean
}

async function expectStore(tenant: LocalTenant, model: ExtensionModel, rowIds: Map<number, string>): Promise<void> {
  const rows = await bench.database.query<StoredRow>(
    `select e.id, p.key, e.channel, e.address, e.provider, e.resource_id as "resourceId", e.name, e.permission, e.status,
            e.priority, e.categories, e.custom_fields as "customFields", e.updated_at > '2001-01-01' as written
     from extensions e left join profiles p on p.tenant = e.tenant and p.id = e.profile_id where e.tenant = $1`,
    [tenant.name],
  )
  const shown = rows.map((row) => `${row.key} ${extensionText(row)} ${row.written ? 'written' : 'left alone'}`).sort()
  const expected = [...model.profiles].flatMap(([of, own]) =>
    own.map((one) => ({ one, line: `${of} ${extensionText(one)} ${one.written ? 'written' : 'left alone'}` })),
  )
  expect(shown).toEqual(expected.map(({ line }) => line).sort())
  // One that moves is still the same.
  const idOf = new Map(rows.map((row) => [`${row.key} ${extensionText(row)}`, row.id]))
  for (const [of, own] of model.profiles) {
    for (const one of own) {
      const id = idOf.get(`${of} ${extensionText(one)}`) ?? ''
      expect(rowIds.get(one.number) ?? id).toBe(id)
      rowIds.set(one.number, id)
    }
  }
  const profiles = await tenant.profiles()
  expect(
    profiles
      .filter(({ written }) => written)
      .map((one) => one.key)
      .sort(),
  ).toEqual([...model.written].sort())
}

async function failureOf(sequence: readonly Batch[]): Promise<unknown> {
  try {
    await runSequence(sequence)
    return null
  } catch (error) {
    return error
  }
}

/** Leaves out batches, then records, as long as it still fails. */
async function shortened(sequence: readonly Batch[]): Promise<readonly Batch[]> {
  let shortest = sequence
  const shorten = async (candidate: readonly Batch[]) => {
    if ((await failureOf(candidate)) !== null) shortest = candidate
  }
  for (let place = sequence.length - 1; place >= 0; place -= 1) await shorten(shortest.toSpliced(place, 1))
  for (let place = shortest.length - 1; place >= 0; place -= 1) {
    for (let index = (shortest[place]?.records.length ?? 0) - 1; index >= 0; index -= 1) {
      const batch = shortest[place]
      if (batch?.kind === 'extensions') {
        await shorten(shortest.with(place, { ...batch, records: batch.records.toSpliced(index, 1) }))
      }
    }
  }
  return shortest
}

it(`ends up as the sequential model does (seed ${seed})`, { timeout: 300_000 }, async () => {
  console.log(`EXTENSION_SEED=${seed}`)
  for (let place = 0; place < sequences; place += 1) {
    const [sequence = []] = fc.sample(randomSequence, { seed: seed + place, numRuns: 1 })
    if ((await failureOf(sequence)) === null) continue
    const shortest = await shortened(sequence)
    console.log(
      `EXTENSION_SEED=${seed + place} fails with\n${shortest.map((batch) => JSON.stringify(batch)).join('\n')}`,
    )
    throw await failureOf(shortest)
  }
  console.log(`${batches} batches compared`)
})
