import type { SubmitResult } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { bulkUpsertProfilesInput } from './bulk-upsert-profiles-input.ts'
import { job } from './job.ts'
import {
  type Answer,
  idempotencyConflictError,
  invalidInputError,
  invalidRecordsError,
  unsupportedByDestinationError,
} from './user-error.ts'

const jobPayload = builder.objectRef<Answer<'job'>>('JobPayload').implement({
  description: 'The request was accepted and stored: from here nothing is lost.',
  fields: (t) => ({
    job: t.field({
      type: job,
      description: 'The job, as it stands when it is answered.',
      resolve: ({ job }) => job,
    }),
  }),
})

const typenames = {
  job: 'JobPayload',
  invalidInput: 'InvalidInputError',
  invalidRecords: 'InvalidRecordsError',
  unsupported: 'UnsupportedByDestinationError',
  idempotencyConflict: 'IdempotencyConflictError',
} as const satisfies Record<SubmitResult['kind'], string>

const bulkUpsertProfilesResult = builder.unionType('BulkUpsertProfilesResult', {
  description: 'The job, or why nothing was stored or sent.',
  types: [jobPayload, invalidInputError, invalidRecordsError, unsupportedByDestinationError, idempotencyConflictError],
  resolveType: ({ kind }) => typenames[kind],
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
