/** Does work under a name when all that was asked for under the same name before has ended, however it ended. */
export function createTurns(): <Result>(name: string, work: () => Promise<Result>) => Promise<Result> {
  const latest = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const turn = (latest.get(name) ?? Promise.resolve()).then(work)
    const ended = turn
      .catch(() => {})
      .then(() => {
        if (latest.get(name) === ended) latest.delete(name)
      })
    latest.set(name, ended)
    return turn
  }
}
