import { createSourceEventStream, type DocumentNode, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'

/** What names an execution among those of one event and document. */
type NameOf = (args: ExecutionArgs) => string

/**
 * Makes a `subscribe` that answers each event once for all who ask the same of it: subscribers of one job get the very same object for each
 * of its versions, and the same document with the same variables has the same answer. `nameOf` tells apart askers who may not share one.
 */
export function createSharedSubscribe(nameOf: NameOf) {
  const answers = new WeakMap<object, Map<DocumentNode, Map<string, Promise<ExecutionResult>>>>()

  const answer = (event: unknown, args: ExecutionArgs): Promise<ExecutionResult> => {
    const make = async () => execute({ ...args, rootValue: event })
    if (typeof event !== 'object' || event === null) return make()
    const byDocument = answers.get(event) ?? new Map<DocumentNode, Map<string, Promise<ExecutionResult>>>()
    answers.set(event, byDocument)
    const byName = byDocument.get(args.document) ?? new Map<string, Promise<ExecutionResult>>()
    byDocument.set(args.document, byName)
    const name = nameOf(args)
    const made = byName.get(name) ?? make()
    byName.set(name, made)
    return made
  }

  return async (args: ExecutionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> => {
    const events = await createSourceEventStream(args)
    return Symbol.asyncIterator in events ? mapped(events, (event) => answer(event, args)) : events
  }
}

/** Not a generator: its `return` would wait for the event that it is to end the wait for. */
function mapped<From, To>(source: AsyncIterable<From>, map: (value: From) => Promise<To>): AsyncIterableIterator<To> {
  const events = source[Symbol.asyncIterator]()
  const through = async (result: IteratorResult<From>): Promise<IteratorResult<To>> =>
    result.done ? { done: true, value: undefined } : { done: false, value: await map(result.value) }
  return {
    next: async () => through(await events.next()),
    async return() {
      await events.return?.()
      return { done: true, value: undefined }
    },
    async throw(error) {
      await events.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
