import { jobProgressOf } from '../domain/progress.ts'
import type { Job } from '../jobs/job.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { delivery } from './delivery.ts'
import { expectedError } from './errors.ts'
import { encodeGlobalId, idOf } from './global-id.ts'
import { jobKindEnum, jobStateEnum, recordOutcomeEnum } from './job-enums.ts'
import { connectionOf, pageArguments, pageSize } from './page.ts'
import { progress } from './progress.ts'
import { recordResultConnection, shownResults } from './record-result.ts'
import { askForScope } from './scopes.ts'

export const job = builder.objectRef<Job>('Job')

builder.node(job, {
  description: 'One accepted request: its records, each at every destination of the request.',
  id: { resolve: ({ id }) => id },
  loadManyWithoutCache: (ids: string[], { loaders }) => Promise.all(ids.map((id) => loaders.job.load(id))),
  fields: (t) => ({
    kind: t.field({ type: jobKindEnum, description: 'What its records are.', resolve: ({ kind }) => kind }),
    state: t.field({ type: jobStateEnum, description: 'Where it stands.', resolve: ({ state }) => state }),
    version: t.exposeInt('version', {
      description: 'Grows with every change; what a client saw last is its `afterVersion` of `jobStatus`.',
    }),
    staged: t.exposeInt('staged', {
      description: 'Records read from the upload so far; for a request that carried its records, their number.',
    }),
    progress: t.field({
      type: progress,
      description: 'How far it has come, over all deliveries: `total` is records times destinations.',
      resolve: jobProgressOf,
    }),
    deliveries: t.field({
      type: [delivery],
      description: 'The job at each destination, in the order of the request.',
      resolve: ({ deliveries }) => deliveries,
    }),
    results: t.field({
      type: recordResultConnection,
      description: 'What became of its records: by index, then in the order of destinations.',
      args: {
        destinationId: t.arg.id({
          description: 'Only at this destination; null is all. One it does not go to has none.',
        }),
        outcomes: t.arg({ type: [recordOutcomeEnum], description: 'Only with these outcomes; null is all.' }),
        first: t.arg.int({ description: pageArguments.first }),
        after: t.arg.string({ description: pageArguments.after }),
      },
      resolve: (job, { destinationId, outcomes, first, after }, { engine, tenant }) =>
        connectionOf(
          shownResults(
            job,
            engine.results(tenant, job, { destinationId, outcomes, first: pageSize('first', first), after }),
          ),
        ),
    }),
    audit: t.exposeStringList('audit', {
      description: 'The texts that the request gave to be kept with it. Webex Campaign `exparam1` … `exparam10`.',
    }),
    idempotencyKey: t.exposeString('idempotencyKey', {
      nullable: true,
      description: 'The key under which a repeated request answers this job.',
    }),
    parent: t.field({
      type: job,
      nullable: true,
      description: 'The job that this one retries; else null.',
      resolve: ({ parentId }, _arguments, { loaders }) => (parentId === null ? null : loaders.job.load(parentId)),
    }),
    errorsCsvPath: t.string({
      description:
        'Where its error file is, `Code,Description,Index` as that of Webex Campaign: what failed, was skipped, or may not have been applied. A path of this gateway, signed: good for an hour without credentials, so it takes the scope `read` to ask for it. `&destination=` narrows it.',
      resolve: (job, _arguments, context, { fieldName }) => linkTo('errors.csv', job, context, fieldName),
    }),
    failedRecordsPath: t.string({
      description:
        'Where its FAILED records are, a JSON object a line, in the shape that `importProfiles` takes: correct them and import them again. Of `bulkUpsertExtensions` each is a profile with one extension, to be imported by KEY with UPDATE_ONLY at a destination that takes extensions of profiles; one without channel, or with `newAddress` or `newKey`, cannot be said so and is as it was sent: `retryJob` sends it again, as it does all others. Signed likewise. `&outcomes=FAILED,UNKNOWN` adds those that may have been applied.',
      resolve: (job, _arguments, context, { fieldName }) => linkTo('failed.ndjson', job, context, fieldName),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was accepted.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its first batch was begun; null before.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it reached its last state; null before.',
    }),
  }),
})

/** Whoever has the link may read the file: it is for those who may. */
function linkTo(file: string, { tenant, id }: Job, context: Context, fieldName: string): string {
  askForScope(context, 'read', fieldName)
  const signature = context.engine.links.sign({ tenant, jobId: id })
  return `/jobs/${encodeURIComponent(encodeGlobalId('Job', id))}/${file}?signature=${signature}`
}

const jobConnection = builder.connectionObject(
  { type: job, name: 'JobConnection', description: 'A page of jobs, the latest first.' },
  { description: 'A job with its place in the list.' },
)

builder.queryFields((t) => ({
  job: t.field({
    type: job,
    nullable: true,
    description: 'The job with that id; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'The `id` of a Job.' }) },
    resolve: (_root, { id }, { loaders }) => {
      const jobId = idOf('Job', id)
      return jobId === null ? null : loaders.job.load(jobId)
    },
  }),
  jobs: t.field({
    type: jobConnection,
    nullable: true,
    description: "The tenant's jobs, the latest first.",
    args: {
      states: t.arg({ type: [jobStateEnum], description: 'Only those in one of these states; null is all.' }),
      first: t.arg.int({ description: pageArguments.first }),
      after: t.arg.string({ description: pageArguments.after }),
    },
    resolve: (_root, { states, first, after }, { engine, tenant }) =>
      connectionOf(engine.page(tenant, { states, first: pageSize('first', first), after })),
  }),
}))

builder.subscriptionField('jobStatus', (t) =>
  t.field({
    type: job,
    description:
      'First the job as it stands (unless `afterVersion` is already its version and it has not ended), then its changes, drawn together to at most ten a second; it completes after the last state. A client that reconnects passes the last `version` it saw and misses nothing. A job that is not there is an error with the code NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The `id` of a Job.' }),
      afterVersion: t.arg.int({ description: 'The last `version` that the client saw.' }),
    },
    subscribe: async (_root, { id, afterVersion }, { engine, tenant }) => {
      const jobId = idOf('Job', id)
      const changes = jobId === null ? null : await engine.watch(tenant, jobId, afterVersion ?? undefined)
      if (changes === null) throw expectedError('NOT_FOUND', `there is no job with the id ${id.slice(0, 100)}`)
      return changes
    },
    resolve: (job, _arguments, context) => {
      context.loaders = context.freshLoaders()
      return job
    },
  }),
)
