import { type Environment, type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import {
  BulkUpsertProfilesDocument,
  DefineProfileTypeDocument,
  JobResultsDocument,
  type JobSnapshotFragment,
  type ProfileDetailsFragment,
  ProfileDocument,
  ProfilesDocument,
  type ResultDetailsFragment,
} from './generated/graphql.ts'
import { createGraphqlClient, type GraphqlClient } from './graphql-client.ts'
import { barsOf, importContacts } from './import-contacts.ts'
import { createProgressBars, type ProgressOutput } from './progress-bar.ts'
import { createSample, type Sample } from './sample.ts'
import { countries, scripts } from './sample-people.ts'
import { createScratchDatabase } from './scratch-database.ts'

const contactCount = 5000
const seed = 20_260
const shownFailures = 6

const wholeNumber = new Intl.NumberFormat('en')
const secondsSince = (started: number) => `${((performance.now() - started) / 1000).toFixed(1)} s`

/** What the demo stands on: where it writes, the environment it found, and what ends it early. */
interface DemoParts {
  environment: Environment
  output: ProgressOutput
  signal: AbortSignal
}

/**
 * Starts a gateway on a scratch store, imports a sample through its API, and shows what came of it. Leaves nothing behind. Resolves to
 * what was not as it should have been; nothing is a success.
 */
async function runDemo({ environment, output, signal }: DemoParts): Promise<string[]> {
  const say = (text = '') => output.write(`${text}\n`)
  const started = performance.now()
  const server = environment['DATABASE_URL']
  const scratch = server ? await createScratchDatabase(server) : null
  let gateway: GatewayProcess | null = null
  let client: GraphqlClient | null = null
  try {
    const starting = startGatewayProcess(environment, scratch?.url ?? null, signal)
    // Drawn while the gateway starts.
    const sample = createSample(contactCount, seed)
    gateway = await starting
    const store = scratch ? `the scratch database ${scratch.name} on PostgreSQL` : 'an embedded PGlite in memory'
    say(`A gateway listens at ${gateway.url}, on ${store} (${secondsSince(started)})`)
    client = createGraphqlClient(gateway.url, { signal })

    await defineTypes(client, sample, say)
    await importCompanies(client, sample, say)
    const job = await importSample(client, sample, output, say)
    const faults = await checkOutcomes(client, sample, job)
    await showFailures(client, job, say)
    faults.push(...(await showProfiles(client, sample, say)))
    faults.push(...gateway.complaints.map((line) => `the gateway complained: ${line}`))
    if (faults.length === 0) {
      say(`\nAll of it as expected, in ${secondsSince(started)}.`)
      say('\nTry next')
      say('  npm start                             a gateway at http://127.0.0.1:4000, kept in .data')
      say('  open http://127.0.0.1:4000/graphql    GraphiQL: its schema, and queries by hand')
      say('  README.md                             a first mutation, a subscription, PostgreSQL, API keys')
    }
    return faults
  } finally {
    await client?.close()
    await gateway?.stop()
    await scratch?.drop()
  }
}

type Say = (text?: string) => void

async function defineTypes(client: GraphqlClient, { profileTypes }: Sample, say: Say): Promise<void> {
  for (const input of profileTypes) {
    const { defineProfileType: result } = await client.request(DefineProfileTypeDocument, { input })
    if (result?.__typename !== 'ProfileTypePayload') throw new Error(`defineProfileType: ${result?.message}`)
    const { name, attributes, links } = result.profileType
    const leads = links.map((link) => `, where ${link.attribute} links to a ${link.targetType}`).join('')
    say(`Defined the profile type ${name} with ${attributes.map((one) => one.name).join(', ')}${leads}`)
  }
}

/** Few enough for the gateway to answer when they are done. */
async function importCompanies(client: GraphqlClient, { companies }: Sample, say: Say): Promise<void> {
  const { bulkUpsertProfiles: result } = await client.request(BulkUpsertProfilesDocument, {
    input: { profileType: 'company', profiles: companies, waitSeconds: 30 },
  })
  if (result?.__typename !== 'JobPayload') throw new Error(`the companies were refused: ${result?.message}`)
  const { progress, state } = result.job
  if (progress.created !== companies.length)
    throw new Error(`the companies ended ${state}, ${progress.created} created`)
  say(`Imported ${companies.length} companies in one request`)
}

async function importSample(
  client: GraphqlClient,
  { contacts, expected }: Sample,
  output: ProgressOutput,
  say: Say,
): Promise<JobSnapshotFragment> {
  const wrong = sum(expected.failed.values())
  say(
    `\nImporting ${wholeNumber.format(contacts.length)} contacts from ${countries} countries in ${scripts.length} scripts; ` +
      `${wrong} rows are wrong on purpose, ${expected.repeats} repeat an earlier key`,
  )
  const bars = createProgressBars(output)
  const started = performance.now()
  const job = await importContacts(client, { onInvalid: 'SKIP_INVALID', profiles: contacts }, (snapshot) =>
    bars.show(barsOf(snapshot)),
  )
  say(`  ${job.state} after ${secondsSince(started)}, the upload included`)

  const { progress } = job
  say('\nWhat became of them')
  for (const [outcome, meaning] of outcomes) {
    if (progress[outcome] === 0) continue
    say(`  ${wholeNumber.format(progress[outcome]).padStart(6)}  ${outcome.toUpperCase().padEnd(11)} ${meaning}`)
  }
  return job
}

const outcomes = [
  ['created', 'a new profile'],
  ['updated', 'a profile that was there, changed'],
  ['unchanged', 'a profile that was there, and had it all'],
  ['superseded', 'folded into a later row with the same key'],
  ['failed', 'not written; each says why'],
  ['upserted', 'written, created or updated'],
  ['skipped', 'passed over by the destination'],
  ['cancelled', 'never sent'],
  ['unknown', 'may or may not have been written'],
] as const

const sum = (numbers: Iterable<number>) => Iterator.from(numbers).reduce((total, number) => total + number, 0)

/** Says what differs from what the sample has to lead to, whatever the batches were. */
async function checkOutcomes(client: GraphqlClient, { contacts, expected }: Sample, job: JobSnapshotFragment) {
  const { progress } = job
  const faults: string[] = []
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) faults.push(`${what}: expected ${wanted}, found ${found}`)
  }
  expect('state of the job', job.state, 'PARTIALLY_FAILED')
  expect('records of the job', progress.total, contacts.length)
  expect('records processed', progress.processed, contacts.length)
  expect('outcomes added up', sum(outcomes.map(([outcome]) => progress[outcome])), contacts.length)
  expect('created', progress.created, expected.contacts)
  expect(
    'updated, unchanged or superseded',
    progress.updated + progress.unchanged + progress.superseded,
    expected.repeats,
  )
  expect('failed', progress.failed, sum(expected.failed.values()))

  const failures = await failuresOf(client, job, progress.failed)
  const found = Map.groupBy(failures, (failure) => failure.errors[0]?.code)
  for (const [code, count] of expected.failed) expect(`failed with ${code}`, found.get(code)?.length, count)

  const stored = async (type: string) =>
    (await client.request(ProfilesDocument, { type, first: 1, count: true })).profiles?.totalCount
  expect('contacts in the store', await stored('contact'), expected.contacts)
  expect('companies in the store', await stored('company'), expected.companies)
  return faults
}

