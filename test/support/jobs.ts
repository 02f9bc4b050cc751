import { vi } from 'vitest'
import {
  BulkUpsertProfilesDocument,
  type BulkUpsertProfilesInput,
  type BulkUpsertProfilesMutation,
  JobDocument,
  type JobSnapshotFragment,
  type ProfileInput,
} from '../../src/cli/generated/graphql.ts'
import type { GatewayClient, RequestOptions } from './gateway.ts'

type Mutation = NonNullable<BulkUpsertProfilesMutation['bulkUpsertProfiles']>

/** What the mutation answered with; throws where there is no data, with the errors that came in its place. */
export async function bulkUpsert(
  client: GatewayClient,
  input: BulkUpsertProfilesInput,
  options: RequestOptions = {},
): Promise<Mutation> {
  const answer = await client.request(BulkUpsertProfilesDocument, { input }, options)
  const result = answer.data?.bulkUpsertProfiles
  if (!result) throw new Error(`bulkUpsertProfiles was answered with ${JSON.stringify(answer)}`)
  return result
}

/** The job that a request was accepted as; throws when it was refused. */
export async function acceptedJob(client: GatewayClient, input: BulkUpsertProfilesInput, options: RequestOptions = {}) {
  const result = await bulkUpsert(client, input, options)
  if (result.__typename !== 'JobPayload') throw new Error(`the request was refused: ${JSON.stringify(result)}`)
  return result.job
}

/** The job as it now stands; throws when it is not there. */
export async function readJob(
  client: GatewayClient,
  id: string,
  options: RequestOptions = {},
): Promise<JobSnapshotFragment> {
  const { data, ...rest } = await client.request(JobDocument, { id }, options)
  if (!data?.job) throw new Error(`job ${id} was answered with ${JSON.stringify(rest)}`)
  return data.job
}

/** The jobs once all of them have ended. Throws when they have not within so many milliseconds, with where they stand. */
export async function endedJobs(
  client: GatewayClient,
  ids: readonly string[],
  milliseconds = 60_000,
  options: RequestOptions = {},
): Promise<JobSnapshotFragment[]> {
  const ended = new Map<string, JobSnapshotFragment>()
  await vi.waitFor(
    async () => {
      for (const id of ids) {
        if (ended.has(id)) continue
        const job = await readJob(client, id, options)
        if (job.finishedAt === null) {
          throw new Error(
            `${ended.size} of ${ids.length} jobs have ended; the next has ${job.progress.processed} of ${job.progress.total}`,
          )
        }
        ended.set(id, job)
      }
    },
    { timeout: milliseconds, interval: 100 },
  )
  return ids.flatMap((id) => ended.get(id) ?? [])
}

/** Profiles of keys of their own, `PREFIX-FIRST` and on. The same number gives the same profile. */
export function numberedProfiles(prefix: string, first: number, count: number): ProfileInput[] {
  return Array.from({ length: count }, (_, place) => {
    const number = first + place
    return {
      key: `${prefix}-${number}`,
      email: `${prefix}-${number}@example.com`,
      firstName: `First ${number}`,
      lastName: `Last ${number % 97}`,
    }
  })
}

/** How many profiles of type `contact` there are. */
export async function countProfiles(client: GatewayClient, options: RequestOptions = {}): Promise<number> {
  const { data, errors } = await client.request<{ profiles: { totalCount: number } }>(
    '{ profiles(first: 0) { totalCount } }',
    {},
    options,
  )
  if (!data) throw new Error(`profiles was answered with ${JSON.stringify(errors)}`)
  return data.profiles.totalCount
}

/** The outcomes of a job's progress together; of an ended job they are its total. */
export function settledIn({ progress }: JobSnapshotFragment): number {
  const { created, updated, upserted, unchanged, skipped, superseded, failed, cancelled, unknown } = progress
  return created + updated + upserted + unchanged + skipped + superseded + failed + cancelled + unknown
}
