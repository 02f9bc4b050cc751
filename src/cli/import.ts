import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  DestinationsDocument,
  ImportProfilesDocument,
  type ImportProfilesMutation,
  JobFilesDocument,
  type JobSnapshotFragment,
} from './generated/graphql.ts'
import { ConnectionLost, createGraphqlClient, type GraphqlClient, GraphqlFault, isPassing } from './graphql-client.ts'
import { barsOf } from './import-contacts.ts'
import { type ImportCommand, readFlags, usage } from './import-flags.ts'
import { outcomeTable } from './outcome-table.ts'
import { createProgressBars, type ProgressOutput } from './progress-bar.ts'
import { Refusal } from './refusal.ts'
import type { Environment } from './server-process.ts'
import { createStatusLine } from './status-line.ts'
import { type Upload, uploadFile } from './upload-file.ts'
import { watchJob } from './watch-job.ts'

const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** The gateway as the environment names it. */
interface Gateway {
  url: string
  credential: string | null
}

/** What an import stands on: where it goes, and where it writes. */
interface ImportParts {
  gateway: Gateway
  client: GraphqlClient
  say(text: string): void
  /** For progress and complaints: what came of the import can be kept apart from it. */
  progress: ProgressOutput
}

const nothingImported = 'Nothing was imported.'
/** How the import stands, for whoever does not wait for its end. */
let standing = nothingImported

/** Resolves to whether every record was applied. */
async function runImport({ file, input }: ImportCommand, parts: ImportParts): Promise<boolean> {
  const { client, gateway, say, progress } = parts
  await checkBeforehand(client, gateway, input.destinations ?? [])

  const uploading = createStatusLine(progress)
  const upload = await uploadFile(file, {
    ...gateway,
    onProgress: (sent, total) => uploading.show(`uploading ${progressOf(sent, total)} bytes`),
  }).finally(() => uploading.end())

  const idempotencyKey = input.idempotencyKey ?? randomUUID()
  standing = `The file may have been taken. The same command with --idempotency-key ${idempotencyKey} answers its job, or makes it.`
  const accepted = await accept(parts, upload, { ...input, idempotencyKey })
  standing = howToGoOn(gateway, accepted.id)
  say(`Job ${accepted.id}: ${wholeNumber.format(upload.records)} ${upload.records === 1 ? 'record' : 'records'}`)

  const job = await watch(accepted, parts)
  standing = `The job ${job.id} has ended.`
  for (const line of outcomeTable(job)) say(line)
  for (const { destinationId, lastError } of job.deliveries) if (lastError) say(`${destinationId}: ${lastError}`)
  return tellWhatFailed(job, parts)
}

const progressOf = (done: number, total: number | null) =>
  total === null ? wholeNumber.format(done) : `${wholeNumber.format(done)} of ${wholeNumber.format(total)}`

/** What would be a pity to learn after a long upload. */
async function checkBeforehand(client: GraphqlClient, { url }: Gateway, wanted: readonly unknown[]): Promise<void> {
  const { destinations } = await client.request(DestinationsDocument, {}).catch((error: unknown) => {
    const isLost = error instanceof ConnectionLost
    if (isLost) throw new Refusal(`No gateway answers at ${url} (${error.message}): start it, or set GATEWAY_URL`)
    const isStranger = error instanceof GraphqlFault && error.codes[0] === 'UNAUTHENTICATED'
    throw isStranger ? new Refusal(`${error.message}. The key is taken from GATEWAY_KEY`) : error
  })
  const ids = destinations?.map(({ id }) => id) ?? []
  const unknown = wanted.find((id) => !ids.includes(String(id)))
  if (unknown !== undefined) throw new Refusal(`There is no destination ${unknown}: use one of ${ids.join(', ')}`)
}

/** The key makes one job of it, however often it is sent: an answer that was lost is asked for again. */
async function accept(
  { client, progress }: ImportParts,
  { uploadId }: Upload,
  input: ImportCommand['input'],
): Promise<JobSnapshotFragment> {
  const waitsMs = [1000, 4000]
  for (;;) {
    try {
      const answer = await client.request(ImportProfilesDocument, { input: { ...input, uploadId, waitSeconds: 0 } })
      if (answer.importProfiles?.__typename !== 'JobPayload') throw refusalOf(answer.importProfiles)
      return answer.importProfiles.job
    } catch (error) {
      if (!isPassing(error)) throw error instanceof GraphqlFault ? new Refusal(error.message) : error
      const waitMs = waitsMs.shift()
      if (waitMs === undefined) throw error
      progress.write(lostConnection(error.message))
      await delay(waitMs)
    }
  }
}

const lostConnection = (reason: string) => `  The connection was lost (${reason}): trying again\n`

type Refused = Exclude<ImportProfilesMutation['importProfiles'], { __typename: 'JobPayload' }>

