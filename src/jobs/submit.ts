import { v7 as newId } from 'uuid'
import type { Destination, DestinationRegistry, Queryable } from '../contract/adapter.ts'
import type { BulkUpsertProfilesInput } from '../contract/input.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'
import type { Database } from '../db/database.ts'
import { findByIdempotencyKey, lockIdempotencyKey } from '../db/jobs.ts'
import { checkRequest, requestLimits } from '../domain/check-request.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { hasEnded } from '../domain/job-state.ts'
import type { Bell } from './bell.ts'
import { chunkSize } from './chunk-results.ts'
import { commitOnce } from './commit-once.ts'
import { examine, InvalidRecords, type Target, targetsFor } from './examine.ts'
import type { Job, SubmitResult } from './job.ts'
import { jobsById } from './job-rows.ts'
import { type AcceptedRequest, carryOutAtOnce, QueuedChunks, type StoreTarget } from './store-job.ts'
import { lastStateWithin, type Watches } from './watch.ts'

const operation = 'bulkUpsertProfiles'

export interface SubmitParts {
  database: Database
  registry: DestinationRegistry
  limits: { recordsPerMutation: number }
  watches: Watches
  /** Called when a job was queued, for the workers of this process. */
  onQueued: () => void
  stopping: Bell
}

/** What a transaction that accepts a request found: it is stored now, or its idempotency key was taken before. */
type Acceptance = { kind: 'stored'; job: Job } | { kind: 'taken'; jobId: string; sameInput: boolean }

/** The mutation bulkUpsertProfiles: checks the request and all its records, then stores it, once, and waits for its end as long as was asked. */
export function createSubmitProfiles({ database, registry, limits, watches, onQueued, stopping }: SubmitParts) {
  async function findTaken(db: Queryable, request: AcceptedRequest): Promise<Acceptance | null> {
    const { tenant, idempotencyKey, fingerprint } = request
    if (idempotencyKey === null) return null
    const known = await findByIdempotencyKey(db, tenant, operation, idempotencyKey)
    return known && { kind: 'taken', jobId: known.id, sameInput: known.fingerprint === fingerprint }
  }

  /** Stores by `store` unless the idempotency key is taken. */
  function accept(request: AcceptedRequest, store: (transaction: Queryable) => Promise<Job>): Promise<Acceptance> {
    const { tenant, id, idempotencyKey } = request
    return commitOnce<Acceptance>(
      database,
      async (transaction) => {
        if (idempotencyKey !== null) {
          // Sent together; the second begins, and takes its snapshot, when the first has the lock.
          const [, taken] = await Promise.all([
            lockIdempotencyKey(transaction, tenant, operation, idempotencyKey),
            findTaken(transaction, request),
          ])
          if (taken) return taken
        }
        return { kind: 'stored', job: await store(transaction) }
      },
      async () => {
        const [job] = await jobsById(database, tenant, [id])
        return job ? { kind: 'stored', job } : null
      },
      stopping,
    )
  }

  async function answerTaken(
    tenant: string,
    acceptance: Extract<Acceptance, { kind: 'taken' }>,
    waitSeconds: number,
  ): Promise<SubmitResult> {
    if (!acceptance.sameInput) {
      return {
        kind: 'idempotencyConflict',
        message: 'This idempotencyKey was used for another input: send a new key for a new request',
        jobId: acceptance.jobId,
      }
    }
    const [job] = await jobsById(database, tenant, [acceptance.jobId])
    if (!job) throw new Error(`job ${acceptance.jobId} was removed while its request was repeated`)
    if (hasEnded(job.state) || waitSeconds === 0) return { kind: 'job', job }
    const snapshots = await watches.watch(tenant, job.id)
    return { kind: 'job', job: snapshots ? await lastStateWithin(snapshots, waitSeconds * 1000, job) : job }
  }

  /** One store and one chunk: accepted, applied and settled by one transaction. */
  async function submitAtOnce(
    request: AcceptedRequest,
    target: Target,
    store: StoreTarget,
  ): Promise<SubmitResult | Acceptance> {
    for await (const chunk of examine(request.input, request.options, [target])) {
      const invalid = new InvalidRecords()
      invalid.add(chunk, [target])
      if (request.options.onInvalid === 'REJECT_ALL' && invalid.total > 0) return refusal(invalid, request)
      return accept(request, (transaction) => carryOutAtOnce(transaction, request, store, chunk))
    }
    throw new TypeError('a checked request has at least one record')
  }

  async function submitQueued(request: AcceptedRequest, targets: Target[]): Promise<SubmitResult | Acceptance> {
    const invalid = new InvalidRecords()
    const queued = new QueuedChunks(targets, request.options)
    for await (const chunk of examine(request.input, request.options, targets)) {
      if (request.options.onInvalid === 'REJECT_ALL') invalid.add(chunk, targets)
      // Once refused, only the counting goes on.
      if (invalid.total === 0) queued.add(chunk)
    }
    if (invalid.total > 0) return refusal(invalid, request)

    const { tenant, id, input } = request
    const milliseconds = input.waitSeconds * 1000
    // Waiting begins before the commit, so that no wake-up comes too early to be heard.
    const wait = milliseconds > 0 ? watches.expect(tenant, id) : null
    try {
      const acceptance = await accept(request, (transaction) => queued.store(transaction, request))
      if (acceptance.kind !== 'stored') return acceptance
      onQueued()
      if (!wait || hasEnded(acceptance.job.state)) return acceptance
      wait.begin(acceptance.job)
      return { kind: 'stored', job: await lastStateWithin(wait.snapshots, milliseconds, acceptance.job) }
    } finally {
      await wait?.snapshots.return?.()
    }
  }

  return async function submitProfiles(tenant: string, input: BulkUpsertProfilesInput): Promise<SubmitResult> {
    const checked = checkRequest(input, limits)
    const found = destinationsOf(registry, tenant, input.destinations.slice(0, requestLimits.destinations))
    if (!checked.ok || found.issues.length > 0) {
      return invalidInput([...(checked.ok ? [] : checked.issues), ...found.issues])
    }
    const request = requestOf(tenant, input, checked.options)
    // A repetition is answered before its records are looked at; the transaction asks again, under the lock.
    const before = await findTaken(database, request)
    if (before?.kind === 'taken') return answerTaken(tenant, before, input.waitSeconds)

    const asked = await targetsFor(database, tenant, found.destinations, checked.options, input.profiles)
    if (!asked.ok) return asked.refusal
    const [only, ...others] = asked.targets
    const isShort = others.length === 0 && input.profiles.length <= chunkSize
    const store = only && isShort ? storeTargetOf(only) : null
    const answer = await (only && store ? submitAtOnce(request, only, store) : submitQueued(request, asked.targets))
    if (answer.kind === 'stored') return { kind: 'job', job: answer.job }
    return answer.kind === 'taken' ? answerTaken(tenant, answer, input.waitSeconds) : answer
  }
}

