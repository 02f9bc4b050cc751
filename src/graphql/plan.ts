import type { Plan, PlanAnswer, PlannedDelivery } from '../jobs/dry-run.ts'
import { builder } from './builder.ts'
import { bulkUpsertProfilesInput } from './bulk-upsert-profiles-input.ts'
import { invalidInputError, invalidRecord, unsupportedByDestinationError } from './user-error.ts'

const asked = 'null where the destination cannot be asked beforehand: only `local` can.'

const plannedDelivery = builder.objectRef<PlannedDelivery>('PlannedDelivery').implement({
  description: 'What a request would come to at one destination.',
  fields: (t) => ({
    destinationId: t.exposeID('destinationId', { description: 'The destination.' }),
    batches: t.exposeInt('batches', {
      description: 'The calls or transactions into which its valid records would be cut.',
    }),
    estimatedSeconds: t.exposeFloat('estimatedSeconds', {
      description:
        "Seconds until the last call may leave, by the account's pace, its back-off and the batches that already wait for it; the time that calls take is not counted. 0 where there is no pace.",
    }),
    wouldCreate: t.int({
      nullable: true,
      description: `Records that would create a profile; ${asked}`,
      resolve: ({ would }) => would?.create ?? null,
    }),
    wouldUpdate: t.int({
      nullable: true,
      description: `Records that would change profiles that are there; ${asked}`,
      resolve: ({ would }) => would?.update ?? null,
    }),
    wouldLeaveUnchanged: t.int({
      nullable: true,
      description: `Records whose profiles already have it all; ${asked}`,
      resolve: ({ would }) => would?.leaveUnchanged ?? null,
    }),
    wouldFail: t.int({
      nullable: true,
      description: `Records that would fail, the invalid ones included; ${asked}`,
      resolve: ({ would }) => would?.fail ?? null,
    }),
    warnings: t.exposeStringList('warnings', {
      description: 'What this destination would do differently, or lose; for people to read.',
    }),
  }),
})

const plan = builder.objectRef<Plan & { kind: 'plan' }>('Plan').implement({
  description: 'What a request would come to. Nothing was stored or sent.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'Records of the input.' }),
    totalInvalid: t.exposeInt('totalInvalid', {
      description:
        'Records that fail validation for at least one destination. Under `onInvalid: REJECT_ALL` any of them refuses the request; the rest of the plan is without them.',
    }),
    invalid: t.field({
      type: [invalidRecord],
      description: 'The first 1,000 of them, in the order of the input.',
      resolve: ({ invalid }) => invalid,
    }),
    deliveries: t.field({
      type: [plannedDelivery],
      description: 'Destination by destination, in the order of the request.',
      resolve: ({ deliveries }) => deliveries,
    }),
  }),
})

const typenames = {
  plan: 'Plan',
  invalidInput: 'InvalidInputError',
  unsupported: 'UnsupportedByDestinationError',
} as const satisfies Record<PlanAnswer['kind'], string>

const planResult = builder.unionType('PlanResult', {
  description: 'The plan, or why the request would be refused as a whole.',
  types: [plan, invalidInputError, unsupportedByDestinationError],
  resolveType: ({ kind }) => typenames[kind],
})

builder.queryField('planBulkUpsertProfiles', (t) =>
  t.field({
    type: planResult,
    nullable: true,
    description:
      'A dry run of `bulkUpsertProfiles`: the invalid records, and for each destination the batches, the time and what it would do differently. `local` carries the request out and takes it back, so its numbers are exact for that moment; meanwhile it holds up others as the request itself would. `idempotencyKey` and `waitSeconds` have no effect.',
    args: {
      input: t.arg({ type: bulkUpsertProfilesInput, required: true, description: 'The request as it would be sent.' }),
    },
    resolve: (_root, { input }, { engine, tenant }) => engine.planProfiles(tenant, input),
  }),
)
