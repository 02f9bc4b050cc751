import type { Queryable } from '../contract/adapter.ts'
import type { Database } from '../db/database.ts'
import { findByIdempotencyKey, lockIdempotencyKey } from '../db/jobs.ts'
import { hasEnded } from '../domain/job-state.ts'
import type { Bell } from './bell.ts'
import { commitOnce } from './commit-once.ts'
import type { Job, SubmitResult } from './job.ts'
import { jobsById } from './job-rows.ts'
import { lastStateWithin, type Watches } from './watch.ts'

/** What makes a request the same as another one. */
export interface RequestIdentity {
  tenant: string
  /** The id that its job will have. */
  id: string
  /** The mutation: idempotency keys of different ones do not meet. */
  operation: string
  idempotencyKey: string | null
  fingerprint: string | null
}

/** What a transaction that accepts a request found: it is stored now, or its idempotency key was taken before. */
export type Acceptance = { kind: 'stored'; job: Job } | { kind: 'taken'; jobId: string; sameInput: boolean }

export type AcceptanceAnswer = Extract<SubmitResult, { kind: 'job' } | { kind: 'idempotencyConflict' }>

export interface Acceptances {
  /** The request that was accepted under this key before, if any. */
  findTaken(request: RequestIdentity): Promise<Acceptance | null>
  /** Stores by `store`, once, unless the idempotency key is taken. */
  accept(request: RequestIdentity, store: (transaction: Queryable) => Promise<Job>): Promise<Acceptance>
  /** Stores several jobs of a tenant, all or none, once. Their requests have no idempotency keys. */
  acceptTogether(
    tenant: string,
    ids: readonly string[],
    store: (transaction: Queryable) => Promise<Job[]>,
  ): Promise<Job[]>
  /** The same as `accept` for a job that goes on after it was stored: calls `onStored`, and waits for its end as long as was asked. */
  acceptAndWait(
    request: RequestIdentity,
    waitSeconds: number,
    store: (transaction: Queryable) => Promise<Job>,
    onStored: () => void,
  ): Promise<Acceptance>
  /** What the caller is told. */
  answer(tenant: string, acceptance: Acceptance, waitSeconds: number): Promise<AcceptanceAnswer>
}

export interface AcceptanceParts {
  database: Database
  watches: Watches
  stopping: Bell
}

export function createAcceptances({ database, watches, stopping }: AcceptanceParts): Acceptances {
  async function findTaken(db: Queryable, request: RequestIdentity): Promise<Acceptance | null> {
    const { tenant, operation, idempotencyKey, fingerprint } = request
    if (idempotencyKey === null) return null
    const known = await findByIdempotencyKey(db, tenant, operation, idempotencyKey)
    return known && { kind: 'taken', jobId: known.id, sameInput: known.fingerprint === fingerprint }
  }

  function accept(request: RequestIdentity, store: (transaction: Queryable) => Promise<Job>): Promise<Acceptance> {
    const { tenant, id, operation, idempotencyKey } = request
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

  return {
    findTaken: (request) => findTaken(database, request),
    accept,
    acceptTogether: (tenant, ids, store) =>
      commitOnce(
        database,
        store,
        async () => {
          const jobs = await jobsById(database, tenant, ids)
          return jobs.every((job) => job !== null) ? jobs : null
        },
        stopping,
      ),

    async acceptAndWait(request, waitSeconds, store, onStored) {
      const milliseconds = waitSeconds * 1000
      // Waiting begins before the commit, so that no wake-up comes too early to be heard.
      const wait = milliseconds > 0 ? watches.expect(request.tenant, request.id) : null
      try {
        const acceptance = await accept(request, store)
        if (acceptance.kind !== 'stored') return acceptance
        onStored()
        if (!wait || hasEnded(acceptance.job.state)) return acceptance
        wait.begin(acceptance.job)
        return { kind: 'stored', job: await lastStateWithin(wait.snapshots, milliseconds, acceptance.job) }
      } finally {
        await wait?.snapshots.return?.()
      }
    },

    async answer(tenant, acceptance, waitSeconds) {
      if (acceptance.kind === 'stored') return { kind: 'job', job: acceptance.job }
      const { jobId, sameInput } = acceptance
      if (!sameInput) {
        return {
          kind: 'idempotencyConflict',
          message: 'This idempotencyKey was used for another input: send a new key for a new request',
          jobId,
        }
      }
      const [job] = await jobsById(database, tenant, [jobId])
      if (!job) throw new Error(`job ${jobId} was removed while its request was repeated`)
      if (hasEnded(job.state) || waitSeconds === 0) return { kind: 'job', job }
      const snapshots = await watches.watch(tenant, job.id)
      return { kind: 'job', job: snapshots ? await lastStateWithin(snapshots, waitSeconds * 1000, job) : job }
    },
  }
}
