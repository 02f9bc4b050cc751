import type { RetryJobInput } from '../contract/input.ts'
import { requestLimits } from '../domain/check-request.ts'
import type { RetryResult } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { idOf } from './global-id.ts'
import { invalidStateError } from './job-actions.ts'
import { jobPayload } from './job-payload.ts'
import { recordErrorCodeEnum } from './record-codes.ts'
import { requestFields } from './request-fields.ts'
import { idempotencyConflictError, invalidInputError, notFoundError } from './user-error.ts'

const retryJobInput = builder.inputRef<RetryJobInput, false>('RetryJobInput').implement({
  description: 'Which failed records of a job are to be sent again.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of a Job that has ended.' }),
    destinations: t.idList({ description: 'Only at these destinations of the job; null is all.' }),
    codes: t.field({
      type: [recordErrorCodeEnum],
      description:
        'Only records that failed with one of these; null is all that are FAILED. NO_ANSWER adds those that are UNKNOWN: they may have been applied already.',
    }),
    idempotencyKey: t.string(requestFields.idempotencyKey),
    waitSeconds: t.int({
      required: true,
      defaultValue: 0,
      description: `How many seconds to wait for the end of the new job before it is answered as it then stands: 0 to ${requestLimits.waitSeconds}.`,
    }),
  }),
})

const typenames = {
  job: 'JobPayload',
  invalidInput: 'InvalidInputError',
  notFound: 'NotFoundError',
  invalidState: 'InvalidStateError',
  idempotencyConflict: 'IdempotencyConflictError',
} as const satisfies Record<RetryResult['kind'], string>

const retryJobResult = builder.unionType('RetryJobResult', {
  description: 'The new job, or why nothing was stored or sent.',
  types: [jobPayload, invalidInputError, notFoundError, invalidStateError, idempotencyConflictError],
  resolveType: ({ kind }) => typenames[kind],
})

builder.mutationField('retryJob', (t) =>
  t.field({
    type: retryJobResult,
    nullable: true,
    description:
      'Sends the failed records of a job that has ended once more, as a new job with the same options: each record only to the destinations that it failed at. `sourceIndex` of its results is the index in the job that it retries.',
    args: {
      input: t.arg({ type: retryJobInput, required: true, description: 'The job, and which of its records.' }),
    },
    // What is no job's id is no job: the engine says so.
    resolve: (_root, { input }, { engine, tenant }) =>
      engine.retryJob(tenant, { ...input, jobId: idOf('Job', input.jobId) ?? '' }),
  }),
)
