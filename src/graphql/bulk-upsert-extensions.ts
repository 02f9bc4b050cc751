import { builder } from './builder.ts'
import { bulkUpsertExtensionsInput } from './bulk-upsert-extensions-input.ts'
import { jobPayload, submitTypenames } from './job-payload.ts'
import {
  idempotencyConflictError,
  invalidInputError,
  invalidRecordsError,
  unsupportedByDestinationError,
} from './user-error.ts'

const bulkUpsertExtensionsResult = builder.unionType('BulkUpsertExtensionsResult', {
  description: 'The job, or why nothing was stored or sent.',
  types: [jobPayload, invalidInputError, invalidRecordsError, unsupportedByDestinationError, idempotencyConflictError],
  resolveType: ({ kind }) => submitTypenames[kind],
})

builder.mutationField('bulkUpsertExtensions', (t) =>
  t.field({
    type: bulkUpsertExtensionsResult,
    nullable: true,
    description:
      'Creates, updates and moves channel addresses of profiles that are there, at one or more destinations. Validated and carried out as `bulkUpsertProfiles` is; profiles are neither made nor changed by it. D·engage BulkUpsertExtensions.',
    args: {
      input: t.arg({
        type: bulkUpsertExtensionsInput,
        required: true,
        description: 'The addresses, where they go, and how they are written.',
      }),
    },
    resolve: (_root, { input }, { engine, tenant }) => engine.submitExtensions(tenant, input),
  }),
)
