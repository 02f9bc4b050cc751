import type { Progress } from '../domain/progress.ts'
import { builder } from './builder.ts'

export const progress = builder.objectRef<Progress>('Progress').implement({
  description:
    'How far a job or a delivery has come, in records. A record that goes to two destinations counts twice in its job.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'All records.' }),
    processed: t.exposeInt('processed', { description: 'Those with an outcome: all but PENDING.' }),
    created: t.exposeInt('created', { description: 'Those CREATED. D·engage `inserted`.' }),
    updated: t.exposeInt('updated', { description: 'Those UPDATED. D·engage `updated`.' }),
    upserted: t.exposeInt('upserted', {
      description: 'Those UPSERTED: written where the destination does not tell whether created or updated.',
    }),
    unchanged: t.exposeInt('unchanged', { description: 'Those UNCHANGED.' }),
    skipped: t.exposeInt('skipped', { description: 'Those SKIPPED by the destination.' }),
    superseded: t.exposeInt('superseded', { description: 'Those SUPERSEDED: folded into later records.' }),
    failed: t.exposeInt('failed', { description: 'Those FAILED: certainly not applied.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Those CANCELLED: never sent.' }),
    unknown: t.exposeInt('unknown', { description: 'Those UNKNOWN: sent, and never answered.' }),
    percent: t.exposeFloat('percent', { description: '`processed` of `total`, 0 to 100.' }),
    recordsPerSecond: t.exposeFloat('recordsPerSecond', {
      nullable: true,
      description:
        'Records processed per second from the start to the latest progress, without pauses and without those CANCELLED; null before there is any.',
    }),
    etaSeconds: t.exposeFloat('etaSeconds', {
      nullable: true,
      description:
        'Seconds that the rest takes at that rate, of a job those of its longest delivery; 0 at the end, null where there is no rate yet, and while it is PAUSING, PAUSED or CANCELLING.',
    }),
  }),
})
