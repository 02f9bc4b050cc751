import { setTimeout as delay } from 'node:timers/promises'
import type { DestinationRegistry } from '../contract/adapter.ts'
import type {
  BulkUpsertExtensionsInput,
  BulkUpsertProfilesInput,
  ImportProfilesInput,
  RetryJobInput,
} from '../contract/input.ts'
import type { Database } from '../db/database.ts'
import { newestJobs, newestJobsInStates } from '../db/jobs.ts'
import { endStuckSessions } from '../db/stuck-sessions.ts'
import type { JobAction, JobState } from '../domain/job-state.ts'
import { createAcceptances } from './acceptance.ts'
import { Bell } from './bell.ts'
import { createControl } from './control.ts'
import { createWorkers } from './deliver.ts'
import { createDownloadLinks, type DownloadLinks } from './download-links.ts'
import { type DownloadQuery, errorsCsv, failedRecords } from './downloads.ts'
import { createDryRun, type PlanAnswer } from './dry-run.ts'
import { createImport } from './import.ts'
import type { ImportResult, Job, JobActionResult, RetryResult, SubmitResult } from './job.ts'
import { jobFrom, jobsById } from './job-rows.ts'
import { createLaneWorkers } from './lane-workers.ts'
import type { Log } from './log.ts'
import { decodeCursor, defaultPageSize, encodeCursor, type Page } from './page.ts'
import { type ResultPage, type ResultsQuery, readResults } from './results.ts'
import { createRetention } from './retention.ts'
import { createRetry } from './retry.ts'
import { createStager } from './stage.ts'
import { createSubmit } from './submit.ts'
import { createTurns } from './turns.ts'
import { createUploads, type UploadLimits, type Uploads } from './uploads.ts'
import { createWatches } from './watch.ts'

export interface JobEngineOptions {
  database: Database
  registry: DestinationRegistry
  limits: UploadLimits & { recordsPerMutation: number; resultRetentionDays: number }
  /** `api` accepts and watches, but delivers nothing. */
  role: 'api' | 'worker' | 'all'
  log: Log
  /** Batches for stores in flight at once in this process; 4 on PostgreSQL, 1 on PGlite, which has one connection. */
  workers?: number
  /** How often work is looked for without being called; 5 s. */
  sweepMs?: number
  /** Milliseconds on a clock that only goes forward; paces the snapshots of watched jobs. */
  now?: () => number
  /** 0 to 1; the jitter of back-offs. */
  random?: () => number
  /** Called again and again while a file or a large job passes through this process. */
  onLargeLoad?: () => void
}

export interface JobsQuery {
  /** Only jobs in these states; null is all. */
  states?: readonly JobState[] | null | undefined
  first?: number | null | undefined
  after?: string | null | undefined
}

/** All that is done with jobs. Each call sees the jobs of its tenant only: those of others do not exist for it. */
export interface JobEngine {
  /** Stores the request, all or nothing, and resolves when its job has ended or `waitSeconds` have passed. Rejects on faults that the caller cannot mend. */
  submitProfiles(tenant: string, input: BulkUpsertProfilesInput): Promise<SubmitResult>
  /** The same for extensions by themselves. */
  submitExtensions(tenant: string, input: BulkUpsertExtensionsInput): Promise<SubmitResult>
  /** Stores an import, whose records are then read from its upload. */
  importProfiles(tenant: string, input: ImportProfilesInput): Promise<ImportResult>
  /** Stores a new job of the failed records of another. */
  retryJob(tenant: string, input: RetryJobInput): Promise<RetryResult>
  /** The files that imports are read from. */
  uploads: Pick<Uploads, 'receive'>
  /** What would become of the request; nothing is stored or sent. */
  planProfiles(tenant: string, input: BulkUpsertProfilesInput): Promise<PlanAnswer>
  /** Pauses, resumes or cancels a job. What is in flight then still ends as it really ends. */
  act(tenant: string, jobId: string, action: JobAction): Promise<JobActionResult>
  /** Links to the files of a job. */
  links: DownloadLinks
  /** The error file of a job, piece by piece. */
  errorsCsv(job: Job, destinationId: string | null): AsyncIterable<Buffer>
  /** The records with some outcomes, a JSON value a line, piece by piece. */
  failedRecords(job: Job, query: DownloadQuery): AsyncIterable<Buffer>
  /** The jobs in the order of the ids, null for those that are not there; one statement. */
  jobs(tenant: string, ids: readonly string[]): Promise<(Job | null)[]>
  /** Newest first. Throws InvalidCursorError. */
  page(tenant: string, query: JobsQuery): Promise<Page<Job>>
  /** What became of a job's records, by index, then in the order of destinations. Throws InvalidCursorError. */
  results(tenant: string, job: Job, query: ResultsQuery): Promise<ResultPage>
  /** Snapshots until the last state; null when there is no such job. Rejects while the database is away or the engine has stopped. */
  watch(tenant: string, jobId: string, afterVersion?: number | null): Promise<AsyncIterableIterator<Job> | null>
  /** Begins to listen and to deliver. */
  start(): Promise<void>
  /** Takes up nothing more, lets batches and calls in flight end, then completes all that watch or wait. Within 9 s, whatever the database does. */
  stop(): Promise<void>
}

