import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../src/contract/error.ts'
import type { RecordOutcome } from '../../src/contract/outcome.ts'
import type { UpsertMode } from '../../src/contract/profile.ts'
import type { Job } from '../../src/jobs/job.ts'
import { eventually } from '../support/eventually.ts'
import { createScriptedAdapter, type ScriptedAdapter, settledAll, upserted } from '../support/scripted-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'
import { fault, lastState, openStage, outcomesOf, registryFor } from './vendor-stage.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

type Input = Parameters<typeof inputOf>

const stage = (options: Parameters<typeof openStage>[1] = {}) => openStage(bench, options)

const failFirst =
  (times: number, error: () => Error): ScriptedAdapter['script'] =>
  (call, _seen, place) => {
    if (place < times) throw error()
    return settledAll(call)
  }

describe('a job for a vendor', () => {
  test('is cut into batches, which are called one after the other', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 10 })
    adapter.script = (call) => ({ ...settledAll(call), vendorRequestId: `r${call.records.length}` })
    const job = await submit(profilesNamed(25))
    expect(job).toMatchObject({
      state: 'SUCCEEDED',
      deliveries: [{ state: 'SUCCEEDED', batchesTotal: 3, batchesDone: 3, vendorRequestIds: ['r10', 'r5'] }],
    })
    expect(adapter.calls.map(({ keys }) => keys.length)).toEqual([10, 10, 5])
    expect(adapter.calls.flatMap(({ keys }) => keys)).toEqual(profilesNamed(25).map(({ key }) => key))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UPSERTED']))
    expect((await allResults(engine, job))[3]).toMatchObject({ vendorRequestId: 'r10' })
    await close()
  })

  test('calls as many batches at once as the destination allows', async () => {
    const { adapter, submit, close } = await stage({ maxBatchSize: 1, maxConcurrency: 3 })
    adapter.script = async (call) => {
      await eventually(() => expect(adapter.peak()).toBe(3), { interval: 1 })
      return settledAll(call)
    }
    expect(await submit(profilesNamed(6))).toMatchObject({ state: 'SUCCEEDED' })
    expect(adapter.peak()).toBe(3)
    await close()
  })

  test('goes to a store and a vendor, with a state drawn from both', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = () => {
      throw fault('REFUSED')
    }
    const job = await submit(profilesNamed(3), { destinations: ['counting', 'vendor'] })
    expect(job).toMatchObject({
      state: 'PARTIALLY_FAILED',
      deliveries: [{ state: 'SUCCEEDED' }, { state: 'FAILED', lastError: 'the vendor says REFUSED' }],
    })
    expect(await outcomesOf(engine, job)).toHaveLength(6)
    await close()
  })

  test('sends only what is valid there, under SKIP_INVALID', async () => {
    const { adapter, engine, submit, close } = await stage()
    const job = await submit([{ key: 'a' }, { key: 'refused-b' }, { key: 'c' }], { onInvalid: 'SKIP_INVALID' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'FAILED', 'UPSERTED'])
    expect(adapter.calls.map(({ keys }) => keys)).toEqual([['a', 'c']])
    await close()
  })

  test('calls nobody when no record is valid there', async () => {
    const { adapter, submit, close } = await stage()
    const job = await submit([{ key: 'refused-b' }], { onInvalid: 'SKIP_INVALID' })
    expect(job).toMatchObject({ state: 'FAILED', deliveries: [{ batchesTotal: 0 }] })
    expect(adapter.calls).toEqual([])
    await close()
  })
})

