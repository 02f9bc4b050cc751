import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql'
import { expectedError } from './errors.ts'

/** Objects in lists that one answer may hold, those within others counted each time. */
export const mostObjects = 50_000

/** Counts the objects of one answer; what lists lead to lists again would otherwise grow by their product. */
export class AnswerSize {
  #objects = 0

  /** Throws LIMIT_EXCEEDED once the answer holds too many. */
  add(objects: number): void {
    this.#objects += objects
    if (this.#objects <= mostObjects) return
    throw expectedError(
      'LIMIT_EXCEEDED',
      `objects: the answer would hold more than ${mostObjects} objects in its lists: ask for smaller pages, or for fewer lists within lists`,
      { limit: 'objects', value: mostObjects },
    )
  }
}

/** What it takes of a resolver's context. */
interface Sized {
  loaders: { size: AnswerSize }
}

/** Makes every list of objects count towards the size of its answer. */
export function boundLists(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) if (isListOfObjects(field.type)) count(field)
  }
  return schema
}

function isListOfObjects(type: GraphQLOutputType): boolean {
  const list = getNullableType(type)
  return isListType(list) && isCompositeType(getNullableType(list.ofType))
}

function count(field: GraphQLField<unknown, Sized>): void {
  const uncounted = field.resolve ?? defaultFieldResolver
  const counted = (list: unknown, { loaders }: Sized) => {
    if (Array.isArray(list)) loaders.size.add(list.length)
    return list
  }
  field.resolve = (parent, args, context, info) => {
    const list = uncounted(parent, args, context, info)
    return list instanceof Promise ? list.then((ready) => counted(ready, context)) : counted(list, context)
  }
}
