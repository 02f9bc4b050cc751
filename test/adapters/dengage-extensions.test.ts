import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dengageExtensionCapabilities } from '../../src/adapters/dengage/capabilities.ts'
import {
  type DengageExtension,
  type ExtensionToSend,
  type ExtensionUpsertOptions,
  extensionTravel,
  isExtensionRepeatable,
  prepareExtension,
} from '../../src/adapters/dengage/extension-record.ts'
import { submitExtensions } from '../../src/adapters/dengage/extensions.ts'
import { createSession } from '../../src/adapters/dengage/session.ts'
import {
  callOf,
  cannedAdapter,
  type DengageBench,
  fixture,
  openDengageBench,
  password,
  rejection,
  settledFates,
  userKey,
} from './dengage-bench.ts'

const upserting: ExtensionUpsertOptions = { upsert: 'CREATE_OR_UPDATE', onInvalid: 'SKIP_INVALID' }
const updating: ExtensionUpsertOptions = { upsert: 'UPDATE_ONLY', onInvalid: 'SKIP_INVALID' }

const work: ExtensionToSend = {
  key: 'C-1',
  address: 'ada.work@example.com',
  channel: 'EMAIL',
  name: 'Work Email',
  permission: true,
}

function ready(options: ExtensionUpsertOptions, extensions: readonly ExtensionToSend[]): DengageExtension[] {
  return extensions.map((extension) => {
    const one = prepareExtension(options, extension, 'warn')
    if (!one.ok) throw new TypeError(JSON.stringify(one.errors))
    return one.value
  })
}

const callFor = (options: ExtensionUpsertOptions, extensions: readonly ExtensionToSend[]) => ({
  options,
  records: ready(options, extensions),
  repeated: false,
  signal: AbortSignal.timeout(5000),
})

async function submitted(
  options: ExtensionUpsertOptions,
  extensions: readonly ExtensionToSend[],
  body: unknown,
  status = 200,
) {
  const { settings, fetch, now, sent } = cannedAdapter([{ status, body }])
  const session = createSession(settings, { fetch, now })
  return { answer: submitExtensions(session, callFor(options, extensions)), sent }
}

async function outcomes(options: ExtensionUpsertOptions, extensions: readonly ExtensionToSend[], data: unknown) {
  const { answer } = await submitted(options, extensions, { code: 0, data })
  return settledFates(await answer).map(({ outcome }) => outcome)
}

describe('a request', () => {
  test('is BulkUpsertExtensions in the names of its reference', async () => {
    const { answer, sent } = await submitted(upserting, [work], fixture('extensions-answer'))
    expect(await answer).toEqual({
      kind: 'settled',
      fates: [{ outcome: 'CREATED', vendorTransactionId: '9f6b1f3c-3d64-4b0e-8f0e-0c2d0f2f7a11' }],
      vendorRequestId: '9f6b1f3c-3d64-4b0e-8f0e-0c2d0f2f7a11',
    })
    expect(sent[1]?.path).toBe('/rest/bulk/contact_extensions')
    expect(sent[1]?.body).toEqual(fixture('extensions-request'))
  })

  test('moves an address with new_address and new_contact_key, and then inserts nothing', async () => {
    const move: ExtensionToSend = {
      key: 'C-1',
      address: '+905351234567',
      channel: 'SMS',
      newAddress: '+905351234568',
      newKey: 'C-2',
    }
    const options = { ...updating, onInvalid: 'REJECT_ALL' } as const
    const { answer, sent } = await submitted(options, [move], { code: 0, data: { updated: ['C-1'] } })
    expect(settledFates(await answer)).toMatchObject([{ outcome: 'UPDATED' }])
    expect(sent[1]?.body).toEqual(fixture('extensions-move-request'))
  })
})

describe('an extension', () => {
  test('is refused beforehand where D·engage would refuse the call', () => {
    const errorsOf = (options: ExtensionUpsertOptions, extension: ExtensionToSend) => {
      const one = prepareExtension(options, extension, 'reject')
      return one.ok ? [] : one.errors.map(({ code, field }) => [code, field])
    }
    expect(errorsOf(upserting, { ...work, channel: 'PUSH' })).toEqual([['INVALID_EXTENSION', 'channel']])
    expect(errorsOf(upserting, { ...work, newKey: 'C-2' })).toEqual([['INVALID_VALUE', 'newKey']])
    expect(errorsOf(updating, { key: 'C-1', address: 'a@example.com', newAddress: 'b@example.com' })).toEqual([
      ['CHANNEL_REQUIRED', 'channel'],
    ])
    const { permission: _, ...unstated } = work
    expect(errorsOf(upserting, unstated)).toEqual([['PERMISSION_REQUIRED', 'permission']])
    expect(errorsOf(updating, unstated)).toEqual([])
  })

  test('travels with those of its columns, in order with what it becomes, and twice only if it stays what it is', () => {
    const moved = { ...work, newKey: 'C-2' }
    const [one, other] = ready(updating, [work, moved])
    if (!one || !other) throw new TypeError('two were sent')
    expect(extensionTravel(one).shape).not.toBe(extensionTravel(other).shape)
    expect(extensionTravel(other)).toMatchObject({
      matchValue: extensionTravel(one).matchValue,
      alsoMatches: '["C-2","ada.work@example.com"]',
    })
    expect(isExtensionRepeatable([one])).toBe(true)
    expect(isExtensionRepeatable([one, other])).toBe(false)
  })

  test('is offered by no capability until extensions can be delivered', () => {
    const { adapter, settings } = cannedAdapter([])
    expect(adapter.capabilities.extensions).toBeNull()
    expect(dengageExtensionCapabilities(settings)).toMatchObject({
      upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'],
      channels: ['EMAIL', 'SMS', 'WHATSAPP'],
      maxBatchSize: 1000,
    })
  })
})

