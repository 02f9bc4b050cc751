import type { ImportResult, SubmitResult } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { job } from './job.ts'
import type { Answer } from './user-error.ts'

export const jobPayload = builder.objectRef<Answer<'job'>>('JobPayload').implement({
  description: 'The request was accepted and stored: from here nothing is lost.',
  fields: (t) => ({
    job: t.field({
      type: job,
      description: 'The job, as it stands when it is answered.',
      resolve: ({ job }) => job,
    }),
  }),
})

/** The members of a submitting mutation's union. */
export const submitTypenames = {
  job: 'JobPayload',
  invalidInput: 'InvalidInputError',
  invalidRecords: 'InvalidRecordsError',
  unsupported: 'UnsupportedByDestinationError',
  idempotencyConflict: 'IdempotencyConflictError',
  notFound: 'NotFoundError',
} as const satisfies Record<(SubmitResult | ImportResult)['kind'], string>
