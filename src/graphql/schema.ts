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
import { guardRootFields } from './scopes.ts'

builder.queryType({ description: 'What can be read. Needs the scope `read`.' })
builder.mutationType({ description: 'What can be changed. Needs the scope `write`, or `admin` where it says so.' })
builder.subscriptionType({ description: 'What can be watched. Needs the scope `read`.' })

/** The public schema. */
export const schema = boundLists(guardRootFields(builder.toSchema()))