describe('an answer that names contacts alone', () => {
  const home = { ...work, address: 'ada.home@example.com' }

  test('counts them: as many as were sent are all written', async () => {
    expect(await outcomes(upserting, [work, home], { inserted: ['C-1', 'C-1'] })).toEqual(['CREATED', 'CREATED'])
    expect(await outcomes(upserting, [work, home], { updated: ['C-1', 'C-1'] })).toEqual(['UPDATED', 'UPDATED'])
    expect(await outcomes(upserting, [work, home], { inserted: ['C-1'], updated: ['C-1'] })).toEqual([
      'UPSERTED',
      'UPSERTED',
    ])
  })

  test('does not say which one was written where there are fewer', async () => {
    expect(await outcomes(upserting, [work, home], { inserted: ['C-1'] })).toEqual(['UNKNOWN', 'UNKNOWN'])
  })

  test('tells them apart where it has the addresses', async () => {
    const inserted = [{ contact_key: 'C-1', address: 'ADA.HOME@example.com' }]
    const errors = ['C-1: ada.work@example.com is on a block list']
    expect(await outcomes(upserting, [work, home], { inserted, errors })).toEqual(['FAILED', 'CREATED'])
  })

  test('skips what is not there', async () => {
    const { answer } = await submitted(updating, [work], { code: 0, data: { updated: [], errors: [] } })
    expect(settledFates(await answer)).toMatchObject([
      { outcome: 'SKIPPED', errors: [{ code: 'EXTENSION_NOT_FOUND', field: 'address' }] },
    ])
  })
})

test('a call that is refused is refused as one of contacts is', async () => {
  const unknown = await submitted(upserting, [work], { code: 1, message: 'Column does not exist: name' }, 400)
  expect(await rejection(unknown.answer)).toMatchObject({ fault: 'REFUSED', details: { code: 'UNKNOWN_ATTRIBUTE' } })
  const invalid = await submitted(upserting, [work], { code: 11, message: 'C-1: address value is invalid.' }, 400)
  expect(settledFates(await invalid.answer)).toMatchObject([
    { outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', field: 'address', vendorCode: '11' }] },
  ])
  const forbidden = await submitted(upserting, [work], '', 403)
  expect(await rejection(forbidden.answer)).toMatchObject({ fault: 'FORBIDDEN' })
})

describe('against the sandbox', () => {
  let bench: DengageBench
  beforeAll(async () => {
    bench = await openDengageBench()
  })
  afterAll(() => bench.close())
  beforeEach(() => bench.reset())

  const send = async (options: ExtensionUpsertOptions, extensions: readonly ExtensionToSend[]) => {
    const baseUrl = bench.remote?.baseUrl ?? ''
    const session = createSession({ baseUrl, userKey, password }, { fetch, now: Date.now })
    return settledFates(await submitExtensions(session, callFor(options, extensions)))
  }
  const makeContacts = async (...keys: string[]) => {
    await bench.adapter.submit(
      await callOf(
        bench.adapter,
        keys.map((key) => ({ key, emailPermission: true })),
      ),
    )
  }

  test('adds, changes and moves an address', async () => {
    await makeContacts('C-1', 'C-2')
    expect(await send(upserting, [work])).toMatchObject([{ outcome: 'CREATED' }])
    expect(await send(upserting, [{ ...work, permission: false }])).toMatchObject([{ outcome: 'UPDATED' }])
    expect(await send(updating, [{ key: 'C-1', address: work.address, newKey: 'C-2' }])).toMatchObject([
      { outcome: 'UPDATED' },
    ])
    expect(bench.row('C-1')).toMatchObject({ extensions: [] })
    expect(bench.row('C-2')).toMatchObject({ extensions: [{ address: work.address, permission: false }] })
  })

  test('says why an extension is refused', async () => {
    await makeContacts('C-1', 'C-2')
    await send(upserting, [work, { ...work, key: 'C-2' }])
    const codeOf = async (options: ExtensionUpsertOptions, extension: ExtensionToSend) =>
      (await send(options, [extension])).map(({ outcome, errors }) => [outcome, errors?.[0]?.code])
    const { name: _, permission: __, ...bare } = work
    expect(await codeOf(upserting, { ...work, key: 'C-7' })).toEqual([['FAILED', 'PROFILE_NOT_FOUND']])
    expect(await codeOf(upserting, { ...work, address: 'x@example.com', name: 'Boat' })).toEqual([
      ['FAILED', 'UNKNOWN_EXTENSION_TYPE'],
    ])
    expect(await codeOf(updating, { ...bare, newKey: 'C-7' })).toEqual([['FAILED', 'NEW_KEY_NOT_FOUND']])
    expect(await codeOf(updating, { ...bare, newKey: 'C-2' })).toEqual([['FAILED', 'ADDRESS_TAKEN']])
    expect(await codeOf(updating, { key: 'C-1', address: 'nobody@example.com', permission: true })).toEqual([
      ['SKIPPED', 'EXTENSION_NOT_FOUND'],
    ])
  })
})