describe('records of one profile', () => {
  test('are folded, and shown as superseded by the last', async () => {
    const { adapter, engine, submit, close } = await stage()
    const job = await submit([{ key: 'a', firstName: 'x' }, { key: 'b' }, { key: 'a', lastName: 'y' }])
    expect(await outcomesOf(engine, job)).toEqual(['SUPERSEDED', 'UPSERTED', 'UPSERTED'])
    expect((await allResults(engine, job))[0]).toMatchObject({ supersededBy: 2 })
    expect(adapter.calls.map(({ keys }) => keys)).toEqual([['b', 'a']])
    await close()
  })

  test('share the fate of the last where their profile is not there', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = ({ records }) => ({
      kind: 'settled',
      fates: records.map((record) =>
        record.key === 'a' ? { outcome: 'FAILED', errors: [{ code: 'PROFILE_NOT_FOUND', message: 'no' }] } : upserted,
      ),
    })
    const job = await submit([{ key: 'a' }, { key: 'b' }, { key: 'a' }])
    expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'UPSERTED', 'FAILED'])
    expect((await allResults(engine, job))[0]?.errors).toEqual([
      { code: 'PROFILE_NOT_FOUND', message: 'It was folded into record 2, which was not applied: no' },
    ])
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test('that cannot be folded go one after the other, also where calls go side by side', async () => {
    const { adapter, engine, submit, close } = await stage({ maxConcurrency: 4 })
    const job = await submit([{ key: 'a' }, { key: 'b' }, { key: 'a' }], { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', 'UPSERTED'])
    expect(adapter.calls.map(({ keys }) => keys)).toEqual([['a', 'b'], ['a']])
    expect(adapter.peak()).toBe(1)
    await close()
  })

  test('are never in two calls at once, of two jobs either', async () => {
    const { adapter, submit, close } = await stage({ maxConcurrency: 4, engines: 2 })
    const together = { same: 0, different: 0 }
    const flying = new Map<string, number>()
    adapter.script = async (call, { keys }) => {
      for (const key of keys) {
        flying.set(String(key), (flying.get(String(key)) ?? 0) + 1)
        if ((flying.get(String(key)) ?? 0) > 1) together.same += 1
      }
      if (flying.has('shared') && flying.has('other')) together.different += 1
      await eventually(() => expect(together.different).toBeGreaterThan(0), { interval: 1 })
      await new Promise((resolve) => setTimeout(resolve, 30))
      for (const key of keys) {
        const left = (flying.get(String(key)) ?? 1) - 1
        if (left === 0) flying.delete(String(key))
        else flying.set(String(key), left)
      }
      return settledAll(call)
    }
    await Promise.all([
      ...Array.from({ length: 4 }, () => submit([{ key: 'shared' }])),
      ...Array.from({ length: 4 }, () => submit([{ key: 'other' }])),
    ])
    expect(adapter.calls).toHaveLength(8)
    expect(together.same).toBe(0)
    expect(together.different).toBeGreaterThan(0)
    await close()
  })
})

describe('a fault', () => {
  test.each<[Fault, boolean]>([
    ['UNREACHABLE', false],
    ['THROTTLED', false],
    ['NO_ANSWER', true],
  ])('%s is tried again, after which the call says whether it may have been applied', async (name, repeated) => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = failFirst(2, () => fault(name))
    const job = await submit(profilesNamed(3))
    expect(job).toMatchObject({ state: 'SUCCEEDED', deliveries: [{ lastError: null }] })
    expect(adapter.calls.map((call) => call.repeated)).toEqual([false, repeated, repeated])
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', 'UPSERTED'])
    await close()
  })

  test('after which nobody knows is not repeated where that could do harm', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 2 })
    adapter.script = failFirst(1, () => fault('NO_ANSWER'))
    const job = await submit(profilesNamed(3), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN', 'UPSERTED'])
    expect(job.state).toBe('PARTIALLY_FAILED')
    expect((await allResults(engine, job))[0]?.errors[0]).toMatchObject({ code: 'NO_ANSWER' })
    expect(adapter.calls).toHaveLength(2)
    await close()
  })

  test('that certainly was not applied is repeated under CREATE_ONLY too', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = failFirst(1, () => fault('THROTTLED', { retryAfterMs: 50 }))
    const job = await submit(profilesNamed(3), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', 'UPSERTED'])
    const [first, second] = adapter.calls
    expect((second?.startedAt ?? 0) - (first?.endedAt ?? 0)).toBeGreaterThanOrEqual(49)
    await close()
  })

  test('nobody has named counts as one after which nobody knows', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { retryBaseMs: 1 } })
    adapter.script = failFirst(1, () => new TypeError('a bug'))
    const job = await submit(profilesNamed(1), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN'])
    await close()
  })

  test.each<Fault>(['AUTHENTICATION', 'FORBIDDEN', 'ACCOUNT_REFUSED'])(
    '%s ends the delivery with one call',
    async (name) => {
      const { adapter, engine, submit, close } = await stage({ maxBatchSize: 1 })
      adapter.script = () => {
        throw fault(name, { code: 'DESTINATION_AUTH', vendorCode: '401' })
      }
      const job = await submit(profilesNamed(4))
      expect(job).toMatchObject({ state: 'FAILED', deliveries: [{ batchesDone: 4 }] })
      expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'FAILED', 'FAILED', 'FAILED'])
      expect((await allResults(engine, job)).map(({ errors }) => errors[0])).toEqual(
        Array.from({ length: 4 }, () => ({
          code: 'DESTINATION_AUTH',
          message: `the vendor says ${name}`,
          vendorCode: '401',
        })),
      )
      expect(adapter.calls).toHaveLength(1)
      await close()
    },
  )

  test('REFUSED fails its batch alone', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 2 })
    adapter.script = failFirst(1, () => fault('REFUSED', { code: 'UNKNOWN_ATTRIBUTE' }))
    const job = await submit(profilesNamed(3))
    expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'FAILED', 'UPSERTED'])
    await close()
  })

  test('of a repeated call never makes FAILED what may have been applied', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = failFirst(2, () => fault(adapter.calls.length === 1 ? 'NO_ANSWER' : 'REFUSED'))
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN'])
    await close()
  })

  test.each(['PROFILE_EXISTS', 'EXTENSION_EXISTS'] as const)(
    '%s of a repeated CREATE_ONLY may be its own doing',
    async (code) => {
      const { adapter, engine, submit, close } = await stage()
      const fate = { outcome: 'FAILED' as const, errors: [{ code, message: 'it is there' }] }
      adapter.isRepeatable = () => true
      adapter.script = ({ records, repeated }) => {
        if (!repeated) throw fault('NO_ANSWER')
        return { kind: 'settled', fates: records.map(() => fate) }
      }
      const job = await submit(profilesNamed(2), { upsert: 'CREATE_ONLY' })
      expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN'])
      await close()
    },
  )

  test('of one record is narrowed down by halving', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 16 })
    adapter.script = (call, { keys }) => {
      if (keys.includes('key-5')) throw fault('REFUSED_FOR_A_RECORD', { code: 'INVALID_VALUE' })
      return settledAll(call)
    }
    const job = await submit(profilesNamed(16))
    const outcomes = await outcomesOf(engine, job)
    expect(outcomes.flatMap((outcome, index) => (outcome === 'FAILED' ? [index] : []))).toEqual([5])
    expect(adapter.calls.length).toBeLessThanOrEqual(1 + 2 * 4)
    const delivery = job.deliveries[0]
    expect(delivery?.batchesDone).toBe(delivery?.batchesTotal)
    await close()
  })

  test('of all records is given up looking for after 2·log2(n) further calls', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 16 })
    adapter.script = () => {
      throw fault('REFUSED_FOR_A_RECORD', { code: 'INVALID_VALUE' })
    }
    const job = await submit(profilesNamed(16))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['FAILED']))
    expect(adapter.calls).toHaveLength(1 + 2 * 4)
    await close()
  })

  test('of one record is not looked for where calls are scarce', async () => {
    const { adapter, engine, submit, close } = await stage({ minIntervalMs: 10 })
    adapter.script = failFirst(1, () => fault('REFUSED_FOR_A_RECORD'))
    const job = await submit(profilesNamed(4))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['FAILED']))
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test.each<[Fault, RecordOutcome[], string]>([
    ['UNREACHABLE', ['FAILED', 'FAILED'], 'DESTINATION_UNAVAILABLE'],
    ['NO_ANSWER', ['UNKNOWN', 'UNKNOWN'], 'NO_ANSWER'],
  ])('%s is given up in the end', async (name, outcomes, code) => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 1, patience: { giveUpAfterSeconds: 1 } })
    adapter.script = () => {
      throw fault(name)
    }
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(outcomes)
    expect((await allResults(engine, job))[0]?.errors[0]).toMatchObject({ code })
    await close()
  })

  test('that asks for more time than there is, is given up when the time is over', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { giveUpAfterSeconds: 1 } })
    adapter.script = () => {
      throw fault('THROTTLED', { retryAfterMs: 600_000 })
    }
    const waiting = submit(profilesNamed(2))
    const job = await waiting
    expect(await outcomesOf(engine, job)).toEqual(['FAILED', 'FAILED'])
    expect(adapter.calls).toHaveLength(1)
    await close()
  })

  test('of one destination holds up no other', async () => {
    const { adapter, engine, tenant, close } = await stage()
    const other = createScriptedAdapter({ name: 'other' })
    const both = registryFor(tenant, { id: 'vendor', adapter }, { id: 'other', adapter: other })
    adapter.script = () => {
      throw fault('UNREACHABLE', { retryAfterMs: 600_000 })
    }
    const two = await bench.engine({ registry: both })
    const input = inputOf(profilesNamed(3), { destinations: ['vendor', 'other'], waitSeconds: 0 })
    const job = jobOf(await two.submitProfiles(tenant, input))
    await eventually(async () => {
      const [now] = await engine.jobs(tenant, [job.id])
      expect(now).toMatchObject({
        state: 'RUNNING',
        deliveries: [
          { state: 'WAITING', nextAttemptAt: expect.any(Date), lastError: 'the vendor says UNREACHABLE' },
          { state: 'SUCCEEDED' },
        ],
      })
    })
    await bench.release(two)
    await close()
  })
})

