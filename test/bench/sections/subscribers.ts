import WebSocket from 'ws'
import { contactsFrom } from '../contacts.ts'
import { type Line, median, milliseconds, percentile, perSecond } from '../report.ts'
import { type BenchDatabase, bodyOf, createClient, createDatabase, type Program, startGateway } from '../stage.ts'

export interface SubscriberOptions {
  server: string
  rounds: number
  records: number
  subscribers: number
}

const mutation = `mutation ($input: ImportProfilesInput!) { importProfiles(input: $input) { ... on JobPayload { job { id } } } }`
const pause = 'mutation ($id: ID!) { pauseJob(id: $id) { __typename } }'
const resume = 'mutation ($id: ID!) { resumeJob(id: $id) { __typename } }'
const state = 'query ($id: ID!) { job(id: $id) { state } }'
const subscription =
  'subscription ($id: ID!) { jobStatus(id: $id) { state version progress { total processed created failed percent recordsPerSecond etaSeconds } } }'

/** Keeps when each version of a job was written: a moment before its commit. */
async function keepVersions({ query }: BenchDatabase): Promise<void> {
  await query('create table versions (job_id uuid, version int, at timestamptz, primary key (job_id, version))')
  await query(
    `create function keep_version() returns trigger language plpgsql as $$
     begin insert into versions values (new.id, new.version, clock_timestamp()) on conflict do nothing; return null; end $$`,
  )
  await query('create trigger keep_version after insert or update on jobs for each row execute function keep_version()')
}

interface Receipt {
  version: number
  at: number
}

interface Subscriber {
  receipts: Receipt[]
  /** Resolves when the subscription is complete. */
  completed: Promise<void>
}

/** Subscribes as graphql-transport-ws clients do, without their weight. */
function subscribe(url: string, id: string): Promise<Subscriber> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const receipts: Receipt[] = []
  return new Promise((resolve, reject) => {
    const completed = Promise.withResolvers<void>()
    socket.on('error', reject)
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data) => {
      const at = performance.timeOrigin + performance.now()
      const text = data.toString()
      if (text.includes('"connection_ack"')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription, variables: { id } } }))
        resolve({ receipts, completed: completed.promise })
        return
      }
      const version = /"version":(\d+)/.exec(text)?.[1]
      if (version !== undefined) receipts.push({ version: Number(version), at })
      if (text.includes('"complete"')) {
        completed.resolve()
        socket.close()
      }
    })
  })
}

interface Run {
  rate: number
  latencies: number[]
}

async function run(
  gateways: readonly Program[],
  database: BenchDatabase,
  options: SubscriberOptions,
  subscribed: boolean,
): Promise<Run> {
  const { records, subscribers } = options
  const [first] = gateways
  if (!first) throw new Error('there is no gateway')
  await database.query('truncate profiles')
  const client = createClient(first.url, 2)
  const file = Buffer.from(
    contactsFrom(0, records, 0)
      .map((contact) => `${JSON.stringify(contact)}\n`)
      .join(''),
  )
  const { uploadId } = JSON.parse(await client.post('/uploads', file, { 'content-type': 'application/x-ndjson' }))
  const accepted = JSON.parse(await client.graphql(bodyOf(mutation, { input: { uploadId } })))
  const id: string = accepted.data.importProfiles.job.id
  const jobId = Buffer.from(id, 'base64').toString().split(':')[1]
  // A thousand handshakes are no part of what is measured: the job waits for them.
  await client.graphql(bodyOf(pause, { id }))
  for (let now = ''; !now.includes('"PAUSED"'); now = await client.graphql(bodyOf(state, { id }))) {
    if (now.includes('"SUCCEEDED"'))
      throw new Error('the job was over before it could be watched: give it more records')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const all: Subscriber[] = []
  if (subscribed) {
    for (let number = 0; number < subscribers; number += 100) {
      const some = Array.from({ length: 100 }, (_, place) =>
        subscribe(gateways[place % gateways.length]?.url ?? '', id),
      )
      all.push(...(await Promise.all(some)))
    }
  }
  const [clock] = await database.query<{ time: string }>('select clock_timestamp()::text as time')
  await client.graphql(bodyOf(resume, { id }))
  client.close()
  await Promise.all(all.map(({ completed }) => completed))
  let span: { seconds: number | null } | undefined
  while (!span?.seconds) {
    const [row] = await database.query<{ seconds: number | null }>(
      'select extract(epoch from finished_at - $2::timestamptz)::float8 as seconds from jobs where id = $1::uuid',
      [jobId, clock?.time],
    )
    span = row
    if (!span?.seconds) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const written = await database.query<{ version: number; at: number }>(
    'select version, extract(epoch from at)::float8 * 1000 as at from versions where job_id = $1::uuid',
    [jobId],
  )
  const writtenAt = new Map(written.map(({ version, at }) => [version, at]))
  // The first answer is the job as it stood, however long ago that was written.
  const latencies = all.flatMap(({ receipts }) =>
    receipts.slice(1).map(({ version, at }) => at - (writtenAt.get(version) ?? at)),
  )
  return { rate: records / span.seconds, latencies }
}

/** A thousand clients that watch one job, half of them at each of two processes. */
export async function subscriberSection(options: SubscriberOptions): Promise<Line[]> {
  const { server, rounds, subscribers } = options
  const database = await createDatabase(server)
  const gateways = [
    await startGateway({ DATABASE_URL: database.url }),
    await startGateway({ DATABASE_URL: database.url }),
  ]
  await keepVersions(database)
  const watched: Run[] = []
  const alone: Run[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const isWatched of round % 2 === 0 ? [true, false] : [false, true]) {
      const found = await run(gateways, database, options, isWatched)
      if (round > 0) (isWatched ? watched : alone).push(found)
    }
  }
  for (const gateway of gateways) await gateway.stop()
  await database.drop()
  const p99 = median(watched.map(({ latencies }) => percentile(latencies, 0.99)))
  const p50 = median(watched.map(({ latencies }) => percentile(latencies, 0.5)))
  const [with1000, without] = [median(watched.map(({ rate }) => rate)), median(alone.map(({ rate }) => rate))]
  return [
    {
      what: `${subscribers} subscribers, commit to receipt, p99 (ms)`,
      ours: milliseconds(p99),
      against: 'p50',
      theirs: milliseconds(p50),
      ratio: p99,
      target: { below: 100 },
    },
    {
      what: `delivery with ${subscribers} subscribers`,
      ours: perSecond(with1000),
      against: 'none',
      theirs: perSecond(without),
      ratio: with1000 / without,
      target: { atLeast: 0.9 },
    },
  ]
}