function storeTargetOf({ destination: { id: destinationId, adapter } }: Target): StoreTarget | null {
  return adapter.kind === 'store' ? { destinationId, adapter } : null
}

function requestOf(tenant: string, input: BulkUpsertProfilesInput, options: ProfileUpsertOptions): AcceptedRequest {
  const idempotencyKey = input.idempotencyKey ?? null
  const fingerprint = idempotencyKey === null ? null : fingerprintOf(operation, input)
  return { tenant, id: newId(), kind: 'PROFILES', operation, input, options, idempotencyKey, fingerprint }
}

function destinationsOf(registry: DestinationRegistry, tenant: string, ids: readonly string[]) {
  const destinations: Destination[] = []
  const issues: InputIssue[] = []
  for (const [place, id] of ids.entries()) {
    const destination = registry.find(tenant, id)
    if (destination) destinations.push(destination)
    else {
      const configured = registry.all(tenant).map((one) => one.id)
      const message = `There is no destination ${JSON.stringify(id)}: name one of ${configured.join(', ')}`
      issues.push({ path: ['input', 'destinations', String(place)], message })
    }
  }
  return { destinations, issues }
}

function invalidInput(issues: InputIssue[]): SubmitResult {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return { kind: 'invalidInput', message: `${first?.message}${more}. Nothing was stored or sent.`, issues }
}

function refusal(invalid: InvalidRecords, { input }: AcceptedRequest): SubmitResult {
  return {
    kind: 'invalidRecords',
    message: `${invalid.total} of ${input.profiles.length} records are invalid; nothing was stored or sent. Correct them, or send with onInvalid SKIP_INVALID.`,
    records: invalid.named,
    totalInvalid: invalid.total,
  }
}
