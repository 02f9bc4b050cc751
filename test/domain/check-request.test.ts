import { describe, expect, test } from 'vitest'
import type { ProfileCapabilities } from '../../src/contract/capability.ts'
import { profileOptions } from '../../src/contract/capability.ts'
import type { BulkUpsertProfilesInput } from '../../src/contract/input.ts'
import type { ProfileUpsertOptions, RecordUses } from '../../src/contract/request.ts'
import { checkRequest, unsupportedBy, usesOf } from '../../src/domain/check-request.ts'
import { requestOptions } from './request-options.ts'

const { profileType: _, ...defaults } = requestOptions()
const request = (changed: Partial<BulkUpsertProfilesInput> = {}): BulkUpsertProfilesInput => ({
  ...defaults,
  destinations: ['local'],
  waitSeconds: 10,
  profiles: [{ key: 'k' }],
  ...changed,
})

const pathsOf = (changed: Partial<BulkUpsertProfilesInput>) => {
  const checked = checkRequest(request(changed), { recordsPerMutation: 3 })
  return checked.ok ? [] : checked.issues.map(({ path }) => path.join('.'))
}

describe('a request', () => {
  test('answers its options with what was left out as null', () => {
    expect(checkRequest(request(), { recordsPerMutation: 3 })).toEqual({ ok: true, options: requestOptions() })
    const changed = {
      profileType: 'company',
      matching: 'CUSTOM',
      matchingField: 'no',
      resourceId: 0,
      audit: ['', 'b'],
    } as const
    expect(checkRequest(request({ ...changed, audit: ['', 'b'] }), { recordsPerMutation: 3 })).toEqual({
      ok: true,
      options: requestOptions({ ...changed, audit: ['', 'b'] }),
    })
  })

  test.each<[Partial<BulkUpsertProfilesInput>, string[]]>([
    [{ profiles: [] }, ['input.profiles']],
    [{ profiles: [{}, {}, {}] }, []],
    [{ profiles: [{}, {}, {}, {}] }, ['input.profiles']],
    [{ destinations: [] }, ['input.destinations']],
    [{ destinations: ['a', 'b', 'a'] }, ['input.destinations.2']],
    [{ destinations: [''] }, ['input.destinations.0']],
    [{ destinations: Array.from({ length: 21 }, (_, place) => `d${place}`) }, ['input.destinations']],
    [{ waitSeconds: 30 }, []],
    [{ waitSeconds: 31 }, ['input.waitSeconds']],
    [{ waitSeconds: -1 }, ['input.waitSeconds']],
    [{ audit: Array.from({ length: 11 }, () => 'x') }, ['input.audit']],
    [{ audit: ['x', 'y'.repeat(256), 'z\0'] }, ['input.audit.1', 'input.audit.2']],
    [{ matching: 'CUSTOM' }, ['input.matchingField']],
    [{ matching: 'CUSTOM_SUB', matchingField: '' }, ['input.matchingField']],
    [{ matching: 'CUSTOM_SUB', matchingField: 'a\0' }, ['input.matchingField']],
    [{ matching: 'EMAIL', matchingField: 'no' }, ['input.matchingField']],
    [{ matching: 'EMAIL', matchingField: null }, []],
    [{ maxAffected: 0 }, ['input.maxAffected']],
    [{ maxAffected: 100_001 }, ['input.maxAffected']],
    [{ matching: 'FILTER', upsert: 'CREATE_ONLY' }, ['input.upsert']],
    [{ matching: 'FILTER', upsert: 'UPDATE_ONLY', maxAffected: 100_000 }, []],
    [{ matching: 'PROFILE_ID', upsert: 'CREATE_ONLY' }, []],
    [{ idempotencyKey: '' }, ['input.idempotencyKey']],
    [{ idempotencyKey: 'x'.repeat(256) }, ['input.idempotencyKey']],
    [{ idempotencyKey: null }, []],
    [{ profileType: '' }, ['input.profileType']],
    [{ profileType: 'x'.repeat(101) }, ['input.profileType']],
    [
      { profiles: [], destinations: [], waitSeconds: 99 },
      ['input.profiles', 'input.destinations', 'input.waitSeconds'],
    ],
  ])('%j has issues at %j', (changed, paths) => {
    expect(pathsOf(changed)).toEqual(paths)
  })
})

