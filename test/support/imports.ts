import { gzipSync } from 'node:zlib'
import {
  ImportProfilesDocument,
  type ImportProfilesInput,
  type ImportProfilesMutation,
  type ProfileInput,
  type RecordOutcome,
} from '../../src/cli/generated/graphql.ts'
import type { GatewayClient, GraphqlAnswer, RequestOptions } from './gateway.ts'

type Mutation = NonNullable<ImportProfilesMutation['importProfiles']>

export type { ImportProfilesInput as ImportInput } from '../../src/cli/generated/graphql.ts'

const mediaTypes = { CSV: 'text/csv', NDJSON: 'application/x-ndjson' } as const

export interface SentFile {
  format: keyof typeof mediaTypes
  content: string
  gzip?: boolean
}

/** Sends a file and gives its uploadId; throws when it is refused. */
export async function sendFile(
  client: GatewayClient,
  { format, content, gzip = false }: SentFile,
  { authorization }: RequestOptions = {},
): Promise<string> {
  const response = await fetch(`${client.url}/uploads`, {
    method: 'POST',
    headers: {
      'content-type': mediaTypes[format],
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: gzip ? new Uint8Array(gzipSync(content)) : content,
  })
  const answer = (await response.json()) as { uploadId?: string }
  if (answer.uploadId === undefined) throw new Error(`the file was answered with ${JSON.stringify(answer)}`)
  return answer.uploadId
}

export const ndjson = (records: readonly unknown[]): SentFile => ({
  format: 'NDJSON',
  content: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
})

/** The records with others in some places. */
export const withRecordsAt = (records: readonly ProfileInput[], places: Record<number, unknown>): unknown[] =>
  records.map((record, place) => places[place] ?? record)

/** What the mutation answered with; throws where there is no data, with the errors that came in its place. */
export async function importProfiles(
  client: GatewayClient,
  input: ImportProfilesInput,
  options: RequestOptions = {},
): Promise<Mutation> {
  const answer = await client.request(ImportProfilesDocument, { input }, options)
  const result = answer.data?.importProfiles
  if (!result) throw new Error(`importProfiles was answered with ${JSON.stringify(answer)}`)
  return result
}

/** The job that an import was accepted as; throws when it was refused. */
export async function acceptedImport(client: GatewayClient, input: ImportProfilesInput, options: RequestOptions = {}) {
  const result = await importProfiles(client, input, options)
  if (result.__typename !== 'JobPayload') throw new Error(`the import was refused: ${JSON.stringify(result)}`)
  return result.job
}

/** What became of a record, with where it stood in the file. */
export interface LineResult {
  index: number
  line: number | null
  key: string | null
  destinationId: string
  outcome: RecordOutcome
  supersededBy: number | null
  errors: { code: string; field: string | null; message: string }[]
}

/** All results of a job with some outcomes, page by page. */
export async function lineResults(
  client: GatewayClient,
  jobId: string,
  outcomes: RecordOutcome[] | null = null,
  options: RequestOptions = {},
): Promise<LineResult[]> {
  const results: LineResult[] = []
  let after: string | null = null
  for (;;) {
    const answer: GraphqlAnswer<{ job: { results: ResultPage } }> = await client.request(
      /* GraphQL */ `
        query ($id: ID!, $outcomes: [RecordOutcome!], $after: String) {
          job(id: $id) {
            results(outcomes: $outcomes, first: 1000, after: $after) {
              nodes { index line key destinationId outcome supersededBy errors { code field message } }
              pageInfo { hasNextPage endCursor }
            }
          }
        }
      `,
      { id: jobId, outcomes, after },
      options,
    )
    if (!answer.data) throw new Error(`the results of job ${jobId} were answered with ${JSON.stringify(answer)}`)
    const { nodes, pageInfo } = answer.data.job.results
    results.push(...nodes)
    if (!pageInfo.hasNextPage) return results
    after = pageInfo.endCursor
  }
}

interface ResultPage {
  nodes: LineResult[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}
