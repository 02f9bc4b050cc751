import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { RemoteAdapter } from '../../src/contract/adapter.ts'
import { DestinationError, type Fault } from '../../src/contract/error.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import {
  type AdapterBench,
  type BenchFault,
  type CallOptions,
  expectApplied,
  isApplied,
  isNotApplied,
  prepareAll,
  type RemoteBench,
  send,
  sendValues,
  suiteOptions,
  suiteRecord,
} from './adapter-bench.ts'

/** The part of `describeAdapter` that speaks of calls over the wire: how records travel, and what every fault of a call comes to. */
export function describeRemoteAdapter(bench: () => AdapterBench): void {
  const record = (key: string, firstName: string, lastName?: string) => suiteRecord(bench(), key, firstName, lastName)
  const remoteOf = (): { adapter: RemoteAdapter; remote: RemoteBench } => {
    const { adapter, remote } = bench()
    if (adapter.kind !== 'remote' || remote === null) throw new TypeError('this bench has no remote adapter')
    return { adapter, remote }
  }
  const supports = (upsert: 'CREATE_ONLY' | 'UPDATE_ONLY') =>
    bench().adapter.capabilities.profiles?.upsert.includes(upsert) === true

  describe('as a remote one', () => {
    const remotely = (
      sentence: string,
      test: (parts: { adapter: RemoteAdapter; remote: RemoteBench }) => Promise<void>,
    ) => it(sentence, () => test(remoteOf()))

    remotely('names its lane without giving the account away', async ({ adapter, remote }) => {
      expect(adapter.lane).toMatch(/^[0-9a-f]{64}$/)
      expect(remote.another().lane).toBe(adapter.lane)
      expect(remote.another({ credential: 'another-credential' }).lane).not.toBe(adapter.lane)
      expect(remote.another({ baseUrl: 'http://127.0.0.1:9/elsewhere' }).lane).not.toBe(adapter.lane)
    })

    remotely('waits for as long as it is configured to', async ({ adapter }) => {
      for (const patience of Object.values(adapter.patience)) expect(patience).toBeGreaterThan(0)
      expect(adapter.maxBatchBytes).toBeGreaterThan(0)
    })

    remotely('says how a record travels: by its match value', async ({ adapter }) => {
      const options = suiteOptions()
      const records = [record('k1', 'Ada'), record('k1', 'Ada, with a rather longer name'), record('k2', 'Ada')]
      const [one, longer, other] = (await prepareAll(bench(), options, records)).map((value) =>
        adapter.travel(options, value),
      )
      expect(one?.matchValue).not.toBeNull()
      expect(longer).toMatchObject({ shape: one?.shape, matchValue: one?.matchValue })
      expect(other?.matchValue).not.toBe(one?.matchValue)
      expect(longer?.bytes).toBeGreaterThan(one?.bytes ?? Number.POSITIVE_INFINITY)
    })

    remotely('repeats only what is harmless to repeat', async ({ adapter }) => {
      const options = suiteOptions()
      const values = await prepareAll(bench(), options, [record('k1', 'Ada')])
      expect(adapter.isRepeatable(options, values)).toBe(true)
      expect(adapter.isRepeatable(suiteOptions({ upsert: 'CREATE_ONLY' }), values)).toBe(false)
    })

    remotely(
      'folds two records so that the later one wins, as if they had been applied in turn',
      async ({ adapter }) => {
        const options = suiteOptions()
        const values = await prepareAll(bench(), options, [record('k1', 'early', 'kept'), record('k1', 'late')])
        const [earlier, later] = values
        const before = structuredClone(values)
        const folded = adapter.fold(options, earlier, later)
        expect(values).toEqual(before)
        if (folded === null) return
        expectApplied(await sendValues(bench(), options, [folded]), 1)
        expect(await bench().stored('k1')).toMatchObject({ firstName: 'late', lastName: 'kept' })
      },
    )

    remotely('never folds under CREATE_ONLY', async ({ adapter }) => {
      const [earlier, later] = await prepareAll(bench(), suiteOptions(), [record('k1', 'early'), record('k1', 'late')])
      expect(adapter.fold(suiteOptions({ upsert: 'CREATE_ONLY' }), earlier, later)).toBeNull()
    })

    remotely('says UNKNOWN of a profile that an earlier attempt at creating it may have made', async () => {
      if (!supports('CREATE_ONLY')) return
      const options = suiteOptions({ upsert: 'CREATE_ONLY' })
      await send(bench(), options, [record('k1', 'Ada')])
      const fates = await send(bench(), options, [record('k1', 'Ada'), record('k2', 'Alan')], { repeated: true })
      expect(fates.map(({ outcome }) => outcome)).toEqual(['UNKNOWN', 'CREATED'])
    })
  })

  describe('when a call goes wrong', () => {
    const records = () => [record('k1', 'one'), record('k2', 'two'), record('k3', 'three')]

    const faults: readonly [string, BenchFault, Fault, { applied: boolean }][] = [
      ['a call is answered with 429', { kind: 'status', status: 429 }, 'THROTTLED', { applied: false }],
      ['a call is answered with 500 and nothing', { kind: 'status', status: 500 }, 'NO_ANSWER', { applied: false }],
      ['a call is applied and answered with 502 and a page', page(502), 'NO_ANSWER', { applied: true }],
      ['a call is answered with 200 and a page', { ...page(200), when: 'after' }, 'NO_ANSWER', { applied: true }],
      ['a call is answered with 404 and a page', { ...page(404), when: 'before' }, 'REFUSED', { applied: false }],
      ['a call is answered with a redirect', redirect(), 'REFUSED', { applied: false }],
      ['a call is answered with 403 and nothing', { kind: 'status', status: 403 }, 'FORBIDDEN', { applied: false }],
      [
        'a call is answered with 401 again and again',
        { kind: 'status', status: 401 },
        'AUTHENTICATION',
        { applied: false },
      ],
      [
        'the line drops before the vendor has the call',
        { kind: 'drop', when: 'before' },
        'NO_ANSWER',
        { applied: false },
      ],
      ['the line drops before its answer', { kind: 'drop', when: 'after' }, 'NO_ANSWER', { applied: true }],
      ['its answer comes too late', { kind: 'delay', ms: 5000, when: 'after' }, 'NO_ANSWER', { applied: true }],
      ['its answer is garbled', { kind: 'garble' }, 'NO_ANSWER', { applied: true }],
    ]
    for (const [sentence, fault, expected, { applied: isStored }] of faults) {
      it(`throws ${expected} when ${sentence}`, async () => {
        const { remote } = remoteOf()
        remote.fault(fault, expected === 'AUTHENTICATION' ? 5 : 1)
        const error = await callError({ timeoutMs: 500 })
        expect(error.fault, error.message).toBe(expected)
        expectNoSecret(error, remote)
        expect(await bench().stored('k2')).toEqual(isStored ? expect.objectContaining({ firstName: 'two' }) : null)
      })
    }

    const callError = async (callOptions: CallOptions = {}): Promise<DestinationError> => {
      const fates = send(bench(), suiteOptions(), records(), callOptions)
      const error: unknown = await fates.then(
        (answered) => new TypeError(`the call was answered: ${JSON.stringify(answered)}`),
        (thrown: unknown) => thrown,
      )
      if (error instanceof DestinationError) return error
      throw error
    }

    it("hands on the vendor's word on when to come again", async () => {
      remoteOf().remote.fault({ kind: 'status', status: 429, headers: { 'retry-after': '7' } })
      expect((await callError()).details.retryAfterMs).toBe(7000)
    })

    it('throws UNREACHABLE when nobody listens', async () => {
      const { remote } = remoteOf()
      const adapter = remote.another({ baseUrl: 'http://127.0.0.1:9' })
      const values = await prepareAll(bench(), suiteOptions(), records())
      const error = await adapter.submit(callOf(values)).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ fault: 'UNREACHABLE' })
      expectNoSecret(error, remote)
    })

    it('ends the delivery for a credential that the vendor does not know', async () => {
      const { remote } = remoteOf()
      const credential = 'not-the-right-credential'
      const adapter = remote.another({ credential })
      const values = await prepareAll(bench(), suiteOptions(), records())
      const error = await adapter.submit(callOf(values)).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ fault: remote.unknownCredential ?? 'AUTHENTICATION' })
      expectNoSecret(error, { secrets: [credential] })
    })

    it('shows no secret that the vendor repeats in its answer', async () => {
      const { remote } = remoteOf()
      const text = `no right for ${remote.secrets.join(' and ')}`
      const body = { code: 4321, description: text, message: text, error: 4321, error_text: text, actionResult: text }
      remote.fault({ kind: 'status', status: 400, body })
      expectNoSecret(await callError(), remote)
    })

    for (const by of [-1, 1]) {
      it(`claims nothing that is not so when the answer is ${by < 0 ? 'shorter' : 'longer'} than the question`, async () => {
        remoteOf().remote.fault({ kind: 'length', by })
        const fates = await send(bench(), suiteOptions(), records()).catch((error: unknown) => {
          if (error instanceof DestinationError && error.rule.mayHaveApplied) return []
          throw error
        })
        await expectTrue(fates)
      })
    }

    it('reads numbers that are written as texts', async () => {
      remoteOf().remote.fault({ kind: 'numbersAsStrings' }, 5)
      expectApplied(await send(bench(), suiteOptions(), records()), 3)
      if (!supports('UPDATE_ONLY')) return
      remoteOf().remote.fault({ kind: 'numbersAsStrings' }, 5)
      const fates = await send(bench(), suiteOptions({ upsert: 'UPDATE_ONLY' }), [record('k0', 'none')])
      expect(fates[0]?.errors).toMatchObject([{ code: 'PROFILE_NOT_FOUND' }])
    })

    /** Whoever is said to be written is stored, whoever is said not to be is not. */
    const expectTrue = async (fates: readonly RecordFate[]) => {
      for (const [place, { key = '', firstName }] of records().entries()) {
        const outcome = fates[place]?.outcome
        const stored = await bench().stored(key)
        if (outcome !== undefined && isApplied(outcome)) expect(stored).toMatchObject({ firstName })
        if (outcome !== undefined && isNotApplied(outcome)) expect(stored).toBeNull()
      }
    }
  })
}

const callOf = (values: readonly unknown[]) => ({
  options: suiteOptions(),
  records: values,
  repeated: false,
  signal: AbortSignal.timeout(5000),
})

const page = (status: number): Extract<BenchFault, { kind: 'status' }> => ({
  kind: 'status',
  status,
  body: '<html><body>Something went wrong</body></html>',
  headers: { 'content-type': 'text/html' },
  when: 'after',
})

const redirect = (): BenchFault => ({
  kind: 'status',
  status: 302,
  headers: { location: 'http://127.0.0.1:9/elsewhere?token=secret' },
})

/** Message, details, stack and causes. */
function expectNoSecret(error: unknown, { secrets }: Pick<RemoteBench, 'secrets'>): void {
  const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`
  for (const secret of secrets) expect(shown).not.toContain(secret)
}
