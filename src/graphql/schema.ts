import { type GraphQLSchema, isInterfaceType } from 'graphql'
import './bulk-upsert-extensions.ts'
import './bulk-upsert-profiles.ts'
import './destination.ts'
import './extension.ts'
import './extension-type.ts'
import './import-profiles.ts'
import './job.ts'
import './job-actions.ts'
import './node.ts'
import './plan.ts'
import './retry-job.ts'
import './profile.ts'
import './profile-type.ts'
import { boundLists } from './answer-size.ts'
import { builder } from './builder.ts'
import { encodeGlobalId } from './global-id.ts'
import { guardRootFields } from './scopes.ts'

builder.queryType({ description: 'What can be read. Needs the scope `read`.' })
builder.mutationType({ description: 'What can be changed. Needs the scope `write`, or `admin` where it says so.' })
builder.subscriptionType({ description: 'What can be watched. Needs the scope `read`.' })

/** Makes the ids of objects be answered at once: the relay plugin waits for each, and lists have many. */
function answerIdsAtOnce(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node')
  for (const type of isInterfaceType(node) ? schema.getPossibleTypes(node) : []) {
    const id = type.getFields()['id']
    if (id) id.resolve = (object: { id: string }) => encodeGlobalId(type.name, object.id)
  }
  return schema
}

/** The public schema. */
export const schema = answerIdsAtOnce(boundLists(guardRootFields(builder.toSchema())))
