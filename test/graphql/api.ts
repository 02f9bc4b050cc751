import { type ExecutionResult, execute, parse, subscribe, validate } from 'graphql'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import { createProfileTypeStore } from '../../src/adapters/local/profile-type-store.ts'
import { createRegistry } from '../../src/adapters/registry.ts'
import { type Context, createContextFactory, type Scope } from '../../src/graphql/context.ts'
import { schema } from '../../src/graphql/schema.ts'
import { createJobEngine } from '../../src/jobs/engine.ts'
import { openScratchDatabase } from '../support/scratch-database.ts'

/** What the tests read out of answers. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is whatever the test asked for
export type Answer = any

export const allScopes: readonly Scope[] = ['read', 'write', 'admin']

export interface Asker {
  tenant: string
  scopes?: readonly Scope[]
}

/** The API without HTTP, over a database of its own, with every statement that was sent. */
export async function openApi() {
  const statements: string[] = []
  // What the engine's sweeps send is no answer's.
  const isSweep = /\buploads\b|removed_at is null/
  const database = await openScratchDatabase({
    onStatement: (text) => {
      if (!isSweep.test(text)) statements.push(text)
    },
  })
  const registry = createRegistry({ adapters: [createLocalAdapter()], destinations: new Map() })
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  const limits = { recordsPerMutation: 10_000, uploadBytes: 1_000_000_000, uploadTtlHours: 24, resultRetentionDays: 30 }
  const engine = createJobEngine({ database, registry, limits, role: 'all', log: silent, sweepMs: 3_600_000 })
  await engine.start()
  const contextFor = createContextFactory({
    database,
    engine,
    profileTypes: createProfileTypeStore(database),
    registry,
  })
  const contextOf = ({ tenant, scopes = allScopes }: Asker): Context => contextFor({ tenant, scopes: new Set(scopes) })
  const argumentsOf = (asker: Asker | Context, source: string, variableValues: Record<string, unknown>) => {
    const document = parse(source)
    const faults = validate(schema, document)
    if (faults.length > 0) throw new AggregateError(faults, faults.map(({ message }) => message).join('\n'))
    return { schema, document, variableValues, contextValue: 'loaders' in asker ? asker : contextOf(asker) }
  }
  return {
    database,
    statements,
    contextOf,
    /** The whole answer, errors included. */
    ask: async (asker: Asker, source: string, variables: Record<string, unknown> = {}): Promise<ExecutionResult> =>
      execute(argumentsOf(asker, source, variables)),
    /** The data of an answer that must have no errors. */
    async data(asker: Asker, source: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      const { data, errors } = await execute(argumentsOf(asker, source, variables))
      if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'))
      return data
    },
    subscribe: async (asker: Asker | Context, source: string, variables: Record<string, unknown> = {}) =>
      subscribe(argumentsOf(asker, source, variables)),
    async close() {
      await engine.stop()
      await database.close()
    },
  }
}

export type Api = Awaited<ReturnType<typeof openApi>>

/** The codes of an answer's errors, with where they stand. */
export function codesOf({ errors = [] }: ExecutionResult): { path: string; code: unknown; message: string }[] {
  return errors.map(({ path, extensions, message }) => ({
    path: path?.join('.') ?? '',
    code: extensions['code'],
    message,
  }))
}
