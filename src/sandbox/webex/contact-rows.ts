import type { AttributeName, Condition, Operator } from './bulk-call.ts'
import { compare, readings } from './readings.ts'
import type { Definition } from './settings.ts'

/** One contact profile. */
export interface Row {
  key: string
  /** By attribute name. */
  attributes: Map<string, string>
}

/** The rows of one definition, by key, in the order of their creation. */
export type Rows = Map<string, Row>

/** What is stored, by the definition's name. */
export interface ContactStore {
  rowsOf(definition: Definition | string): Rows
  all(): { profileName: string; key: string; attributes: Record<string, string> }[]
  clear(): void
}

export function createContactStore(): ContactStore {
  const tables = new Map<string, Rows>()
  return {
    rowsOf(definition) {
      const name = typeof definition === 'string' ? definition : definition.name
      const rows = tables.get(name) ?? new Map<string, Row>()
      tables.set(name, rows)
      return rows
    },
    all: () =>
      [...tables].flatMap(([profileName, rows]) =>
        [...rows.values()].map(({ key, attributes }) => ({
          profileName,
          key,
          attributes: Object.fromEntries(attributes),
        })),
      ),
    clear: () => tables.clear(),
  }
}

/** The attribute's name in the definition; null when it has none such, or id and name do not agree. */
export function findAttribute({ attributes }: Definition, name: AttributeName): string | null {
  const { 'attribute-id': wantedId, 'attribute-name': wantedName } = name
  if (wantedId === undefined && wantedName === undefined) return null
  const found = attributes.find(
    (attribute) =>
      (wantedId === undefined || attribute.id === wantedId) &&
      (wantedName === undefined || attribute.name === wantedName),
  )
  return found?.name ?? null
}

const holds: Readonly<Record<Operator, (order: number) => boolean>> = {
  Equals: (order) => order === 0,
  NotEquals: (order) => order !== 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEquals: (order) => order >= 0,
  LessThan: (order) => order < 0,
  LessThanEquals: (order) => order <= 0,
}

/** The rows that the conditions find, joined from left to right; null when one names an attribute that does not exist. */
export function findRows(definition: Definition, rows: Rows, conditions: readonly Condition[]): Row[] | null {
  const parts = conditions.map((condition) => ({ condition, attribute: findAttribute(definition, condition) }))
  if (parts.some(({ attribute }) => attribute === null)) return null
  return [...rows.values()].filter((row) => {
    let found = false
    let join: 'and' | 'or' = 'or'
    for (const { condition, attribute } of parts) {
      const order = compare(row.attributes.get(attribute ?? ''), condition.val)
      const fits = order !== null && holds[condition['rel-op']](order)
      found = join === 'or' ? found || fits : found && fits
      join = condition['logical-op'] ?? readings.joinWithout
    }
    return found
  })
}
