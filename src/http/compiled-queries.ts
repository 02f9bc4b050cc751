import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isInputObjectType,
  isNonNullType,
  Kind,
  TypeInfo,
  type TypeNode,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { measure } from './document-limits.ts'

/** A query is compiled when it is asked for so often: most that come once never come again. */
const askedFirst = 3
/** Compiling takes time with every field, those of a fragment counted wherever it is spread; larger queries are executed as they stand. */
const largest = { fields: 100, characters: 4000 }
/** Fields of all queries that are kept compiled, some 2 KB each; the one that was asked for least recently makes room, and stays as it stands. */
const mostFields = 5000

type Execute = (args: ExecutionArgs) => unknown

interface Known {
  asked: number
  /** null: it cannot be compiled. */
  query: CompiledQuery['query'] | null
}

/**
 * Queries that come again and again, compiled to functions: lists of objects are answered in a fifth of the time. What is not plain is
 * left to the executor: mutations, whose fields are few, documents of several operations, variables within literals, and every answer with an error, which is asked for again, so that its words and
 * places are the executor's. Documents are known by identity, and forgotten with them.
 */
export function createCompiledQueries() {
  const known = new WeakMap<DocumentNode, Known>()
  /** Those that are compiled, and their fields, in the order in which they were asked for last. */
  const kept = new Map<Known, number>()
  let fieldsKept = 0

  function compiledFor(schema: GraphQLSchema, document: DocumentNode): CompiledQuery['query'] | null {
    const one = known.get(document) ?? { asked: 0, query: null }
    known.set(document, one)
    one.asked += 1
    if (one.asked === askedFirst && isPlain(schema, document)) {
      const compiled = compileQuery(schema, document)
      if (isCompiledQuery(compiled)) one.query = compiled.query
    }
    if (one.query !== null) keep(one, document)
    return one.query
  }

  function keep(one: Known, document: DocumentNode): void {
    const fields = kept.get(one) ?? measure(document).fields
    if (!kept.delete(one)) fieldsKept += fields
    kept.set(one, fields)
    for (const [oldest, size] of kept) {
      if (fieldsKept <= mostFields) break
      kept.delete(oldest)
      fieldsKept -= size
      oldest.query = null
    }
  }

  /** What answers the operation in the executor's place, and leaves it to `again` where it cannot; null where nothing does. */
  return ({ schema, document, operationName, variableValues }: ExecutionArgs, again: Execute): Execute | null => {
    const operation = getOperationAST(document, operationName)
    if (operation?.operation !== 'query') return null
    const query = compiledFor(schema, document)
    if (query === null) return null
    // The compiled query does not know input types of which exactly one field is given.
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {})
    if (!coerced) return null
    return async (args) => {
      const result: ExecutionResult = await Promise.resolve(
        query(args.rootValue, args.contextValue, args.variableValues ?? {}),
      )
      return result.errors ? again(args) : result
    }
  }
}

const isPlain = (schema: GraphQLSchema, document: DocumentNode) =>
  isSmall(document) && hasOneOperation(document) && hasPlainVariables(schema, document)

const isSmall = (document: DocumentNode) =>
  (document.loc?.source.body.length ?? Number.POSITIVE_INFINITY) <= largest.characters &&
  measure(document).fields <= largest.fields

const hasOneOperation = ({ definitions }: DocumentNode) =>
  definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1

/**
 * Whether the compiler takes the variables as graphql does: they are arguments by themselves, null is where null may be, and nothing
 * stands in for one that is missing. Nor is one of an input type that leads to itself: the compiler would follow it for ever.
 */
function hasPlainVariables(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema)
  let isPlain = true
  const declared = new Map<string, TypeNode>()
  visit(
    document,
    visitWithTypeInfo(types, {
      VariableDefinition({ variable, type }) {
        declared.set(variable.name.value, type)
        const named = typeFromAST(schema, type)
        if (named === undefined || leadsToItself(getNamedType(named))) isPlain = false
        return false
      },
      Variable({ name }, _key, parent) {
        const position = types.getInputType()
        const takesNull = declared.get(name.value)?.kind !== Kind.NON_NULL_TYPE
        const isArgument = parent !== undefined && 'kind' in parent && parent.kind === Kind.ARGUMENT
        const hasStandIn = types.getArgument()?.defaultValue !== undefined
        if (!isArgument || hasStandIn || (takesNull && isNonNullType(position))) isPlain = false
      },
    }),
  )
  return isPlain
}

function leadsToItself(type: GraphQLNamedType, above: readonly GraphQLNamedType[] = []): boolean {
  if (above.includes(type)) return true
  if (!isInputObjectType(type)) return false
  return Object.values(type.getFields()).some((field) => leadsToItself(getNamedType(field.type), [...above, type]))
}