describe('what a destination cannot do', () => {
  const able: ProfileCapabilities = {
    matching: ['KEY'],
    upsert: ['CREATE_OR_UPDATE'],
    linkPolicy: ['IGNORE', 'CREATE', 'FAIL'],
    channels: ['EMAIL'],
    options: profileOptions,
    maxBatchSize: 1000,
    minIntervalMs: 0,
    maxConcurrency: 1,
    source: 'test',
  }
  const bare: ProfileCapabilities = { ...able, linkPolicy: [], channels: [], options: [] }
  const nothing: RecordUses = {
    newKey: false,
    channels: new Set(),
    fields: new Set(),
    attributes: new Set(),
    conditions: new Set(),
  }

  test('is nothing as long as it can', () => {
    const all = requestOptions({
      linkPolicy: 'FAIL',
      nulls: 'CLEAR',
      skipTriggers: true,
      detectGeo: true,
      skipInvalidExtensions: true,
      resourceId: 1,
    })
    expect(unsupportedBy(able, all, { newKey: true, channels: new Set(['EMAIL']) })).toBeNull()
  })

  test('the defaults never refuse', () => {
    expect(unsupportedBy(bare, requestOptions(), nothing)).toBeNull()
    expect(unsupportedBy(bare, requestOptions({ linkPolicy: 'IGNORE' }), nothing)).toBeNull()
  })

  test.each<[Partial<ProfileUpsertOptions>, string, string, string[]]>([
    [{ matching: 'EMAIL' }, 'matching', 'EMAIL', ['KEY']],
    [{ upsert: 'CREATE_ONLY' }, 'upsert', 'CREATE_ONLY', ['CREATE_OR_UPDATE']],
    [{ linkPolicy: 'FAIL' }, 'linkPolicy', 'FAIL', []],
    [{ nulls: 'CLEAR' }, 'nulls', 'CLEAR', ['IGNORE']],
    [{ skipTriggers: true }, 'skipTriggers', 'true', ['false']],
    [{ detectGeo: true }, 'detectGeo', 'true', ['false']],
    [{ skipInvalidExtensions: true }, 'skipInvalidExtensions', 'true', ['false']],
    [{ resourceId: 0 }, 'resourceId', '0', []],
  ])('%j is named with what was asked and what there is', (options, feature, requested, supported) => {
    expect(unsupportedBy(bare, requestOptions(options), nothing)).toEqual({ feature, requested, supported })
  })

  test('what they use is drawn from the records', () => {
    const uses = usesOf(
      [
        { key: 'a', newKey: null, email: null, attributes: { size: null } },
        {
          key: 'a',
          newKey: 'b',
          lastName: 'x',
          attributes: { no: 1 },
          filter: [{ attribute: 'city', operator: 'EQUALS', value: 'x', logical: 'AND' }],
          extensions: [
            { channel: 'EMAIL', address: 'x' },
            { channel: 'PUSH', address: 'y' },
          ],
        },
      ],
      'IGNORE',
    )
    expect(uses).toEqual({
      newKey: true,
      channels: new Set(['EMAIL', 'PUSH']),
      fields: new Set(['key', 'lastName']),
      attributes: new Set(['no']),
      conditions: new Set(['city']),
    })
    expect(unsupportedBy(bare, requestOptions(), uses)).toMatchObject({ feature: 'newKey' })
    expect(unsupportedBy(able, requestOptions(), uses)).toEqual({
      feature: 'extensions',
      requested: 'PUSH',
      supported: ['EMAIL'],
    })
    expect(usesOf([{ newKey: null, extensions: null, attributes: null, filter: null }], 'IGNORE')).toEqual(nothing)
  })

  test('a null is a use where it clears', () => {
    const profiles = [{ key: 'a', email: null, attributes: { size: null } }]
    expect(usesOf(profiles, 'CLEAR')).toMatchObject({
      fields: new Set(['key', 'email']),
      attributes: new Set(['size']),
    })
  })
})
