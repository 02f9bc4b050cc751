import { checkImport } from './check-import.ts'
import { startGatewayProcess } from './gateway-process.ts'
import {
  BulkUpsertProfilesDocument,
  type BulkUpsertProfilesInput,
  DefineProfileTypeDocument,
  JobResultsDocument,
  type JobSnapshotFragment,
  type ProgressCountsFragment,
  type ResultDetailsFragment,
} from './generated/graphql.ts'
import { createGraphqlClient, type GraphqlClient } from './graphql-client.ts'
import { barsOf, importContacts } from './import-contacts.ts'
import { outcomeTable, sum } from './outcome-table.ts'
import { createProgressBars, type ProgressOutput } from './progress-bar.ts'
import { createSample, destinations, type Sample } from './sample.ts'
import { countries, scripts } from './sample-people.ts'
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts'
import { createScratchDatabase } from './scratch-database.ts'
import type { Environment } from './server-process.ts'
import { failuresInWords, profileInWords, storedInWords } from './show-contacts.ts'
import { readStores, type Store } from './stored-contacts.ts'
import { gatewayConfiguration, vendorAccounts, vendorCredentials } from './vendor-accounts.ts'

const contactCount = 5000
const seed = 20_260
/** Of the contacts that have both a link and extensions. */
const shownPlaces = [4, 20] as const

const wholeNumber = new Intl.NumberFormat('en')
const listed = new Intl.ListFormat('en-GB')
const secondsSince = (started: number) => `${((performance.now() - started) / 1000).toFixed(1)} s`

/** What the demo stands on: where it writes, the environment it found, and what ends it early. */
interface DemoParts {
  environment: Environment
  output: ProgressOutput
  signal: AbortSignal
}

/**
 * Starts the vendors' sandbox and a gateway on a scratch store, imports a sample to all destinations through the gateway's API, and shows
 * what came of it. Leaves nothing behind. Resolves to what was not as it should have been; nothing is a success.
 */
async function runDemo({ environment, output, signal }: DemoParts): Promise<string[]> {
  const say = (text = '') => output.write(`${text}\n`)
  const started = performance.now()
  // Closed in reverse.
  const open = new AsyncDisposableStack()
  try {
    const server = environment['DATABASE_URL']
    const scratch = server ? open.adopt(await createScratchDatabase(server), (one) => one.drop()) : null
    const starting = startSandboxProcess(environment, signal)
    // Drawn while the sandbox starts.
    const sample = createSample(contactCount, seed)
    const sandbox = open.adopt(await starting, (one) => one.stop())
    for (const { id, setup } of vendorAccounts) await sandbox.configure(id, setup)
    const vendors = listed.format(vendorAccounts.map(({ id }) => id))
    say(`A sandbox of ${vendors} listens at ${sandbox.url} (process ${sandbox.pid})`)

    const gateway = await startGatewayProcess(
      {
        environment: { ...environment, ...vendorCredentials },
        databaseUrl: scratch?.url ?? null,
        configuration: gatewayConfiguration(sandbox.url),
      },
      signal,
    )
    open.defer(() => gateway.stop())
    const store = scratch ? `the scratch database ${scratch.name} on PostgreSQL` : 'an embedded PGlite in memory'
    say(`A gateway listens at ${gateway.url} (process ${gateway.pid}), on ${store} (${secondsSince(started)})`)
    const client = open.adopt(createGraphqlClient(gateway.url, { signal }), (one) => one.close())

    const faults = await tryImports({ client, sandbox, sample, output, say }).catch((error: unknown) => {
      // The gateway's answer may say no more than that its log has the cause.
      const message = error instanceof Error ? error.message : String(error)
      throw new Error([message, ...gateway.complaints].join('\n'), { cause: error })
    })
    faults.push(...unforeseen(gateway.complaints).map((line) => `the gateway complained: ${line}`))
    faults.push(...sandbox.complaints.map((line) => `the sandbox complained: ${line}`))
    if (faults.length === 0) {
      say(`\nAll of it as expected, and stored so at each destination, in ${secondsSince(started)}.`)
      say('\nTry next')
      say('  npm start                             a gateway at http://127.0.0.1:4000, kept in .data')
      say('  open http://127.0.0.1:4000/graphql    GraphiQL: its schema, and queries by hand')
      say('  npm run sandbox                       the three vendors, emulated, to configure as destinations')
      say('  README.md                             a first mutation, a subscription, vendors, PostgreSQL, API keys')
    }
    return faults
  } finally {
    await open.disposeAsync()
  }
}

type Say = (text?: string) => void

/** What the imports are tried with. */
interface Trial {
  client: GraphqlClient
  sandbox: SandboxProcess
  sample: Sample
  output: ProgressOutput
  say: Say
}

/** Resolves to what was not as it should have been. */
async function tryImports({ client, sandbox, sample, output, say }: Trial): Promise<string[]> {
  await defineTypes(client, sample, say)
  const faults = await importCompanies(client, sample, say)
  const job = await importContactsEverywhere(client, sample, output, say)
  const failures = await failuresOf(client, job)
  say('\nThe first rows that failed')
  for (const line of failuresInWords(failures)) say(`  ${line}`)
  faults.push(...(await importExtensions(client, sample, say)))

  const stores = await readStores(client, sandbox)
  await showContacts(client, sample, stores, say)
  faults.push(...checkImport(sample, job, failures, stores))

  say(`\nWhat became of the ${wholeNumber.format(contactCount)} contacts`)
  for (const line of outcomeTable(job)) say(line && `  ${line}`)
  return faults
}

