import type { Queryable } from '../contract/adapter.ts'
import type { DeliveryKey } from './job-batches.ts'
import { integerLists, plainArray } from './literals.ts'

export interface NewBatch {
  wave: number
  indexes: readonly number[]
  carriers: readonly number[] | null
  valueHashes: readonly number[] | null
  repeatable: boolean
}

/** Stored by one statement at most. */
const batchesPerStatement = 100

/** Batches of a delivery, numbered from `first`; their waves begin when `afterWave` and all before it are done. */
export async function insertBatches(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  lane: string,
  batches: readonly NewBatch[],
  { first, afterWave }: { first: number; afterWave: number } = { first: 0, afterWave: -1 },
): Promise<void> {
  // Sent one after the other without waiting: one round trip rather than one each.
  const inserting: Promise<void>[] = []
  for (let from = 0; from < batches.length; from += batchesPerStatement) {
    const some = batches.slice(from, from + batchesPerStatement)
    inserting.push(insertSome(transaction, { tenant, jobId, ordinal }, lane, some, { first: first + from, afterWave }))
  }
  await Promise.all(inserting)
}

async function insertSome(
  transaction: Queryable,
  { tenant, jobId, ordinal }: DeliveryKey,
  lane: string,
  batches: readonly NewBatch[],
  { first, afterWave }: { first: number; afterWave: number },
): Promise<void> {
  await transaction.query(
    `insert into batches (tenant, job_id, ordinal, batch, lane, wave, first_index, indexes, carriers, value_hashes, repeatable)
     select $1, $2::uuid, $3::smallint, $10::int + place - 1, $4, $11::int + 1 + wave, (indexes::int[])[1], indexes::int[], carriers::int[], hashes::int[], repeatable
       from unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::boolean[])
            with ordinality as given(wave, indexes, carriers, hashes, repeatable, place)`,
    [
      tenant,
      jobId,
      ordinal,
      lane,
      plainArray(batches.map((batch) => batch.wave)),
      integerLists(batches.map((batch) => batch.indexes)),
      integerLists(batches.map((batch) => batch.carriers)),
      integerLists(batches.map((batch) => batch.valueHashes)),
      plainArray(batches.map((batch) => batch.repeatable)),
      first,
      afterWave,
    ],
  )
}