describe('an answer', () => {
  test('that is too short leaves the others to be sent again where that is safe', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, _seen, place) => {
      const answer = settledAll(call)
      return place === 0 && answer.kind === 'settled' ? { ...answer, fates: answer.fates.slice(0, 2) } : answer
    }
    const job = await submit(profilesNamed(5))
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UPSERTED']))
    expect(adapter.calls.map(({ keys, repeated }) => [keys.length, repeated])).toEqual([
      [5, false],
      [3, true],
    ])
    await close()
  })

  test('that is too short leaves the others unknown where it is not', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call) => ({ kind: 'settled', fates: call.records.slice(1).map(() => upserted) })
    const job = await submit(profilesNamed(3), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED', 'UNKNOWN'])
    await close()
  })

  test('that is too long is none', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, _seen, place) => ({
      kind: 'settled',
      fates: [...call.records, ...(place === 0 ? [0] : [])].map(() => upserted),
    })
    const job = await submit(profilesNamed(3))
    expect(adapter.calls.map(({ repeated }) => repeated)).toEqual([false, true])
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UPSERTED']))
    await close()
  })

  test('that does not come in time is none', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { timeoutMs: 50 } })
    adapter.script = async (call, _seen, place) => {
      if (place > 0) return settledAll(call)
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)))
    }
    const job = await submit(profilesNamed(3), { upsert: 'CREATE_ONLY' })
    expect(new Set(await outcomesOf(engine, job))).toEqual(new Set(['UNKNOWN']))
    await close()
  })
})

