import { setTimeout as delay } from 'node:timers/promises'
import { type JobSnapshotFragment, JobStatusDocument } from './generated/graphql.ts'
import { ConnectionLost, type GraphqlClient, isPassing } from './graphql-client.ts'

export interface JobWatcher {
  /** Told of each state of the job, from the first on. */
  onSnapshot(job: JobSnapshotFragment): void
  /** Told when the gateway is not there any more, and each time that it still is not. */
  onLost?(reason: string): void
}

/** Tries in a row before a gateway that is not there is given up: about five minutes, one try each ten seconds in the end. */
const mostTries = 35
const firstWaitMs = 250
const longestWaitMs = 10_000
/** A subscription that lasted so long was a success, whatever ended it. */
const steadyMs = 30_000

/**
 * Follows a job to its last state and resolves to that. When the connection is lost, or the gateway stops, it goes on from the last version
 * that it saw, at whichever process answers then. Rejects when none does for minutes; the job goes on all the same.
 */
export async function watchJob(
  client: GraphqlClient,
  job: JobSnapshotFragment,
  { onSnapshot, onLost }: JobWatcher,
): Promise<JobSnapshotFragment> {
  let latest = job
  let tries = 0
  onSnapshot(latest)
  while (latest.finishedAt === null) {
    const began = performance.now()
    const reason = await follow(client, latest, (snapshot) => {
      latest = snapshot
      tries = 0
      onSnapshot(latest)
    })
    if (latest.finishedAt !== null) break
    if (performance.now() - began >= steadyMs) tries = 0
    tries++
    if (tries > mostTries) throw new ConnectionLost(reason)
    onLost?.(reason)
    await delay(Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)))
  }
  return latest
}

/** Resolves to why there is nothing more to follow. Rejects when it is of no use to ask again. */
async function follow(
  client: GraphqlClient,
  { id, version }: JobSnapshotFragment,
  onSnapshot: (job: JobSnapshotFragment) => void,
): Promise<string> {
  try {
    for await (const { jobStatus } of client.subscribe(JobStatusDocument, { id, afterVersion: version })) {
      onSnapshot(jobStatus)
    }
    return 'the gateway has stopped'
  } catch (error) {
    if (isPassing(error)) return error.message
    throw error
  }
}
