import type { JobAction, JobState } from '../domain/job-state.ts'
import type { JobActionResult } from '../jobs/job.ts'
import { builder } from './builder.ts'
import { idOf } from './global-id.ts'
import { jobStateEnum } from './job-enums.ts'
import { jobPayload } from './job-payload.ts'
import { notFoundError, userError } from './user-error.ts'

export const invalidStateError = builder
  .objectRef<{ kind: 'invalidState'; message: string; state: JobState }>('InvalidStateError')
  .implement({
    description: 'The job does not stand where this can be done with it; nothing has changed.',
    interfaces: [userError],
    fields: (t) => ({
      state: t.field({ type: jobStateEnum, description: 'Where it stands.', resolve: ({ state }) => state }),
    }),
  })

const typenames = {
  job: 'JobPayload',
  notFound: 'NotFoundError',
  invalidState: 'InvalidStateError',
} as const satisfies Record<JobActionResult['kind'], string>

const jobActionResult = builder.unionType('JobActionResult', {
  description: 'The job as it stands now, or why nothing has changed.',
  types: [jobPayload, notFoundError, invalidStateError],
  resolveType: ({ kind }) => typenames[kind],
})

const descriptions: Record<JobAction, string> = {
  cancel:
    'Ends a job early. What was not sent is CANCELLED; what is in flight ends as it really ends, and until then the job is CANCELLING. What was done is not undone. Asked again meanwhile, it is answered the same.',
  pause:
    'Sets a job aside: nothing more is sent or applied until it is resumed or cancelled. What is in flight ends as it really ends, and until then the job is PAUSING. Asked again, it is answered the same. A paused job is never given up for its age.',
  resume: 'Lets a job that is PAUSING or PAUSED go on where it stood.',
}

const jobAction = (action: JobAction) =>
  builder.mutationField(`${action}Job`, (t) =>
    t.field({
      type: jobActionResult,
      nullable: true,
      description: descriptions[action],
      args: { id: t.arg.id({ required: true, description: 'The `id` of a Job.' }) },
      // What is no job's id is no job: the engine says so.
      resolve: (_root, { id }, { engine, tenant }) => engine.act(tenant, idOf('Job', id) ?? '', action),
    }),
  )

jobAction('cancel')
jobAction('pause')
jobAction('resume')
