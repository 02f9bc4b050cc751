import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExtensionKind, RemoteAdapter, RemoteOperation } from '../../src/contract/adapter.ts'
import type { RecordError } from '../../src/contract/outcome.ts'
import type { KeyedExtensionRecord } from '../../src/contract/profile.ts'
import type { ExtensionUpsertOptions } from '../../src/contract/request.ts'
import { extensionUsesOf } from '../../src/domain/check-extensions-request.ts'
import { extensionOptions } from '../domain/request-options.ts'
import { noDatabase } from '../support/adapter-bench.ts'
import {
  callOf,
  cannedAdapter,
  type DengageBench,
  fixture,
  openDengageBench,
  rejection,
  settledFates,
} from './dengage-bench.ts'

const upserting = extensionOptions({ onInvalid: 'SKIP_INVALID' })
const updating = extensionOptions({ upsert: 'UPDATE_ONLY', onInvalid: 'SKIP_INVALID' })

const work: KeyedExtensionRecord = {
  key: 'C-1',
  address: 'ada.work@example.com',
  channel: 'EMAIL',
  name: 'Work Email',
  permission: true,
}

function operationOf({ extensions }: Pick<RemoteAdapter, 'extensions'>): RemoteOperation<unknown, ExtensionKind> {
  if (!extensions) throw new TypeError('D·engage upserts extensions')
  return extensions
}

async function prepared(
  operation: RemoteOperation<unknown, ExtensionKind>,
  options: ExtensionUpsertOptions,
  extensions: readonly KeyedExtensionRecord[],
) {
  const preparer = await operation.preparer(noDatabase, 'acme', options, extensionUsesOf([]))
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  return extensions.map((extension) => preparer.prepare(extension))
}

/** The extensions as D·engage takes them, and what asks the operation about them. */
async function ready(options: ExtensionUpsertOptions, extensions: readonly KeyedExtensionRecord[]) {
  const operation = operationOf(cannedAdapter([]).adapter)
  const values = await valuesOf(operation, options, extensions)
  return {
    values,
    travels: values.map((value) => operation.travel(options, value)),
    isRepeatable: (...places: number[]) =>
      operation.isRepeatable(
        options,
        places.map((place) => values[place]),
      ),
    fold: (earlier: number, later: number) => operation.fold(options, values[earlier], values[later]),
  }
}

async function valuesOf(...asked: Parameters<typeof prepared>): Promise<unknown[]> {
  return (await prepared(...asked)).map((one) => {
    if (!one.ok) throw new TypeError(JSON.stringify(one.errors))
    return one.value
  })
}

async function submitTo(
  adapter: RemoteAdapter,
  options: ExtensionUpsertOptions,
  extensions: readonly KeyedExtensionRecord[],
) {
  const operation = operationOf(adapter)
  const records = await valuesOf(operation, options, extensions)
  return operation.submit({ options, records, repeated: false, signal: AbortSignal.timeout(5000) })
}

function submitted(
  options: ExtensionUpsertOptions,
  extensions: readonly KeyedExtensionRecord[],
  body: unknown,
  status = 200,
) {
  const { adapter, sent } = cannedAdapter([{ status, body }])
  return { answer: submitTo(adapter, options, extensions), sent }
}

async function outcomes(options: ExtensionUpsertOptions, extensions: readonly KeyedExtensionRecord[], data: unknown) {
  const { answer } = submitted(options, extensions, { code: 0, data })
  return settledFates(await answer).map(({ outcome }) => outcome)
}

