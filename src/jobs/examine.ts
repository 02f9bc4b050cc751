import { setImmediate } from 'node:timers/promises'
import type { Destination, Prepared, Queryable, Unsupported } from '../contract/adapter.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import { firstErrors } from '../domain/record-errors.ts'
import { chunkSize } from './chunk-results.ts'
import type { InvalidRecord, SubmitResult } from './job.ts'
import { keptRecord } from './kept-record.ts'
import { operationOf } from './operations.ts'
import type { LabelledRecord, RequestKind } from './request-kind.ts'
import type { ShareReads } from './shared-reads.ts'

/** A destination of a request, with what makes records ready for it. */
export interface Target {
  destination: Destination
  prepare(record: LabelledRecord): Prepared<unknown>
}

const withSets = (_name: string, value: unknown) => (value instanceof Set ? [...value] : value)

type Refusal = Extract<SubmitResult, { kind: 'unsupported' }>

/**
 * Asks each destination whether it can do what the request wants, in their order; the first refusal is the answer. With `share`, requests
 * that come at the same time and want the same read what is defined together.
 */
export async function targetsFor(
  db: Queryable,
  tenant: string,
  kind: RequestKind,
  destinations: readonly Destination[],
  options: UpsertOptions,
  uses: unknown,
  share: ShareReads = (_name, read) => read(),
): Promise<{ ok: true; targets: Target[] } | { ok: false; refusal: Refusal }> {
  const targets: Target[] = []
  for (const destination of destinations) {
    const refused = kind.unsupportedBy(destination.adapter.capabilities, options, uses)
    if (refused) return { ok: false, refusal: refusalFrom(destination, refused) }
    const operation = operationOf(destination.adapter, kind.kind)
    if (!operation)
      throw new TypeError(`${destination.adapter.name} has no operation for what its capabilities promise`)
    const name = JSON.stringify([tenant, kind.kind, destination.id, options, uses], withSets)
    const preparing = await share(name, () => operation.preparer(db, tenant, options, uses))
    if (!preparing.ok) return { ok: false, refusal: refusalFrom(destination, preparing.unsupported) }
    targets.push({ destination, prepare: preparing.prepare })
  }
  return { ok: true, targets }
}

function refusalFrom({ id }: Destination, { feature, requested, supported }: Unsupported): Refusal {
  const remedy = supported.length > 0 ? `it supports ${supported.join(', ')}` : 'leave it out'
  return {
    kind: 'unsupported',
    message: `Destination ${JSON.stringify(id)} does not support ${feature} ${requested}: ${remedy}, or send without this destination. Nothing was stored or sent.`,
    destinationId: id,
    feature,
    requested,
    supported: [...supported],
  }
}

/** A chunk of the input, checked for every destination. Lists are in the order of the records. */
export interface ExaminedChunk {
  /** Index in the input of the first record. */
  first: number
  /** Normalised; as it was sent where it cannot be. */
  records: LabelledRecord[]
  /** What is stored of them, see keptRecord. */
  kept: unknown[]
  /** What was found while normalising, which nobody would find again in the normalised record. */
  warnings: RecordWarning[][]
  /** For each destination its answer to each record. */
  verdicts: Prepared<unknown>[][]
}

/** Checks the records chunk by chunk. Between chunks others get their turn: a thousand records take some 20 ms. */
export async function* examine(
  kind: RequestKind,
  inputs: readonly LabelledRecord[],
  options: UpsertOptions,
  targets: readonly Target[],
): AsyncGenerator<ExaminedChunk> {
  for (let first = 0; first < inputs.length; first += chunkSize) {
    if (first > 0) await setImmediate()
    yield examineChunk(kind, inputs.slice(first, first + chunkSize), first, options, targets)
  }
}

export function examineChunk(
  kind: RequestKind,
  inputs: readonly LabelledRecord[],
  first: number,
  options: UpsertOptions,
  targets: readonly Target[],
): ExaminedChunk {
  const chunk: ExaminedChunk = { first, records: [], kept: [], warnings: [], verdicts: targets.map(() => []) }
  for (const input of inputs) {
    const normalised = kind.normalise(input, options)
    chunk.records.push(normalised.ok ? normalised.record : input)
    chunk.warnings.push(normalised.ok ? normalised.warnings : [])
    const verdicts = targets.map(({ prepare }) => told(normalised.ok ? prepare(normalised.record) : normalised))
    for (const [ordinal, verdict] of verdicts.entries()) chunk.verdicts[ordinal]?.push(verdict)
    chunk.kept.push(keptRecord(input, normalised, verdicts))
  }
  return chunk
}

/** The verdict with no more errors than are told of a record: thousands of records are kept in memory with theirs. */
export function told(verdict: Prepared<unknown>): Prepared<unknown> {
  return verdict.ok ? verdict : { ok: false, errors: firstErrors(verdict.errors) }
}

/** Invalid records named in a refusal; more are only counted. */
const namedInvalidRecords = 1000

/** Gathers the invalid records of a request that is refused if it has any. */
export class InvalidRecords {
  readonly named: InvalidRecord[] = []
  total = 0

  add(chunk: ExaminedChunk, targets: readonly Target[]): void {
    for (const [place, record] of chunk.records.entries()) {
      const destinationIds: string[] = []
      const errors = new Map<string, RecordError>()
      for (const [ordinal, verdicts] of chunk.verdicts.entries()) {
        const verdict = verdicts[place]
        const target = targets[ordinal]
        if (!verdict || verdict.ok || !target) continue
        destinationIds.push(target.destination.id)
        // Destinations that object to the same thing say it once.
        for (const error of verdict.errors) errors.set(`${error.code} ${error.field ?? ''} ${error.message}`, error)
      }
      if (destinationIds.length === 0) continue
      this.total += 1
      if (this.named.length === namedInvalidRecords) continue
      this.named.push({
        index: chunk.first + place,
        clientRef: record.clientRef ?? null,
        destinationIds,
        errors: [...errors.values()],
      })
    }
  }
}