const drainMs = 8000
/** Of the connections of a process, so many read records for files at most: a chunk of large ones takes a moment. */
const readAtOnce = 3
const cursorShape = /^job:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

export function createJobEngine(options: JobEngineOptions): JobEngine {
  const { database, registry, limits, role, log, sweepMs = 5000, now, onLargeLoad = () => {} } = options
  const stopping = new Bell()
  const watches = createWatches({ database, log, now })
  const links = createDownloadLinks(database)
  const readInTurn = createTurns(readAtOnce)
  const uploads = createUploads({ database, limits, log, onLargeLoad })
  const retention = createRetention(database, log, limits.resultRetentionDays)
  const storeWorkers = options.workers ?? (database.kind === 'postgres' ? 4 : 1)
  const workers =
    role === 'api'
      ? []
      : [
          createWorkers({ database, registry, log, sweepMs, workers: storeWorkers, onLargeLoad }),
          createStager({ database, registry, log, sweepMs, onLargeLoad }),
          createLaneWorkers({ database, registry, log, sweepMs, now, random: options.random }),
        ]
  const acceptances = createAcceptances({ database, watches, stopping })
  const onQueued = () => {
    for (const some of workers) some.wake()
  }
  const submit = createSubmit({ database, registry, limits, acceptances, onQueued })
  let sweep: NodeJS.Timeout | undefined

  /** What a process that was cut off in the middle of a statement still holds comes free; where the database is away, so are its locks. */
  async function endStuck(): Promise<void> {
    try {
      const ended = await endStuckSessions(database)
      if (ended > 0)
        log.warn({ ended }, 'sessions of a process that was cut off in the middle of a statement were ended')
    } catch (error) {
      log.info({ error }, 'stuck sessions could not be looked for; trying again')
    }
  }

  return {
    submitProfiles: submit.profiles,
    submitExtensions: submit.extensions,
    importProfiles: createImport({ database, registry, acceptances, onStored: onQueued }),
    retryJob: createRetry({ database, registry, acceptances, onStored: onQueued }),
    uploads,
    planProfiles: createDryRun({ database, registry, limits }),
    act: createControl({ database, stopping }),
    links,
    errorsCsv: (job, destinationId) => errorsCsv(database, job, destinationId),
    failedRecords: (job, query) => failedRecords(database, readInTurn, job, query),
    jobs: (tenant, ids) => jobsById(database, tenant, ids),
    async page(tenant, { states, first, after }) {
      const size = first ?? defaultPageSize
      const [before = null] = after == null ? [] : decodeCursor(after, cursorShape)
      const rows = await (states == null
        ? newestJobs(database, tenant, before, size + 1)
        : newestJobsInStates(database, tenant, states, before, size + 1))
      const edges = rows.slice(0, size).map((row) => ({ cursor: encodeCursor(`job:${row.id}`), node: jobFrom(row) }))
      return { edges, hasNextPage: rows.length > size, hasPreviousPage: before !== null }
    },
    async results(tenant, job, query) {
      if (job.tenant !== tenant) throw new Error(`job ${job.id} belongs to another tenant`)
      return readResults(database, job, query)
    },
    watch: (tenant, jobId, afterVersion) => watches.watch(tenant, jobId, afterVersion),
    async start() {
      await links.start()
      await watches.start()
      for (const some of workers) await some.start()
      uploads.start()
      retention.start()
      sweep = setInterval(() => void endStuck(), sweepMs)
    },
    async stop() {
      clearInterval(sweep)
      stopping.ring()
      const timer = new AbortController()
      const late = delay(drainMs, 'late' as const, { signal: timer.signal }).catch(() => 'stopped' as const)
      const drained = await Promise.race([
        Promise.all([...workers.map((some) => some.stop()), uploads.stop(), retention.stop()]),
        late,
      ])
      timer.abort()
      if (drained === 'late')
        log.warn(
          { drainMs },
          'what was in flight did not end in time: batches are rolled back, calls are left to their leases',
        )
      await watches.stop()
    },
  }
}
