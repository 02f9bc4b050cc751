import { hasEnded } from '../domain/job-state.ts'
import type { Job } from './job.ts'

type Turn = IteratorResult<Job, undefined>

/**
 * The snapshots of a job for one subscriber. It holds only the newest that was not yet taken: a slow subscriber skips versions and nothing
 * grows. The last state is always given, and then it completes. `return()` ends it at once, even while `next()` waits.
 */
export class Mailbox implements AsyncIterableIterator<Job, undefined> {
  readonly #afterVersion: number | null
  readonly #onClose: () => void
  #lastVersion: number | null = null
  #newest: Job | null = null
  #closed = false
  readonly #waiting: PromiseWithResolvers<Turn>[] = []

  /** `onClose` is called once: after the last state was put in, or when the subscriber left. */
  constructor(afterVersion: number | null, onClose: () => void) {
    this.#afterVersion = afterVersion
    this.#onClose = onClose
  }

  /** Puts a snapshot in. One that is older than the last, or that the subscriber has said to know, is left out unless it is the end. */
  offer(job: Job): void {
    if (this.#closed || (this.#lastVersion !== null && job.version <= this.#lastVersion)) return
    const known = this.#lastVersion === null && job.version === this.#afterVersion
    this.#lastVersion = job.version
    const ended = hasEnded(job.state)
    if (!known || ended) this.#give(job)
    if (ended) this.close()
  }

  /** Completes after what is in it was taken. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.resolve({ done: true, value: undefined })
    this.#onClose()
  }

  next(): Promise<Turn> {
    const job = this.#newest
    if (job !== null) {
      this.#newest = null
      return Promise.resolve({ done: false, value: job })
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    const waiting = Promise.withResolvers<Turn>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  return(): Promise<Turn> {
    this.#newest = null
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  async throw(error: unknown): Promise<Turn> {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #give(job: Job): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting.resolve({ done: false, value: job })
    else this.#newest = job
  }
}
