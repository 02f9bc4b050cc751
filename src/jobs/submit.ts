import type { Destination, DestinationRegistry, Queryable } from '../contract/adapter.ts'
import type { BulkUpsertExtensionsInput, BulkUpsertProfilesInput } from '../contract/input.ts'
import type { InputIssue } from '../contract/profile-type.ts'
import type { UpsertOptions } from '../contract/request.ts'
import type { Database } from '../db/database.ts'
import { checkExtensionsRequest } from '../domain/check-extensions-request.ts'
import { checkRequest, requestLimits } from '../domain/check-request.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { shownName } from '../domain/json.ts'
import { newId } from '../domain/new-id.ts'
import type { Acceptance, Acceptances } from './acceptance.ts'
import { chunkSize } from './chunk-results.ts'
import { examine, InvalidRecords, type Target, targetsFor } from './examine.ts'
import type { SubmitResult } from './job.ts'
import { createJointRequests } from './joint-requests.ts'
import { storeOperation } from './operations.ts'
import { extensionRequests, type LabelledRecord, profileRequests, type RequestKind } from './request-kind.ts'
import { createSharedReads } from './shared-reads.ts'
import { type AcceptedRequest, type StoreTarget, storeQueuedJob } from './store-job.ts'
import { StoredChunks } from './stored-chunks.ts'

export interface SubmitParts {
  database: Database
  registry: DestinationRegistry
  limits: { recordsPerMutation: number }
  acceptances: Acceptances
  /** Called when a job was queued, for the workers of this process. */
  onQueued: () => void
}

/** A request that carries its records, as it came, with what was found in it beside them. */
interface Submission {
  kind: RequestKind
  operation: string
  input: { destinations: string[]; idempotencyKey?: string | null; waitSeconds: number }
  records: readonly LabelledRecord[]
  checked: { ok: true; options: UpsertOptions } | { ok: false; issues: InputIssue[] }
}

export interface Submit {
  profiles(tenant: string, input: BulkUpsertProfilesInput): Promise<SubmitResult>
  extensions(tenant: string, input: BulkUpsertExtensionsInput): Promise<SubmitResult>
}

/** The mutations that carry their records: checks the request and all its records, then stores it, once, and waits for its end as long as was asked. */
export function createSubmit({ database, registry, limits, acceptances, onQueued }: SubmitParts): Submit {
  const carryOut = createJointRequests(acceptances)
  const share = createSharedReads()

  /** One store and one chunk: accepted, applied and settled by one transaction. */
  async function submitAtOnce(
    request: AcceptedRequest,
    records: readonly LabelledRecord[],
    target: Target,
    store: StoreTarget,
  ): Promise<SubmitResult | Acceptance> {
    for await (const chunk of examine(request.kind, records, request.options, [target])) {
      const invalid = new InvalidRecords()
      invalid.add(chunk, [target])
      if (request.options.onInvalid === 'REJECT_ALL' && invalid.total > 0) return refusal(invalid, request)
      return carryOut(store, { request, chunk })
    }
    throw new TypeError('a checked request has at least one record')
  }

  async function submitQueued(
    request: AcceptedRequest,
    records: readonly LabelledRecord[],
    targets: Target[],
  ): Promise<SubmitResult | Acceptance> {
    const { kind, options, waitSeconds } = request
    const invalid = new InvalidRecords()
    const stored = new StoredChunks(kind, targets, options)
    for await (const chunk of examine(kind, records, options, targets)) {
      if (options.onInvalid === 'REJECT_ALL') invalid.add(chunk, targets)
      // Once refused, only the counting goes on.
      if (invalid.total === 0) stored.add(chunk)
    }
    if (invalid.total > 0) return refusal(invalid, request)
    const store = (transaction: Queryable) => storeQueuedJob(transaction, request, targets, stored)
    return acceptances.acceptAndWait(request, waitSeconds, store, onQueued)
  }

  async function submit(tenant: string, submission: Submission): Promise<SubmitResult> {
    const { kind, input, records, checked } = submission
    const found = destinationsOf(registry, tenant, input.destinations.slice(0, requestLimits.destinations))
    if (!checked.ok || found.issues.length > 0) {
      return invalidInput([...(checked.ok ? [] : checked.issues), ...found.issues])
    }
    const { options } = checked
    const request = requestOf(tenant, submission, options)
    // A repetition is answered before its records are looked at; the transaction asks again, under the lock.
    const before = await acceptances.findTaken(request)
    if (before) return acceptances.answer(tenant, before, input.waitSeconds)

    const uses = kind.usesOf(records, options.nulls)
    const asked = await targetsFor(database, tenant, kind, found.destinations, options, uses, share)
    if (!asked.ok) return asked.refusal
    const [only, ...others] = asked.targets
    const isShort = others.length === 0 && records.length <= chunkSize
    const store = only && isShort ? storeTargetOf(only, kind) : null
    const answer = await (only && store
      ? submitAtOnce(request, records, only, store)
      : submitQueued(request, records, asked.targets))
    return answer.kind === 'stored' || answer.kind === 'taken'
      ? acceptances.answer(tenant, answer, input.waitSeconds)
      : answer
  }

  return {
    profiles: (tenant, input) =>
      submit(tenant, {
        kind: profileRequests,
        operation: 'bulkUpsertProfiles',
        input,
        records: input.profiles,
        checked: checkRequest(input, limits),
      }),
    extensions: (tenant, input) =>
      submit(tenant, {
        kind: extensionRequests,
        operation: 'bulkUpsertExtensions',
        input,
        records: input.extensions,
        checked: checkExtensionsRequest(input, limits),
      }),
  }
}

function storeTargetOf(
  { destination: { id: destinationId, adapter } }: Target,
  { kind }: RequestKind,
): StoreTarget | null {
  if (adapter.kind !== 'store') return null
  const operation = storeOperation(adapter, kind)
  return operation && { destinationId, adapter, operation }
}

function requestOf(
  tenant: string,
  { kind, operation, input, records }: Submission,
  options: UpsertOptions,
): AcceptedRequest {
  const idempotencyKey = input.idempotencyKey ?? null
  const fingerprint = idempotencyKey === null ? null : fingerprintOf(operation, input)
  const { waitSeconds } = input
  const total = records.length
  return { tenant, id: newId(), kind, operation, total, waitSeconds, options, idempotencyKey, fingerprint }
}

/** The destinations that a request names, and what to say of those that are not configured. */
export function destinationsOf(registry: DestinationRegistry, tenant: string, ids: readonly string[]) {
  const destinations: Destination[] = []
  const issues: InputIssue[] = []
  for (const [place, id] of ids.entries()) {
    const destination = registry.find(tenant, id)
    if (destination) destinations.push(destination)
    else {
      const configured = registry.all(tenant).map((one) => one.id)
      const message = `There is no destination ${shownName(id)}: name one of ${configured.join(', ')}`
      issues.push({ path: ['input', 'destinations', String(place)], message })
    }
  }
  return { destinations, issues }
}

export function invalidInput(issues: InputIssue[]): Extract<SubmitResult, { kind: 'invalidInput' }> {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return { kind: 'invalidInput', message: `${first?.message}${more}. Nothing was stored or sent.`, issues }
}

function refusal(invalid: InvalidRecords, { total }: AcceptedRequest): SubmitResult {
  return {
    kind: 'invalidRecords',
    message: `${invalid.total} of ${total} records are invalid; nothing was stored or sent. Correct them, or send with onInvalid SKIP_INVALID.`,
    records: invalid.named,
    totalInvalid: invalid.total,
  }
}
