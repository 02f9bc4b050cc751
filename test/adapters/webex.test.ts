import { describe, expect, it } from 'vitest'
import { send, suiteOptions } from '../support/adapter-bench.ts'
import { describeAdapter } from '../support/describe-adapter.ts'
import { openWebexBench } from './webex-bench.ts'

describeAdapter('webex', () => openWebexBench())
describeAdapter('webex, its answers read the other way,', () =>
  openWebexBench({ statusAs: 'number', recordAnswers: 'codeForOne' }),
)

describe('the webex sandbox', () => {
  it('that counts and names nobody proves whole calls alone', async () => {
    const bench = await openWebexBench({ recordAnswers: 'none' })
    try {
      const both = [
        { key: '1', firstName: 'Ada' },
        { key: '2', firstName: 'Alan' },
      ]
      const created = await send(bench, suiteOptions(), both)
      expect(created.map(({ outcome }) => outcome)).toEqual(['UPSERTED', 'UPSERTED'])
      const mixed = await send(bench, suiteOptions({ upsert: 'UPDATE_ONLY' }), [
        ...both,
        { key: '3', firstName: 'Ann' },
      ])
      expect(mixed.map(({ outcome }) => outcome)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
    } finally {
      await bench.close()
    }
  })

  it('carries out each link policy', async () => {
    const bench = await openWebexBench()
    try {
      const linked = (key: string, accountid: string) => [{ key, firstName: 'Ada', attributes: { accountid } }]
      const keys = () => (bench.vendor.sandbox.profiles('webex') as { key: string }[]).map(({ key }) => key).sort()
      await send(bench, suiteOptions({ linkPolicy: 'IGNORE' }), linked('c1', 'a1'))
      expect(keys()).toEqual(['c1'])
      const refused = await send(bench, suiteOptions({ linkPolicy: 'FAIL' }), linked('c2', 'a2'))
      expect(refused).toMatchObject([
        { outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', vendorCode: '1010' }] },
      ])
      expect(keys()).toEqual(['c1'])
      await send(bench, suiteOptions({ linkPolicy: 'CREATE' }), linked('c3', 'a3'))
      expect(keys()).toEqual(['a3', 'c1', 'c3'])
    } finally {
      await bench.close()
    }
  })

  it('updates what a filter finds, and nothing else', async () => {
    const bench = await openWebexBench()
    try {
      const people = ['gold', 'gold', 'tin'].map((tier, place) => ({
        key: `k${place}`,
        firstName: 'Ada',
        attributes: { tier },
      }))
      await send(bench, suiteOptions(), people)
      const tier = (value: string) => [{ attribute: 'tier', operator: 'EQUALS', value, logical: 'AND' } as const]
      for (const upsert of ['CREATE_OR_UPDATE', 'UPDATE_ONLY'] as const) {
        const options = suiteOptions({ matching: 'FILTER', upsert })
        const found = await send(bench, options, [{ filter: tier('gold'), firstName: 'Grace' }])
        expect(found).toMatchObject([{ outcome: 'UPDATED', affected: 2 }])
        const none = await send(bench, options, [{ filter: tier('lead'), firstName: 'Grace' }])
        expect(none).toMatchObject([{ outcome: 'FAILED', errors: [{ code: 'PROFILE_NOT_FOUND' }] }])
      }
      const names = await Promise.all(['k0', 'k1', 'k2'].map(async (key) => (await bench.stored(key))?.firstName))
      expect(names).toEqual(['Grace', 'Grace', 'Ada'])
    } finally {
      await bench.close()
    }
  })
})
