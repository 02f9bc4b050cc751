import { progressOf } from '../domain/progress.ts'
import type { Delivery } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { destination } from './destination.ts'
import { deliveryStateEnum } from './job-enums.ts'
import { progress } from './progress.ts'

export const delivery = builder.objectRef<Delivery>('Delivery').implement({
  description: 'One job at one destination.',
  fields: (t) => ({
    destinationId: t.exposeID('destinationId', { description: 'The destination.' }),
    destination: t.field({
      type: destination,
      nullable: true,
      description: 'The destination as it is configured; null once it no longer is.',
      resolve: ({ destinationId }, _arguments, { registry, tenant }) => registry.find(tenant, destinationId) ?? null,
    }),
    state: t.field({ type: deliveryStateEnum, description: 'Where it stands.', resolve: ({ state }) => state }),
    progress: t.field({
      type: progress,
      description: 'How far it has come.',
      resolve: (delivery) => progressOf(delivery),
    }),
    batchesTotal: t.exposeInt('batchesTotal', {
      description: "Into how many batches its records were cut, by the destination's limits.",
    }),
    batchesDone: t.exposeInt('batchesDone', { description: 'How many of them are settled.' }),
    vendorRequestIds: t.exposeStringList('vendorRequestIds', {
      description:
        "The latest 20 of the vendor's own request and transaction ids. Webex Campaign `request-id` and `transaction-id`, D·engage `transactionId`.",
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'WAITING: when it goes on; else null.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'The latest fault of a call, for people to read; null while there was none.',
    }),
  }),
})
