import { GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import type { JsonObject, JsonValue } from '../contract/profile.ts'
import { exactNumber } from '../domain/exact-json.ts'
import { expectedError } from './errors.ts'

const refuse = (message: string): never => {
  throw expectedError('BAD_USER_INPUT', message)
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

const parseInstant = (value: unknown): Date => {
  const instant = typeof value === 'string' && rfc3339.test(value) ? new Date(value) : null
  if (instant === null || Number.isNaN(instant.getTime())) {
    return refuse('DateTime takes an RFC 3339 instant, for example "2026-03-29T08:30:00Z"')
  }
  return instant
}

/** An instant, in UTC with milliseconds on the way out. */
export const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'An instant as RFC 3339 writes it. Answers are in UTC with milliseconds: `2026-03-29T08:30:00.000Z`. Input may carry any offset.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value instanceof Date ? value : parseInstant(value)).toISOString(),
  parseValue: parseInstant,
})

const parseDate = (value: unknown): string =>
  typeof value === 'string' ? value : refuse('Date takes a string, for example "1991-04-30"')

/** A calendar day. Input passes any string: whether it is a day is judged record by record, so that one bad day does not refuse them all. */
export const dateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description:
    'A day of the calendar, `YYYY-MM-DD`, without time or zone. In a record of an import a day that does not exist (`2026-02-30`) fails that record with INVALID_VALUE, not the request.',
  serialize: parseDate,
  parseValue: parseDate,
})

/** `__proto__` is refused: a value of that name, copied carelessly, would change what an object is. */
const parseObject = (value: unknown): JsonObject => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('JSONObject takes an object, for example { "plan": "gold" }')
  }
  if (Object.hasOwn(value, '__proto__')) return refuse('JSONObject takes no member named __proto__: rename it')
  return value as JsonObject
}

type Variables = Record<string, unknown> | null | undefined

function literalValue(node: ValueNode, variables: Variables): JsonValue | undefined {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return exactNumber(node.value)
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return node.value
    case Kind.NULL:
      return null
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, variables) ?? null)
    case Kind.OBJECT: {
      const members = node.fields.map(({ name, value }) => [name.value, literalValue(value, variables)] as const)
      return Object.fromEntries(members.filter((member): member is [string, JsonValue] => member[1] !== undefined))
    }
    case Kind.VARIABLE:
      return variables?.[node.name.value] as JsonValue | undefined
  }
}

/** Attributes by name. */
export const jsonObjectScalar = new GraphQLScalarType<JsonObject, JsonObject>({
  name: 'JSONObject',
  description:
    'A JSON object: names with values of any JSON type. Which names and types a destination takes is said where the object is used. A list, a text or a number is refused, and so is a member named `__proto__`.',
  serialize: parseObject,
  parseValue: parseObject,
  parseLiteral: (node, variables) => parseObject(literalValue(node, variables)),
})