describe('a request', () => {
  test('is BulkUpsertExtensions in the names of its reference', async () => {
    const { answer, sent } = submitted(upserting, [work], fixture('extensions-answer'))
    expect(await answer).toEqual({
      kind: 'settled',
      fates: [{ outcome: 'CREATED', vendorTransactionId: '9f6b1f3c-3d64-4b0e-8f0e-0c2d0f2f7a11' }],
      vendorRequestId: '9f6b1f3c-3d64-4b0e-8f0e-0c2d0f2f7a11',
    })
    expect(sent[1]?.path).toBe('/rest/bulk/contact_extensions')
    expect(sent[1]?.body).toEqual(fixture('extensions-request'))
  })

  test('moves an address with new_address and new_contact_key, and then inserts nothing', async () => {
    const move: KeyedExtensionRecord = {
      key: 'C-1',
      address: '+905351234567',
      channel: 'SMS',
      newAddress: '+905351234568',
      newKey: 'C-2',
    }
    const options = { ...updating, onInvalid: 'REJECT_ALL' } as const
    const { answer, sent } = submitted(options, [move], { code: 0, data: { updated: ['C-1'] } })
    expect(settledFates(await answer)).toMatchObject([{ outcome: 'UPDATED' }])
    expect(sent[1]?.body).toEqual(fixture('extensions-move-request'))
  })
})

