import { expect, test } from 'vitest'
import { sum } from '../../src/cli/outcome-table.ts'
import { createSample, destinations } from '../../src/cli/sample.ts'
import { countries, createPeople, scripts } from '../../src/cli/sample-people.ts'
import { toE164 } from '../../src/domain/phone.ts'

test('draws the same contacts from the same seed, and others from another', () => {
  expect(createSample(500, 1)).toEqual(createSample(500, 1))
  expect(createSample(500, 1).contacts).not.toEqual(createSample(500, 2).contacts)
})

test.each(destinations)('accounts for every contact at %s', (destination) => {
  const { contacts, expected } = createSample(5000, 1)
  const { stored, repeats, failed } = expected.at[destination]
  expect(contacts).toHaveLength(5000)
  expect(stored.size + repeats + sum(failed.values())).toBe(5000)
  expect(repeats).toBeGreaterThan(50)
  expect(sum(failed.values())).toBeGreaterThan(50)
})

test('applies a row with a key of an earlier one over it', () => {
  const { contacts, expected } = createSample(5000, 1)
  const { stored } = expected.at.local
  const rows = Map.groupBy(contacts, ({ key }) => key)
  const [[key, [first, last] = []] = []] = [...rows].filter(([one, same]) => one != null && same.length > 1)
  expect(stored.get(String(key))).toMatchObject({ email: last?.email, attributes: { ...last?.attributes } })
  expect(last?.email).not.toBe(first?.email)
})

test('asks of the common import nothing that only some destinations can do', () => {
  for (const contact of createSample(1000, 1).contacts) {
    expect(contact.extensions).toBeUndefined()
    // A list is no value for a column of D·engage.
    for (const value of Object.values(contact.attributes ?? {})) expect(value).not.toBeTypeOf('object')
  }
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
