import { vi } from 'vitest'

/** Asks again and again until the check passes, and gives up only where no busy machine could be the reason. */
export const eventually = <T>(check: () => T | Promise<T>, { interval = 10 } = {}): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval })
