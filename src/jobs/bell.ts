/** Wakes whoever waits. A ring between looking for work and waiting for it is not lost: a waiter says how many rings it had seen. */
export class Bell {
  #rings = 0
  readonly #waiting = new Set<() => void>()

  get rings(): number {
    return this.#rings
  }

  ring(): void {
    this.#rings += 1
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves when the bell has rung more than `seen` times, or after that long. Leaves no timer behind. */
  wait(milliseconds: number, seen: number = this.#rings): Promise<void> {
    if (this.#rings > seen) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      this.#waiting.add(wake)
    })
  }
}
