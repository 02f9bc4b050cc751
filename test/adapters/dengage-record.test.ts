import { describe, expect, test } from 'vitest'
import { dengageSettings } from '../../src/adapters/dengage/index.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { noDatabase, suiteOptions } from '../support/adapter-bench.ts'
import { cannedAdapter, dengageConfiguration, prepared } from './dengage-bench.ts'

const { adapter } = cannedAdapter([])

async function errorsOf(
  record: ProfileRecord,
  change: Partial<ProfileUpsertOptions> = {},
  configuration: Partial<typeof dengageConfiguration> = {},
) {
  const options = suiteOptions(change)
  const preparer = await cannedAdapter([], { configuration }).adapter.preparer(noDatabase, 'acme', options)
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  const one = preparer.prepare(record)
  return one.ok ? [] : one.errors.map(({ code, field }) => [code, field])
}

describe('a record is refused beforehand', () => {
  test('when an attribute would write a column that belongs to a field or the key', async () => {
    for (const column of ['email', 'EMAIL', 'contact_key', 'new_contact_key', 'gsm_status']) {
      const record = { key: 'C-1', attributes: { [column]: 'x' } }
      expect(await errorsOf(record)).toEqual([['INVALID_VALUE', `attributes.${column}`]])
    }
  })

  test('when an attribute is a list, which no column takes', async () => {
    expect(await errorsOf({ key: 'C-1', attributes: { tags: ['a', 'b'] } })).toEqual([
      ['INVALID_VALUE', 'attributes.tags'],
    ])
  })

  test('when it leaves a permission out, the destination rejects that, and a contact could be made', async () => {
    const reject = { missingPermission: 'reject' } as const
    const record = { key: 'C-1', email: 'ada@example.com' }
    const phone = { key: 'C-1', emailPermission: true, phone: '+905351234567' }
    expect(await errorsOf(record, {}, reject)).toEqual([
      ['PERMISSION_REQUIRED', 'emailPermission'],
      ['PERMISSION_REQUIRED', 'phonePermission'],
    ])
    expect(await errorsOf(phone, {}, reject)).toEqual([['PERMISSION_REQUIRED', 'phonePermission']])
    // The phone that the contact gets later would be opted in as well.
    expect(await errorsOf({ ...record, emailPermission: false }, {}, reject)).toEqual([
      ['PERMISSION_REQUIRED', 'phonePermission'],
    ])
    expect(await errorsOf({ ...record, emailPermission: false, phonePermission: false }, {}, reject)).toEqual([])
    expect(await errorsOf(record, { upsert: 'UPDATE_ONLY' }, reject)).toEqual([])
    expect(await errorsOf(record)).toEqual([])
  })

  test('with its whole request when its profile type is not listed', async () => {
    const { adapter: other } = cannedAdapter([], { configuration: { profileTypes: { customers: 'master_contact' } } })
    const ask = (profileType: string | null) => other.preparer(noDatabase, 'acme', suiteOptions({ profileType }))
    for (const type of [null, 'contact', 'customers']) expect(await ask(type)).toMatchObject({ ok: true })
    expect(await ask('orders')).toEqual({
      ok: false,
      unsupported: { feature: 'profileType', requested: 'orders', supported: ['contact', 'customers'] },
    })
  })
})

