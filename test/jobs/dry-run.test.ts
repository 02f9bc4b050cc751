import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoreAdapter } from '../../src/contract/adapter.ts'
import { createDryRun } from '../../src/jobs/dry-run.ts'
import { registryOf } from '../support/counting-adapter.ts'
import { type Bench, inputOf, openBench } from './engine-bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

test('dry runs of one tenant are carried out one after the other, and hold up no other', async () => {
  const held = Promise.withResolvers<void>()
  const begun: string[] = []
  const slow: StoreAdapter = {
    ...bench.counting,
    async rehearse(_transaction, tenant, _options, batches) {
      begun.push(tenant)
      if (tenant === 'many') await held.promise
      return batches.flat().map(() => ({ outcome: 'CREATED' as const }))
    },
  }
  const database = {
    ...bench.database,
    // As one of several connections: on PGlite there is one for all of them.
    transaction: (work: Parameters<typeof bench.database.transaction>[0]) => work(bench.database),
  } as typeof bench.database
  const planProfiles = createDryRun({
    database,
    registry: registryOf({ id: 'counting', adapter: slow }),
    limits: { recordsPerMutation: 100 },
  })
  const many = Array.from({ length: 5 }, () => planProfiles('many', inputOf([{ key: 'a' }])))
  expect(await planProfiles('other', inputOf([{ key: 'a' }]))).toMatchObject({ kind: 'plan' })
  expect(begun).toEqual(['many', 'other'])
  held.resolve()
  for (const answer of await Promise.all(many)) expect(answer).toMatchObject({ kind: 'plan', totalInvalid: 0 })
  expect(begun).toEqual(['many', 'other', 'many', 'many', 'many', 'many'])
})
