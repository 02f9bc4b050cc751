import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  OperationTypeNode,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { decodeGlobalId, encodeGlobalId, idOf } from '../../src/graphql/global-id.ts'
import { schema } from '../../src/graphql/schema.ts'

const own = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
)

/** Every place of a type that a reader can ask about, with what it says. */
function* described(type: GraphQLNamedType): Generator<{ place: string; description: string | null | undefined }> {
  yield { place: type.name, description: type.description }
  if (isEnumType(type)) {
    for (const value of type.getValues()) yield { place: `${type.name}.${value.name}`, description: value.description }
  }
  if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      yield { place: `${type.name}.${field.name}`, description: field.description }
      if (!('args' in field)) continue
      for (const argument of field.args) {
        yield { place: `${type.name}.${field.name}(${argument.name}:)`, description: argument.description }
      }
    }
  }
}

describe('the schema', () => {
  it('describes every type, field, argument, enum value and input field', () => {
    const places = own.flatMap((type) => [...described(type)])
    expect(places.length).toBeGreaterThan(300)
    expect(places.filter(({ description }) => (description ?? '').trim().length < 8)).toEqual([])
  })

  it('says what the vendors call things', () => {
    const text = (name: string, field: string) => {
      const type = schema.getType(name)
      return isInputObjectType(type) ? type.getFields()[field]?.description : undefined
    }
    expect(text('ProfileInput', 'key')).toMatch(/Webex Campaign `key`.*D·engage `contact_key`/)
    expect(text('BulkUpsertProfilesInput', 'upsert')).toMatch(/`upsert` "0", "1", "2".*`insertIfNotExists`/)
    expect(text('BulkUpsertProfilesInput', 'linkPolicy')).toMatch(/`update-link` "1", "2", "3"/)
    expect(text('BulkUpsertProfilesInput', 'skipTriggers')).toMatch(/Altcraft `skip_triggers`/)
  })

  it('keeps every root field of queries and mutations nullable, `nodes` apart', () => {
    const fields = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION].flatMap((operation) =>
      Object.values(schema.getRootType(operation)?.getFields() ?? {}),
    )
    expect(fields.filter(({ type }) => String(type).endsWith('!')).map(({ name }) => name)).toEqual(['nodes'])
  })
})

describe('a global id', () => {
  const uuid = '0198b6f0-3f3e-7c4a-9c55-1f0a2b3c4d5e'

  it('is base64 of the type and the uuid', () => {
    expect(encodeGlobalId('Profile', uuid)).toBe(Buffer.from(`Profile:${uuid}`).toString('base64'))
    expect(decodeGlobalId(encodeGlobalId('Job', uuid))).toEqual({ typename: 'Job', id: uuid })
  })

  it.each([
    ['another type', encodeGlobalId('Job', uuid)],
    ['a type that is no node', encodeGlobalId('Destination', uuid)],
    ['a text that is no uuid', encodeGlobalId('Profile', '1; drop table profiles')],
    ['a uuid in capitals', encodeGlobalId('Profile', uuid.toUpperCase())],
    ['something behind the uuid', encodeGlobalId('Profile', `${uuid}:1`)],
    ['a bare uuid', uuid],
    ['other base64 of the same bytes', ` ${encodeGlobalId('Profile', uuid)}`],
    ['nothing', ''],
    ['garbage', '💥 \u0000'],
  ])('stands for no profile if it is %s', (_what, text) => {
    expect(idOf('Profile', text)).toBeNull()
  })
})
