import type { DestinationRegistry, Queryable } from '../contract/adapter.ts'
import type { RetryJobInput } from '../contract/input.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import type { Database } from '../db/database.ts'
import { countFailed, holdRecords, readJobOptions } from '../db/job-retry.ts'
import { checkRetryRequest } from '../domain/check-request.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { countOf, hasEnded } from '../domain/job-state.ts'
import { shownName } from '../domain/json.ts'
import { newId } from '../domain/new-id.ts'
import type { Acceptances, RequestIdentity } from './acceptance.ts'
import type { Delivery, Job, RetryResult } from './job.ts'
import { jobsById } from './job-rows.ts'
import { requestKindOf } from './request-kind.ts'
import { failedSearch } from './retry-source.ts'
import { type AcceptedRequest, storeStagingJob } from './store-job.ts'
import { destinationsOf, invalidInput } from './submit.ts'

export interface RetryParts {
  database: Database
  registry: DestinationRegistry
  acceptances: Acceptances
  /** Called when a job was stored, for the stager of this process. */
  onStored: () => void
}

/** The records were removed between two looks at the job. */
class RecordsGone extends Error {
  override name = 'RecordsGone'
}

const operation = 'retryJob'
const issue = (path: string[], message: string): InputIssue => ({ path: ['input', ...path], message })

/**
 * The mutation retryJob: a new job of the records of another that failed, each only for the destinations that it failed at, with the
 * options of that job; an invalid one fails alone. `jobId` of the input is the id of the row.
 */
export function createRetry({ database, registry, acceptances, onStored }: RetryParts) {
  return async function retryJob(tenant: string, input: RetryJobInput): Promise<RetryResult> {
    const { jobId, waitSeconds } = input
    const issues = checkRetryRequest(input)
    const [job] = await jobsById(database, tenant, [jobId])
    const options = job && (await readJobOptions(database, tenant, jobId))
    if (!job || !options) return { kind: 'notFound', message: 'There is no such job: give the id of a job of yours' }
    if (issues.length > 0) return invalidInput(issues)
    const identity = identityOf(tenant, input)
    const before = await acceptances.findTaken(identity)
    if (before) return acceptances.answer(tenant, before, waitSeconds)
    if (!hasEnded(job.state)) {
      const message = `The job is ${job.state}: more of its records may fail, or succeed. Retry it when it has ended`
      return { kind: 'invalidState', message, state: job.state }
    }
    if (job.removedAt !== null) return recordsRemoved(job.removedAt)

    const asked = deliveriesOf(job, input.destinations ?? null)
    if (asked.issues.length > 0) return invalidInput(asked.issues)
    const codes = input.codes ? [...new Set(input.codes)] : null
    const ordinals = asked.deliveries.map(({ ordinal }) => ordinal)
    const failed = await countFailed(database, failedSearch(tenant, { jobId, ordinals, codes }))
    const going = asked.deliveries.filter(({ ordinal }) => (failed.at.get(ordinal) ?? 0) > 0)
    if (going.length === 0)
      return invalidInput([issue(['jobId'], nothingToRetry(asked.deliveries, { ...input, codes }))])
    const found = destinationsOf(
      registry,
      tenant,
      going.map(({ destinationId }) => destinationId),
    )
    if (found.issues.length > 0)
      return invalidInput(found.issues.map(({ message }) => issue(['destinations'], message)))

    const request: AcceptedRequest = {
      ...identity,
      kind: requestKindOf(job.kind),
      total: failed.records,
      waitSeconds,
      // Nothing of them was applied together: one that fails again holds up no other.
      options: { ...options, onInvalid: 'SKIP_INVALID' },
    }
    const destinations = found.destinations.map((destination, place) => {
      return { destination, records: failed.at.get(going[place]?.ordinal ?? -1) ?? 0 }
    })
    const source = { kind: 'retry' as const, jobId, ordinals: going.map(({ ordinal }) => ordinal), codes }
    const store = async (transaction: Queryable): Promise<Job> => {
      if (!(await holdRecords(transaction, tenant, jobId))) throw new RecordsGone(jobId)
      return storeStagingJob(transaction, request, { source, parentId: jobId, destinations })
    }
    try {
      const acceptance = await acceptances.acceptAndWait(request, waitSeconds, store, onStored)
      return await acceptances.answer(tenant, acceptance, waitSeconds)
    } catch (error) {
      if (error instanceof RecordsGone) return recordsRemoved(new Date())
      throw error
    }
  }
}

function recordsRemoved(removedAt: Date): RetryResult {
  const message = `The records of the job were removed on ${removedAt.toISOString().slice(0, 10)}, as resultRetentionDays says: send them again`
  return invalidInput([issue(['jobId'], message)])
}

function identityOf(tenant: string, input: RetryJobInput): RequestIdentity {
  const idempotencyKey = input.idempotencyKey ?? null
  const fingerprint = idempotencyKey === null ? null : fingerprintOf(operation, input)
  return { tenant, id: newId(), operation, idempotencyKey, fingerprint }
}

/** The job's part at the destinations that are asked for; null is all. */
function deliveriesOf(
  { deliveries }: Job,
  ids: readonly string[] | null,
): { deliveries: Delivery[]; issues: InputIssue[] } {
  if (ids === null) return { deliveries: [...deliveries], issues: [] }
  const known = deliveries.map(({ destinationId }) => destinationId)
  const issues = ids.flatMap((id, place) =>
    known.includes(id)
      ? []
      : [
          issue(
            ['destinations', String(place)],
            `The job did not go to ${shownName(id)}: name some of ${known.join(', ')}`,
          ),
        ],
  )
  return { deliveries: deliveries.filter(({ destinationId }) => ids.includes(destinationId)), issues }
}

function nothingToRetry(asked: readonly Delivery[], { destinations, codes }: RetryJobInput): string {
  const where = destinations?.length ? ` at ${destinations.join(', ')}` : ''
  const which = codes?.length ? ` with ${codes.join(' or ')}` : ''
  const unknown = asked.some(({ counts }) => countOf(counts, 'UNKNOWN') > 0) && !codes?.includes('NO_ANSWER')
  const hint = unknown ? '. Those that may have been applied are retried only if codes names NO_ANSWER' : ''
  return `The job has no failed records${where}${which}: there is nothing to retry${hint}`
}
