import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/domain/fingerprint.ts'

// Through JSON, so that -0 is 0 as it is on the wire.
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

type Json = ReturnType<typeof JSON.parse>

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

describe('the fingerprint of an input', () => {
  test('is a SHA-256 in hex', () => {
    expect(fingerprintOf('bulkUpsertProfiles', { profiles: [] })).toMatch(/^[0-9a-f]{64}$/)
  })

  test('does not depend on the order of names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        expect(fingerprintOf('x', reversed(input))).toBe(fingerprintOf('x', input))
      }),
    )
  })

  test('tells different inputs apart', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
        const same = isDeepStrictEqual(plain(one), plain(other))
        expect(fingerprintOf('x', { one }) === fingerprintOf('x', { one: other })).toBe(same)
      }),
    )
  })

  test.each([
    [{ a: null }, {}],
    [{ a: 1 }, { a: '1' }],
    [{ a: ['b', 'c'] }, { a: ['c', 'b'] }],
    [{ a: ['b,c'] }, { a: ['b', 'c'] }],
    [{ a: {} }, { a: [] }],
    [{ a: Number.POSITIVE_INFINITY }, { a: null }],
    [JSON.parse('{"a":{"__proto__":1}}'), { a: {} }],
  ])('%j is not %j', (one, other) => {
    expect(fingerprintOf('x', one)).not.toBe(fingerprintOf('x', other))
  })

  test('leaves out waitSeconds and idempotencyKey of the input itself, not of what stands in it', () => {
    const base = fingerprintOf('x', { a: 1 })
    expect(fingerprintOf('x', { a: 1, waitSeconds: 10, idempotencyKey: 'k', b: undefined })).toBe(base)
    expect(fingerprintOf('x', { a: { waitSeconds: 1 } })).not.toBe(fingerprintOf('x', { a: {} }))
  })

  test('belongs to its operation', () => {
    expect(fingerprintOf('importProfiles', { a: 1 })).not.toBe(fingerprintOf('bulkUpsertProfiles', { a: 1 }))
  })

  test('is drawn of nesting of any depth, and of inputs larger than one piece', () => {
    let deep: unknown = 'end'
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    expect(fingerprintOf('x', { deep })).toMatch(/^[0-9a-f]{64}$/)
    const profiles = Array.from({ length: 5000 }, (_, index) => ({ key: `key-${index}`, firstName: 'Zoë' }))
    const changed = profiles.map((profile, index) => (index === 4999 ? { ...profile, firstName: 'Zoe' } : profile))
    expect(fingerprintOf('x', { profiles })).not.toBe(fingerprintOf('x', { profiles: changed }))
  })
})
