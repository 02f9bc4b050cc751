import type { OutcomeCounts, RecordError, RecordOutcome, RecordWarning } from '../contract/outcome.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import type { DeliveryState, JobKind, JobState } from '../domain/job-state.ts'

/** One destination's part of a job, as stored. `counts` holds one number per outcome, PENDING included. */
export interface Delivery {
  ordinal: number
  destinationId: string
  adapter: string
  state: DeliveryState
  counts: OutcomeCounts
  batchesTotal: number
  batchesDone: number
  /** Milliseconds that the destination's pace needs for the batches that are left. */
  pacedLeftMs: number
  vendorRequestIds: string[]
  nextAttemptAt: Date | null
  lastError: string | null
  startedAt: Date | null
  progressedAt: Date
  finishedAt: Date | null
}

/** A whole snapshot of a job with its deliveries, read by one statement. */
export interface Job {
  tenant: string
  id: string
  kind: JobKind
  state: JobState
  version: number
  /** Records of the input. */
  total: number
  staged: number
  audit: string[]
  idempotencyKey: string | null
  parentId: string | null
  createdAt: Date
  startedAt: Date | null
  progressedAt: Date | null
  finishedAt: Date | null
  /** When its records and results were removed. */
  removedAt: Date | null
  /** The longest of its deliveries'. */
  pacedLeftMs: number
  /** In the order of the request's destinations. */
  deliveries: Delivery[]
}

/** What became of one record at one destination, with the position it was asked at. */
export interface RecordResult {
  /** 0-based place in the input. */
  index: number
  /** 1-based line of an imported file. */
  line: number | null
  /** In a retry, the index in the job that it retries. */
  sourceIndex: number | null
  destinationId: string
  /** The delivery's place among the job's; with `index` the cursor of a page. */
  ordinal: number
  clientRef: string | null
  key: string | null
  outcome: RecordOutcome
  affected: number
  supersededBy: number | null
  profileId: string | null
  errors: RecordError[]
  warnings: RecordWarning[]
  vendorRequestId: string | null
  vendorTransactionId: string | null
}

export interface InvalidRecord {
  index: number
  clientRef: string | null
  destinationIds: string[]
  errors: RecordError[]
}

/** The answer to a submitted request; everything but `job` means that nothing was stored or sent. */
export type SubmitResult =
  | { kind: 'job'; job: Job }
  | { kind: 'invalidInput'; message: string; issues: InputIssue[] }
  | { kind: 'invalidRecords'; message: string; records: InvalidRecord[]; totalInvalid: number }
  | {
      kind: 'unsupported'
      message: string
      destinationId: string
      feature: string
      requested: string
      supported: string[]
    }
  | { kind: 'idempotencyConflict'; message: string; jobId: string }

/** The answer to an import: its records are read afterwards. `notFound`: the upload is not there. */
export type ImportResult = Exclude<SubmitResult, { kind: 'invalidRecords' }> | { kind: 'notFound'; message: string }

/** The answer to a retry. */
export type RetryResult =
  | Exclude<SubmitResult, { kind: 'invalidRecords' | 'unsupported' }>
  | Exclude<JobActionResult, { kind: 'job' }>

/** The answer to what the owner of a job asks for; everything but `job` means that nothing has changed. */
export type JobActionResult =
  | { kind: 'job'; job: Job }
  | { kind: 'notFound'; message: string }
  | { kind: 'invalidState'; message: string; state: JobState }
