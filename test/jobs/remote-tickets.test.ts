import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { eventually } from '../support/eventually.ts'
import { type ScriptedAdapter, settledAll } from '../support/scripted-adapter.ts'
import { allResults, type Bench, openBench, profilesNamed } from './engine-bench.ts'
import { fault, lastState, openStage, outcomesOf } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

/** Refuses records when they are made ready for a call, as a configuration that was changed meanwhile would. */
function refuseAtDelivery(adapter: ScriptedAdapter, refuses: (record: ProfileRecord) => boolean): void {
  adapter.preparer = async (_database, _tenant, _options, uses) => ({
    ok: true,
    prepare: (record) =>
      uses === undefined && refuses(record)
        ? { ok: false, errors: [{ code: 'PERMISSION_REQUIRED', message: 'it is required by now' }] }
        : { ok: true, value: record, warnings: [] },
  })
}

describe('a call that the vendor has taken', () => {
  test('leaves no record pending when one of them cannot be made ready any more', async () => {
    const { adapter, engine, submit, close } = await stage()
    let refuses = false
    refuseAtDelivery(adapter, ({ key }) => refuses && key === 'key-1')
    adapter.script = () => {
      refuses = true
      return { kind: 'continued', by: 'call', ticket: 'status' }
    }
    const job = await submit(profilesNamed(3))
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
    const messages = (await allResults(engine, job)).map(({ errors }) => errors[0]?.message)
    expect(messages[0]).toContain('record 1 of the same call cannot be made ready as it was: it is required by now')
    expect(messages[1]).toContain('cannot be sent any more: it is required by now')
    expect(job.deliveries[0]).toMatchObject({ state: 'FAILED', batchesDone: 1 })
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test('is gone on with by the records that it was made with', async () => {
    const { adapter, engine, submit, close } = await stage()
    refuseAtDelivery(adapter, ({ key }) => key === 'key-1')
    adapter.script = (call, { kind }) =>
      kind === 'submit' ? { kind: 'continued', by: 'call', ticket: 'status' } : settledAll(call)
    const job = await submit(profilesNamed(3))
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'UPSERTED'])
    expect(adapter.calls.map(({ kind, keys }) => [kind, keys])).toEqual([
      ['submit', ['key-0', 'key-2']],
      ['resume', ['key-0', 'key-2']],
    ])
    await close()
  })

  test('is gone on with again after a fault, whatever that was', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, { kind }, place) => {
      if (kind === 'submit') return { kind: 'continued', by: 'call', ticket: 'status' }
      if (place === 1) throw fault('THROTTLED')
      if (place === 2) throw fault('NO_ANSWER')
      return settledAll(call)
    }
    const job = await submit(profilesNamed(2), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED'])
    expect(adapter.calls.map(({ kind, ticket }) => [kind, ticket])).toEqual([
      ['submit', null],
      ['resume', 'status'],
      ['resume', 'status'],
      ['resume', 'status'],
    ])
    await close()
  })

  test('is gone on with before another job writes to the same profile', async () => {
    const { adapter, engine, submit, close } = await stage({ minIntervalMs: 100 })
    const { preparer } = adapter
    let prepared = 0
    adapter.preparer = async (database, tenant, options, uses) => {
      if (uses === undefined) prepared += 1
      if (prepared === 2) throw new TypeError('a bug, after which it has to wait')
      return preparer(database, tenant, options, uses)
    }
    const order: string[] = []
    adapter.script = (call, { kind }) => {
      const [record] = call.records
      order.push(`${kind} ${record?.firstName}`)
      const goesOn = kind === 'submit' && record?.firstName === 'first'
      return goesOn ? { kind: 'continued', by: 'call', ticket: 'status' } : settledAll(call)
    }
    await submit([{ key: 'same', firstName: 'first' }], { waitSeconds: 0 })
    const second = await submit([{ key: 'same', firstName: 'second' }], { waitSeconds: 0 })
    expect(await lastState(engine, second)).toMatchObject({ state: 'SUCCEEDED' })
    expect(order).toEqual(['submit first', 'resume first', 'submit second'])
    await close()
  })

  test.each<[string, (adapter: ScriptedAdapter) => void]>([
    [
      'is asked what is known',
      (adapter) => {
        adapter.abandon = () => {
          throw new TypeError('the ticket is of another call')
        }
      },
    ],
    [
      'makes its records ready',
      (adapter) => {
        adapter.abandon = (_ticket, { records }) => records.map(() => ({ outcome: 'UPDATED' }))
        adapter.preparer = async () => {
          throw new TypeError('no more')
        }
      },
    ],
  ])('holds up nobody when its adapter fails as it %s at the end', async (_name, breaks) => {
    const { adapter, engine, submit, close } = await stage({ patience: { giveUpAfterSeconds: 1 } })
    const intact = adapter.preparer
    adapter.script = (_call, { kind }) => {
      if (kind === 'submit') return { kind: 'continued', by: 'call', ticket: 'status' }
      breaks(adapter)
      throw fault('THROTTLED', { retryAfterMs: 1500 })
    }
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN'])
    adapter.preparer = intact
    adapter.script = settledAll
    expect(await submit([{ key: 'other' }])).toMatchObject({ state: 'SUCCEEDED' })
    await eventually(() => expect(adapter.calls).toHaveLength(3))
    await close()
  })
})
