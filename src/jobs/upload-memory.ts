/** What one upload takes of the memory that all uploads of a process share. */
export interface MemoryShare {
  /** Says what the upload holds now. */
  hold(bytes: number): void
  /** Resolves when it may take more. */
  room(): Promise<void>
  /** It holds nothing any more, and never will. */
  release(): void
}

/** Each upload has so much without asking; files of ordinary records take no more. */
const ownBytes = 1_048_576

/**
 * Memory that uploads share beyond what each has of its own. While they hold more than `mostBytes` together, whoever holds some of it and
 * wants more has to wait, except the one that has waited longest: it goes on until it holds none, so that those who wait never wait for each
 * other alone.
 */
export function createUploadMemory(mostBytes: number): { open(): MemoryShare } {
  let held = 0
  /** In the order of waiting. */
  const waiting = new Map<MemoryShare, () => void>()
  let exempt: MemoryShare | null = null

  function wakeWaiting(): void {
    if (held <= mostBytes) {
      exempt = null
      for (const wake of waiting.values()) wake()
      waiting.clear()
    } else if (exempt === null) {
      const [longest] = waiting
      if (!longest) return
      const [share, wake] = longest
      waiting.delete(share)
      exempt = share
      wake()
    }
  }

  return {
    open() {
      let own = 0
      const share: MemoryShare = {
        hold(bytes) {
          const beyond = Math.max(0, bytes - ownBytes)
          held += beyond - own
          own = beyond
          if (own === 0 && exempt === share) exempt = null
          wakeWaiting()
        },
        async room() {
          if (own === 0 || held <= mostBytes || exempt === share) return
          await new Promise<void>((wake) => {
            waiting.set(share, wake)
            wakeWaiting()
          })
        },
        release: () => share.hold(0),
      }
      return share
    },
  }
}
