import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DengageRecord } from '../../src/adapters/dengage/record.ts'
import type { VendorAnswer, VendorCall } from '../../src/contract/adapter.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { callOf, cannedAdapter, type DengageBench, fixture, openDengageBench, settledFates } from './dengage-bench.ts'

const passive: ProfileRecord = {
  key: 'C-1',
  email: 'ada@example.com',
  emailPermission: true,
  emailStatus: 'PASSIVE',
  phonePermission: false,
}
const passivePhone = { phone: '+905351234567', phoneStatus: 'PASSIVE' } as const

const ticketOf = (answer: VendorAnswer) => {
  if (answer.kind !== 'continued') throw new TypeError(`the call is over: ${JSON.stringify(answer)}`)
  expect(answer.by).toBe('call')
  return answer.ticket
}

describe('a status that is stated beside its address', () => {
  let bench: DengageBench
  beforeAll(async () => {
    bench = await openDengageBench()
  })
  afterAll(() => bench.close())
  beforeEach(() => bench.reset())

  /** Goes on until the call is over, and answers how many further calls that took. */
  async function goOn(first: VendorAnswer, call: VendorCall<DengageRecord>) {
    let answer = first
    let calls = 0
    for (; answer.kind === 'continued' && calls < 5; calls += 1)
      answer = await bench.adapter.resume(answer.ticket, call)
    return { fates: settledFates(answer), calls }
  }

  test('is set again by a call with the status alone, for a new contact and a changed one', async () => {
    const call = await callOf(bench.adapter, [passive])
    const first = await bench.adapter.submit(call)
    expect(bench.row('C-1')).toMatchObject({ email_status: 'A' })
    expect(await goOn(first, call)).toMatchObject({ fates: [{ outcome: 'CREATED' }], calls: 1 })
    expect(bench.row('C-1')).toMatchObject({ email: 'ada@example.com', email_status: 'P', email_permission: true })
    expect(bench.vendor.bodies().at(-1)).toSatisfy((body) => {
      expect(typeof body === 'string' ? JSON.parse(body) : body).toEqual(fixture('status-request'))
      return true
    })

    const changed = await callOf(bench.adapter, [{ ...passive, email: 'king@example.com' }])
    const { fates } = await goOn(await bench.adapter.submit(changed), changed)
    expect(fates).toMatchObject([{ outcome: 'UPDATED' }])
    expect(fates[0]?.warnings).toBeUndefined()
    expect(bench.row('C-1')).toMatchObject({ email: 'king@example.com', email_status: 'P' })
  })

  test('takes one further call for each set of statuses, and reaches only whom it concerns', async () => {
    const both = { ...passive, ...passivePhone }
    const records: ProfileRecord[] = [
      { ...both, key: 'C-1' },
      { ...both, key: 'C-2', phoneStatus: 'ACTIVE' },
      { ...both, key: 'C-3', emailStatus: 'ACTIVE' },
      { ...both, key: 'C-4', emailStatus: 'ACTIVE', phoneStatus: 'ACTIVE' },
    ]
    const call = await callOf(bench.adapter, records)
    const { calls } = await goOn(await bench.adapter.submit(call), call)
    expect(calls).toBe(3)
    const statuses = records.map(({ key = '' }) => [bench.row(key)?.['email_status'], bench.row(key)?.['gsm_status']])
    expect(statuses).toEqual([
      ['P', 'P'],
      ['P', 'A'],
      ['A', 'P'],
      ['A', 'A'],
    ])
  })

  test('is set under the new key of a renamed contact', async () => {
    const make = await callOf(bench.adapter, [{ key: 'C-1', emailPermission: true }])
    await bench.adapter.submit(make)
    const call = await callOf(bench.adapter, [{ ...passive, newKey: 'C-9' }], { upsert: 'UPDATE_ONLY' })
    const { fates } = await goOn(await bench.adapter.submit(call), call)
    expect(fates[0]).toMatchObject({ outcome: 'UPDATED' })
    expect(fates[0]?.warnings).toBeUndefined()
    expect(bench.row('C-9')).toMatchObject({ email_status: 'P' })
  })

  test('needs no further call where it is ACTIVE, comes without its address, or was not applied', async () => {
    const { email: _, ...statusAlone } = passive
    for (const record of [{ ...passive, emailStatus: 'ACTIVE' as const }, statusAlone]) {
      expect((await bench.adapter.submit(await callOf(bench.adapter, [record]))).kind).toBe('settled')
    }
    const unknown = await callOf(bench.adapter, [{ ...passive, key: 'C-7' }], { upsert: 'UPDATE_ONLY' })
    expect(settledFates(await bench.adapter.submit(unknown))).toMatchObject([{ outcome: 'SKIPPED' }])
  })

  test('leaves a ticket that is plain JSON, holds no secret, and that another process goes on with', async () => {
    const call = await callOf(bench.adapter, [passive])
    const ticket = ticketOf(await bench.adapter.submit(call))
    expect(JSON.parse(JSON.stringify(ticket))).toEqual(ticket)
    for (const secret of bench.remote?.secrets ?? []) expect(JSON.stringify(ticket)).not.toContain(secret)
    const other = bench.remote?.another()
    expect(await other?.resume(ticket, call)).toMatchObject({ kind: 'settled', fates: [{ outcome: 'CREATED' }] })
  })
})

