import SchemaBuilder from '@pothos/core'
import RelayPlugin from '@pothos/plugin-relay'
import type { JsonObject } from '../contract/profile.ts'
import type { Context } from './context.ts'
import { decodeGlobalId, encodeGlobalId } from './global-id.ts'
import { dateScalar, dateTimeScalar, jsonObjectScalar } from './scalars.ts'

/** The one builder of the schema. Fields are non-null unless they say otherwise; root fields say otherwise. */
export const builder = new SchemaBuilder<{
  Context: Context
  DefaultFieldNullability: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    Date: { Input: string; Output: string }
    JSONObject: { Input: JsonObject; Output: JsonObject }
  }
}>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: (globalId) => decodeGlobalId(globalId) ?? { typename: '', id: '' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: {
      description: 'Anything that has a global id and can be read again by `node`.',
    },
    idFieldOptions: {
      description:
        'The global id: opaque, unique in the whole gateway, and good for `node` and every argument that takes an id.',
    },
    pageInfoTypeOptions: { description: 'Where a page stands among all the items of its list.' },
    hasNextPageFieldOptions: { description: 'Whether items follow this page: ask again with `after: endCursor`.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether items precede this page. A page that was asked for with `after` is taken to have some.',
    },
    startCursorFieldOptions: { description: 'The cursor of the first item of this page; null for an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last item of this page; null for an empty page.' },
    cursorFieldOptions: { description: 'Where this item stands in the list: opaque, for `after` and `before`.' },
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      description: 'The items of this page, each with its cursor.',
    },
    nodesOnConnection: { description: 'The items of this page, without their cursors.' },
    pageInfoFieldOptions: { nullable: false, description: 'Where this page stands, and whether there are more.' },
  },
})

builder.addScalarType('DateTime', dateTimeScalar)
builder.addScalarType('Date', dateScalar)
builder.addScalarType('JSONObject', jsonObjectScalar)

/** An enum of the schema from a closed set of the contract: every value has its description, or this does not compile. */
export function enumOf<Value extends string>(name: string, description: string, values: Record<Value, string>) {
  const described = Object.entries(values).map(([value, meaning]) => [value, { description: meaning as string }])
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(described) as { [Name in Value]: { description: string; value: Name } },
  })
}
