import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createWebexAdapter, webexSettings } from '../../src/adapters/webex/index.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { type ProfileUpsertOptions, type RecordUses, unifiedFields } from '../../src/contract/request.ts'
import { noDatabase, suiteOptions } from '../support/adapter-bench.ts'
import { scriptedVendor } from './scripted-vendor.ts'
import { webexConfiguration } from './webex-bench.ts'

const adapterOf = (configuration: Partial<z.input<typeof webexSettings>> = {}) =>
  createWebexAdapter(webexSettings.parse({ ...webexConfiguration, ...configuration }), {
    fetch: scriptedVendor().fetch,
    now: Date.now,
  })

async function prepared(record: ProfileRecord, options: Partial<ProfileUpsertOptions> = {}) {
  const preparer = await adapterOf().preparer(noDatabase, 'acme', suiteOptions(options))
  if (!preparer.ok) throw new TypeError('unsupported')
  return preparer.prepare(record)
}

const usesOf = (uses: Partial<RecordUses>): RecordUses => ({
  newKey: false,
  channels: new Set(),
  fields: new Set(),
  attributes: new Set(),
  conditions: new Set(),
  ...uses,
})

describe('what the configuration does not map', () => {
  it('refuses the request beforehand, but for the key', async () => {
    const uses = usesOf({ fields: new Set(['key', 'firstName', 'gender']), attributes: new Set(['anything']) })
    expect(await adapterOf().preparer(noDatabase, 'acme', suiteOptions(), uses)).toEqual({
      ok: false,
      unsupported: { feature: 'field', requested: 'gender', supported: ['email', 'phone', 'firstName', 'lastName'] },
    })
    const fields = Object.fromEntries(unifiedFields.map((field) => [field, field.toLowerCase()]))
    const mapped = await adapterOf({ fields }).preparer(noDatabase, 'acme', suiteOptions(), uses)
    expect(mapped.ok).toBe(true)
  })

  it.each(['key', 'birthDate', 'createdAt'])('refuses a filter by %s', async (field) => {
    const uses = usesOf({ conditions: new Set(['tier', 'email', field]) })
    const options = suiteOptions({ matching: 'FILTER' })
    expect(await adapterOf().preparer(noDatabase, 'acme', options, uses)).toMatchObject({
      ok: false,
      unsupported: { feature: 'field', requested: field },
    })
    const mapped = adapterOf({ fields: { ...webexConfiguration.fields, [field]: 'theirs' } })
    expect((await mapped.preparer(noDatabase, 'acme', options, uses)).ok).toBe(true)
  })

  it('fails a record of a file', async () => {
    expect(await prepared({ key: '1', gender: 'f' })).toMatchObject({
      ok: false,
      errors: [{ code: 'UNKNOWN_ATTRIBUTE', field: 'gender' }],
    })
    const filter = [{ attribute: 'gender', operator: 'EQUALS', value: 'f', logical: 'AND' }] as const
    expect(await prepared({ filter: [...filter] }, { matching: 'FILTER' })).toMatchObject({
      ok: false,
      errors: [{ code: 'UNKNOWN_ATTRIBUTE', field: 'filter[0].attribute' }],
    })
  })
})

describe('a record that Webex cannot take', () => {
  const cases: [string, ProfileRecord, string, string][] = [
    ['clears', { key: '1', firstName: null }, 'INVALID_VALUE', 'firstName'],
    ['clears an attribute', { key: '1', attributes: { tier: null } }, 'INVALID_VALUE', 'attributes.tier'],
    ['renames', { key: '1', newKey: '2' }, 'INVALID_VALUE', 'newKey'],
    [
      'has extensions',
      { key: '1', extensions: [{ channel: 'SMS', address: '+44' }] },
      'INVALID_EXTENSION',
      'extensions',
    ],
    [
      'writes one name twice',
      { key: '1', firstName: 'A', attributes: { firstname: 'B' } },
      'INVALID_VALUE',
      'attributes.firstname',
    ],
    ['has an attribute without a name', { key: '1', attributes: { '': 'B' } }, 'UNKNOWN_ATTRIBUTE', 'attributes.'],
  ]
  it.each(cases)('is refused when it %s', async (_, record, code, field) => {
    expect(await prepared(record)).toMatchObject({ ok: false, errors: [{ code, field }] })
  })

  it('is refused without a condition to find it by', async () => {
    expect(await prepared({ filter: [] }, { matching: 'FILTER' })).toMatchObject({
      ok: false,
      errors: [{ code: 'MISSING_MATCH_VALUE' }],
    })
  })
})

