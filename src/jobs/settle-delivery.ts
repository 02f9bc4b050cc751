import type { Queryable, RemoteAdapter } from '../contract/adapter.ts'
import type { RecordFate } from '../contract/outcome.ts'
import { type BatchRow, readBatchRecords, readReadyBatches } from '../db/job-batches.ts'
import { lockJob, readDeliveryCounts, settleJob, writeResultChunk } from '../db/job-deliver.ts'
import { finishBatch, type LockedDelivery, readKnownChunks, storeDelivery } from '../db/job-settle.ts'
import { addCounts, endStateOf } from '../domain/job-state.ts'
import { addFates, type Fates } from './call-fates.ts'
import { chunkSize, countOutcomes, outcomeAt, resultChunkOf, resultsFrom, settleRecord } from './chunk-results.ts'
import { chunksOf, loadBatch } from './load-batch.ts'

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

  /** A batch has ended; `fates` are those of its records that were not known before. */
  async finish(batch: BatchRow, fates: Fates): Promise<void> {
    for (const [index, fate] of fates) this.fates.set(index, fate)
    this.delivery.batchesDone += 1
    await finishBatch(this.#transaction, batch)
  }

  /** Ends a batch whose records all get the same fate, unless its adapter knows better of a call that it would have gone on with. */
  async end(adapter: RemoteAdapter, batch: BatchRow, fate: RecordFate): Promise<void> {
    await this.finish(batch, await endedFates(this.#transaction, adapter, batch, fate))
  }

  /** Ends all batches that nobody is at. */
  async endReady(adapter: RemoteAdapter, fateOf: (batch: BatchRow) => RecordFate): Promise<void> {
    for (const batch of await readReadyBatches(this.#transaction, this.delivery)) {
      await this.end(adapter, batch, fateOf(batch))
    }
  }

  showVendorIds(ids: readonly (string | undefined)[]): void {
    const known = this.delivery.vendorRequestIds
    const added = ids.filter((id) => id !== undefined)
    this.delivery.vendorRequestIds = [...new Set([...known, ...added])].slice(-shownVendorIds)
  }

  /** Stores the results, the counts, the delivery and the job's next version. */
  async store(): Promise<void> {
    const { delivery } = this
    const transaction = this.#transaction
    await this.#storeFates()
    const end = endStateOf(delivery.counts)
    if (end !== null) delivery.batchesDone = delivery.batchesTotal
    await storeDelivery(transaction, delivery, end, this.giveUp)
    if (end === null) {
      await settleJob(transaction, delivery.tenant, delivery.jobId, 'RUNNING')
      return
    }
    const [, allCounts] = await Promise.all([
      lockJob(transaction, delivery.tenant, delivery.jobId),
      readDeliveryCounts(transaction, delivery.tenant, delivery.jobId),
    ])
    await settleJob(transaction, delivery.tenant, delivery.jobId, endStateOf(addCounts(allCounts)) ?? 'RUNNING')
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
        if (outcomeAt(results, index % chunkSize) === 'PENDING') settleRecord(results, index % chunkSize, fate)
      }
      const chunk = resultChunkOf(results, stored.chunk, delivery.ordinal)
      delivery.counts = delivery.counts.map((count, place) => count + (chunk.counts[place] ?? 0) - (before[place] ?? 0))
      await writeResultChunk(this.#transaction, delivery.tenant, delivery.jobId, chunk)
    }
  }
}

async function endedFates(
  transaction: Queryable,
  adapter: RemoteAdapter,
  batch: BatchRow,
  fate: RecordFate,
): Promise<Fates> {
  if (batch.ticket === null) return new Map(batch.indexes.map((index) => [index, fate]))
  const records = await readBatchRecords(transaction, batch, chunksOf(batch))
  const loaded = await loadBatch(transaction, adapter, batch, records)
  if (!loaded.operation.abandon) return new Map(batch.indexes.map((index) => [index, fate]))
  const known = loaded.operation.abandon(batch.ticket[0], {
    options: loaded.options,
    records: loaded.sent.map(({ value }) => value),
    repeated: batch.uncertain,
  })
  const fates: Fates = new Map(batch.indexes.map((index) => [index, fate]))
  if (loaded.refused.size > 0) return fates
  for (const [position, record] of loaded.sent.entries()) {
    const own = known[position]
    if (own && own.outcome !== 'PENDING') addFates(fates, record, own, loaded.warnings)
  }
  return fates
}
