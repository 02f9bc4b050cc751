import type { RecordOutcome } from '../contract/outcome.ts'
import type { DeliveryState, JobKind, JobState } from '../domain/job-state.ts'
import { enumOf } from './builder.ts'

export const jobKindEnum = enumOf<JobKind>('JobKind', 'What the records of a job are.', {
  PROFILES: 'Profiles. Webex Campaign `profiles/updateBulk`, D·engage BulkUpsert, Altcraft `profiles/import_batch`.',
  EXTENSIONS: 'Channel addresses by themselves. D·engage BulkUpsertExtensions.',
})

export const jobStateEnum = enumOf<JobState>(
  'JobState',
  'Where a job stands. CANCELLED, SUCCEEDED, PARTIALLY_FAILED and FAILED are final, and drawn from all its records at all destinations.',
  {
    STAGING: 'The records are being read from the upload; nothing was sent yet.',
    QUEUED: 'Accepted and stored, not begun.',
    RUNNING: 'At least one delivery is being worked on.',
    PAUSING: 'To be paused; calls in flight are let end.',
    PAUSED: 'Set aside until it is resumed or cancelled.',
    CANCELLING: 'To be cancelled; calls in flight are let end.',
    CANCELLED: 'Ended early: at least one record was never sent.',
    SUCCEEDED: 'Ended: no record FAILED, SKIPPED or UNKNOWN.',
    PARTIALLY_FAILED: 'Ended: some records were applied, others were not.',
    FAILED: 'Ended: no record was applied.',
  },
)

export const deliveryStateEnum = enumOf<DeliveryState>(
  'DeliveryState',
  'Where a job stands at one destination. CANCELLED, SUCCEEDED, PARTIALLY_FAILED and FAILED are final, and drawn from its records there.',
  {
    QUEUED: 'Not begun.',
    RUNNING: 'Batches are being sent or applied.',
    WAITING:
      "Nothing can be done before `nextAttemptAt`: the destination's pace, a back-off after a fault, or the vendor's own processing.",
    PAUSED: 'Set aside together with its job.',
    CANCELLING: 'To be cancelled; calls in flight are let end.',
    CANCELLED: 'Ended early: at least one record was never sent.',
    SUCCEEDED: 'Ended: no record FAILED, SKIPPED or UNKNOWN.',
    PARTIALLY_FAILED: 'Ended: some records were applied, others were not.',
    FAILED: 'Ended: no record was applied.',
  },
)

export const recordOutcomeEnum = enumOf<RecordOutcome>(
  'RecordOutcome',
  'What became of one record at one destination.',
  {
    PENDING: 'Nothing yet.',
    CREATED: 'The profile, or extension, was created. D·engage `inserted`.',
    UPDATED: 'It was changed. D·engage `updated`.',
    UPSERTED:
      'Written; the destination does not tell whether created or updated (Altcraft, Webex Campaign asynchronous).',
    UNCHANGED: 'It already was as the record says, and was left alone.',
    SKIPPED: 'The destination passed it over. D·engage does so with an unknown key under UPDATE_ONLY.',
    SUPERSEDED:
      'Folded into a later record about the same profile or extension, see `supersededBy`: its values count where that one has none.',
    FAILED: 'Certainly not applied; `errors` says why.',
    CANCELLED:
      'Never sent: the job was cancelled, or given up before anything of it was sent, as an import is under REJECT_ALL for one invalid record.',
    UNKNOWN: 'Sent, and no answer tells whether it was applied (NO_ANSWER).',
  },
)
