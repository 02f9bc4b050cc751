import type { InputIssue } from '../contract/profile-type.ts'
import type { InvalidRecord, SubmitResult } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { encodeGlobalId } from './global-id.ts'
import { recordError } from './record-result.ts'

/** One kind of answer to a submitted request. */
export type Answer<Kind extends SubmitResult['kind']> = Extract<SubmitResult, { kind: Kind }>

const message = 'What is wrong, where, and what to do about it; for people to read.'

export const userError = builder.interfaceRef<{ message: string }>('UserError').implement({
  description: 'Why a mutation was refused, as data. Nothing was stored or sent.',
  fields: (t) => ({ message: t.exposeString('message', { description: message }) }),
})

const inputIssue = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One fault of an input.',
  fields: (t) => ({
    path: t.exposeStringList('path', {
      description: 'Where in the input: names, and places in lists counted from 0, `["profiles", "3", "filter"]` say.',
    }),
    message: t.exposeString('message', { description: message }),
  }),
})

export const invalidInputError = builder.objectRef<Answer<'invalidInput'>>('InvalidInputError').implement({
  description: 'The request as a whole is wrong; nothing was stored or sent.',
  interfaces: [userError],
  fields: (t) => ({
    issues: t.field({
      type: [inputIssue],
      description: 'Every fault that was found.',
      resolve: (refusal) => refusal.issues,
    }),
  }),
})

export const invalidRecord = builder.objectRef<InvalidRecord>('InvalidRecord').implement({
  description: 'A record that fails validation for at least one destination.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the input, counted from 0.' }),
    clientRef: t.exposeString('clientRef', { nullable: true, description: "The caller's own name for the record." }),
    destinationIds: t.exposeIDList('destinationIds', { description: 'The destinations that cannot take it.' }),
    errors: t.field({
      type: [recordError],
      description: 'What is wrong with it.',
      resolve: (record) => record.errors,
    }),
  }),
})

export const invalidRecordsError = builder.objectRef<Answer<'invalidRecords'>>('InvalidRecordsError').implement({
  description:
    'Under `onInvalid: REJECT_ALL`, at least one record fails validation for at least one destination; nothing was stored or sent.',
  interfaces: [userError],
  fields: (t) => ({
    records: t.field({
      type: [invalidRecord],
      description: 'The first 1,000 invalid records, in the order of the input.',
      resolve: (refusal) => refusal.records,
    }),
    totalInvalid: t.exposeInt('totalInvalid', { description: 'How many records are invalid altogether.' }),
  }),
})

export const unsupportedByDestinationError = builder
  .objectRef<Answer<'unsupported'>>('UnsupportedByDestinationError')
  .implement({
    description: 'A destination cannot do what was asked, as its capabilities say; nothing was stored or sent.',
    interfaces: [userError],
    fields: (t) => ({
      destinationId: t.exposeID('destinationId', { description: 'The destination that cannot.' }),
      feature: t.exposeString('feature', {
        description:
          'What it cannot do, in the words of this schema: `matching`, `upsert`, `skipTriggers`, `profileType` …',
      }),
      requested: t.exposeString('requested', { description: 'What was asked for.' }),
      supported: t.exposeStringList('supported', {
        description: 'What it could do instead; empty where it is nothing.',
      }),
    }),
  })

export const idempotencyConflictError = builder
  .objectRef<Answer<'idempotencyConflict'>>('IdempotencyConflictError')
  .implement({
    description: 'The idempotency key was used before, with other input; nothing was stored or sent.',
    interfaces: [userError],
    fields: (t) => ({
      jobId: t.id({
        description: 'The id of the job that has the key.',
        resolve: (refusal) => encodeGlobalId('Job', refusal.jobId),
      }),
    }),
  })

export const notFoundError = builder.objectRef<{ kind: 'notFound'; message: string }>('NotFoundError').implement({
  description: 'What the request names is not there; nothing was stored or sent.',
  interfaces: [userError],
})
