import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoreAdapter } from '../../src/contract/adapter.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job, RecordResult } from '../../src/jobs/job.ts'
import { createScriptedAdapter } from '../support/scripted-adapter.ts'
import { allResults, type Bench, everyState, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import { openStage, registryFor, throwing } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const finished = async (engine: JobEngine, job: Job): Promise<Job> =>
  (await everyState(await engine.watch(job.tenant, job.id))).at(-1) ?? job

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

test('a retry that is cancelled before it was read has a result for each record, wherever it failed', async () => {
  const tenant = bench.tenant()
  const registry = registryFor(
    tenant,
    { id: 'counting', adapter: bench.counting },
    { id: 'second', adapter: bench.second },
  )
  const engine = await bench.engine({ registry, role: 'all' })
  const names = ['fails-', 'fine-', 'refused-by-second-', 'fails-']
  const profiles = profilesNamed(3000, (index) => `${names[index % names.length]}${index}`)
  const input = inputOf(profiles, { destinations: ['counting', 'second'], onInvalid: 'SKIP_INVALID' })
  const failed = await finished(engine, jobOf(await engine.submitProfiles(tenant, input)))
  await bench.release(engine)

  const api = await bench.engine({ registry, role: 'api' })
  const { id } = jobOf(await api.retryJob(tenant, { jobId: failed.id, waitSeconds: 0 }))
  expect(await api.act(tenant, id, 'cancel')).toMatchObject({ kind: 'job', job: { state: 'CANCELLED' } })
  const retried = (await api.jobs(tenant, [id]))[0] ?? failed
  const shown = ({ sourceIndex, key, clientRef, destinationId }: RecordResult) => [
    sourceIndex,
    key,
    clientRef,
    destinationId,
  ]
  const before = await allResults(api, failed, { outcomes: ['FAILED'] })
  const expected = before.map((result) => shown({ ...result, sourceIndex: result.index }))
  expect(before.length).toBeGreaterThan(3000)
  for (const first of [1000, 7]) {
    const results = await allResults(api, retried, { first })
    expect(results.map(shown)).toEqual(expected)
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['CANCELLED']))
    const indexes = [...new Set(results.map(({ index }) => index))]
    expect(indexes).toEqual(Array.from({ length: retried.total }, (_, index) => index))
  }
  for (const [destinationId, first] of [
    ['second', 1000],
    ['counting', 1000],
    ['counting', 7],
  ] as const) {
    expect((await allResults(api, retried, { destinationId, first })).map(shown)).toEqual(
      expected.filter(([, , , at]) => at === destinationId),
    )
  }
  expect(await allResults(api, retried, { outcomes: ['FAILED', 'CREATED'] })).toEqual([])
  await bench.release(api)
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
