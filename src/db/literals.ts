/**
 * PostgreSQL array literals, sent as text and cast in the statement (`$1::text[]`). Written here because both drivers would otherwise
 * walk long arrays value by value, and one of them reads NULL members back as the text "NULL".
 */

const needsEscape = /["\\]/
const escaped = /["\\]/g

/** A `text[]`, `jsonb[]`, `uuid[]` or `date[]` literal; null members stay null. */
export function textArray(values: readonly (string | null)[]): string {
  let literal = '{'
  for (let place = 0; place < values.length; place++) {
    const value = values[place]
    if (place > 0) literal += ','
    if (value === null || value === undefined) literal += 'NULL'
    else literal += `"${needsEscape.test(value) ? value.replace(escaped, '\\$&') : value}"`
  }
  return `${literal}}`
}

/** A `boolean[]`, `integer[]` or `smallint[]` literal; null members stay null. */
export function plainArray(values: readonly (boolean | number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`
}

/** Lists of integers as a `text[]` literal, each member to be cast to `integer[]` in the statement; null members stay null. */
export function integerLists(lists: readonly (readonly number[] | null)[]): string {
  return textArray(lists.map((list) => (list === null ? null : plainArray(list))))
}
