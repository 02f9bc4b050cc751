import { fillProfiles } from '../contacts.ts'
import { type Line, median, milliseconds, perSecond } from '../report.ts'
import { type BenchDatabase, createDatabase, type Program, runScript, startGateway, startScript } from '../stage.ts'

const connections = 32
const stored = 20_000

interface Figures {
  perSecond: number
  p50: number
  p99: number
}

/** What one side is asked; `{n}` stands for the number of the request, `{k}` for that of a stored contact, `{u}` for a new UUID. */
interface Asks {
  query: string
  variables: object
}

const shoot = (url: string, asks: Asks, seconds: number): Promise<Figures> =>
  runScript('shoot.mjs', { url, connections, seconds, stored, body: JSON.stringify(asks) })

const ours = {
  create: {
    query: `mutation ($input: BulkUpsertProfilesInput!) {
      bulkUpsertProfiles(input: $input) { ... on JobPayload { job { state results { nodes { outcome profileId } } } } }
    }`,
    variables: {
      input: {
        profiles: [{ key: 'one-{n}', email: 'one.{n}@example.com', firstName: 'First', lastName: 'Last {n}' }],
      },
    },
  },
  byKey: {
    query:
      'query ($key: String!) { profile(by: { key: $key }) { id key email phone firstName lastName status createdAt } }',
    variables: { key: 'contact-{k}' },
  },
  page: {
    query: `{ profiles(first: 50) { nodes {
      id key email phone firstName lastName extensions { id channel address permission status }
    } } }`,
    variables: {},
  },
} satisfies Record<string, Asks>

const theirs = {
  create: {
    query: `mutation ($input: CreateProfileInput!) { createProfile(input: $input) { profile { id status } } }`,
    variables: {
      input: {
        profile: {
          tenant: 'default',
          rowId: '{u}',
          type: 'contact',
          key: 'their-{n}',
          email: 'their.{n}@example.com',
          emailStatus: 'ACTIVE',
          firstName: 'First',
          lastName: 'Last {n}',
        },
      },
    },
  },
  byKey: {
    query: `query ($key: String!) { profileByTenantAndTypeAndKey(tenant: "default", type: "contact", key: $key) {
      id key email phone firstName lastName status createdAt
    } }`,
    variables: { key: 'contact-{k}' },
  },
  page: {
    query: `{ allProfiles(first: 50, condition: { tenant: "default", type: "contact" }) { nodes {
      id key email phone firstName lastName
      extensionsByTenantAndProfileId { nodes { id channel address permission status } }
    } } }`,
    variables: {},
  },
} satisfies Record<keyof typeof ours, Asks>

/** Gives PostGraphile what it reads relations and unique look-ups from. */
async function tellRelations({ query }: BenchDatabase): Promise<void> {
  await query('alter table profiles add constraint profiles_key unique using index profiles_key')
  await query(
    'alter table extensions add constraint extensions_profile foreign key (tenant, profile_id) references profiles (tenant, id)',
  )
}

async function addExtensions({ query }: BenchDatabase): Promise<void> {
  await query(
    `insert into extensions (tenant, id, profile_id, channel, address, permission, status)
     select p.tenant, gen_random_uuid(), p.id, channel, channel || p.key, true, 'SUBSCRIBED'
       from profiles p cross join unnest(array['PUSH', 'VIBER', 'WHATSAPP']) as channel`,
  )
  await query('vacuum (analyze) extensions')
}

export interface RequestOptions {
  server: string
  rounds: number
  seconds: number
}

/** Small requests of 32 clients at once, beside PostGraphile on the same database. */
export async function requestSection({ server, rounds, seconds }: RequestOptions): Promise<Line[]> {
  const database = await createDatabase(server)
  await (await startGateway({ DATABASE_URL: database.url, ROLE: 'api' })).stop()
  await fillProfiles(database, 0, stored)
  await addExtensions(database)
  await tellRelations(database)
  const gateway = await startGateway({ DATABASE_URL: database.url })
  const peer = await startScript('postgraphile-server.mjs', [database.url])
  const lines: Line[] = []
  for (const [name, what, atLeast] of [
    ['byKey', 'profile(by: {key})', 1],
    ['page', 'profiles(first: 50) with extensions', 1],
    ['create', 'one-record bulkUpsertProfiles with its outcome', 0.7],
  ] as const) {
    const measured = await alternate(gateway, peer, ours[name], theirs[name], rounds, seconds)
    lines.push(...linesOf(what, measured, atLeast))
  }
  await gateway.stop()
  await peer.stop()
  await database.drop()
  return lines
}

async function alternate(gateway: Program, peer: Program, mine: Asks, other: Asks, rounds: number, seconds: number) {
  const sides = [
    { url: `${gateway.url}/graphql`, asks: mine, figures: [] as Figures[] },
    { url: peer.url, asks: other, figures: [] as Figures[] },
  ] as const
  for (let round = 0; round <= rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const figures = await shoot(side.url, side.asks, round === 0 ? 2 * seconds : seconds)
      if (round > 0) side.figures.push(figures)
    }
  }
  const medians = ({ figures }: { figures: Figures[] }): Figures => ({
    perSecond: median(figures.map((one) => one.perSecond)),
    p50: median(figures.map(({ p50 }) => p50)),
    p99: median(figures.map(({ p99 }) => p99)),
  })
  return { ours: medians(sides[0]), theirs: medians(sides[1]) }
}

function linesOf(
  what: string,
  { ours: mine, theirs: other }: { ours: Figures; theirs: Figures },
  atLeast: number,
): Line[] {
  const requests = {
    what,
    against: 'PostGraphile 5',
    ours: perSecond(mine.perSecond, 'requests'),
    theirs: perSecond(other.perSecond, 'requests'),
    ratio: mine.perSecond / other.perSecond,
    target: { atLeast },
  }
  const latency = {
    what: `${what}, p99`,
    against: 'its own p50',
    ours: milliseconds(mine.p99),
    theirs: milliseconds(mine.p50),
    ratio: mine.p99 / Math.max(1, mine.p50),
    target: what.startsWith('one-record') ? { below: 5 } : null,
  }
  return [requests, latency]
}
