import { type Line, median, megabytes, milliseconds } from '../report.ts'
import { createDatabase, type Program, startGateway, startScript } from '../stage.ts'

interface Started {
  startedIn: number
  memory: number
}

async function measure(start: () => Promise<Program>): Promise<Started> {
  const program = await start()
  // At rest: what starting left behind has been collected or not; nothing is asked of it.
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const memory = await program.memory()
  await program.stop()
  return { startedIn: program.startedIn, memory }
}

/** From the start of the process until it is ready, on tables that are there already, and its memory at rest. */
export async function startupSection({ server, rounds }: { server: string; rounds: number }): Promise<Line[]> {
  const database = await createDatabase(server)
  await (await startGateway({ DATABASE_URL: database.url })).stop()
  const sides = {
    embedded: () => startGateway({}),
    PostgreSQL: () => startGateway({ DATABASE_URL: database.url }),
    bare: () => startScript('yoga-server.mjs', []),
  }
  const found: Record<string, Started[]> = { embedded: [], PostgreSQL: [], bare: [] }
  for (let round = 0; round <= rounds; round++) {
    for (const [name, start] of Object.entries(sides)) {
      const started = await measure(start)
      if (round > 0) found[name]?.push(started)
    }
  }
  await database.drop()
  const middle = (name: string, of: (one: Started) => number) => median((found[name] ?? []).map(of))
  const line = (
    what: string,
    name: string,
    of: (one: Started) => number,
    text: (value: number) => string,
    below: number,
  ): Line => ({
    what,
    ours: text(middle(name, of)),
    against: 'bare Yoga server',
    theirs: text(middle('bare', of)),
    ratio: middle(name, of) / (text === megabytes ? 1_048_576 : 1000),
    target: { below },
  })
  return [
    line('start until ready, embedded (seconds)', 'embedded', ({ startedIn }) => startedIn, milliseconds, 3),
    line('start until ready, PostgreSQL (seconds)', 'PostgreSQL', ({ startedIn }) => startedIn, milliseconds, 1),
    line('memory at rest, PostgreSQL (MB)', 'PostgreSQL', ({ memory }) => memory, megabytes, 150),
  ]
}
