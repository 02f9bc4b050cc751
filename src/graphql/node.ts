import { resolveNodes } from '@pothos/plugin-relay'
import { builder } from './builder.ts'
import { expectedError } from './errors.ts'
import { decodeGlobalId } from './global-id.ts'

const mostIds = 1_000

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'The object with that global id; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'The global id, as an `id` field gave it.' }) },
    resolve: async (_root, { id }, context, info) => {
      const [found] = await resolveNodes(builder, context, info, [decodeGlobalId(id)])
      return (await found) ?? null
    },
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'The objects with those global ids, in their order; null in place of one that there is not.',
    args: { ids: t.arg.idList({ required: true, description: `The global ids, at most ${mostIds}.` }) },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > mostIds) {
        throw expectedError(
          'LIMIT_EXCEEDED',
          `ids: ${ids.length} are more than the ${mostIds} of one field: ask for several`,
        )
      }
      return resolveNodes(builder, context, info, ids.map(decodeGlobalId))
    },
  }),
}))
