import { buildSchema, type ExecutionArgs, execute, parse } from 'graphql'
import { expect, test } from 'vitest'
import { createCompiledQueries } from '../../src/http/compiled-queries.ts'

const names = Array.from({ length: 99 }, (_, number) => `field${number}`)
const schema = buildSchema(`type Query { ${names.map((name) => `${name}: String`).join(' ')} }`)
const argsOf = (number: number): ExecutionArgs => ({
  schema,
  document: parse(`query Q${number} { ${names.join(' ')} }`),
  rootValue: Object.fromEntries(names.map((name) => [name, name])),
})

test('queries are compiled when they come again, and few of them are kept so', async () => {
  const compile = createCompiledQueries()
  const ask = (args: ExecutionArgs) => compile(args, execute)
  const queries = Array.from({ length: 120 }, (_, number) => argsOf(number))
  const [first, ...others] = queries
  if (!first) throw new Error('there is a first query')
  expect([ask(first), ask(first)]).toEqual([null, null])
  const compiled = ask(first)
  expect(await Promise.resolve(compiled?.(first))).toEqual(await Promise.resolve(execute(first)))

  for (const args of others) for (let turn = 0; turn < 3; turn++) ask(args)
  const kept = queries.filter((args) => ask(args) !== null)
  expect(kept.length).toBeGreaterThan(40)
  expect(kept.length).toBeLessThan(60)
  // The one that was not asked for is not kept, and is executed as it stands from now on.
  expect(kept).not.toContain(first)
  expect(Array.from({ length: 5 }, () => ask(first))).toEqual([null, null, null, null, null])
})

test('queries of very many fields are not compiled', () => {
  const compile = createCompiledQueries()
  const twice = [...names, ...names.map((name, place) => `again${place}: ${name}`)]
  const args = { schema, document: parse(`{ ${twice.join(' ')} }`) }
  expect(Array.from({ length: 5 }, () => compile(args, execute))).toEqual([null, null, null, null, null])
})