describe('a call that is continued', () => {
  test('is asked after until it is settled, by another engine too', async () => {
    const first = await stage({ maxBatchSize: 2, minIntervalMs: 1 })
    const { adapter, engine, tenant, registry } = first
    adapter.script = ({ records }) => ({ kind: 'continued', by: 'poll', ticket: { id: records.length } })
    const input = inputOf(profilesNamed(3), { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await engine.submitProfiles(tenant, input))
    await eventually(() => expect(adapter.calls.some(({ kind }) => kind === 'resume')).toBe(true))
    await first.close()

    adapter.script = (call, seen) => {
      if (seen.kind === 'submit') return { kind: 'continued', by: 'poll', ticket: { id: call.records.length } }
      return settledAll(call)
    }
    const second = await bench.engine({ registry })
    expect(await lastState(second, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await outcomesOf(second, job)).toEqual(['UPSERTED', 'UPSERTED', 'UPSERTED'])
    const tickets = adapter.calls.filter(({ kind }) => kind === 'resume').map(({ ticket }) => ticket)
    expect(tickets).toContainEqual({ id: 2 })
    expect(adapter.calls.filter(({ kind }) => kind === 'submit')).toHaveLength(2)
    await bench.release(second)
  })

  test('is unknown when the vendor has not told in time', async () => {
    const { adapter, engine, submit, close } = await stage({ patience: { pollTimeoutMs: 100 } })
    adapter.script = () => ({ kind: 'continued', by: 'poll', ticket: 1 })
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['UNKNOWN', 'UNKNOWN'])
    await close()
  })

  test('survives faults of asking', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.script = (call, _seen, place) => {
      if (place === 0) return { kind: 'continued', by: 'poll', ticket: 1 }
      if (place < 3) throw fault('NO_ANSWER')
      return settledAll(call)
    }
    const job = await submit(profilesNamed(2), { upsert: 'CREATE_ONLY' })
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED'])
    expect(adapter.calls.filter(({ kind }) => kind === 'submit')).toHaveLength(1)
    await close()
  })

  test('by a further call is paced like any other', async () => {
    const { adapter, engine, submit, close } = await stage({ minIntervalMs: 60 })
    adapter.script = (call, { kind }) =>
      kind === 'submit' ? { kind: 'continued', by: 'call', ticket: 'status' } : settledAll(call)
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED'])
    const [one, two] = adapter.calls
    expect((two?.startedAt ?? 0) - (one?.startedAt ?? 0)).toBeGreaterThanOrEqual(59)
    await close()
  })

  test('ends as its adapter knows when it is not gone on with', async () => {
    const { adapter, engine, submit, close } = await stage()
    adapter.abandon = (_ticket, { records }) => records.map(() => ({ outcome: 'UPDATED' }))
    adapter.script = (_call, { kind }) => {
      if (kind === 'submit') return { kind: 'continued', by: 'call', ticket: 'status' }
      throw fault('FORBIDDEN')
    }
    const job = await submit(profilesNamed(2))
    expect(await outcomesOf(engine, job)).toEqual(['UPDATED', 'UPDATED'])
    await close()
  })
})

