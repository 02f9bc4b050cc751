import { plainArray, textArray } from './literals.ts'

/*
 * The array types that are read, for postgres.js with `fetch_types: false`. Left to itself it asks each new connection for the array
 * types of the database, and when the connection is lost under that question the rejection is nobody's: a restart of the database would
 * end the process.
 */

const member = /"((?:[^"\\]|\\.)*)"|[^,{}]+/g

function texts(literal: string): (string | null)[] {
  return Array.from(literal.matchAll(member), ([whole, quoted]) => {
    if (quoted !== undefined) return quoted.replace(/\\(.)/gs, '$1')
    return whole === 'NULL' ? null : whole
  })
}

const numbers = (literal: string) => texts(literal).map((text) => (text === null ? null : Number(text)))

const sentAs =
  <Member>(write: (members: readonly Member[]) => string) =>
  (value: readonly Member[] | string) =>
    typeof value === 'string' ? value : write(value)

const numberArray = (oid: number) => ({ to: oid, from: [oid], serialize: sentAs(plainArray), parse: numbers })
const stringArray = (oid: number) => ({ to: oid, from: [oid], serialize: sentAs(textArray), parse: texts })

export const arrayTypes = {
  smallintArray: numberArray(1005),
  integerArray: numberArray(1007),
  textArray: stringArray(1009),
  uuidArray: stringArray(2951),
}
