import { expect, test } from 'vitest'
import { createSample } from '../../src/cli/sample.ts'
import { countries, createPeople, scripts } from '../../src/cli/sample-people.ts'
import { toE164 } from '../../src/domain/phone.ts'

test('draws the same contacts from the same seed, and others from another', () => {
  expect(createSample(500, 1)).toEqual(createSample(500, 1))
  expect(createSample(500, 1).contacts).not.toEqual(createSample(500, 2).contacts)
})

test('accounts for every contact', () => {
  const { contacts, expected } = createSample(5000, 1)
  const failed = [...expected.failed.values()].reduce((total, count) => total + count, 0)
  expect(contacts).toHaveLength(5000)
  expect(expected.contacts + expected.repeats + failed).toBe(5000)
  expect(expected.repeats).toBeGreaterThan(50)
  expect(expected.failed.size).toBeGreaterThanOrEqual(8)
})

test('gives people of every country a possible phone number, and names in many scripts', () => {
  const personAt = createPeople(1)
  const people = Array.from({ length: 10 * countries }, (_, place) => personAt(place))
  for (const { phone } of people) expect(toE164(phone)).toBe(phone)
  for (const script of ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Hangul', 'Thai', 'Armenian', 'Georgian']) {
    expect(scripts).toContain(script)
    expect(people.some(({ lastName }) => new RegExp(`^\\p{Script=${script}}`, 'u').test(lastName))).toBe(true)
  }
})