describe('a process that dies in the middle of a call', () => {
  /** Takes up the job's only batch as an engine would, and is never heard of again. */
  async function dieInCall(job: Job): Promise<void> {
    await bench.database.query(
      `update batches set state = 'CALLING', attempts = 1, lease_id = gen_random_uuid(), lease_until = now() + interval '300 ms'
        where tenant = $1 and job_id = $2::uuid`,
      [job.tenant, job.id],
    )
    await bench.database.query(
      `select pg_notify('gateway_work', lane) from deliveries where tenant = $1 and job_id = $2::uuid`,
      [job.tenant, job.id],
    )
  }

  test.each<[string, Input[1], RecordOutcome, number]>([
    ['is repeated where that is safe', {}, 'UPSERTED', 1],
    ['leaves its records unknown where it is not', { upsert: 'CREATE_ONLY' }, 'UNKNOWN', 0],
  ])('%s', async (_name, changed, outcome, calls) => {
    const adapter = createScriptedAdapter()
    const tenant = bench.tenant()
    const registry = registryFor(tenant, { id: 'vendor', adapter })
    const api = await bench.engine({ registry, role: 'api' })
    const input = inputOf(profilesNamed(2), { destinations: ['vendor'], waitSeconds: 0, ...changed })
    const job = jobOf(await api.submitProfiles(tenant, input))
    await dieInCall(job)
    const worker = await bench.engine({ registry, sweepMs: 60_000 })
    await lastState(worker, job)
    expect(await outcomesOf(worker, job)).toEqual([outcome, outcome])
    expect(adapter.calls.map(({ repeated }) => repeated)).toEqual(Array.from({ length: calls }, () => true))
    await bench.release(worker)
    await bench.release(api)
  })
})

