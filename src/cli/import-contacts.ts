import {
  BulkUpsertProfilesDocument,
  type BulkUpsertProfilesInput,
  type JobSnapshotFragment,
  JobStatusDocument,
} from './generated/graphql.ts'
import type { GraphqlClient } from './graphql-client.ts'
import type { BarState } from './progress-bar.ts'

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
  let latest: JobSnapshotFragment = result.job
  onSnapshot(latest)
  for await (const { jobStatus } of client.subscribe(JobStatusDocument, { id: latest.id })) {
    // After a broken connection the subscription begins again, with what may have been seen.
    if (jobStatus.version < latest.version) continue
    latest = jobStatus
    onSnapshot(latest)
  }
  if (latest.finishedAt === null) throw new Error(`the subscription ended while job ${latest.id} was ${latest.state}`)
  return latest
}

/** One bar for each destination of the job. */
export function barsOf(job: JobSnapshotFragment): BarState[] {
  return job.deliveries.map(({ destinationId, progress }) => ({ name: destinationId, ...progress }))
}
