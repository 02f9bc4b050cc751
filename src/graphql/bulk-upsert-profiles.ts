import { builder } from './builder.ts'
import { bulkUpsertProfilesInput } from './bulk-upsert-profiles-input.ts'
import { jobPayload, submitTypenames } from './job-payload.ts'
import {
  idempotencyConflictError,
  invalidInputError,
  invalidRecordsError,
  unsupportedByDestinationError,
} from './user-error.ts'

const bulkUpsertProfilesResult = builder.unionType('BulkUpsertProfilesResult', {
  description: 'The job, or why nothing was stored or sent.',
  types: [jobPayload, invalidInputError, invalidRecordsError, unsupportedByDestinationError, idempotencyConflictError],
  resolveType: ({ kind }) => submitTypenames[kind],
})

builder.mutationField('bulkUpsertProfiles', (t) =>
  t.field({
    type: bulkUpsertProfilesResult,
    nullable: true,
    description:
      'Creates and updates profiles at one or more destinations. Everything is validated before anything is stored; then it is one job, which goes on whatever becomes of the caller. Webex Campaign `profiles/updateBulk`, D·engage BulkUpsert, Altcraft `profiles/import_batch`.',
    args: {
      input: t.arg({
        type: bulkUpsertProfilesInput,
        required: true,
        description: 'The profiles, where they go, and how they are matched and written.',
      }),
    },
    resolve: (_root, { input }, { engine, tenant }) => engine.submitProfiles(tenant, input),
  }),
)
