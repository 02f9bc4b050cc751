import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttributeType, Condition, ConditionOperator } from '../../src/contract/profile.ts'
import { conditionOperators } from '../../src/contract/profile.ts'
import { matchesFilter, typeFilter } from '../../src/domain/filter.ts'
import type { AttributeValue } from '../../src/domain/values.ts'

const types: Record<string, AttributeType> = {
  city: 'STRING',
  points: 'INTEGER',
  balance: 'DECIMAL',
  vip: 'BOOLEAN',
  interests: 'TAGS',
  email: 'INTEGER',
  seen: 'DATETIME',
}
const attributeType = (name: string) => (Object.hasOwn(types, name) ? types[name] : undefined)

const condition = (
  attribute: string,
  operator: ConditionOperator,
  value: string,
  logical: 'AND' | 'OR' = 'AND',
): Condition => ({
  attribute,
  operator,
  value,
  logical,
})

function typed(...conditions: Condition[]) {
  const filter = typeFilter(conditions, attributeType)
  if (!filter.ok) throw new Error(JSON.stringify(filter.errors))
  return filter.conditions
}

const errorsOf = (...conditions: Condition[]) => {
  const filter = typeFilter(conditions, attributeType)
  return filter.ok ? [] : filter.errors.map(({ code, field }) => [code, field])
}

describe('the names of a filter', () => {
  test('a field goes before an attribute of its name, which `attributes.` still reaches', () => {
    expect(typed(condition('email', 'EQUALS', ' Ada@Example.com '))).toMatchObject([
      { source: 'field', name: 'email', type: 'STRING', value: 'ada@example.com' },
    ])
    expect(typed(condition('attributes.email', 'EQUALS', '7'))).toMatchObject([
      { source: 'attribute', name: 'email', type: 'INTEGER', value: 7 },
    ])
    expect(typed(condition('city', 'EQUALS', 'Rome'))).toMatchObject([{ source: 'attribute', name: 'city' }])
  })

  test('a name that is neither is UNKNOWN_ATTRIBUTE, also where JavaScript objects have such a member', () => {
    expect(errorsOf(condition('size', 'EQUALS', '1'), condition('constructor', 'EQUALS', '1'))).toEqual([
      ['UNKNOWN_ATTRIBUTE', 'filter[0].attribute'],
      ['UNKNOWN_ATTRIBUTE', 'filter[1].attribute'],
    ])
  })
})

describe('the values of a filter', () => {
  test('a phone is compared in E.164 where it parses, else as it was written', () => {
    expect(typed(condition('phone', 'EQUALS', '+1 (213) 373-4253'))).toMatchObject([{ value: '+12133734253' }])
    expect(typed(condition('phone', 'GREATER_THAN', '+49'))).toMatchObject([{ value: '+49' }])
  })

  test('an e-mail is not checked, so that ranges can be asked for', () => {
    expect(typed(condition('email', 'LESS_THAN', 'M'))).toMatchObject([{ value: 'm' }])
  })

  test('every value that its type does not take is reported with its place', () => {
    expect(
      errorsOf(
        condition('points', 'EQUALS', 'many'),
        condition('birthDate', 'EQUALS', '2023-02-29'),
        condition('city', 'EQUALS', 'a\0'),
        condition('interests', 'EQUALS', ' , '),
        condition('balance', 'EQUALS', '9'.repeat(101)),
      ),
    ).toEqual([
      ['INVALID_VALUE', 'filter[0].value'],
      ['INVALID_VALUE', 'filter[1].value'],
      ['INVALID_VALUE', 'filter[2].value'],
      ['INVALID_VALUE', 'filter[3].value'],
      ['VALUE_TOO_LONG', 'filter[4].value'],
    ])
  })

  test('BOOLEAN and TAGS have no order', () => {
    expect(errorsOf(condition('vip', 'GREATER_THAN', 'true'), condition('interests', 'LESS_THAN_EQUALS', 'a'))).toEqual(
      [
        ['INVALID_VALUE', 'filter[0].operator'],
        ['INVALID_VALUE', 'filter[1].operator'],
      ],
    )
    expect(errorsOf(condition('emailPermission', 'LESS_THAN', 'perhaps'))).toEqual([
      ['INVALID_VALUE', 'filter[0].operator'],
      ['INVALID_VALUE', 'filter[0].value'],
    ])
  })
})

describe('matching', () => {
  const matches = (values: Record<string, AttributeValue | null>, ...conditions: Condition[]) =>
    matchesFilter(typed(...conditions), ({ name }) => values[name])

  test.each(conditionOperators)('a missing value does not satisfy %s', (operator) => {
    expect(matches({}, condition('city', operator, 'Rome'))).toBe(false)
    expect(matches({ city: null }, condition('city', operator, 'Rome'))).toBe(false)
  })

  test.each<[ConditionOperator, boolean, boolean, boolean]>([
    ['EQUALS', false, true, false],
    ['NOT_EQUALS', true, false, true],
    ['GREATER_THAN', false, false, true],
    ['GREATER_THAN_EQUALS', false, true, true],
    ['LESS_THAN', true, false, false],
    ['LESS_THAN_EQUALS', true, true, false],
  ])('%s by number, decimal and instant', (operator, below, equal, above) => {
    const answers = (name: string, operand: string, values: AttributeValue[]) =>
      values.map((value) => matches({ [name]: value }, condition(name, operator, operand)))
    expect(answers('points', '10', [9, 10, 11])).toEqual([below, equal, above])
    expect(answers('balance', '10.50', ['9.99', '10.5', '10.51'])).toEqual([below, equal, above])
    expect(
      answers('seen', '2026-01-01T01:00:00+01:00', [
        '2025-12-31T23:59:59.999Z',
        '2026-01-01T00:00:00.000Z',
        '2026-01-01T00:00:00.001Z',
      ]),
    ).toEqual([below, equal, above])
  })

  test('TAGS are equal that have all the tags given, and unequal that lack one', () => {
    const interests = ['art', 'jazz', 'chess']
    expect(matches({ interests }, condition('interests', 'EQUALS', 'jazz, art'))).toBe(true)
    expect(matches({ interests }, condition('interests', 'EQUALS', 'jazz, golf'))).toBe(false)
    expect(matches({ interests }, condition('interests', 'NOT_EQUALS', 'jazz, golf'))).toBe(true)
    expect(matches({ interests }, condition('interests', 'NOT_EQUALS', 'jazz'))).toBe(false)
    expect(matches({ interests: [] }, condition('interests', 'NOT_EQUALS', 'jazz'))).toBe(true)
  })

  test('conditions are joined from left to right without precedence, and the last `logical` says nothing', () => {
    const step = fc.record({ holds: fc.boolean(), logical: fc.constantFrom('AND', 'OR') })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        let expected = steps[0]?.holds ?? true
        for (let place = 1; place < steps.length; place += 1) {
          const holds = steps[place]?.holds ?? false
          expected = steps[place - 1]?.logical === 'AND' ? expected && holds : expected || holds
        }
        const conditions = steps.map(({ holds, logical }) =>
          condition('vip', 'EQUALS', String(holds), logical as 'AND' | 'OR'),
        )
        expect(matches({ vip: true }, ...conditions)).toBe(expected)
      }),
    )
  })

  test('no condition is satisfied by every profile', () => {
    expect(matchesFilter([], () => undefined)).toBe(true)
  })
})
