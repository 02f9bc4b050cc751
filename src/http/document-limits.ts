import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type Source,
} from 'graphql'
import type { Limits } from '../config-settings.ts'
import { withStatus } from './public-error.ts'

export type DocumentLimits = Pick<Limits, 'queryDepth' | 'aliases' | 'tokens'>

type LimitName = keyof DocumentLimits

function beyond(limit: LimitName, allowed: number, found: string, remedy: string): GraphQLError {
  const message = `The document is beyond the limit ${limit}: it has ${found}, at most ${allowed} are allowed. ${remedy}`
  return withStatus(400, new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', limit, allowed } }))
}

/**
 * Parses a document and refuses one beyond the limits with LIMIT_EXCEEDED. This comes before validation, whose
 * work a limit is there to bound.
 */
export function parseWithin(limits: DocumentLimits): (source: string | Source) => DocumentNode {
  return (source) => {
    const { document, depth, aliases } = parseAndMeasure(source, limits)
    if (depth > limits.queryDepth) {
      throw beyond('queryDepth', limits.queryDepth, `${depth} levels of fields`, 'Ask for less at once')
    }
    if (aliases > limits.aliases) {
      const found = Number.isFinite(aliases) && aliases < 1e15 ? `${aliases}` : 'more than can be counted'
      throw beyond('aliases', limits.aliases, `${found} aliases`, 'Send several requests')
    }
    return document
  }
}

const badSyntax = (error: GraphQLError) =>
  withStatus(400, new GraphQLError(error.message, { ...place(error), extensions: { code: 'BAD_USER_INPUT' } }), {
    spec: true,
  })

const place = ({ source, positions }: GraphQLError) => ({ source, positions })

function parseAndMeasure(source: string | Source, { tokens, queryDepth }: DocumentLimits) {
  try {
    const document = parse(source, { maxTokens: tokens })
    return { document, ...measure(document) }
  } catch (error) {
    // Thousands of brackets within brackets exhaust the stack long before they exhaust the tokens.
    if (error instanceof RangeError) {
      throw beyond('queryDepth', queryDepth, 'thousands of levels', 'Send nested values as variables')
    }
    if (!(error instanceof GraphQLError)) throw error
    if (/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(error.message)) {
      throw beyond('tokens', tokens, `more than ${tokens} tokens`, 'Send values as variables')
    }
    throw badSyntax(error)
  }
}

const nothing: Measure = { depth: 0, aliases: 0, fields: 0 }

interface Measure {
  /** Those of a fragment counted wherever it is spread. */
  fields: number
  /** Levels of fields, that of the first one included. */
  depth: number
  /** Each makes the same field be answered once more. */
  aliases: number
}

/**
 * Measures the costliest way through a document. A fragment is measured once and counted wherever it is spread; one that spreads itself
 * counts nothing there, and validation refuses it later. What asks about the schema itself has no depth: GraphiQL's question is deep, and
 * graphql has its own limit for it.
 */
export function measure(document: DocumentNode): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const measured = new Map<string, Measure>()

  const ofFragment = (name: string): Measure => {
    const known = measured.get(name)
    if (known) return known
    measured.set(name, nothing)
    const definition = fragments.get(name)
    const measure = definition ? ofSelections(definition.selectionSet) : nothing
    measured.set(name, measure)
    return measure
  }

  const ofSelections = ({ selections }: SelectionSetNode): Measure => {
    let depth = 0
    let aliases = 0
    let fields = 0
    const add = (measure: Measure) => {
      depth = Math.max(depth, measure.depth)
      aliases += measure.aliases
      fields += measure.fields
    }
    for (const selection of selections) {
      switch (selection.kind) {
        case Kind.FRAGMENT_SPREAD:
          add(ofFragment(selection.name.value))
          break
        case Kind.INLINE_FRAGMENT:
          add(ofSelections(selection.selectionSet))
          break
        case Kind.FIELD: {
          if (selection.alias) aliases += 1
          const below = selection.selectionSet ? ofSelections(selection.selectionSet) : nothing
          const isIntrospection = selection.name.value === '__schema' || selection.name.value === '__type'
          add({ depth: isIntrospection ? 1 : below.depth + 1, aliases: below.aliases, fields: below.fields + 1 })
          break
        }
      }
    }
    return { depth, aliases, fields }
  }

  const total: Measure = { ...nothing }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const { depth, aliases, fields } = ofSelections(definition.selectionSet)
    total.depth = Math.max(total.depth, depth)
    total.aliases += aliases
    total.fields += fields
  }
  return total
}