async function defineTypes(client: GraphqlClient, { profileTypes }: Sample, say: Say): Promise<void> {
  for (const input of profileTypes) {
    const { defineProfileType: result } = await client.request(DefineProfileTypeDocument, { input })
    if (result?.__typename !== 'ProfileTypePayload') throw new Error(`defineProfileType: ${result?.message}`)
    const { name, attributes, links } = result.profileType
    const leads = links.map((link) => `, where ${link.attribute} links to a ${link.targetType}`).join('')
    say(`Defined the profile type ${name} with ${attributes.map((one) => one.name).join(', ')}${leads}`)
  }
}

async function importCompanies(client: GraphqlClient, { companies }: Sample, say: Say): Promise<string[]> {
  const { created } = await importToLocal(client, { profileType: 'company', profiles: companies })
  say(`Imported ${companies.length} companies to local`)
  return created === companies.length ? [] : [`companies: expected ${companies.length} created, found ${created}`]
}

/** What vendors without extensions would refuse the whole request for. */
async function importExtensions(client: GraphqlClient, { extensions, expected }: Sample, say: Say): Promise<string[]> {
  const wrong = expected.wrongExtensions
  const right = extensions.length - wrong
  const { updated, failed } = await importToLocal(client, {
    upsert: 'UPDATE_ONLY',
    onInvalid: 'SKIP_INVALID',
    profiles: extensions,
  })
  say(`\nImported WhatsApp and push extensions of ${right} contacts to local; ${wrong} rows more were wrong on purpose`)
  if (updated === right && failed === wrong) return []
  return [`extensions: expected ${right} updated and ${wrong} failed, found ${updated} and ${failed}`]
}

/** So few that the gateway answers when they are done. */
async function importToLocal(
  client: GraphqlClient,
  input: Omit<BulkUpsertProfilesInput, 'destinations' | 'waitSeconds'>,
): Promise<ProgressCountsFragment> {
  const { bulkUpsertProfiles: result } = await client.request(BulkUpsertProfilesDocument, {
    input: { ...input, waitSeconds: 30 },
  })
  if (result?.__typename !== 'JobPayload') throw new Error(`the import was refused: ${result?.message}`)
  return result.job.progress
}

/** One mutation, one job, a delivery for each destination. */
async function importContactsEverywhere(
  client: GraphqlClient,
  { contacts, expected }: Sample,
  output: ProgressOutput,
  say: Say,
): Promise<JobSnapshotFragment> {
  const { failed, repeats } = expected.at.local
  say(
    `\nImporting ${wholeNumber.format(contacts.length)} contacts from ${countries} countries in ${scripts.length} scripts to ` +
      `${listed.format(destinations)} at once;\n` +
      `${sum(failed.values())} rows are wrong on purpose, ${repeats} repeat an earlier key`,
  )
  const bars = createProgressBars(output)
  const started = performance.now()
  const job = await importContacts(
    client,
    { destinations: [...destinations], onInvalid: 'SKIP_INVALID', profiles: contacts },
    (snapshot) => bars.show(barsOf(snapshot)),
  )
  say(`  ${job.state} after ${secondsSince(started)}, the upload included`)
  return job
}

async function failuresOf(
  client: GraphqlClient,
  { id, progress }: JobSnapshotFragment,
): Promise<ResultDetailsFragment[]> {
  const { job } = await client.request(JobResultsDocument, { id, outcomes: ['FAILED'], first: progress.failed })
  return job?.results.nodes ?? []
}

/** Some that have a link and extensions, as the gateway answers them, and one of them as each vendor has it. */
async function showContacts(
  client: GraphqlClient,
  { extensions, expected }: Sample,
  stores: ReadonlyMap<string, Store>,
  say: Say,
): Promise<void> {
  const linked = extensions
    .map(({ key }) => String(key))
    .filter((key) => expected.at.local.stored.get(key)?.attributes?.['company'] !== undefined)
  say('\nSome of them, read back')
  for (const place of shownPlaces) {
    for (const line of await profileInWords(client, linked[place] ?? '')) say(`  ${line}`)
  }
  const key = linked[shownPlaces[0]] ?? ''
  say(`${key} as each vendor has it`)
  for (const { id } of vendorAccounts) {
    const store = stores.get(id)
    if (store) say(`  ${id.padEnd(8)}  ${storedInWords(store, key)}`)
  }
}

/** A call that a vendor refuses for an attribute it does not have carries wrong rows alone: what became of those is checked. */
function unforeseen(complaints: readonly string[]): string[] {
  return complaints.filter((line) => !line.includes('"fault":"REFUSED"'))
}

const interruption = new AbortController()
const exitCodes: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
for (const signal of Object.keys(exitCodes) as NodeJS.Signals[]) {
  process.on(signal, () => {
    const code = exitCodes[signal] ?? 1
    // The second time at once: what runs is killed on the way out.
    if (interruption.signal.aborted) process.exit(code)
    process.exitCode = code
    interruption.abort(new Error(`${signal}: the demo stops, and its gateway and sandbox with it`))
  })
}

try {
  const faults = await runDemo({
    // biome-ignore lint/style/noProcessEnv: the demo is a program of its own, and hands its environment to what it starts
    environment: process.env,
    output: process.stdout,
    signal: interruption.signal,
  })
  for (const fault of faults) console.error(`Not as expected: ${fault}`)
  if (faults.length > 0) process.exitCode ??= 1
} catch (error) {
  process.exitCode ??= 1
  const told = interruption.signal.aborted ? interruption.signal.reason : error
  console.error(told instanceof Error ? `\nThe demo stopped. ${told.message}` : told)
}
