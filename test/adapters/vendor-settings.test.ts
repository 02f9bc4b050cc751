import { describe, expect, it } from 'vitest'
import {
  createFieldMap,
  judgePermissions,
  laneOf,
  mapRecord,
  vendorProfileType,
} from '../../src/adapters/vendor-settings.ts'

const asItIs = (name: string) => name

describe('the names of fields and attributes', () => {
  it("are the configured ones before the vendor's own", () => {
    const map = createFieldMap(
      { email: 'mail', size: 'shoe_size', 'attributes.phone': 'fax' },
      { email: 'email', phone: 'gsm' },
      asItIs,
    )
    expect(map.fields).toEqual(['email', 'phone'])
    expect([map.field('email'), map.field('phone'), map.field('gender')]).toEqual(['mail', 'gsm', undefined])
    expect([map.attribute('size'), map.attribute('phone'), map.attribute('email')]).toEqual([
      'shoe_size',
      'fax',
      'email',
    ])
  })

  it('carry what a record states, fields first, and null where it clears', () => {
    const map = createFieldMap({}, { email: 'email', firstName: 'name' }, asItIs)
    expect(mapRecord({ key: '1', firstName: null, email: 'a@b.c', attributes: { b: 1, a: true } }, map)).toEqual({
      values: [
        { path: 'email', name: 'email', value: 'a@b.c' },
        { path: 'firstName', name: 'name', value: null },
        { path: 'attributes.b', name: 'b', value: 1 },
        { path: 'attributes.a', name: 'a', value: true },
      ],
      errors: [],
    })
  })

  it('may not meet in one record, nor be missing', () => {
    const map = createFieldMap({}, { firstName: 'name' }, asItIs)
    const { errors } = mapRecord({ firstName: 'A', gender: 'f', attributes: { name: 'B' } }, map)
    expect(errors).toMatchObject([
      { code: 'UNKNOWN_ATTRIBUTE', field: 'gender' },
      { code: 'INVALID_VALUE', field: 'attributes.name' },
    ])
  })
})

describe('a profile type', () => {
  const listed = { leads: 'lead_table', contact: 'master' }
  it.each([
    [listed, null, 'pass', { ok: true, name: null }],
    [listed, 'leads', 'pass', { ok: true, name: 'lead_table' }],
    [listed, 'other', 'pass', { ok: true, name: 'other' }],
    [{}, 'toString', 'pass', { ok: true, name: 'toString' }],
    [listed, null, 'refuse', { ok: true, name: 'master' }],
    [{}, 'contact', 'refuse', { ok: true, name: null }],
    [
      listed,
      'other',
      'refuse',
      { ok: false, unsupported: { feature: 'profileType', requested: 'other', supported: ['contact', 'leads'] } },
    ],
  ] as const)('of %j, asked for %s, to %s', (profileTypes, profileType, unlisted, expected) => {
    expect(vendorProfileType(profileTypes, { profileType }, unlisted)).toEqual(expected)
  })
})

it('warns of a permission that the vendor gives by itself, or refuses the record', () => {
  const unstated = [{ field: 'emailPermission', consequence: 'the vendor gives it' }]
  const warn = judgePermissions('warn', unstated)
  expect(warn).toMatchObject({ errors: [], warnings: [{ code: 'PERMISSION_DEFAULTED', field: 'emailPermission' }] })
  const reject = judgePermissions('reject', unstated)
  expect(reject).toMatchObject({ errors: [{ code: 'PERMISSION_REQUIRED', field: 'emailPermission' }], warnings: [] })
})

it('has one lane for one account', () => {
  const lane = laneOf('webex', 'https://a', 'token')
  expect(lane).toMatch(/^[0-9a-f]{64}$/)
  expect(laneOf('webex', 'https://a', 'token')).toBe(lane)
  const others = [
    laneOf('webex', 'https://a', 'other'),
    laneOf('webex', 'https://b', 'token'),
    laneOf('dengage', 'https://a', 'token'),
  ]
  expect(new Set([lane, ...others]).size).toBe(4)
})