function refusalOf(result: Refused): Refusal {
  const lines = [result?.message ?? 'The gateway gave no reason']
  if (result?.__typename === 'InvalidInputError') {
    lines.push(...result.issues.map(({ path, message }) => `  ${path}: ${message}`))
  }
  if (result?.__typename === 'IdempotencyConflictError') lines.push(`Its job is ${result.jobId}`)
  return new Refusal(lines.join('\n'))
}

function watch(job: JobSnapshotFragment, { client, progress }: ImportParts): Promise<JobSnapshotFragment> {
  const reading = createStatusLine(progress)
  let bars = createProgressBars(progress)
  return watchJob(client, job, {
    onSnapshot(snapshot) {
      const { state, staged, progress, deliveries } = snapshot
      if (state === 'STAGING') {
        reading.show(`reading ${progressOf(staged, progress.total / deliveries.length)}`)
      } else {
        reading.end()
        bars.show(barsOf(snapshot))
      }
    },
    onLost(reason) {
      reading.end()
      progress.write(lostConnection(reason))
      bars = createProgressBars(progress)
    },
  }).finally(() => reading.end())
}

async function tellWhatFailed(job: JobSnapshotFragment, { client, gateway, say }: ImportParts): Promise<boolean> {
  const { failed, skipped, unknown, cancelled } = job.progress
  const told = failed + skipped + unknown
  if (told > 0) {
    const files = (await client.request(JobFilesDocument, { id: job.id })).job
    say('\nWhy, and the records to correct and import again with the same flags, --column, --format and')
    say('--idempotency-key apart. These links are good for an hour:')
    say(`errors.csv     ${gateway.url}${files?.errorsCsvPath}`)
    if (failed > 0) {
      say(`failed.ndjson  ${gateway.url}${files?.failedRecordsPath}`)
      say('Lines of which nothing could be read are named in errors.csv alone: mend those in your file.')
    }
    if (unknown > 0) {
      say('Those too that are UNKNOWN, and may have been written:')
      say(`failed.ndjson  ${gateway.url}${files?.failedRecordsPath}&outcomes=FAILED,UNKNOWN`)
    }
  }
  return told + cancelled === 0
}

/** Commands to be copied. */
function howToGoOn({ url, credential }: Gateway, jobId: string): string {
  const curl = `${url}/graphql${credential === null ? '' : ' -H "authorization: Bearer $GATEWAY_KEY"'}`
  const watching = `subscription { jobStatus(id: "${jobId}") { state progress { processed total } } }`
  const cancelling = JSON.stringify({ query: `mutation { cancelJob(id: "${jobId}") { __typename } }` })
  return [
    `The job ${jobId} goes on. Watch it, or cancel it:`,
    `  curl -N ${curl} -H 'accept: text/event-stream' --get --data-urlencode 'query=${watching}'`,
    `  curl ${curl} -H 'content-type: application/json' -d '${cancelling}'`,
  ].join('\n')
}

function gatewayOf(environment: Environment): Gateway {
  const url = (environment['GATEWAY_URL'] || 'http://127.0.0.1:4000').replace(/\/+$/, '')
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.search || parsed.hash) {
    throw new Refusal(
      'GATEWAY_URL is not an address like http://127.0.0.1:4000: correct it, and put the key into GATEWAY_KEY',
    )
  }
  const credential = environment['GATEWAY_KEY']?.trim() || null
  // The fault of a header that cannot be sent would quote it.
  if (credential && !/^[\x21-\x7e]+$/.test(credential)) {
    throw new Refusal('GATEWAY_KEY has characters that no key has: set it to the key alone')
  }
  return { url, credential }
}

async function main(parameters: readonly string[], environment: Environment): Promise<number> {
  const command = readFlags(parameters)
  if (command === null) {
    console.log(usage)
    return 0
  }
  const gateway = gatewayOf(environment)
  const client = createGraphqlClient(gateway.url, gateway.credential === null ? {} : { credential: gateway.credential })
  try {
    const parts = { gateway, client, say: (text: string) => console.log(text), progress: process.stderr }
    return (await runImport(command, parts)) ? 0 : 1
  } finally {
    await client.close()
  }
}

const exitCodes: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
for (const signal of Object.keys(exitCodes) as NodeJS.Signals[]) {
  process.on(signal, () => {
    console.error(`\nInterrupted. ${standing}`)
    process.exit(exitCodes[signal])
  })
}

try {
  // biome-ignore lint/style/noProcessEnv: a program of its own, which has no other settings
  process.exitCode = await main(process.argv.slice(2), process.env)
} catch (error) {
  const isRefused = error instanceof Refusal
  process.exitCode = isRefused || standing === nothingImported ? 2 : 1
  console.error(isRefused ? error.message : `${error instanceof Error ? error.message : error}\n${standing}`)
}
