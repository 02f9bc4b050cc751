import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoreAdapter } from '../../src/contract/adapter.ts'
import { createScriptedAdapter } from '../support/scripted-adapter.ts'
import { allResults, type Bench, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import { openStage, registryFor, throwing } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** The counting store, which takes extensions too and refuses each. */
const refusingExtensions = (): StoreAdapter => ({
  ...bench.counting,
  capabilities: {
    ...bench.counting.capabilities,
    extensions: {
      upsert: ['CREATE_OR_UPDATE'],
      channels: ['EMAIL'],
      maxBatchSize: 1000,
      minIntervalMs: 0,
      maxConcurrency: 1,
      source: 'this test',
    },
  },
  extensions: {
    async preparer() {
      return { ok: true, prepare: () => ({ ok: false, errors: [{ code: 'INVALID_VALUE', message: 'refused' }] }) }
    },
    apply: async () => [],
  },
})

test('the records of a retry fail whose destination is another one by now, which cannot take such records', async () => {
  const tenant = bench.tenant()
  const before = await bench.engine({ registry: registryFor(tenant, { id: 'moved', adapter: refusingExtensions() }) })
  const extension = { key: 'a', address: 'a@example.com', channel: 'EMAIL' } as const
  const failed = jobOf(
    await before.submitExtensions(tenant, {
      destinations: ['moved'],
      upsert: 'CREATE_OR_UPDATE',
      nulls: 'IGNORE',
      onInvalid: 'SKIP_INVALID',
      waitSeconds: 20,
      extensions: [extension, { ...extension, key: 'b' }],
    }),
  )
  expect(failed).toMatchObject({ state: 'FAILED' })
  await bench.release(before)

  const vendor = createScriptedAdapter()
  const after = await bench.engine({ registry: registryFor(tenant, { id: 'moved', adapter: vendor }) })
  const retried = jobOf(await after.retryJob(tenant, { jobId: failed.id, waitSeconds: 20 }))
  expect(retried).toMatchObject({ state: 'FAILED', deliveries: [{ state: 'FAILED', adapter: 'scripted' }] })
  const message = expect.stringContaining('does not support operation EXTENSIONS any more')
  expect(await allResults(after, retried)).toMatchObject([
    { key: 'a', outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', message }] },
    { key: 'b', outcome: 'FAILED', errors: [{ code: 'DESTINATION_REJECTED', message }] },
  ])
  expect(vendor.calls).toEqual([])
  await bench.release(after)
})

test('what may have been applied is spoken of only where it was asked for', async () => {
  const { adapter, engine, tenant, submit, close } = await openStage(bench)
  adapter.script = throwing('NO_ANSWER')
  const job = await submit(profilesNamed(2), { destinations: ['vendor', 'counting'], upsert: 'CREATE_ONLY' })
  const refusalAt = async (destination: string) => {
    const answer = await engine.retryJob(tenant, { jobId: job.id, destinations: [destination], waitSeconds: 0 })
    return answer.kind === 'invalidInput' ? answer.issues.map(({ message }) => message) : answer
  }
  expect(await refusalAt('vendor')).toEqual([expect.stringContaining('only if codes names NO_ANSWER')])
  expect(await refusalAt('counting')).toEqual(['The job has no failed records at counting: there is nothing to retry'])
  await close()
})
