import { contactsFrom, inParallel, secondsOf } from '../contacts.ts'
import { type Line, median, perSecond } from '../report.ts'
import { bodyOf, createClient, createDatabase, startGateway } from '../stage.ts'

const mutation = `mutation ($input: BulkUpsertProfilesInput!) {
  bulkUpsertProfiles(input: $input) { ... on JobPayload { job { state } } }
}`

/** Four clients that each wait for their job, at one process and at two. */
export async function processSection({
  server,
  rounds,
  records,
}: {
  server: string
  rounds: number
  records: number
}): Promise<Line[]> {
  const sides = await Promise.all(
    [1, 2].map(async (count) => {
      const database = await createDatabase(server)
      const gateways = [await startGateway({ DATABASE_URL: database.url })]
      if (count === 2) gateways.push(await startGateway({ DATABASE_URL: database.url }))
      const clients = Array.from({ length: 4 }, (_, number) => createClient(gateways[number % count]?.url ?? '', 1))
      return { count, database, gateways, clients, rates: [] as number[] }
    }),
  )
  const share = Math.ceil(records / rounds / 1000)
  for (let round = 0; round <= rounds; round++) {
    const bodies = Array.from({ length: share }, (_, batch) =>
      bodyOf(mutation, { input: { profiles: contactsFrom((round * share + batch) * 1000, 1000, 0), waitSeconds: 30 } }),
    )
    for (const { clients, rates } of round % 2 === 0 ? sides : sides.toReversed()) {
      const turns = bodies.map((body, number) => ({ body, client: clients[number % 4] }))
      const seconds = await secondsOf(() =>
        inParallel(turns, 4, async ({ body, client }) => {
          const answer = await client?.graphql(body)
          if (!answer?.includes('SUCCEEDED')) throw new Error(`a mutation was refused: ${answer?.slice(0, 300)}`)
        }),
      )
      if (round > 0) rates.push((share * 1000) / seconds)
    }
  }
  for (const { gateways, clients, database } of sides) {
    for (const client of clients) client.close()
    for (const gateway of gateways) await gateway.stop()
    await database.drop()
  }
  const [one = Number.NaN, two = Number.NaN] = sides.map(({ rates }) => median(rates))
  return [
    {
      what: '4 clients at 2 processes',
      ours: perSecond(two),
      against: 'at 1 process',
      theirs: perSecond(one),
      ratio: two / one,
      target: { atLeast: 1 },
    },
  ]
}
