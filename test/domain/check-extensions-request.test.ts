import { describe, expect, test } from 'vitest'
import type { ExtensionCapabilities } from '../../src/contract/capability.ts'
import type { BulkUpsertExtensionsInput } from '../../src/contract/input.ts'
import {
  checkExtensionsRequest,
  extensionsUnsupportedBy,
  extensionUsesOf,
} from '../../src/domain/check-extensions-request.ts'
import { extensionOptions } from './request-options.ts'

const record = { key: 'k', address: 'a@example.com' }
const request = (changed: Partial<BulkUpsertExtensionsInput> = {}): BulkUpsertExtensionsInput => ({
  destinations: ['local'],
  upsert: 'CREATE_OR_UPDATE',
  nulls: 'IGNORE',
  onInvalid: 'REJECT_ALL',
  waitSeconds: 10,
  extensions: [record],
  ...changed,
})
const checked = (changed: Partial<BulkUpsertExtensionsInput> = {}) =>
  checkExtensionsRequest(request(changed), { recordsPerMutation: 2 })

describe('a request', () => {
  test('answers its options with what was left out as null', () => {
    expect(checked()).toEqual({ ok: true, options: extensionOptions() })
    const changed = {
      profileType: 'company',
      upsert: 'UPDATE_ONLY',
      nulls: 'CLEAR',
      onInvalid: 'SKIP_INVALID',
    } as const
    expect(checked({ ...changed, audit: ['a'] })).toEqual({ ok: true, options: { ...changed, audit: ['a'] } })
  })

  test.each<[Partial<BulkUpsertExtensionsInput>, string[]]>([
    [{ extensions: [] }, ['input.extensions']],
    [{ extensions: [record, record] }, []],
    [{ extensions: [record, record, record] }, ['input.extensions']],
    [{ destinations: ['a', 'a'] }, ['input.destinations.1']],
    [{ waitSeconds: 31 }, ['input.waitSeconds']],
    [{ audit: Array.from({ length: 11 }, () => 'x') }, ['input.audit']],
    [{ idempotencyKey: '' }, ['input.idempotencyKey']],
    [{ profileType: 'x'.repeat(101) }, ['input.profileType']],
  ])('%j has issues at %j', (changed, paths) => {
    const answer = checked(changed)
    expect(answer.ok ? [] : answer.issues.map(({ path }) => path.join('.'))).toEqual(paths)
  })
})

describe('what a destination cannot do', () => {
  const able: ExtensionCapabilities = {
    upsert: ['CREATE_OR_UPDATE'],
    channels: ['EMAIL'],
    maxBatchSize: 1000,
    minIntervalMs: 0,
    maxConcurrency: 1,
    source: 'test',
  }

  test('is drawn from the records', () => {
    const nothing = { newKey: false, newAddress: false, provider: false, resourceId: false, channels: new Set() }
    const nulls = { channel: null, provider: null, resourceId: null, newKey: null, newAddress: null }
    expect(
      extensionUsesOf([
        { ...record, ...nulls },
        { ...record, provider: '' },
      ]),
    ).toEqual(nothing)
    expect(
      extensionUsesOf([
        { ...record, channel: 'EMAIL', newAddress: 'x' },
        { ...record, channel: 'PUSH', provider: 'fcm' },
        { ...record, resourceId: 0, newKey: 'l' },
      ]),
    ).toEqual({
      newKey: true,
      newAddress: true,
      provider: true,
      resourceId: true,
      channels: new Set(['EMAIL', 'PUSH']),
    })
  })

  test('is named with what was asked and what there is', () => {
    const asked = (upsert: 'CREATE_OR_UPDATE' | 'UPDATE_ONLY', ...channels: ('EMAIL' | 'PUSH')[]) =>
      extensionsUnsupportedBy(able, extensionOptions({ upsert }), { channels: new Set(channels) })
    expect(asked('CREATE_OR_UPDATE', 'EMAIL')).toBeNull()
    expect(asked('CREATE_OR_UPDATE')).toBeNull()
    expect(asked('UPDATE_ONLY', 'PUSH')).toEqual({
      feature: 'upsert',
      requested: 'UPDATE_ONLY',
      supported: ['CREATE_OR_UPDATE'],
    })
    expect(asked('CREATE_OR_UPDATE', 'EMAIL', 'PUSH')).toEqual({
      feature: 'channel',
      requested: 'PUSH',
      supported: ['EMAIL'],
    })
  })
})