describe('records of one profile', () => {
  const a = {
    key: '1',
    attributes: [
      { 'attribute-name': 'x', val: 'a' },
      { 'attribute-id': '3', val: 'a' },
    ],
  }
  const b = {
    key: '1',
    attributes: [
      { 'attribute-name': 'x', val: 'b' },
      { 'attribute-name': '3', val: 'b' },
    ],
  }
  const filtered = { attributes: [], filter: [] }

  it('are folded attribute by attribute', () => {
    expect(adapterOf().fold(suiteOptions(), a, b)).toEqual({
      key: '1',
      attributes: [
        { 'attribute-name': 'x', val: 'b' },
        { 'attribute-id': '3', val: 'a' },
        { 'attribute-name': '3', val: 'b' },
      ],
    })
  })

  it('stay apart where folding could change what becomes of either', () => {
    const adapter = adapterOf()
    expect(adapter.fold(suiteOptions({ linkPolicy: 'FAIL' }), a, b)).toBeNull()
    expect(adapter.fold(suiteOptions({ matching: 'FILTER' }), filtered, filtered)).toBeNull()
    expect(adapter.fold(suiteOptions(), a, { ...b, key: '2' })).toBeNull()
  })

  it('of a filter could be any, and are not sent twice', () => {
    const options = suiteOptions({ matching: 'FILTER' })
    expect(adapterOf().travel(options, filtered)).toMatchObject({ matchValue: null, alone: true })
    expect(adapterOf().travel(suiteOptions(), a)).not.toHaveProperty('alone')
    expect(adapterOf().isRepeatable(options, [filtered])).toBe(false)
  })
})

describe('the settings', () => {
  it('have defaults', () => {
    const { id, adapter, baseUrl, token } = webexConfiguration
    expect(webexSettings.parse({ id, adapter, baseUrl: `${baseUrl}/`, token })).toEqual({
      id,
      adapter,
      baseUrl,
      token,
      pathPrefix: '/campaignapi',
      minIntervalMs: 0,
      maxConcurrency: 4,
      maxBatchSize: 100,
      timeoutMs: 30_000,
      retryBaseMs: 500,
      pollIntervalMs: 2000,
      pollTimeoutMs: 3_600_000,
      giveUpAfterSeconds: 86_400,
      profileTypes: {},
      fields: {},
      missingPermission: 'warn',
    })
  })

  it.each([
    ['token', 'with a\nline end'],
    ['token', undefined],
    ['baseUrl', 'acme.webexcampaign.io'],
    ['baseUrl', 'ftp://acme'],
    ['baseUrl', 'https://user:secret@acme'],
    ['baseUrl', 'https://acme/?token=1'],
    ['maxBatchSize', 101],
    ['fields', { email: { attribute: '12' } }],
    ['pathPrefix', 'campaignapi'],
    ['id', 'local'],
    ['surprise', 1],
  ])('refuse %s: %j', (name, value) => {
    expect(webexSettings.safeParse({ ...webexConfiguration, [name]: value }).success).toBe(false)
  })

  it('set the pace and the batch', () => {
    const { capabilities } = adapterOf({ maxBatchSize: 20, maxConcurrency: 2, minIntervalMs: 250 })
    expect(capabilities.profiles).toMatchObject({ maxBatchSize: 20, maxConcurrency: 2, minIntervalMs: 250 })
  })
})
