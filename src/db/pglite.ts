import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Queryable } from '../contract/adapter.ts'
import { type Database, type DatabaseOptions, untilAlone } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import type { WorkerAnswer, WorkerTask } from './pglite-worker.ts'

/**
 * Opens the embedded PGlite in a worker thread, so that a large batch does not stall the event loop. `directory` null keeps
 * everything in memory. PGlite is one connection: whoever asks waits for its turn, and a transaction is one turn.
 */
export async function openPglite(directory: string | null, { onStatement }: DatabaseOptions = {}): Promise<Database> {
  const unlock = directory === null ? async () => {} : await lockDirectory(directory)
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
    workerData: { directory: directory === null ? null : join(directory, 'pglite') },
  })
  const waiting = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, Set<(payload: string) => void>>()
  let lastId = 0
  let gone: Error | null = null

  worker.on('message', (message: WorkerAnswer) => {
    if (message.kind === 'notify') {
      for (const listener of listeners.get(message.channel) ?? []) listener(message.payload)
    } else if (message.kind !== 'ready') {
      const asker = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.kind === 'rows') asker?.resolve(message.rows)
      else asker?.reject(Object.assign(new Error(message.message), message.fault))
    }
  })
  const fail = (error: Error) => {
    gone ??= error
    for (const asker of waiting.values()) asker.reject(error)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', () =>
    fail(Object.assign(new Error('the embedded database has stopped'), { code: 'CONNECTION_ENDED' })),
  )
  try {
    await once(worker, 'message')
  } catch (error) {
    await unlock()
    throw error
  }

  const ask = (task: WorkerTask): Promise<unknown[]> => {
    if (gone) return Promise.reject(gone)
    return new Promise((resolve, reject) => {
      lastId += 1
      waiting.set(lastId, { resolve, reject })
      worker.postMessage({ id: lastId, task })
    })
  }
  const send = (text: string, params: readonly unknown[]) => {
    onStatement?.(text)
    return ask({ kind: 'query', text, params })
  }

  let turns: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = turns.then(work)
    turns = turn.catch(() => {})
    return turn
  }

  const transaction: Queryable = {
    query: <Row>(text: string, params: readonly unknown[] = []) => send(text, params) as Promise<Row[]>,
  }
  const runTransaction = <T>(work: (transaction: Queryable) => Promise<T>) =>
    inTurn(async () => {
      await ask({ kind: 'query', text: 'begin', params: [] })
      try {
        const result = await work(transaction)
        await ask({ kind: 'query', text: 'commit', params: [] })
        return result
      } catch (error) {
        await ask({ kind: 'query', text: 'rollback', params: [] }).catch(() => {})
        throw error
      }
    })

  return {
    kind: 'pglite',
    query: <Row>(text: string, params: readonly unknown[] = []) => inTurn(() => send(text, params) as Promise<Row[]>),
    transaction: (work) => untilAlone(() => runTransaction(work)),
    async listen(channel, onNotify, onListen) {
      const known = listeners.get(channel)
      if (known) known.add(onNotify)
      else {
        listeners.set(channel, new Set([onNotify]))
        await inTurn(() => ask({ kind: 'listen', channel }))
      }
      onListen()
      return async () => {
        listeners.get(channel)?.delete(onNotify)
      }
    },
    async close() {
      if (!gone) {
        await inTurn(() => ask({ kind: 'close' }))
        await worker.terminate()
      }
      await unlock()
    },
  }
}
