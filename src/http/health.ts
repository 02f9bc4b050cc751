import { within } from './within.ts'

/** Whether the process takes work. It goes through these once, in this order. */
export type Phase = 'starting' | 'ready' | 'stopping'

export type ReadyState = { status: 'ready' } | { status: 'unavailable'; reason: string }

export interface Health {
  phase(): Phase
  open(check: () => Promise<unknown>): void
  stop(): void
  /** Whether a request would be served now, and if not, why. */
  state(): Promise<ReadyState>
}

const patienceMs = 2000

export function createHealth(): Health {
  let phase: Phase = 'starting'
  let check: () => Promise<unknown> = async () => null
  return {
    phase: () => phase,
    open(given) {
      check = given
      if (phase === 'starting') phase = 'ready'
    },
    stop() {
      phase = 'stopping'
    },
    async state() {
      if (phase !== 'ready') return { status: 'unavailable', reason: `the gateway is ${phase}` }
      try {
        await within(patienceMs, check())
        return { status: 'ready' }
      } catch {
        return { status: 'unavailable', reason: 'the database does not answer' }
      }
    },
  }
}
