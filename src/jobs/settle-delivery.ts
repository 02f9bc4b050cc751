import type { Queryable, RemoteAdapter } from '../contract/adapter.ts'
import type { RecordFate } from '../contract/outcome.ts'
import { type BatchRow, readBatchRecords, readUncertainBatches } from '../db/job-batches.ts'
import { lockJob, readDeliveryCounts, settleJob, writeResultChunk } from '../db/job-deliver.ts'
import {
  closeUnsent,
  finishBatches,
  hasOpenBatches,
  type LockedDelivery,
  readKnownChunks,
  storeDelivery,
} from '../db/job-settle.ts'
import { addCounts, cancelPending, type EndState, endStateOf } from '../domain/job-state.ts'
import { addFates, type Fates, fatesOf, unknownAfter, writtenAgain } from './call-fates.ts'
import { chunkSize, countOutcomes, outcomeAt, resultChunkOf, resultsFrom, settleRecord } from './chunk-results.ts'
import { chunksOf, loadBatch } from './load-batch.ts'
import { keptError, keptId, withKeptIds } from './vendor-text.ts'

/** Ids of the vendor that a delivery shows. */
const shownVendorIds = 20

/** What changes of a locked delivery, gathered within the transaction and stored at its end by `store`. */
export class Settlement {
  readonly #transaction: Queryable
  readonly delivery: LockedDelivery
  readonly fates: Fates = new Map()
  giveUp: Parameters<typeof storeDelivery>[3] = { kind: 'keep' }

  constructor(transaction: Queryable, delivery: LockedDelivery) {
    this.#transaction = transaction
    this.delivery = delivery
  }

  /** What became of some records, whose batch may go on with others. */
  learn(fates: Fates): void {
    for (const [index, fate] of fates) this.fates.set(index, fate)
  }

  /** A batch has ended; `fates` are those of its records that were not known before. */
  async finish(batch: BatchRow, fates: Fates): Promise<void> {
    this.learn(fates)
    await this.#close([batch])
  }

  /** Ends a batch whose records all get the same fate, unless its adapter knows better of a call that it would have gone on with. */
  async end(adapter: RemoteAdapter, batch: BatchRow, fate: RecordFate): Promise<void> {
    await this.endAll(adapter, [batch], () => fate)
  }

