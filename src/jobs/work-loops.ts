import type { Database } from '../db/database.ts'
import { Bell } from './bell.ts'
import type { Log } from './log.ts'

export interface Workers {
  start(): Promise<void>
  /** Tells that there may be work. */
  wake(): void
  /** Claims nothing more, and resolves when what is in flight has ended. */
  stop(): Promise<void>
}

export interface WorkLoopParts {
  database: Database
  log: Log
  /** Turns at once in this process. */
  loops: number
  /** Longest time between two looks for work, give or take a quarter. */
  sweepMs: number
  /** Takes up one piece of work, unless it is told to stop; false when nothing is due. Throws when the database cannot be reached. */
  turn(isStopped: () => boolean): Promise<boolean>
}

const leastBackOffMs = 500
const mostBackOffMs = 5000

/** Loops that take up work as long as there is any, then wait until they are called: by NOTIFY gateway_work, by `wake`, or by the sweep. */
export function createWorkLoops({ database, log, loops, sweepMs, turn }: WorkLoopParts): Workers {
  const work = new Bell()
  const stopping = new Bell()
  let stopped = false
  let unlisten = async () => {}
  let running: Promise<void>[] = []

  async function loop(): Promise<void> {
    let backOffMs = leastBackOffMs
    while (!stopped) {
      const rings = work.rings
      try {
        const found = await turn(() => stopped)
        backOffMs = leastBackOffMs
        if (!found && !stopped) await work.wait(sweepMs * (0.75 + Math.random() / 2), rings)
      } catch (error) {
        if (stopped) return
        log.error({ error, backOffMs }, 'the database could not be used; work goes on after a pause')
        await stopping.wait(backOffMs)
        backOffMs = Math.min(2 * backOffMs, mostBackOffMs)
      }
    }
  }

  const wake = () => work.ring()

  return {
    async start() {
      // With a payload it is for the lane of that name.
      unlisten = await database.listen('gateway_work', (lane) => lane === '' && wake(), wake)
      running = Array.from({ length: loops }, loop)
    },
    wake,
    async stop() {
      stopped = true
      stopping.ring()
      work.ring()
      // Not waited for: without a connection it would wait for one, and the listener ends with the database in any case.
      void unlisten().catch(() => {})
      await Promise.all(running)
    },
  }
}
