import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RecordOutcome } from '../contract/outcome.ts'
import { expectedError } from '../graphql/errors.ts'
import { idOf } from '../graphql/global-id.ts'
import type { JobEngine } from '../jobs/engine.ts'
import type { Job } from '../jobs/job.ts'
import type { Admit } from './admission.ts'
import { cutWhenStalled } from './answer.ts'
import { answerFault } from './fault.ts'

/** The path of a job's file, with what stands in it. */
export const downloadPath = /^\/jobs\/([^/]+)\/(errors\.csv|failed\.ndjson)$/

export interface DownloadParts {
  engine: Pick<JobEngine, 'jobs' | 'links' | 'errorsCsv' | 'failedRecords'>
  admit: Admit
  /** How long the gateway waits for a client that takes nothing of its file before it cuts the connection; a minute. */
  idleMs?: number
}

export interface DownloadRoute {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const downloadable = new Set<string>(['FAILED', 'SKIPPED', 'UNKNOWN'])

/**
 * `GET /jobs/{id}/errors.csv` and `/jobs/{id}/failed.ndjson`: streamed at the pace of the client, by signed link or with credentials. One
 * that cannot be sent to its end breaks off its connection, so that nobody takes a part for the whole.
 */
export function createDownloadRoute({ engine, admit, idleMs = 60_000 }: DownloadParts): DownloadRoute {
  /** Whose job it is; null when the request has been refused. */
  async function tenantOf(
    request: IncomingMessage,
    response: ServerResponse,
    jobId: string | null,
    query: URLSearchParams,
  ) {
    const signature = query.get('signature')
    if (signature !== null) {
      const linked = jobId === null ? null : engine.links.verify(signature, jobId)
      if (linked) return linked.tenant
      const message =
        'The signature of this link is not good, or no longer: ask the job for a new link, or send credentials without it'
      answerFault(response, 403, expectedError('FORBIDDEN', message))
      return null
    }
    const identity = await admit(request, response)
    if (identity === null) return null
    if (identity.scopes.has('read')) return identity.tenant
    answerFault(response, 403, expectedError('FORBIDDEN', 'Downloads need the scope read: use a key that has it'))
    return null
  }

  async function send(request: IncomingMessage, response: ServerResponse, body: AsyncIterable<Buffer>, name: string) {
    const isCsv = name.endsWith('.csv')
    response.writeHead(200, {
      'content-type': isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    })
    if (request.method === 'HEAD') return void response.end()
    cutWhenStalled(response, idleMs)
    await pipeline(Readable.from(body), response)
  }

  return {
    async answer(request, response) {
      const url = new URL(request.url ?? '/', 'http://gateway.invalid')
      const [, text = '', file = ''] = downloadPath.exec(url.pathname) ?? []
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return answerFault(response, 400, expectedError('BAD_USER_INPUT', 'A file of a job is read with GET'))
      }
      const jobId = idOf('Job', decoded(text))
      const tenant = await tenantOf(request, response, jobId, url.searchParams)
      if (tenant === null) return
      const [job] = jobId === null ? [] : await engine.jobs(tenant, [jobId])
      if (!job) return answerFault(response, 404, expectedError('NOT_FOUND', 'There is no such job'))
      const refusal = removedRefusal(job)
      if (refusal) return answerFault(response, 404, refusal)
      const destinationId = url.searchParams.get('destination')
      if (destinationId !== null && !job.deliveries.some((delivery) => delivery.destinationId === destinationId)) {
        const known = job.deliveries.map((delivery) => delivery.destinationId).join(', ')
        const message = `The job has no destination ${JSON.stringify(destinationId.slice(0, 100))}: name one of ${known}`
        return answerFault(response, 400, expectedError('BAD_USER_INPUT', message))
      }
      if (file === 'errors.csv') return send(request, response, engine.errorsCsv(job, destinationId), 'errors.csv')
      const outcomes = outcomesOf(url.searchParams.get('outcomes'))
      if (typeof outcomes === 'string') return answerFault(response, 400, expectedError('BAD_USER_INPUT', outcomes))
      return send(request, response, engine.failedRecords(job, { destinationId, outcomes }), 'failed.ndjson')
    },
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

function removedRefusal({ removedAt }: Job) {
  if (removedAt === null) return null
  const message = `The records of this job were removed on ${removedAt.toISOString().slice(0, 10)}, as resultRetentionDays says; its counts are kept`
  return expectedError('NOT_FOUND', message)
}

/** `FAILED,UNKNOWN`, or what is wrong with it. */
function outcomesOf(text: string | null): RecordOutcome[] | string {
  if (text === null) return ['FAILED']
  const outcomes = text.split(',').map((one) => one.trim())
  const wrong = outcomes.find((one) => !downloadable.has(one))
  if (wrong === undefined) return outcomes as RecordOutcome[]
  return `outcomes has ${JSON.stringify(wrong.slice(0, 50))}: name some of ${[...downloadable].join(', ')}, separated by commas`
}
