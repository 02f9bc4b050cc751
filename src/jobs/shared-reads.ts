interface Reads {
  running: Promise<unknown>
  /** Begins when that one is over. */
  next: Promise<unknown> | null
}

export type ShareReads = <T>(name: string, read: () => Promise<T>) => Promise<T>

/**
 * Lets those who ask for the same at the same time share a read. Everybody gets what is read after they asked: a read that has begun is
 * not shared, the one that begins after it is.
 */
export function createSharedReads(): ShareReads {
  const reads = new Map<string, Reads>()

  function begin<T>(name: string, read: () => Promise<T>): Promise<T> {
    const running = read()
    const mine: Reads = { running, next: null }
    reads.set(name, mine)
    const end = () => {
      if (reads.get(name) === mine && mine.next === null) reads.delete(name)
    }
    running.then(end, end)
    return running
  }

  return <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const before = reads.get(name)
    if (!before) return begin(name, read)
    const go = () => begin(name, read)
    before.next ??= before.running.then(go, go)
    return before.next as Promise<T>
  }
}