describe('a record travels', () => {
  test('with those of the very same columns, renames apart', async () => {
    const options = suiteOptions({ upsert: 'UPDATE_ONLY' })
    const [one, same, more, rename] = await prepared(adapter, options, [
      { key: 'C-1', firstName: 'Ada', attributes: { a: '1', b: '2' } },
      { key: 'C-2', attributes: { b: '2', a: '1' }, firstName: 'Alan' },
      { key: 'C-3', firstName: 'Ada', attributes: { a: '1', b: '2', c: '3' } },
      { key: 'C-4', newKey: 'C-9', firstName: 'Ada', attributes: { a: '1', b: '2' } },
    ]).then((records) => records.map((record) => adapter.travel(options, record)))
    expect(same?.shape).toBe(one?.shape)
    expect(new Set([one?.shape, more?.shape, rename?.shape]).size).toBe(3)
    expect(rename).toMatchObject({ matchValue: 'C-4', alsoMatches: ['C-9'] })
    expect(one).not.toHaveProperty('alsoMatches')
  })

  test('again without harm, unless it renames', async () => {
    const options = suiteOptions({ upsert: 'UPDATE_ONLY' })
    const records = await prepared(adapter, options, [{ key: 'C-1' }, { key: 'C-4', newKey: 'C-9' }])
    expect(adapter.isRepeatable(options, records.slice(0, 1))).toBe(true)
    expect(adapter.isRepeatable(options, records)).toBe(false)
  })
})

describe('two records of one contact', () => {
  const email = 'ada@example.com'
  const fold = async (earlier: ProfileRecord, later: ProfileRecord) => {
    const options = suiteOptions({ upsert: 'UPDATE_ONLY' })
    const [one, other] = await prepared(adapter, options, [
      { key: 'C-1', ...earlier },
      { key: 'C-1', ...later },
    ])
    return one && other ? adapter.fold(options, one, other) : null
  }

  test('become one that has the columns of both', async () => {
    expect(await fold({ firstName: 'Ada', lastName: 'King' }, { firstName: 'Augusta', email })).toEqual({
      key: 'C-1',
      cells: { email, name: 'Augusta', surname: 'King' },
    })
  })

  test('stay apart where an address comes after a status that it would reset', async () => {
    expect(await fold({ emailStatus: 'PASSIVE' }, { email })).toBeNull()
    expect(await fold({ email: 'other@example.com', emailStatus: 'PASSIVE' }, { email })).toBeNull()
    expect(await fold({ email, emailStatus: 'PASSIVE' }, { email })).not.toBeNull()
    expect(await fold({ emailStatus: 'PASSIVE' }, { email, emailStatus: 'PASSIVE' })).not.toBeNull()
    expect(await fold({ emailStatus: 'ACTIVE' }, { email })).not.toBeNull()
    expect(await fold({ email }, { emailStatus: 'PASSIVE' })).not.toBeNull()
  })

  test('stay apart where one renames', async () => {
    expect(await fold({ firstName: 'Ada' }, { newKey: 'C-9' })).toBeNull()
    expect(await fold({ newKey: 'C-9' }, { firstName: 'Ada' })).toBeNull()
  })
})

describe('the settings', () => {
  const faults = (change: object) => {
    const parsed = dengageSettings.safeParse({ ...dengageConfiguration, ...change })
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'))
  }

  test('are one call a minute, one at a time, of 1,000 records', () => {
    expect(dengageSettings.parse(dengageConfiguration)).toMatchObject({
      minIntervalMs: 60_000,
      maxConcurrency: 1,
      maxBatchSize: 1000,
      missingPermission: 'warn',
    })
    expect(adapter.capabilities).toMatchObject({
      profiles: { matching: ['KEY'], upsert: ['CREATE_OR_UPDATE', 'UPDATE_ONLY'], options: ['newKey', 'nulls'] },
    })
    expect(faults({ maxBatchSize: 1001 })).toEqual(['maxBatchSize'])
  })

  test('need the credentials of an API user', () => {
    expect(faults({ userKey: undefined })).toEqual(['userKey'])
    expect(faults({ password: '' })).toEqual(['password'])
  })

  test('send no two values to one column, and none to the key', () => {
    expect(faults({ fields: { firstName: 'surname' } })).toEqual(['fields.lastName'])
    expect(faults({ fields: { firstName: 'surname', lastName: 'name' } })).toEqual([])
    expect(faults({ fields: { town: 'email' } })).toEqual(['fields.town'])
    expect(faults({ fields: { town: 'contact_key' } })).toEqual(['fields.town'])
    expect(faults({ fields: { key: 'id' } })).toEqual(['fields.key'])
  })
})
