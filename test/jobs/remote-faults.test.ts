import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DestinationError } from '../../src/contract/error.ts'
import type { RecordErrorCode, RecordOutcome } from '../../src/contract/outcome.ts'
import type { Log } from '../../src/jobs/log.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, type Script, settledAll } from '../support/scripted-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed, silent } from './engine-bench.ts'
import { fault, lastState, openStage, outcomesOf, registryFor } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

describe('a text of the vendor that the database does not take', () => {
  const refuse = (message: string) => () => {
    throw new DestinationError('REFUSED', message, { code: 'DESTINATION_REJECTED', vendorRequestId: 'r\0' })
  }
  const continuing =
    (text: string): Script =>
    (call, { kind }) =>
      kind === 'submit' ? { kind: 'continued', by: 'call', ticket: { text } } : settledAll(call)

  test.each<[string, Script, RecordOutcome]>([
    ['a fault with NUL', refuse('a\0b'), 'FAILED'],
    ['a fault with half a character', refuse('a\ud83d…'), 'FAILED'],
    ['an id with NUL', (call) => ({ ...settledAll(call), vendorRequestId: 'r\0' }), 'UPSERTED'],
    ['a ticket with NUL', continuing('a\0b'), 'UPSERTED'],
    ['a ticket with half a character', continuing('a\ud83d…'), 'UPSERTED'],
  ])('keeps no call from being settled: %s', async (_name, script, outcome) => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = script
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual([outcome, outcome])
    await close()
  })

  test('is shortened where it is shown', async () => {
    const { adapter, engine, submit, close } = await stage()
    const long = 'x'.repeat(100_000)
    adapter.script = (call) => ({
      kind: 'settled',
      fates: call.records.map(() => ({ outcome: 'UPSERTED', vendorTransactionId: long })),
      vendorRequestId: long,
    })
    const job = await submit(profilesNamed(1))
    for (const id of job.deliveries[0]?.vendorRequestIds ?? []) expect(id).toHaveLength(200)
    const [result] = await allResults(engine, job)
    expect(result?.vendorTransactionId).toHaveLength(200)
    adapter.script = refuse(long)
    const refused = await submit(profilesNamed(1))
    expect(refused.deliveries[0]?.lastError).toHaveLength(2000)
    await close()
  })
})

describe('a record that is refused when its call is repeated', () => {
  test.each<[RecordErrorCode, RecordOutcome]>([
    ['INVALID_VALUE', 'FAILED'],
    ['UNKNOWN_ATTRIBUTE', 'FAILED'],
    ['PROFILE_NOT_FOUND', 'UNKNOWN'],
    ['AMBIGUOUS_MATCH', 'UNKNOWN'],
    ['DESTINATION_REJECTED', 'UNKNOWN'],
  ])('for %s is %s', async (code, outcome) => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, _seen, place) => {
      if (place === 0) throw fault('NO_ANSWER')
      const errors = [{ code, message: 'no', vendorCode: '7' }]
      return { kind: 'settled', fates: call.records.map(() => ({ outcome: 'FAILED', errors })) }
    }
    const job = await submit(profilesNamed(1))
    expect(await outcomesOf(engine, job)).toEqual([outcome])
    const [result] = await allResults(engine, job)
    expect(result?.errors[0]).toMatchObject({ code: outcome === 'FAILED' ? code : 'NO_ANSWER', vendorCode: '7' })
    await close()
  })

  test('is UNKNOWN where the vendor says that it passed it over', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, _seen, place) => {
      if (place === 0) throw fault('NO_ANSWER')
      return { kind: 'settled', fates: call.records.map(() => ({ outcome: 'SKIPPED' })) }
    }
    const job = await submit(profilesNamed(1), { upsert: 'UPDATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN'])
    await close()
  })

  test('with its whole call is FAILED only where that says what is wrong with the record itself', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 1 })
    adapter.script = (_call, { keys }, place) => {
      if (place < 2) throw fault('NO_ANSWER')
      throw fault('REFUSED', { code: keys[0] === 'key-0' ? 'UNKNOWN_ATTRIBUTE' : 'DESTINATION_REJECTED' })
    }
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'UNKNOWN'])
    await close()
  })
})

test('a vendor that asks for no patience is not called without end', async () => {
  const { adapter, submit, close } = await stage({ patience: { retryBaseMs: 200 } })
  adapter.script = (call, _seen, place) => {
    if (place < 2) throw fault('THROTTLED', { retryAfterMs: 0 })
    return settledAll(call)
  }
  expect(await submit(profilesNamed(1))).toMatchObject({ state: 'SUCCEEDED' })
  const [first, second, third] = adapter.calls
  expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(99)
  expect((third?.startedAt ?? 0) - (second?.endedAt ?? 0)).toBeGreaterThanOrEqual(199)
  await close()
})

describe('a destination that this process is not configured for', () => {
  /** An engine that does not know the destination, once it has said so. */
  async function strangerOf(tenant: string) {
    const { promise: warned, resolve } = Promise.withResolvers<void>()
    const log: Log = { ...silent, warn: () => resolve() }
    const before = bench.statements.length
    const stranger = await bench.engine({ registry: registryFor(tenant), log })
    await warned
    // What it asks for next.
    const told = () =>
      bench.statements.slice(before).filter((text) => text.includes(`state = 'CANCELLING' and not staging`))
    await eventually(() => expect(told()).not.toEqual([]))
    return stranger
  }

  const standStill = (tenant: string) =>
    bench.database.query(`update deliveries set progressed_at = now() - interval '1 minute' where tenant = $1`, [
      tenant,
    ])

  test('is told of deliveries that stand still, until a call has gone through', async () => {
    const adapter = createScriptedAdapter()
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'vendor', adapter })
    const api = await bench.engine({ registry, role: 'api' })
    const input = inputOf(profilesNamed(1), { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await api.submitProfiles(tenant, input))
    await standStill(tenant)
    const stranger = await strangerOf(tenant)
    await eventually(async () => {
      const [now] = await api.jobs(tenant, [job.id])
      expect(now?.deliveries).toMatchObject([
        { state: 'WAITING', lastError: expect.stringContaining('not configured') },
      ])
    })
    const worker = await bench.engine({ registry })
    expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ lastError: null }] })
    for (const engine of [stranger, worker, api]) await bench.release(engine)
  })

  test('is not told of a delivery that another process is at', async () => {
    const { adapter, engine, tenant, submit, close } = await stage()
    const [inCall, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    adapter.script = async (call) => {
      inCall.resolve()
      await goOn.promise
      return settledAll(call)
    }
    const job = await submit(profilesNamed(1), { waitSeconds: 0 })
    await inCall.promise
    await standStill(tenant)
    const stranger = await strangerOf(tenant)
    const [now] = await engine.jobs(tenant, [job.id])
    expect(now?.deliveries).toMatchObject([{ state: 'RUNNING', lastError: null }])
    goOn.resolve()
    expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
    await bench.release(stranger)
    await close()
  })
})
