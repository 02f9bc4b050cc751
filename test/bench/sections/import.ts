import { pipeline } from 'node:stream/promises'
import postgres from 'postgres'
import { contactsFrom, createBareTable, inParallel, secondsOf, upsertBare } from '../contacts.ts'
import { type Line, median, megabytes, perSecond } from '../report.ts'
import { type BenchDatabase, bodyOf, createClient, createDatabase, type Program, startGateway } from '../stage.ts'

export interface ImportOptions {
  server: string
  rounds: number
  records: number
}

const mutation = `mutation ($input: ImportProfilesInput!) {
  importProfiles(input: $input) { __typename ... on JobPayload { job { id } } ... on UserError { message } }
}`
const state = `query ($id: ID!) { job(id: $id) { state progress { created updated failed } } }`

/** The lines of an NDJSON file, made before the clock starts. */
function fileOf(records: number, first: number): Buffer {
  const pieces: string[] = []
  for (let from = 0; from < records; from += 1000) {
    const lines = contactsFrom(first + from, Math.min(1000, records - from), 0).map((contact) =>
      JSON.stringify(contact),
    )
    pieces.push(`${lines.join('\n')}\n`)
  }
  return Buffer.from(pieces.join(''))
}

interface Imported {
  /** Seconds of the upload, of reading it into the job, of delivering it, and of all. */
  upload: number
  stage: number
  deliver: number
  whole: number
  /** The most memory that the gateway held, in bytes. */
  peak: number
}

async function importFile(gateway: Program, database: BenchDatabase, file: Buffer, records: number): Promise<Imported> {
  const client = createClient(gateway.url, 2)
  let peak = 0
  const watch = setInterval(
    () =>
      void gateway.memory().then((bytes) => {
        peak = Math.max(peak, bytes)
      }),
    50,
  )
  const started = performance.now()
  const uploaded = JSON.parse(await client.post('/uploads', file, { 'content-type': 'application/x-ndjson' }))
  const upload = (performance.now() - started) / 1000
  const answer = JSON.parse(await client.graphql(bodyOf(mutation, { input: { uploadId: uploaded.uploadId } })))
  const id = answer.data?.importProfiles?.job?.id
  if (!id) throw new Error(`the import was refused: ${JSON.stringify(answer).slice(0, 500)}`)
  let job: { state: string; progress: { created: number; updated: number } } | null = null
  do {
    await new Promise((resolve) => setTimeout(resolve, 100))
    job = JSON.parse(await client.graphql(bodyOf(state, { id }))).data.job
  } while (job && ['STAGING', 'QUEUED', 'RUNNING'].includes(job.state))
  const whole = (performance.now() - started) / 1000
  clearInterval(watch)
  client.close()
  if (job?.state !== 'SUCCEEDED' || job.progress.created !== records)
    throw new Error(`the import ended ${JSON.stringify(job)}`)
  const [times] = await database.query<{ stage: number; deliver: number }>(
    `select extract(epoch from started_at - created_at)::float8 as stage, extract(epoch from finished_at - started_at)::float8 as deliver
       from jobs order by id desc limit 1`,
  )
  return { upload, stage: times?.stage ?? 0, deliver: times?.deliver ?? 0, whole, peak }
}

/** By a process of its own, on a database of its own: what one has grown by would be no part of the next one's growth. */
async function importAlone(server: string, records: number): Promise<Imported> {
  const file = fileOf(records, 0)
  const database = await createDatabase(server)
  const gateway = await startGateway({ DATABASE_URL: database.url })
  const imported = await importFile(gateway, database, file, records)
  await gateway.stop()
  await database.drop()
  return imported
}

/** What the intake is measured against: the same file into a table of one column, one line a row, by one COPY from this process. */
async function copySeconds(database: BenchDatabase, file: Buffer): Promise<number> {
  await database.query('create table copied (line text)')
  const sql = postgres(database.url, { max: 1 })
  // Without a warmed connection its opening would count.
  await sql`select 1`
  const seconds = await secondsOf(async () => {
    const copying = await sql`copy copied from stdin`.writable()
    await pipeline(piecesOf(file), copying)
  })
  const [row] = await sql<{ count: number }[]>`select count(*)::int from copied`
  await sql.end()
  if (row?.count !== file.toString('latin1').split('\n').length - 1) throw new Error('COPY lost lines')
  return seconds
}

function* piecesOf(file: Buffer): Generator<Buffer> {
  const size = 65_536
  for (let from = 0; from < file.length; from += size) yield file.subarray(from, from + size)
}

/** A large NDJSON file, from its first byte sent to the end of its job, beside the bare upsert of the same records. */
export async function importSection({ server, rounds, records }: ImportOptions): Promise<Line[]> {
  const imports: Imported[] = []
  const small: Imported[] = []
  const bare: number[] = []
  const copies: number[] = []
  for (let round = 0; round < rounds; round++) {
    const sides = [
      async () => {
        small.push(await importAlone(server, 10_000))
      },
      async () => {
        imports.push(await importAlone(server, records))
      },
      async () => {
        const database = await createDatabase(server)
        await (await startGateway({ DATABASE_URL: database.url, ROLE: 'api' })).stop()
        await createBareTable(database)
        const batches = Array.from({ length: Math.ceil(records / 1000) }, (_, batch) =>
          contactsFrom(batch * 1000, 1000, 0),
        )
        bare.push(await secondsOf(() => inParallel(batches, 1, (batch) => upsertBare(database, batch))))
        copies.push(await copySeconds(database, fileOf(records, 0)))
        await database.drop()
      },
    ]
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  const seconds = (of: (one: Imported) => number) => median(imports.map(of))
  const bareRate = records / median(bare)
  const copyRate = records / median(copies)
  const line = (what: string, taken: number, against: string, theirs: number, target: Line['target']): Line => ({
    what,
    ours: perSecond(records / taken),
    against,
    theirs: perSecond(theirs),
    ratio: records / taken / theirs,
    target,
  })
  const grown = median(imports.map(({ peak }, round) => peak - (small[round]?.peak ?? 0)))
  return [
    line(
      `importProfiles, ${records} records of NDJSON`,
      seconds(({ whole }) => whole),
      'bare upsert',
      bareRate,
      { atLeast: 0.5 },
    ),
    line(
      '  its intake: upload and reading',
      seconds(({ upload, stage }) => upload + stage),
      'bare COPY of the file',
      copyRate,
      null,
    ),
    line(
      '  its delivery',
      seconds(({ deliver }) => deliver),
      'bare upsert',
      bareRate,
      null,
    ),
    {
      what: '  peak memory of the process, beyond that of 10,000 records',
      ours: megabytes(median(imports.map(({ peak }) => peak))),
      against: '10,000 records',
      theirs: megabytes(median(small.map(({ peak }) => peak))),
      ratio: grown / 1_048_576,
      target: { below: 64 },
    },
  ]
}
