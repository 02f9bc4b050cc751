import type { DestinationRegistry, Queryable, RemoteAdapter, StoreOperation } from '../contract/adapter.ts'
import type { Capabilities } from '../contract/capability.ts'
import type { BulkUpsertProfilesInput } from '../contract/input.ts'
import type { OutcomeCounts, RecordWarning } from '../contract/outcome.ts'
import { recordOutcomes } from '../contract/outcome.ts'
import type { RecordUses, UpsertOptions } from '../contract/request.ts'
import type { Database } from '../db/database.ts'
import { readLaneQueue } from '../db/lanes.ts'
import { checkRequest, requestLimits } from '../domain/check-request.ts'
import { countOf } from '../domain/job-state.ts'
import { pacedIntervalMs, paceOf } from '../domain/pace.ts'
import { chunkSize } from './chunk-results.ts'
import { examine, InvalidRecords, type Target, targetsFor } from './examine.ts'
import type { InvalidRecord, SubmitResult } from './job.ts'
import { storeOperation } from './operations.ts'
import { profileRequests } from './request-kind.ts'
import { plannerFor } from './stored-chunks.ts'
import { destinationsOf, invalidInput } from './submit.ts'
import { createTurns } from './turns.ts'

/** What a request would come to at one destination. */
export interface PlannedDelivery {
  destinationId: string
  batches: number
  estimatedSeconds: number
  /** null where the destination cannot be asked. */
  would: { create: number; update: number; leaveUnchanged: number; fail: number } | null
  warnings: string[]
}

export interface Plan {
  total: number
  totalInvalid: number
  /** The first 1,000. */
  invalid: InvalidRecord[]
  deliveries: PlannedDelivery[]
}

export type PlanAnswer =
  | ({ kind: 'plan' } & Plan)
  | Extract<SubmitResult, { kind: 'invalidInput' } | { kind: 'unsupported' }>

export interface DryRunParts {
  database: Database
  registry: DestinationRegistry
  limits: { recordsPerMutation: number }
}

/** Different warnings of records that a plan puts into words; the others are only counted. */
const mostWarnings = 20

/** Thrown to roll a rehearsal back. */
class Rehearsed extends Error {
  override name = 'Rehearsed'
}

/** What is gathered of one destination while the records are examined. */
interface Part {
  target: Target
  planner: ReturnType<typeof plannerFor>
  /** Chunk by chunk, the records that are valid there. */
  ready: unknown[][]
  invalid: number
  /** By the words of the warning. */
  warned: Map<string, number>
}

/** Of the connections of a process, so many are for dry runs at most. */
const rehearsedAtOnce = 3

