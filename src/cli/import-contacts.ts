import {
  BulkUpsertProfilesDocument,
  type BulkUpsertProfilesInput,
  type JobSnapshotFragment,
} from './generated/graphql.ts'
import type { GraphqlClient } from './graphql-client.ts'
import type { BarState } from './progress-bar.ts'
import { watchJob } from './watch-job.ts'

/**
 * Sends an import without waiting for it, follows its job to the last state and resolves to that. `onSnapshot` is told of each state.
 * Rejects when the gateway refuses the request, with the reason it gives.
 */
export async function importContacts(
  client: GraphqlClient,
  input: Omit<BulkUpsertProfilesInput, 'waitSeconds'>,
  onSnapshot: (job: JobSnapshotFragment) => void,
): Promise<JobSnapshotFragment> {
  const { bulkUpsertProfiles: result } = await client.request(BulkUpsertProfilesDocument, {
    input: { ...input, waitSeconds: 0 },
    failures: 0,
  })
  if (result?.__typename !== 'JobPayload') throw new Error(`the import was refused: ${result?.message ?? 'no reason'}`)
  return watchJob(client, result.job, {
    onSnapshot,
    // The gateway runs on this machine, for this import: it does not come back.
    onLost: (reason) => {
      throw new Error(`the job could not be watched to its end: ${reason}`)
    },
  })
}

/** One bar for each destination of the job. */
export function barsOf(job: JobSnapshotFragment): BarState[] {
  return job.deliveries.map(({ destinationId, progress }) => ({ name: destinationId, ...progress }))
}
