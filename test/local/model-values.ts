import type { ConditionInput } from '../../src/contract/input.ts'
import type { AttributeType, JsonValue } from '../../src/contract/profile.ts'

/** The value table and the filter of semantics.md for the model: written anew, for the values that the tests use. */

export type ModelValue = string | number | boolean | string[]

/** A value that the type accepts, as it is stored. */
export function typedValue(type: AttributeType, value: JsonValue): ModelValue {
  switch (type) {
    case 'STRING':
    case 'DATE':
      return String(value)
    case 'INTEGER':
      return Number(value)
    case 'DECIMAL': {
      const text = String(value)
      return text.includes('.') ? text.replace(/\.?0+$/, '') : text
    }
    case 'BOOLEAN':
      return value === true || value === 'true'
    case 'DATETIME':
      return new Date(String(value)).toISOString()
    case 'TAGS': {
      const words = Array.isArray(value) ? value.map(String) : String(value).split(',')
      return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ''))]
    }
  }
}

/** The text by which a custom field is compared. */
export function textOf(value: JsonValue | undefined): string | null {
  if (value === null || value === undefined || typeof value === 'object') return null
  return String(value)
}

const fieldTypes: Record<string, AttributeType> = {
  emailPermission: 'BOOLEAN',
  phonePermission: 'BOOLEAN',
  birthDate: 'DATE',
  subscriptionDate: 'DATE',
  createdAt: 'DATETIME',
  updatedAt: 'DATETIME',
}
const textFields = ['key', 'email', 'phone', 'firstName', 'lastName', 'gender', 'status', 'emailStatus', 'phoneStatus']

export interface FilteredProfile {
  typeOf(attribute: string): AttributeType
  field(name: string): string | boolean | null
  attribute(name: string): ModelValue | null
}

/** Left to right, no precedence; the last condition's `logical` says nothing. */
export function satisfiesFilter(filter: readonly ConditionInput[], profile: FilteredProfile): boolean {
  return filter.reduce((soFar, condition, place) => {
    const itself = satisfies(condition, profile)
    if (place === 0) return itself
    return filter[place - 1]?.logical === 'OR' ? soFar || itself : soFar && itself
  }, true)
}

function satisfies({ attribute: named, operator, value }: ConditionInput, profile: FilteredProfile): boolean {
  const isField = named in fieldTypes || textFields.includes(named)
  const name = named.startsWith('attributes.') ? named.slice('attributes.'.length) : named
  const type = isField ? (fieldTypes[name] ?? 'STRING') : profile.typeOf(name)
  const actual = isField ? profile.field(name) : profile.attribute(name)
  if (actual === null) return false
  let wanted = typedValue(type, value)
  if (isField && name === 'email') wanted = value.trim().toLowerCase()
  if (isField && name === 'phone') wanted = value.replaceAll(' ', '')
  if (Array.isArray(wanted)) {
    const hasAll = Array.isArray(actual) && wanted.every((tag) => actual.includes(tag))
    return operator === 'EQUALS' ? hasAll : !hasAll
  }
  const order = orderOf(type, actual, wanted)
  switch (operator) {
    case 'EQUALS':
      return order === 0
    case 'NOT_EQUALS':
      return order !== 0
    case 'GREATER_THAN':
      return order > 0
    case 'GREATER_THAN_EQUALS':
      return order >= 0
    case 'LESS_THAN':
      return order < 0
    case 'LESS_THAN_EQUALS':
      return order <= 0
  }
}

function orderOf(type: AttributeType, left: ModelValue, right: ModelValue): number {
  if (type === 'INTEGER' || type === 'DECIMAL' || type === 'BOOLEAN') return Number(left) - Number(right)
  // UTF-8 sorts as its code points do.
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
}
