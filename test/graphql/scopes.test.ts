import { execute, GraphQLNonNull, type OperationTypeNode, parse, subscribe } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/graphql/context.ts'
import { schema } from '../../src/graphql/schema.ts'
import { allScopes } from './api.ts'

const values: Record<string, string> = {
  'ID!': '"x"',
  '[ID!]!': '["x"]',
  'ProfileLookupInput!': '{ key: "x" }',
  'BulkUpsertProfilesInput!': '{ profiles: [] }',
  'BulkUpsertExtensionsInput!': '{ extensions: [] }',
  'ImportProfilesInput!': '{ uploadId: "x" }',
  'RetryJobInput!': '{ jobId: "x" }',
  'DefineProfileTypeInput!': '{ name: "x" }',
  'DefineExtensionTypeInput!': '{ channel: EMAIL, name: "x" }',
}

const rootFields = (['query', 'mutation', 'subscription'] as const).flatMap((operation) =>
  Object.values(schema.getRootType(operation as OperationTypeNode)?.getFields() ?? {}).map((field) => {
    const given = field.args.filter(({ type }) => type instanceof GraphQLNonNull)
    const list = given.map(({ name, type }) => `${name}: ${values[String(type)]}`).join(', ')
    const source = `${operation} { ${field.name}${list ? `(${list})` : ''} { __typename } }`
    const needed = operation === 'mutation' ? (field.name.startsWith('define') ? 'admin' : 'write') : 'read'
    return { operation, name: field.name, source, needed }
  }),
)

describe('every root field', () => {
  it.each(rootFields)('$operation $name asks for the scope $needed', async ({ operation, name, source, needed }) => {
    const others = allScopes.filter((scope) => scope !== needed)
    const contextValue = { tenant: 'a', scopes: new Set(others) } as unknown as Context
    const run = operation === 'subscription' ? subscribe : execute
    const { errors } = (await run({ schema, document: parse(source), contextValue })) as { errors?: Answered[] }
    expect(errors?.map(({ extensions, message }) => ({ code: extensions['code'], message }))).toEqual([
      { code: 'FORBIDDEN', message: `${name} needs the scope ${needed}: use a key or token that has it` },
    ])
  })
})

interface Answered {
  extensions: Record<string, unknown>
  message: string
}