  /** The same of several, by one statement. */
  async endAll(
    adapter: RemoteAdapter,
    batches: readonly BatchRow[],
    fateOf: (batch: BatchRow) => RecordFate,
  ): Promise<void> {
    for (const batch of batches) this.learn(await endedFates(this.#transaction, adapter, batch, fateOf(batch)))
    await this.#close(batches)
  }

  /** None of their records is left without an outcome, as nobody would come by again. */
  async #close(batches: readonly BatchRow[]): Promise<void> {
    const forgotten = unknownAfter('The gateway has lost what became of it')
    for (const index of batches.flatMap(({ indexes }) => indexes)) {
      if (!this.fates.has(index)) this.fates.set(index, forgotten)
    }
    this.delivery.batchesDone += batches.length
    await finishBatches(
      this.#transaction,
      this.delivery,
      batches.map(({ batch }) => batch),
    )
  }

  showVendorIds(ids: readonly (string | undefined)[]): void {
    const known = this.delivery.vendorRequestIds
    const added = ids.filter((id) => id !== undefined).map(keptId)
    this.delivery.vendorRequestIds = [...new Set([...known, ...added])].slice(-shownVendorIds)
  }

  /** Stores the results, the counts, the delivery and the job's next version. */
  async store(): Promise<void> {
    const transaction = this.#transaction
    const { tenant, jobId, state } = this.delivery
    const end = await this.storeDelivery()
    if (end === null && state !== 'PAUSED') {
      await settleJob(transaction, tenant, jobId, null)
      return
    }
    // Whether the job is over, or rests now, is seen only by who has locked it: another of its deliveries may be settled at the same time.
    const [, allCounts] = await Promise.all([
      lockJob(transaction, tenant, jobId),
      readDeliveryCounts(transaction, tenant, jobId),
    ])
    await settleJob(transaction, tenant, jobId, endStateOf(addCounts(allCounts)))
  }

  /** The same without the job. Resolves to the state in which the delivery has ended, null while it goes on. */
  async storeDelivery(): Promise<EndState | null> {
    const { delivery } = this
    const isCancelling = delivery.state === 'CANCELLING'
    if (isCancelling) await this.#cancelUnsent()
    await this.#storeFates()
    if (endStateOf(delivery.counts) !== null) delivery.batchesDone = delivery.batchesTotal
    else if (isCancelling && !(await hasOpenBatches(this.#transaction, delivery))) {
      delivery.counts = cancelPending(delivery.counts)
    }
    const end = endStateOf(delivery.counts)
    if (delivery.lastError !== null) delivery.lastError = keptError(delivery.lastError)
    await storeDelivery(this.#transaction, delivery, end, this.giveUp)
    return end
  }

  /** What no vendor is at will not be sent any more, whatever brought it back: CANCELLED, unless an earlier attempt may have been applied. */
  async #cancelUnsent(): Promise<void> {
    const { lastError } = this.delivery
    const message = `The job was cancelled before it could be sent again${lastError === null ? '' : `; the latest fault: ${lastError}`}`
    for (const batch of await readUncertainBatches(this.#transaction, this.delivery)) {
      await this.finish(batch, new Map(batch.indexes.map((index) => [index, unknownAfter(message)])))
    }
    await closeUnsent(this.#transaction, this.delivery)
  }

  /** Only what is PENDING gets an outcome, so that no record is counted twice whatever happens. */
  async #storeFates(): Promise<void> {
    if (this.fates.size === 0) return
    const { delivery } = this
    const known = await readKnownChunks(this.#transaction, delivery, chunksOf({ indexes: this.fates.keys() }))
    const byChunk = Map.groupBy(this.fates, ([index]) => Math.floor(index / chunkSize))
    for (const stored of known) {
      const results = resultsFrom(stored, stored.size)
      const before = countOutcomes(results)
      for (const [index, fate] of byChunk.get(stored.chunk) ?? []) {
        const place = index % chunkSize
        if (outcomeAt(results, place) === 'PENDING') settleRecord(results, place, withKeptIds(fate))
      }
      const chunk = resultChunkOf(results, stored.chunk, delivery.ordinal)
      delivery.counts = delivery.counts.map((count, place) => count + (chunk.counts[place] ?? 0) - (before[place] ?? 0))
      await writeResultChunk(this.#transaction, delivery.tenant, delivery.jobId, chunk)
    }
  }
}

/** A fault of what is asked of the adapter here ends nothing but this one batch, as nobody knows more of it then. */
async function endedFates(
  transaction: Queryable,
  adapter: RemoteAdapter,
  batch: BatchRow,
  fate: RecordFate,
): Promise<Fates> {
  const fates = fatesOf([{ members: batch.indexes }], fate)
  if (batch.ticket === null) return fates
  const records = await readBatchRecords(transaction, batch, chunksOf(batch))
  try {
    const { operation, options, sent, refused, warnings } = await loadBatch(transaction, adapter, batch, records)
    // The ticket is about records by their positions.
    if (!operation.abandon || refused.size > 0) return fates
    const call = { options, records: sent.map(({ value }) => value), repeated: batch.uncertain }
    const known: Fates = new Map()
    for (const [position, own] of operation.abandon(batch.ticket[0], call).entries()) {
      const record = sent[position]
      if (!record || own.outcome === 'PENDING') continue
      addFates(known, record, batch.uncertain ? writtenAgain(own, options) : own, warnings)
    }
    return new Map([...fates, ...known])
  } catch {
    return fates
  }
}
