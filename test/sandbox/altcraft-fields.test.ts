import { describe, expect, test } from 'vitest'
import { openAltcraft } from './altcraft-bench.ts'

const byKey = { matching: 'custom', field_name: 'CRM_ID' }

/** What the field holds after these values were imported one by one, or the code of the first that was refused. */
async function held(field: string, ...values: unknown[]): Promise<unknown> {
  const { importItems, stored } = openAltcraft()
  for (const value of values) {
    const { codes } = await importItems([{ CRM_ID: 'a', [field]: value }], byKey)
    if (codes[0] !== 0) return codes[0]
  }
  return stored()[0]?.[field]
}

test.each([
  ['LOYALTY_SCORE', 12, 12],
  ['LOYALTY_SCORE', '12', 12],
  ['LOYALTY_SCORE', 1.5, 400],
  ['LOYALTY_SCORE', 'many', 400],
  ['LOYALTY_SCORE', 2 ** 60, 400],
  ['balance', -1.5, -1.5],
  ['balance', '1e3', 1000],
  ['balance', 'x', 400],
  ['_fname', 'Ána 😀', 'Ána 😀'],
  ['_fname', 5, 400],
  ['vip', true, true],
  ['vip', 'true', 400],
  ['last_purchase', '2001-12-31', '2001-12-31T00:00:00.000Z'],
  ['_bdate', '2001-12-31T00:00+03:00', '2001-12-30T21:00:00.000Z'],
  ['_bdate', '1990-02-22T21:00:00Z', '1990-02-22T21:00:00.000Z'],
  ['_bdate', '2001-02-29', 400],
  ['_bdate', '31.12.2001', 400],
  ['interests', ['jazz', ' jazz ', 'sailing'], ['jazz', 'sailing']],
  ['interests', 'jazz, sailing', ['jazz', 'sailing']],
  ['interests', [5], 400],
  ['custom_enum', 4, 4],
  ['custom_enum', 5, 400],
  ['home_ip', '2001:db8::1', '2001:db8::1'],
  ['_ip', '300.1.1.1', 400],
  ['app_version', '1.20.3', '1.20.3'],
  ['app_version', 'v1', 400],
  ['phones', ['+34 600 111 222', '34600111222'], ['+34600111222']],
  ['phones', '+34600111222', 400],
  ['phones', ['12345'], 400],
  ['phones', ['phone'], 400],
  ['phones', ['+000000000000'], 400],
  ['work_email', 'a@b', 400],
  ['email', ' a@example.com ', 'a@example.com'],
  ['address', { city: 'Rome' }, { city: 'Rome' }],
  ['address', 'Rome', 400],
  ['orders', [{ id: 1 }], [{ id: 1 }]],
  ['orders', [1], 400],
  ['_sex', 'female', 'female'],
  ['_sex', 1, 1],
  ['_sex', 'f', 400],
  ['_postal_code', 101_000, '101000'],
  ['_tz', 'Europe/Madrid', 'Europe/Madrid'],
  ['_tz', 'Europe/Nowhere', 400],
  ['_status', 6, 6],
  ['_status', 7, 400],
  ['NoSuchField', 'x', 400],
  ['__proto__x', 'x', 400],
  ['_acid', 'ignored', undefined],
])('%s given %j holds %j', async (field, value, expected) => {
  expect(await held(field, value)).toEqual(expected)
})

test('names the fault as Altcraft does', async () => {
  const { importItems } = openAltcraft()
  const fields = [{ _ip: 'x' }, { phones: ['x'] }, { _bdate: 'x' }, { NoSuchField: 'x' }]
  const { result } = await importItems(
    fields.map((field) => ({ CRM_ID: 'a', ...field })),
    byKey,
  )
  expect(result.map(({ error_text }) => error_text)).toEqual([
    'incorrect ip: _ip',
    'Incorrect phone: phones',
    'incorrect date: _bdate',
    'unknown field NoSuchField',
  ])
})

test('refuses a field named __proto__ like any unknown one', async () => {
  const { send, stored } = openAltcraft()
  const body = `{"token":"abcdefghijklmnqrstuvwxyz","db_id":1,"data":[{"email":"a@example.com","__proto__":{"x":1}}]}`
  expect(JSON.parse((await send({ body })).body).result[0].error).toBe(400)
  expect(stored()).toEqual([])
})

describe('updates', () => {
  test('leave fields alone that are absent or null, and empty those given as ""', async () => {
    expect(await held('_fname', 'Ann', null)).toBe('Ann')
    expect(await held('_fname', 'Ann', '')).toBeUndefined()
    expect(await held('LOYALTY_SCORE', 5, '')).toBeUndefined()
    expect(await held('email', 'a@example.com', '')).toBe(400)
  })

  test('replace lists', async () => {
    expect(await held('phones', ['+34600111222'], ['+34600111333'])).toEqual(['+34600111333'])
    expect(await held('interests', ['jazz'], [])).toEqual([])
  })
})

describe('functional values', () => {
  test.each([
    ['set', 'LOYALTY_SCORE', 5, { action: 'set', value: 7 }, 7],
    ['unset', 'LOYALTY_SCORE', 5, { action: 'unset' }, undefined],
    ['unset of the e-mail', 'email', 'a@example.com', { action: 'unset' }, 400],
    ['incr', 'LOYALTY_SCORE', 5, { action: 'incr', value: -7 }, -2],
    ['incr from nothing', 'balance', null, { action: 'incr', value: 1.5 }, 1.5],
    ['incr by a fraction', 'LOYALTY_SCORE', 5, { action: 'incr', value: 1.5 }, 400],
    ['incr of a text', '_fname', 'Ann', { action: 'incr', value: 1 }, 400],
    ['add', 'interests', ['jazz'], { action: 'add', value: ['jazz', 'chess'] }, ['jazz', 'chess']],
    ['add of one tag', 'interests', ['jazz'], { action: 'add', value: 'chess' }, ['jazz', 'chess']],
    ['delete', 'interests', ['jazz', 'chess'], { action: 'delete', value: ['jazz'] }, ['chess']],
    ['add', 'orders', [{ id: 1 }], { action: 'add', value: { id: 2 } }, [{ id: 1 }, { id: 2 }]],
    ['delete', 'orders', [{ id: 1 }, { id: 2 }], { action: 'delete', value: [{ id: 1 }] }, [{ id: 2 }]],
    ['add', 'phones', ['+34600111222'], { action: 'add', value: '+34600111333' }, ['+34600111222', '+34600111333']],
    ['add to a text', '_fname', 'Ann', { action: 'add', value: 'x' }, 400],
    [
      'upsert',
      'address',
      { city: 'Rome' },
      { action: 'upsert', submatch: 'geo.lat', value: 1 },
      { city: 'Rome', geo: { lat: 1 } },
    ],
    [
      'upsert without path',
      'address',
      { city: 'Rome', a: 1 },
      { action: 'upsert', value: { a: 2 } },
      { city: 'Rome', a: 2 },
    ],
    ['set of an object', 'address', null, { action: 'set', value: { action: 'x' } }, { action: 'x' }],
    ['an unknown action', 'address', null, { action: 'explode', value: 1 }, 400],
    ['no value', 'LOYALTY_SCORE', 5, { action: 'incr' }, 400],
  ])('%s on %s, over %j: %j gives %j', async (_, field, before, value, expected) => {
    expect(await held(field, before, value)).toEqual(expected)
  })
})
