import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, type PGliteOptions, types } from '@electric-sql/pglite'
import { plannerSettings } from './database.ts'
import { openEmptyDatabase } from './empty-database.ts'

/** What the main thread asks of the thread that holds PGlite. One request at a time is under way, except within a transaction's turn. */
export type WorkerTask =
  | { kind: 'query'; text: string; params: readonly unknown[] }
  | { kind: 'listen'; channel: string }
  | { kind: 'close' }

export interface WorkerRequest {
  id: number
  task: WorkerTask
}

export type WorkerAnswer =
  | { kind: 'ready' }
  | { kind: 'rows'; id: number; rows: unknown[] }
  | { kind: 'fault'; id: number; message: string; fault: Record<string, unknown> }
  | { kind: 'notify'; channel: string; payload: string }

if (!parentPort) throw new Error('pglite-worker.ts runs as a worker thread only')
const port = parentPort
const { directory } = workerData as { directory: string | null }
const answer = (message: WorkerAnswer) => port.postMessage(message)

const options: PGliteOptions = {
  parsers: { [types.DATE]: (text: string) => text },
  serializers: { [types.DATE]: (value: unknown) => String(value) },
}
const pg = directory === null ? await openEmptyDatabase(options) : await PGlite.create(directory, options)
await pg.exec("set timezone to 'UTC'")
for (const [name, value] of Object.entries(plannerSettings)) await pg.exec(`set ${name} to ${value}`)

async function carryOut(task: WorkerTask): Promise<unknown[]> {
  switch (task.kind) {
    case 'query': {
      const { rows } = await pg.query(task.text, [...task.params])
      return rows
    }
    case 'listen':
      await pg.listen(task.channel, (payload) => answer({ kind: 'notify', channel: task.channel, payload }))
      return []
    case 'close':
      await pg.close()
      return []
  }
}

const faultFields = ['code', 'detail', 'constraint', 'table', 'column'] as const

port.on('message', async (request: WorkerRequest) => {
  try {
    answer({ kind: 'rows', id: request.id, rows: await carryOut(request.task) })
  } catch (error) {
    const known = error as Record<string, unknown>
    const fault = Object.fromEntries(faultFields.flatMap((name) => (known[name] ? [[name, known[name]]] : [])))
    answer({ kind: 'fault', id: request.id, message: error instanceof Error ? error.message : String(error), fault })
  }
})
answer({ kind: 'ready' })