test('an answer that comes after its lease has run out changes nothing any more', async () => {
  const { adapter, engine, engines, tenant, close } = await stage({ engines: 2 })
  const goOn = Promise.withResolvers<void>()
  adapter.script = async (call, _seen, place) => {
    if (place > 0) return settledAll(call)
    await goOn.promise
    return { kind: 'settled', fates: call.records.map(() => ({ outcome: 'FAILED' })) }
  }
  const input = inputOf(profilesNamed(2), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await engine.submitProfiles(tenant, input))
  await eventually(() => expect(adapter.calls).toHaveLength(1))
  await bench.database.query('update batches set lease_until = now() where tenant = $1', [tenant])
  await bench.database.query(`select pg_notify('gateway_work', $1)`, [adapter.lane])
  expect(await lastState(engine, job)).toMatchObject({ state: 'SUCCEEDED' })
  goOn.resolve()
  for (const one of engines) await one.stop()
  expect(adapter.calls.map(({ repeated }) => repeated)).toEqual([false, true])
  expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'UPSERTED'])
  await close()
})

describe.each<UpsertMode>(['CREATE_ONLY', 'CREATE_OR_UPDATE'])('whatever goes wrong, under %s', (upsert) => {
  test('every record has a fate that agrees with what the vendor did', async () => {
    const { adapter, engine, submit, close } = await stage({ maxBatchSize: 7, maxConcurrency: 3, engines: 2 })
    /** How often each key was written. */
    const written = new Map<string, number>()
    let random = 12345
    const chance = (share: number) => {
      random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff
      return random / 0x7fffffff < share
    }
    const write = (keys: readonly (string | undefined)[]) => {
      for (const key of keys) written.set(String(key), (written.get(String(key)) ?? 0) + 1)
    }
    adapter.script = (call, { kind, keys }, place) => {
      if (kind === 'resume') return settledAll(call)
      if (chance(0.1)) throw fault('THROTTLED')
      if (chance(0.1)) throw fault('REFUSED_FOR_A_RECORD')
      if (chance(0.1)) throw fault('UNREACHABLE')
      // A batch that meets many of them waits long.
      if (place < 30 && chance(0.1)) throw new TypeError('a bug before anything was sent')
      write(keys)
      if (chance(0.1)) throw fault('NO_ANSWER')
      if (chance(0.1)) return { kind: 'settled', fates: call.records.slice(2).map(() => upserted) }
      if (chance(0.2)) return { kind: 'continued', by: chance(0.5) ? 'poll' : 'call', ticket: 1 }
      return settledAll(call)
    }
    const job = await submit(
      profilesNamed(120, (index) => `key-${index % 100}`),
      { upsert, waitSeconds: 25 },
    )
    const outcomes = await outcomesOf(engine, job)
    expect(outcomes).not.toContain('PENDING')
    const lies = (await allResults(engine, job)).filter(({ key, outcome }) => {
      const times = written.get(String(key)) ?? 0
      if (outcome === 'UPSERTED' || outcome === 'SUPERSEDED') return times === 0
      return outcome === 'FAILED' && times > 0 && Number(key?.slice(4)) >= 20
    })
    expect(lies).toEqual([])
    if (upsert === 'CREATE_ONLY') {
      const twice = [...written].filter(([key, times]) => times > (Number(key.slice(4)) < 20 ? 2 : 1))
      expect(twice).toEqual([])
    }
    await close()
  })
})