/** The query planBulkUpsertProfiles: checks the request as the mutation does, and tells what would become of it. Nothing is stored or sent. */
export function createDryRun({ database, registry, limits }: DryRunParts) {
  const inTurn = createTurns(rehearsedAtOnce)
  // Those of a tenant one after the other, however many one document asks for: at a store each holds a connection, and its tenant's gate.
  return (tenant: string, input: BulkUpsertProfilesInput): Promise<PlanAnswer> =>
    inTurn(tenant, () => planProfiles(tenant, input))

  async function planProfiles(tenant: string, input: BulkUpsertProfilesInput): Promise<PlanAnswer> {
    const checked = checkRequest(input, limits)
    const found = destinationsOf(registry, tenant, input.destinations.slice(0, requestLimits.destinations))
    if (!checked.ok || found.issues.length > 0) {
      return invalidInput([...(checked.ok ? [] : checked.issues), ...found.issues])
    }
    const { options } = checked
    const uses = profileRequests.usesOf(input.profiles, options.nulls)
    const asked = await targetsFor(database, tenant, profileRequests, found.destinations, options, uses)
    if (!asked.ok) return asked.refusal

    const invalid = new InvalidRecords()
    const parts = asked.targets.map((target): Part => {
      return { target, planner: plannerFor(target, profileRequests, options), ready: [], invalid: 0, warned: new Map() }
    })
    for await (const chunk of examine(profileRequests, input.profiles, options, asked.targets)) {
      invalid.add(chunk, asked.targets)
      for (const [ordinal, part] of parts.entries()) gather(part, chunk, ordinal)
    }
    const total = input.profiles.length
    const deliveries: PlannedDelivery[] = []
    for (const part of parts) {
      const { id, adapter } = part.target.destination
      const caveats = [...(adapter.caveats?.(options, uses) ?? []), ...linkCaveat(adapter.capabilities, uses)]
      const standing =
        adapter.kind === 'store' ? await atStore(tenant, part, options, total) : await atVendor(adapter, part)
      deliveries.push({ destinationId: id, ...standing, warnings: [...caveats, ...inWords(part.warned)] })
    }
    return { kind: 'plan', total, totalInvalid: invalid.total, invalid: invalid.named, deliveries }
  }

  async function atStore(tenant: string, part: Part, options: UpsertOptions, total: number) {
    const { adapter } = part.target.destination
    const operation = adapter.kind === 'store' ? storeOperation(adapter, 'PROFILES') : null
    const counts = operation?.rehearse ? await rehearse(tenant, operation, options, part.ready) : null
    const would = counts && {
      create: countOf(counts, 'CREATED'),
      update: countOf(counts, 'UPDATED'),
      leaveUnchanged: countOf(counts, 'UNCHANGED'),
      fail: countOf(counts, 'FAILED') + part.invalid,
    }
    const folded = counts === null ? 0 : countOf(counts, 'SUPERSEDED')
    if (folded > 0) part.warned.set('it would be folded into a later record of the same match value', folded)
    return { batches: Math.ceil(total / chunkSize), estimatedSeconds: 0, would }
  }

  /** Applies all of it, and takes it back. */
  async function rehearse(
    tenant: string,
    operation: StoreOperation,
    options: UpsertOptions,
    ready: readonly unknown[][],
  ): Promise<OutcomeCounts> {
    let counts: OutcomeCounts = []
    try {
      await database.transaction(async (transaction: Queryable) => {
        const fates = (await operation.rehearse?.(transaction, tenant, options, ready)) ?? []
        counts = recordOutcomes.map((name) => fates.filter(({ outcome }) => outcome === name).length)
        throw new Rehearsed('nothing of a dry run is kept')
      })
    } catch (error) {
      if (!(error instanceof Rehearsed)) throw error
    }
    return counts
  }

  /** The calls that wait there already go first, at the pace of the account. */
  async function atVendor(adapter: RemoteAdapter, { planner }: Part) {
    const batches = planner?.batches().length ?? 0
    const queue = await readLaneQueue(database, adapter.lane, batches)
    // The strictest of the destinations that share the account, as the lane is kept.
    const sharing = registry.remotes().filter(({ lane }) => lane === adapter.lane)
    const minIntervalMs = Math.max(0, ...sharing.map((one) => paceOf(one).minIntervalMs))
    const intervals = Math.max(0, queue.batches + batches - 1)
    const estimatedMs =
      batches === 0 ? 0 : queue.callInMs + intervals * (minIntervalMs > 0 ? pacedIntervalMs(minIntervalMs) : 0)
    return { batches, estimatedSeconds: estimatedMs / 1000, would: null }
  }
}

/** A destination without links writes their attributes as plain values. */
function linkCaveat({ profiles }: Capabilities, { attributes }: RecordUses): string[] {
  if (attributes.size === 0 || profiles === null || profiles.linkPolicy.length > 0) return []
  return ['It has no links: attributes that are links elsewhere are plain values here, and linkPolicy has no effect.']
}

function gather(part: Part, chunk: Parameters<InvalidRecords['add']>[0], ordinal: number): void {
  const ready: unknown[] = []
  for (const [place, verdict] of (chunk.verdicts[ordinal] ?? []).entries()) {
    const record = chunk.records[place]
    if (!verdict.ok || record === undefined) {
      part.invalid += 1
      continue
    }
    part.planner?.add(chunk.first + place, verdict.value, profileRequests.isRename(record))
    if (part.planner === null) ready.push(verdict.value)
    const warnings: readonly RecordWarning[] = [...(chunk.warnings[place] ?? []), ...verdict.warnings]
    for (const words of new Set(warnings.map(({ message }) => message))) {
      part.warned.set(words, (part.warned.get(words) ?? 0) + 1)
    }
  }
  if (ready.length > 0) part.ready.push(ready)
}

function inWords(warned: ReadonlyMap<string, number>): string[] {
  const lines = [...warned].map(([words, count]) => `${count === 1 ? 'One record' : `${count} records`}: ${words}`)
  const [shown, rest] = [lines.slice(0, mostWarnings), lines.length - mostWarnings]
  return rest > 0 ? [...shown, `And ${rest} more kinds of warning`] : shown
}
