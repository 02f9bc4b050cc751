import { setImmediate } from 'node:timers/promises'
import type { Queryable } from '../contract/adapter.ts'
import { readChunkRecords } from '../db/job-failures.ts'
import { recordAsSent } from './kept-record.ts'

/** Chunks asked for by one statement. */
const stride = 20

/**
 * The records of some chunks of a job as they were sent, chunk by chunk, in order; few are held in memory at once, however many are asked
 * for. One that is not there any more is passed over.
 */
export async function* chunkRecords(
  db: Queryable,
  tenant: string,
  jobId: string,
  chunks: readonly number[],
): AsyncGenerator<{ chunk: number; records: unknown[] }> {
  let left = chunks.toSorted((one, other) => one - other)
  while (left.length > 0) {
    const asked = left.slice(0, stride)
    const found = await readChunkRecords(db, tenant, jobId, asked)
    for (const { chunk, records } of found) {
      yield { chunk, records: (JSON.parse(records) as unknown[]).map(recordAsSent) }
      // Others get their turn.
      await setImmediate()
    }
    const last = found.at(-1)?.chunk ?? asked.at(-1) ?? 0
    left = left.filter((chunk) => chunk > last)
  }
}