describe('a record that the answer leaves out', () => {
  const left = { body: { code: 0, data: { inserted: ['C-1'], updated: [], errors: [], warnings: [] } } }
  const records = [passive, { ...passive, key: 'C-2' }, { ...passive, key: 'C-3', emailStatus: 'ACTIVE' as const }]

  test('may have been applied, and its status is set again all the same', async () => {
    const { adapter, sent } = cannedAdapter([left, { body: { code: 0, data: { updated: ['C-1', 'C-2'] } } }])
    const call = await callOf(adapter, records)
    const ticket = ticketOf(await adapter.submit(call))
    const fates = settledFates(await adapter.resume(ticket, call))
    expect(sent.at(-1)?.body).toMatchObject({
      columns: ['contact_key', 'email_status'],
      contactDatas: [
        { contact_key: 'C-1', email_status: 'P' },
        { contact_key: 'C-2', email_status: 'P' },
      ],
      insertIfNotExists: false,
    })
    expect(fates.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UNKNOWN', 'UNKNOWN'])
    expect(fates[1]?.warnings).toBeUndefined()
  })

  test('is warned of where that call does not confirm it', async () => {
    const { adapter } = cannedAdapter([left, { body: { code: 0, data: { updated: ['C-1'] } } }])
    const call = await callOf(adapter, records)
    const fates = settledFates(await adapter.resume(ticketOf(await adapter.submit(call)), call))
    expect(fates[1]).toMatchObject({ outcome: 'UNKNOWN', warnings: [{ code: 'STATUS_REACTIVATED' }] })
  })
})

describe('a status-only call that goes wrong', () => {
  const first = { body: { code: 0, data: { inserted: ['C-1'], updated: ['C-2'] } } }
  const records = [passive, { ...passive, key: 'C-2' }]

  async function resumed(...answers: { status?: number; body: unknown }[]) {
    const { adapter, sent } = cannedAdapter([first, ...answers])
    const call = await callOf(adapter, records)
    const ticket = ticketOf(await adapter.submit(call))
    return { answer: adapter.resume(ticket, call), adapter, call, ticket, sent }
  }

  test('is thrown where it is to be repeated', async () => {
    for (const [status, fault] of [
      [429, 'THROTTLED'],
      [500, 'NO_ANSWER'],
    ] as const) {
      const { answer } = await resumed({ status, body: '' })
      await expect(answer).rejects.toMatchObject({ fault })
    }
  })

  test('leaves its records applied, with a warning, where it is not', async () => {
    for (const [status, body] of [
      [400, { code: 1, message: 'Column does not exist: email_status' }],
      [400, { code: 11, message: 'no' }],
      [403, ''],
    ] as const) {
      const { answer } = await resumed({ status, body })
      expect(settledFates(await answer)).toMatchObject([
        { outcome: 'CREATED', warnings: [{ code: 'STATUS_REACTIVATED', field: 'emailStatus' }] },
        { outcome: 'UPDATED', warnings: [{ code: 'STATUS_REACTIVATED', field: 'emailStatus' }] },
      ])
    }
  })

  test('warns of the records that its answer does not confirm', async () => {
    const { answer } = await resumed({ body: { code: 0, data: { updated: ['C-1'], errors: ['C-2: no'] } } })
    const fates = settledFates(await answer)
    expect(fates[0]?.warnings).toBeUndefined()
    expect(fates[1]).toMatchObject({ outcome: 'UPDATED', warnings: [{ code: 'STATUS_REACTIVATED' }] })
  })

  test('can be given up: its records stay applied', async () => {
    const { adapter, ticket, call, answer } = await resumed({ status: 429, body: '' })
    await expect(answer).rejects.toMatchObject({ fault: 'THROTTLED' })
    expect(adapter.abandon?.(ticket, call)).toMatchObject([
      { outcome: 'CREATED', warnings: [{ code: 'STATUS_REACTIVATED' }] },
      { outcome: 'UPDATED', warnings: [{ code: 'STATUS_REACTIVATED' }] },
    ])
  })

  test('goes on with no ticket of another call', async () => {
    const { adapter, ticket, call, answer } = await resumed({ status: 429, body: '' })
    await answer.catch(() => undefined)
    const shorter = { ...call, records: call.records.slice(1) }
    await expect(adapter.resume(ticket, shorter)).rejects.toThrow(TypeError)
    await expect(adapter.resume({ requestId: '1' }, call)).rejects.toThrow(TypeError)
  })
})

test('an address without its status warns that it may have been set active, where the contact was there before', async () => {
  const { adapter } = cannedAdapter([{ body: { code: 0, data: { inserted: ['C-1'], updated: ['C-2'] } } }])
  const record = { email: 'ada@example.com', emailPermission: true, phonePermission: true }
  const call = await callOf(adapter, [
    { key: 'C-1', ...record },
    { key: 'C-2', ...record },
  ])
  const [created, updated] = settledFates(await adapter.submit(call))
  expect(created?.warnings).toBeUndefined()
  expect(updated?.warnings).toMatchObject([{ code: 'STATUS_REACTIVATED', field: 'emailStatus' }])
})