describe('an extension', () => {
  const errorsOf = async (extension: KeyedExtensionRecord, options = upserting) => {
    const { adapter } = cannedAdapter([], { configuration: { missingPermission: 'reject' } })
    const [one] = await prepared(operationOf(adapter), options, [extension])
    const errors: readonly RecordError[] = one?.ok === false ? one.errors : []
    return errors.map(({ code, field }) => [code, field])
  }

  test('is refused beforehand where D·engage would refuse it, or write another one', async () => {
    expect(await errorsOf({ ...work, channel: 'PUSH', provider: 'fcm', resourceId: 1 })).toEqual([
      ['INVALID_EXTENSION', 'channel'],
      ['INVALID_EXTENSION', 'provider'],
      ['INVALID_EXTENSION', 'resourceId'],
    ])
    const { permission: _, ...unstated } = work
    expect(await errorsOf(unstated)).toEqual([['PERMISSION_REQUIRED', 'permission']])
    expect(await errorsOf(unstated, updating)).toEqual([])
  })

  test.each([
    [{ ...work, resourceId: 0 }, 'resourceId'],
    [{ ...work, provider: 'fcm' }, 'provider'],
  ])('refuses the whole request where it uses what D·engage does not have: %j', async (extension, feature) => {
    const operation = operationOf(cannedAdapter([]).adapter)
    const asked = await operation.preparer(noDatabase, 'acme', upserting, extensionUsesOf([work, extension]))
    expect(asked).toEqual({ ok: false, unsupported: { feature, requested: feature, supported: [] } })
  })

  test('belongs to a contact: other profile types have to be listed', async () => {
    const typed = extensionOptions({ profileType: 'account' })
    const { adapter } = cannedAdapter([])
    expect(await operationOf(adapter).preparer(noDatabase, 'acme', typed)).toMatchObject({
      ok: false,
      unsupported: { feature: 'profileType', supported: ['contact'] },
    })
    const listed = cannedAdapter([], { configuration: { profileTypes: { account: 'master_contact' } } })
    expect(await operationOf(listed.adapter).preparer(noDatabase, 'acme', typed)).toMatchObject({ ok: true })
  })

  test('travels with those of its columns, in order with what it becomes, and twice only if it stays what it is', async () => {
    const { travels, isRepeatable } = await ready(updating, [work, { ...work, newKey: 'C-2' }])
    const [one, other] = travels
    expect(one?.shape).not.toBe(other?.shape)
    expect(other).toMatchObject({ matchValue: one?.matchValue, alsoMatches: ['["C-2","ada.work@example.com"]'] })
    expect([isRepeatable(0), isRepeatable(0, 1)]).toEqual([true, false])
    const written = ['+905351234567', ' +90 535 123 45 67'].map((address) => ({ key: 'C-1', address }))
    const { travels: ofOne } = await ready(updating, written)
    expect(new Set(ofOne.map(({ matchValue }) => matchValue))).toEqual(new Set(['["C-1","905351234567"]']))
  })

  test('is folded with a later one of the same address, but for a move and another channel', async () => {
    const { key, address, channel = 'EMAIL' } = work
    const { fold, values } = await ready(updating, [
      work,
      { key, address, channel, permission: false },
      { key, address, permission: false },
      { key, address, channel, newKey: 'C-2' },
    ])
    expect(fold(0, 1)).toEqual((await ready(updating, [{ ...work, permission: false }])).values[0])
    expect([fold(0, 2), fold(2, 1), fold(0, 3), fold(3, 1)]).toEqual([null, null, null, null])
    expect(fold(2, 2)).toEqual(values[2])
  })

  test('goes out at the pace of contacts', () => {
    const { adapter } = cannedAdapter([])
    expect(adapter.capabilities.extensions).toMatchObject({
      upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'],
      channels: ['EMAIL', 'SMS', 'WHATSAPP'],
      maxBatchSize: 1000,
      minIntervalMs: adapter.capabilities.profiles?.minIntervalMs,
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
    const { answer } = submitted(updating, [work], { code: 0, data: { updated: [], errors: [] } })
    expect(settledFates(await answer)).toMatchObject([
      { outcome: 'SKIPPED', errors: [{ code: 'EXTENSION_NOT_FOUND', field: 'address' }] },
    ])
  })
})

test('a call that is refused is refused as one of contacts is', async () => {
  const unknown = submitted(upserting, [work], { code: 1, message: 'Column does not exist: name' }, 400)
  expect(await rejection(unknown.answer)).toMatchObject({ fault: 'REFUSED', details: { code: 'UNKNOWN_ATTRIBUTE' } })
  const invalid = submitted(upserting, [work], { code: 11, message: 'C-1: address value is invalid.' }, 400)
  expect(settledFates(await invalid.answer)).toMatchObject([
    { outcome: 'FAILED', errors: [{ code: 'INVALID_VALUE', field: 'address', vendorCode: '11' }] },
  ])
  const forbidden = submitted(upserting, [work], '', 403)
  expect(await rejection(forbidden.answer)).toMatchObject({ fault: 'FORBIDDEN' })
})

describe('against the sandbox', () => {
  let bench: DengageBench
  beforeAll(async () => {
    bench = await openDengageBench()
  })
  afterAll(() => bench.close())
  beforeEach(() => bench.reset())

  const send = async (options: ExtensionUpsertOptions, extensions: readonly KeyedExtensionRecord[]) =>
    settledFates(await submitTo(bench.adapter, options, extensions))
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
    const codeOf = async (options: ExtensionUpsertOptions, extension: KeyedExtensionRecord) =>
      (await send(options, [extension])).map(({ outcome, errors }) => [outcome, errors?.[0]?.code])
    const { name: _, permission: __, ...bare } = work
    expect(await codeOf(upserting, { ...work, key: 'C-7' })).toEqual([['FAILED', 'PROFILE_NOT_FOUND']])
    expect(await codeOf(upserting, { ...work, address: 'x@example.com', name: 'Boat' })).toEqual([
      ['FAILED', 'UNKNOWN_EXTENSION_TYPE'],
    ])
    const { channel: ___, ...anywhere } = work
    expect(await codeOf(upserting, { ...anywhere, address: 'new@example.com' })).toEqual([
      ['FAILED', 'CHANNEL_REQUIRED'],
    ])
    expect(await codeOf(updating, { ...bare, newKey: 'C-7' })).toEqual([['FAILED', 'NEW_KEY_NOT_FOUND']])
    expect(await codeOf(updating, { ...bare, newKey: 'C-2' })).toEqual([['FAILED', 'ADDRESS_TAKEN']])
    expect(await codeOf(updating, { key: 'C-1', address: 'nobody@example.com', permission: true })).toEqual([
      ['SKIPPED', 'EXTENSION_NOT_FOUND'],
    ])
  })
})
