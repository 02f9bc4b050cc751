import { expect, test } from 'vitest'
import { arrayTypes } from '../../src/db/postgres-arrays.ts'

test.each([
  { members: [] },
  { members: ['plain', 'with space', 'a,b', '{}', 'NULL', '', 'quote " and \\ backslash', 'line\nbreak', 'щ'] },
  { members: [null, 'x', null] },
])('texts come back as they were sent: $members', ({ members }) => {
  expect(arrayTypes.textArray.parse(arrayTypes.textArray.serialize(members))).toEqual(members)
})

test('numbers and missing ones are read as the server writes them', () => {
  expect(arrayTypes.integerArray.parse('{}')).toEqual([])
  expect(arrayTypes.integerArray.parse('{1,-20,NULL,0}')).toEqual([1, -20, null, 0])
  expect(arrayTypes.textArray.parse('{a,"b c",NULL,"NULL"}')).toEqual(['a', 'b c', null, 'NULL'])
})

test('a literal is sent as it is', () => {
  expect(arrayTypes.uuidArray.serialize('{a,b}')).toBe('{a,b}')
})
