import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { Job, RecordResult } from '../jobs/job.ts'
import type { ResultPage } from '../jobs/results.ts'
import { builder } from './builder.ts'
import { encodeGlobalId } from './global-id.ts'
import { recordOutcomeEnum } from './job-enums.ts'
import { countPage } from './page.ts'
import { profile } from './profile.ts'
import { recordErrorCodeEnum, recordWarningCodeEnum } from './record-codes.ts'

/** A result with what its job knows about the destination. */
export interface ShownRecordResult extends RecordResult {
  /** Whether the destination is the gateway's own store, whose profiles can be read here. */
  isLocal: boolean
}

export const recordError = builder.objectRef<RecordError>('RecordError').implement({
  description: 'Why a record was not applied.',
  fields: (t) => ({
    code: t.field({
      type: recordErrorCodeEnum,
      description: 'The reason, in one vocabulary for all destinations.',
      resolve: ({ code }) => code,
    }),
    message: t.exposeString('message', { description: 'What is wrong and what to do about it; for people to read.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The path in the record that has to be changed, `attributes.size` or `extensions[0].address` say.',
    }),
    vendorCode: t.exposeString('vendorCode', {
      nullable: true,
      description: "The vendor's own code. Webex Campaign `Status` or `code`, D·engage `code`, Altcraft `error`.",
    }),
    vendorMessage: t.exposeString('vendorMessage', {
      nullable: true,
      description: "The vendor's own words. Webex Campaign `description`, D·engage `message`, Altcraft `error_text`.",
    }),
  }),
})

const recordWarning = builder.objectRef<RecordWarning>('RecordWarning').implement({
  description: 'Something that was done to an applied record and that its sender would want to know.',
  fields: (t) => ({
    code: t.field({
      type: recordWarningCodeEnum,
      description: 'What was done, in one vocabulary for all destinations.',
      resolve: ({ code }) => code,
    }),
    message: t.exposeString('message', { description: 'What was done; for people to read.' }),
    field: t.exposeString('field', { nullable: true, description: 'The path in the record that it is about.' }),
    vendorMessage: t.exposeString('vendorMessage', {
      nullable: true,
      description: "The vendor's own words. D·engage: an entry of `warnings`.",
    }),
  }),
})

const recordResult = builder.objectRef<ShownRecordResult>('RecordResult').implement({
  description: 'What became of one record at one destination.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the input, counted from 0.' }),
    line: t.exposeInt('line', {
      nullable: true,
      description: 'Its line in an imported file, counted from 1; null for records that came in the request.',
    }),
    sourceIndex: t.exposeInt('sourceIndex', {
      nullable: true,
      description: 'In a job that retries another, its index in that one; else null.',
    }),
    clientRef: t.exposeString('clientRef', { nullable: true, description: "The caller's own name for the record." }),
    key: t.exposeString('key', { nullable: true, description: 'The `key` of the record, where it states one.' }),
    destinationId: t.exposeID('destinationId', { description: 'The destination.' }),
    outcome: t.field({
      type: recordOutcomeEnum,
      description: 'What became of it there.',
      resolve: ({ outcome }) => outcome,
    }),
    affected: t.exposeInt('affected', { description: 'Profiles written: 0 or 1, more only under matching FILTER.' }),
    supersededBy: t.exposeInt('supersededBy', {
      nullable: true,
      description: 'SUPERSEDED: the index of the later record that it was folded into.',
    }),
    profileId: t.id({
      nullable: true,
      description:
        "The destination's own id of the profile, where it tells. At `local` the `id` of a Profile, at Altcraft `profile_id`.",
      resolve: ({ profileId, isLocal }) =>
        profileId !== null && isLocal ? encodeGlobalId('Profile', profileId) : profileId,
    }),
    profile: t.field({
      type: profile,
      nullable: true,
      description: 'The profile as it now is, at `local` only; null elsewhere, and where none was reached.',
      resolve: ({ profileId, isLocal }, _arguments, { loaders }) =>
        profileId !== null && isLocal ? loaders.profile.load(profileId) : null,
    }),
    errors: t.field({
      type: [recordError],
      description: 'Why it was not applied; empty where it was.',
      resolve: ({ errors }) => errors,
    }),
    warnings: t.field({
      type: [recordWarning],
      description: 'What else was done to it; mostly empty.',
      resolve: ({ warnings }) => warnings,
    }),
    vendorRequestId: t.exposeString('vendorRequestId', {
      nullable: true,
      description: "The vendor's id of the request that carried it. Webex Campaign `request-id`.",
    }),
    vendorTransactionId: t.exposeString('vendorTransactionId', {
      nullable: true,
      description: "The vendor's id of the transaction. Webex Campaign `transaction-id`, D·engage `transactionId`.",
    }),
  }),
})

export const recordResultConnection = builder.connectionObject(
  {
    type: recordResult,
    name: 'RecordResultConnection',
    description: 'A page of results, by index, then in the order of the destinations.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'How many results there are on all pages together, under the same destination and outcomes.',
        resolve: countPage,
      }),
    }),
  },
  { description: 'A result with its place in the list.' },
)

/** The page with what the job knows about each result's destination. */
export async function shownResults(job: Job, reading: Promise<ResultPage>) {
  const page = await reading
  const local = new Set(job.deliveries.filter(({ adapter }) => adapter === 'local').map(({ ordinal }) => ordinal))
  const edges = page.edges.map(({ cursor, node }) => ({
    cursor,
    node: { ...node, isLocal: local.has(node.ordinal) } satisfies ShownRecordResult,
  }))
  return { ...page, edges }
}
