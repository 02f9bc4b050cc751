import { builder } from './builder.ts'
import { importProfilesInput } from './import-profiles-input.ts'
import { jobPayload, submitTypenames } from './job-payload.ts'
import {
  idempotencyConflictError,
  invalidInputError,
  notFoundError,
  unsupportedByDestinationError,
} from './user-error.ts'

const importProfilesResult = builder.unionType('ImportProfilesResult', {
  description: 'The job, or why nothing was stored or sent.',
  types: [jobPayload, invalidInputError, unsupportedByDestinationError, idempotencyConflictError, notFoundError],
  resolveType: ({ kind }) => submitTypenames[kind],
})

builder.mutationField('importProfiles', (t) =>
  t.field({
    type: importProfilesResult,
    nullable: true,
    description:
      'Creates and updates profiles from a file that was sent to `POST /uploads` before. The job is STAGING while the file is read and its records are checked, then goes on as that of `bulkUpsertProfiles`; a record that cannot be read fails alone, with its line.',
    args: {
      input: t.arg({
        type: importProfilesInput,
        required: true,
        description: 'The upload, where its profiles go, and how they are matched and written.',
      }),
    },
    resolve: (_root, { input }, { engine, tenant }) => engine.importProfiles(tenant, input),
  }),
)
