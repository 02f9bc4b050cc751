import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CallLimits } from '../../src/contract/capability.ts'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import { channels, linkPolicies, matchingModes, upsertModes } from '../../src/contract/profile.ts'
import { type AdapterBench, expectApplied, prepareAll, send, suiteOptions, suiteRecord } from './adapter-bench.ts'
import { describeRemoteAdapter } from './describe-remote-adapter.ts'

export { type AdapterBench, type BenchFault, noDatabase, type RemoteBench, suiteOptions } from './adapter-bench.ts'

/**
 * The one suite of all adapters: what the contract promises of each, whatever stands behind it. `open` is called once and makes the bench
 * (see AdapterBench). A store has no calls that could go wrong: what speaks of them is for remote adapters alone. A vendor's own test file
 * holds what is special about it.
 */
export function describeAdapter(
  name: string,
  open: () => Promise<AdapterBench> | AdapterBench,
  kind: AdapterBench['adapter']['kind'] = 'remote',
): void {
  describe(`the ${name} adapter`, () => {
    let bench: AdapterBench
    beforeAll(async () => {
      bench = await open()
      expect(bench.adapter.kind).toBe(kind)
    })
    afterAll(() => bench.close())
    beforeEach(() => bench.reset())

    const record = (key: string, firstName: string, lastName?: string) => suiteRecord(bench, key, firstName, lastName)
    const supports = (upsert: 'CREATE_ONLY' | 'UPDATE_ONLY') =>
      bench.adapter.capabilities.profiles?.upsert.includes(upsert) === true

    describe('its capabilities', () => {
      it('say where their limits stand', () => {
        const { profiles, extensions } = bench.adapter.capabilities
        const limits: CallLimits[] = [profiles, extensions].filter((one) => one !== null)
        expect(limits).not.toEqual([])
        for (const { maxBatchSize, minIntervalMs, maxConcurrency, source } of limits) {
          expect(maxBatchSize).toSatisfy(isCount)
          expect(maxConcurrency).toSatisfy(isCount)
          expect(minIntervalMs).toBeGreaterThanOrEqual(0)
          expect(source.length).toBeGreaterThan(10)
        }
      })

      it('are coherent', () => {
        const { profiles } = bench.adapter.capabilities
        if (profiles === null) return
        expectSubset(profiles.matching, matchingModes)
        expectSubset(profiles.upsert, upsertModes)
        expectSubset(profiles.linkPolicy, linkPolicies)
        expectSubset(profiles.channels, channels)
        expect(profiles.matching).toContain('KEY')
        expect(new Set(profiles.options).size).toBe(profiles.options.length)
        if (profiles.options.includes('newKey')) expect(profiles.upsert).toContain('UPDATE_ONLY')
        if (profiles.options.includes('skipInvalidExtensions')) expect(profiles.channels).not.toEqual([])
      })

      it('name extensions by themselves where there is an operation for them, and only there', () => {
        const { capabilities, extensions } = bench.adapter
        expect(capabilities.extensions !== null).toBe(extensions !== undefined)
        expectSubset(capabilities.extensions?.upsert ?? [], upsertModes)
        expectSubset(capabilities.extensions?.channels ?? [], channels)
      })
    })

    describe('preparing a record', () => {
      it('gives the same plain answer every time and leaves the record alone', async () => {
        const given = record('k1', 'Ada', 'King')
        const before = structuredClone(given)
        const [once, again] = await prepareAll(bench, suiteOptions(), [deepFreeze(given), given])
        expect(once).toEqual(again)
        expect(given).toEqual(before)
        expect(JSON.parse(JSON.stringify(once))).toEqual(once)
      })

      it('refuses as data what it cannot send, and throws nothing', async () => {
        const preparer = await bench.adapter.preparer(bench.database, bench.tenant, suiteOptions())
        if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
        const prepared = preparer.prepare({ firstName: 'Ada' })
        expect(prepared).toMatchObject({ ok: false, errors: [{ code: 'MISSING_MATCH_VALUE' }] })
      })
    })

    describe('applying a batch', () => {
      it('stores what was sent, and answers one fate per record', async () => {
        const first = await send(bench, suiteOptions(), [record('k1', 'Ada', 'King')])
        expectApplied(first, 1)
        const second = await send(bench, suiteOptions(), [record('k2', 'Alan'), record('k1', 'Augusta')])
        expectApplied(second, 2)
        expect(await bench.stored('k1')).toMatchObject({ firstName: 'Augusta', lastName: 'King' })
        expect(await bench.stored('k2')).toMatchObject({ firstName: 'Alan' })
      })

      it('takes a batch of the largest size', async () => {
        const size = bench.adapter.capabilities.profiles?.maxBatchSize ?? 0
        const records = Array.from({ length: size }, (_, place) => record(`k${place}`, `name ${place}`))
        expectApplied(await send(bench, suiteOptions(), records), size)
        expect(await bench.stored(`k${size - 1}`)).toMatchObject({ firstName: `name ${size - 1}` })
      })

      it('answers in the order of the records: UPDATE_ONLY without a profile', async () => {
        if (!supports('UPDATE_ONLY')) return
        await send(bench, suiteOptions(), [record('k1', 'one'), record('k3', 'three')])
        const records = [record('k1', 'uno'), record('k2', 'due'), record('k3', 'tre')]
        const fates = await send(bench, suiteOptions({ upsert: 'UPDATE_ONLY' }), records)
        expectApplied([fates[0], fates[2]], 2)
        expect(fates[1]?.outcome).toSatisfy((outcome: RecordOutcome) => outcome === 'FAILED' || outcome === 'SKIPPED')
        expect(fates[1]?.errors).toMatchObject([{ code: 'PROFILE_NOT_FOUND' }])
        expect(await bench.stored('k2')).toBeNull()
        expect(await bench.stored('k3')).toMatchObject({ firstName: 'tre' })
      })

      it('answers in the order of the records: CREATE_ONLY with a profile', async () => {
        if (!supports('CREATE_ONLY')) return
        await send(bench, suiteOptions(), [record('k2', 'two')])
        const records = [record('k1', 'uno'), record('k2', 'due'), record('k3', 'tre')]
        const fates = await send(bench, suiteOptions({ upsert: 'CREATE_ONLY' }), records)
        expect(fates.map(({ outcome }) => outcome)).toEqual(['CREATED', 'FAILED', 'CREATED'])
        expect(fates[1]?.errors).toMatchObject([{ code: 'PROFILE_EXISTS' }])
        expect(await bench.stored('k2')).toMatchObject({ firstName: 'two' })
      })
    })

    if (kind === 'remote') describeRemoteAdapter(() => bench)
  })
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1

function expectSubset<Member>(members: readonly Member[], all: readonly Member[]): void {
  expect(new Set(members).size).toBe(members.length)
  for (const member of members) expect(all).toContain(member)
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