test('a stopping engine lets its call end, and begins no other', async () => {
  const { adapter, engine, tenant, close } = await stage({ maxBatchSize: 1 })
  const [inCall, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  adapter.script = async (call) => {
    inCall.resolve()
    await goOn.promise
    return settledAll(call)
  }
  const input = inputOf(profilesNamed(3), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await engine.submitProfiles(tenant, input))
  await inCall.promise
  const stopped = engine.stop()
  goOn.resolve()
  await stopped
  expect(adapter.calls).toHaveLength(1)
  expect(await outcomesOf(engine, job)).toEqual(['UPSERTED', 'PENDING', 'PENDING'])
  await close()
})

test('a destination that is configured with another account goes on there', async () => {
  const before = createScriptedAdapter()
  const tenant = bench.tenant()
  const api = await bench.engine({ registry: registryFor(tenant, { id: 'vendor', adapter: before }), role: 'api' })
  const input = inputOf(profilesNamed(2), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await api.submitProfiles(tenant, input))
  const after = createScriptedAdapter()
  const worker = await bench.engine({ registry: registryFor(tenant, { id: 'vendor', adapter: after }) })
  expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
  expect(after.calls).toHaveLength(1)
  await bench.release(worker)
  await bench.release(api)
})

// What it takes two connections to see: on PGlite a transaction has the only one.
if (process.env['DATABASE_URL']) {
  test('a batch that is split while its destination gets another account goes on there too', async () => {
    const before = createScriptedAdapter()
    const tenant = bench.tenant()
    const [split, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const old = await bench.engine({
      registry: registryFor(tenant, { id: 'vendor', adapter: before }),
      database: {
        ...bench.database,
        transaction: (work) =>
          bench.database.transaction((transaction) =>
            work({
              async query<Row>(text: string, params?: readonly unknown[]) {
                const rows = await transaction.query<Row>(text, params)
                if (/insert into batches .*split_of/s.test(text)) {
                  split.resolve()
                  await goOn.promise
                }
                return rows
              },
            }),
          ),
      },
    })
    before.script = () => {
      throw fault('REFUSED_FOR_A_RECORD')
    }
    const input = inputOf(profilesNamed(4), { destinations: ['vendor'], waitSeconds: 0 })
    const job = jobOf(await old.submitProfiles(tenant, input))
    await split.promise
    const after = createScriptedAdapter()
    after.script = (call, { kind }) =>
      kind === 'submit' ? { kind: 'continued', by: 'poll', ticket: 'taken' } : settledAll(call)
    const worker = await bench.engine({ registry: registryFor(tenant, { id: 'vendor', adapter: after }) })
    await eventually(async () => {
      const waiting = await bench.database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(waiting).not.toHaveLength(0)
    })
    goOn.resolve()
    expect(await lastState(worker, job)).toMatchObject({ state: 'SUCCEEDED' })
    expect([before.calls.length, after.calls.length]).toEqual([1, 4])
    await bench.release(worker)
    await bench.release(old)
  })
}

// That processes also use the pace, test/e2e/pacing.test.ts shows.
test('three engines on one lane never call before its pace allows', async () => {
  const minIntervalMs = 500
  const { adapter, submit, close } = await stage({ engines: 3, maxBatchSize: 1, minIntervalMs })
  expect(await submit(profilesNamed(6))).toMatchObject({ state: 'SUCCEEDED' })
  const starts = adapter.calls.map(({ startedAt }) => startedAt)
  const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? 0))
  expect(gaps).toHaveLength(5)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(minIntervalMs)
  expect(adapter.peak()).toBe(1)
  await close()
})

test('shows when a paced delivery goes on, and how long the pace takes', async () => {
  const { engine, tenant, close } = await stage({ maxBatchSize: 1, minIntervalMs: 60_000 })
  const input = inputOf(profilesNamed(3), { destinations: ['vendor'], waitSeconds: 0 })
  const job = jobOf(await engine.submitProfiles(tenant, input))
  expect(job.pacedLeftMs).toBe(180_000)
  await eventually(async () => {
    const [now] = await engine.jobs(tenant, [job.id])
    expect(now).toMatchObject({
      state: 'RUNNING',
      pacedLeftMs: 120_000,
      deliveries: [{ state: 'WAITING', batchesDone: 1, nextAttemptAt: expect.any(Date) }],
    })
  })
  // One that has not begun shows it too.
  const next = jobOf(await engine.submitProfiles(tenant, input))
  await eventually(async () => {
    const [now] = await engine.jobs(tenant, [next.id])
    expect(now).toMatchObject({ state: 'QUEUED', deliveries: [{ state: 'WAITING', nextAttemptAt: expect.any(Date) }] })
  })
  await close()
})
