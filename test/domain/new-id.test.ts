import { expect, test } from 'vitest'
import { newId } from '../../src/domain/new-id.ts'

test('ids are UUIDv7 of now, and each is greater than the one before', () => {
  const begun = Date.now()
  const ids = Array.from({ length: 100_000 }, newId)
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of [ids[0], ids.at(-1)]) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const milliseconds = Number.parseInt(id?.replaceAll('-', '').slice(0, 12) ?? '', 16)
    expect(milliseconds).toBeGreaterThanOrEqual(begun)
    expect(milliseconds).toBeLessThanOrEqual(Date.now())
  }
})