async function failuresOf(client: GraphqlClient, { id }: JobSnapshotFragment, first: number) {
  const { job } = await client.request(JobResultsDocument, { id, outcomes: ['FAILED'], first })
  return job?.results.nodes ?? []
}

async function showFailures(client: GraphqlClient, job: JobSnapshotFragment, say: Say): Promise<void> {
  say('\nThe first failures')
  for (const failure of await failuresOf(client, job, shownFailures)) say(`  ${inWords(failure)}`)
}

function inWords({ clientRef, index, key, errors }: ResultDetailsFragment): string {
  const row = `${clientRef ?? `record ${index}`}${key === null ? '' : ` (${key})`}`
  return `${row}: ${errors.map(({ code, message }) => `${code}, ${message}`).join('; ')}`
}

/** Reads some of the profiles back, and says which are not there. */
async function showProfiles(client: GraphqlClient, { contacts }: Sample, say: Say): Promise<string[]> {
  say('\nSome of them, read back')
  const linked = contacts.filter(({ attributes, key }) => key && attributes?.['company'] !== undefined)
  const faults: string[] = []
  // Three places apart in the sample are three countries and scripts; the first ones have extensions too.
  for (const contact of [linked[0], linked[4], linked[20], linked[40]]) {
    const key = contact?.key ?? ''
    const { profile } = await client.request(ProfileDocument, { by: { key } })
    if (profile) say(`  ${await describe(client, profile)}`)
    else faults.push(`the profile ${key} is not there`)
    const [link] = profile?.links ?? []
    if (link?.profile?.type !== 'company') faults.push(`the profile ${key} is not linked to its company`)
    if (profile?.extensions.length !== (contact?.extensions?.length ?? 0))
      faults.push(`the profile ${key} has not the extensions that were sent`)
  }
  return faults
}

async function describe(client: GraphqlClient, profile: ProfileDetailsFragment): Promise<string> {
  const { key, firstName, lastName, email, phone, attributes, extensions, links } = profile
  const companies = await Promise.all(
    links.map(async (link) => {
      const company = await client.request(ProfileDocument, { by: { key: link.key }, type: 'company' })
      return `${link.attribute} → ${link.key} ${company.profile?.attributes['name'] ?? '(nothing known but its key)'}`
    }),
  )
  const addresses = extensions.map(({ channel, address }) => `${channel} ${shortened(address)}`)
  const lines = [
    `${key}  ${firstName} ${lastName}, ${email}, ${phone}`,
    `tier ${attributes['tier']}, ${attributes['points']} points, balance ${attributes['balance']}`,
    [...companies, ...addresses].join(' · '),
  ]
  return lines.filter((line) => line !== '').join('\n           ')
}

const shortened = (text: string) => (text.length > 20 ? `${text.slice(0, 20)}…` : text)

const interruption = new AbortController()
const exitCodes: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
for (const signal of Object.keys(exitCodes) as NodeJS.Signals[]) {
  process.on(signal, () => {
    const code = exitCodes[signal] ?? 1
    // The second time at once: the gateway is killed on the way out.
    if (interruption.signal.aborted) process.exit(code)
    process.exitCode = code
    interruption.abort(new Error(`${signal}: the demo stops, and its gateway with it`))
  })
}

try {
  const faults = await runDemo({
    // biome-ignore lint/style/noProcessEnv: the demo is a program of its own, and hands its environment to the gateway it starts
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
