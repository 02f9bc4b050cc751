import type { Queryable } from '../contract/adapter.ts'
import { lastSourceIndex, readFailed, readJobSource, readLabels } from '../db/job-retry.ts'
import { chunkSize } from './chunk-results.ts'
import type { Delivery, Job, RecordResult } from './job.ts'
import { failedSearch } from './retry-source.ts'
import type { RetrySource } from './staging-source.ts'

/** Where a result stands among those of its job. */
export interface ResultPlace {
  index: number
  ordinal: number
  /** Of a retry's record that was never read: its index in the other job. */
  source?: number | undefined
}

const neverRead = {
  line: null,
  outcome: 'CANCELLED',
  affected: 0,
  supersededBy: null,
  profileId: null,
  vendorRequestId: null,
  vendorTransactionId: null,
} as const

/**
 * The records of a retry that ended before it had read them: CANCELLED, each at the destinations that it would have gone to. Nothing of them
 * is stored; they are found where the retry would have found them, as long as the records of the other job are kept. Those behind `after`,
 * read as they are taken, `most` records at a time.
 */
export async function* unreadResults(
  db: Queryable,
  job: Job,
  deliveries: ReadonlyMap<number, Delivery>,
  after: ResultPlace | null,
  most: number,
): AsyncGenerator<RecordResult & { sourceIndex: number }> {
  const source = (await readJobSource(db, job.tenant, job.id)) as RetrySource
  let index = job.staged
  let from = index === 0 ? -1 : await lastSourceIndex(db, job.tenant, job.id, index / chunkSize - 1)
  // Of the record that the last page ended with, some destinations may be left.
  let seen = -1
  if (after?.source !== undefined && after.index >= index) {
    index = after.index
    from = after.source - 1
    seen = after.ordinal
  }
  for (;;) {
    const places = await readFailed(db, failedSearch(job.tenant, source), from, chunkSize, most)
    const labels = await labelsOf(db, job.tenant, source.jobId, places)
    for (const { chunk, place, ordinals } of places) {
      from = chunk * chunkSize + place
      const key = labels.get(chunk)?.keys[place] ?? null
      const clientRef = labels.get(chunk)?.clientRefs[place] ?? null
      for (const [ordinal, parentOrdinal] of source.ordinals.entries()) {
        const delivery = deliveries.get(ordinal)
        if (!delivery || !ordinals.includes(parentOrdinal) || ordinal <= seen) continue
        const { destinationId } = delivery
        yield {
          ...neverRead,
          index,
          ordinal,
          destinationId,
          sourceIndex: from,
          key,
          clientRef,
          errors: [],
          warnings: [],
        }
      }
      index += 1
      seen = -1
    }
    if (places.length < most) return
  }
}

async function labelsOf(db: Queryable, tenant: string, jobId: string, places: readonly { chunk: number }[]) {
  const chunks = new Set(places.map(({ chunk }) => chunk))
  const labels = new Map<number, Labels>()
  for (const { chunk, keys, clientRefs } of await readLabels(db, tenant, jobId, [...chunks])) {
    labels.set(chunk, { keys: listOf(keys), clientRefs: listOf(clientRefs) })
  }
  return labels
}

interface Labels {
  keys: (string | null)[]
  clientRefs: (string | null)[]
}

const listOf = (stored: string | null): (string | null)[] => (stored === null ? [] : JSON.parse(stored))
