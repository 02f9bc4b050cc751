import { defaultFieldResolver, type GraphQLField, type GraphQLSchema } from 'graphql'
import type { Context, Scope } from './context.ts'
import { expectedError } from './errors.ts'

type RootField = GraphQLField<unknown, Context>

/** Makes every root field ask for its scope before it does anything: that of its operation, or the one in its `extensions`. */
export function guardRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) guard(field, 'read')
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) guard(field, 'write')
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) guard(field, 'read')
  return schema
}

function guard(field: RootField, operationScope: Scope): void {
  const scope = (field.extensions['scope'] as Scope | undefined) ?? operationScope
  const step = field.subscribe ? 'subscribe' : 'resolve'
  const unguarded = field[step] ?? defaultFieldResolver
  field[step] = (parent, args, context, info) => {
    askForScope(context, scope, info.fieldName)
    return unguarded(parent, args, context, info)
  }
}

/** Throws FORBIDDEN where the asker has not the scope that the field needs. */
export function askForScope({ scopes }: Context, scope: Scope, fieldName: string): void {
  if (scopes.has(scope)) return
  throw expectedError('FORBIDDEN', `${fieldName} needs the scope ${scope}: use a key or token that has it`)
}
