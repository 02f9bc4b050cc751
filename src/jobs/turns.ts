/** Runs `work` when it is its owner's turn; resolves or rejects as that does. */
export type InTurn = <Result>(owner: string, work: () => Promise<Result>) => Promise<Result>

/** One at a time of each owner, and at most `most` at once of all; in the order in which they come, as far as that allows. */
export function createTurns(most: number): InTurn {
  const busy = new Set<string>()
  const waiting: { owner: string; begin: () => void }[] = []

  function beginNext(): void {
    while (busy.size < most) {
      const next = waiting.find(({ owner }) => !busy.has(owner))
      if (!next) return
      waiting.splice(waiting.indexOf(next), 1)
      busy.add(next.owner)
      next.begin()
    }
  }

  return async (owner, work) => {
    await new Promise<void>((begin) => {
      waiting.push({ owner, begin })
      beginNext()
    })
    try {
      return await work()
    } finally {
      busy.delete(owner)
      beginNext()
    }
  }
}
