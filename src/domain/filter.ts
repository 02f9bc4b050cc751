import type { RecordError } from '../contract/outcome.ts'
import type { AttributeType, Condition, ConditionOperator, LogicalOperator } from '../contract/profile.ts'
import { shortened, shownName } from './json.ts'
import { type AttributeValue, type Checked, coerceValue, compareValues, equalValues, normalisePhone } from './values.ts'

/** The profile's own fields that a filter can name, with the type that decides how they are compared. */
export const systemFieldTypes: Readonly<Record<string, AttributeType>> = {
  key: 'STRING',
  email: 'STRING',
  phone: 'STRING',
  firstName: 'STRING',
  lastName: 'STRING',
  gender: 'STRING',
  status: 'STRING',
  emailStatus: 'STRING',
  phoneStatus: 'STRING',
  emailPermission: 'BOOLEAN',
  phonePermission: 'BOOLEAN',
  birthDate: 'DATE',
  subscriptionDate: 'DATE',
  createdAt: 'DATETIME',
  updatedAt: 'DATETIME',
}

/** Names an attribute beyond doubt: `attributes.email` is the attribute, `email` the field. */
export const attributePrefix = 'attributes.'

/** A condition whose name is resolved and whose value has the type of what it is compared with. */
export interface TypedCondition {
  source: 'field' | 'attribute'
  /** Of the field or the attribute, without `attributes.`. */
  name: string
  type: AttributeType
  operator: ConditionOperator
  value: AttributeValue
  /** Joins this condition to the next one; the last one's says nothing. */
  logical: LogicalOperator
}

export type TypedFilter = { ok: true; conditions: TypedCondition[] } | { ok: false; errors: RecordError[] }

/**
 * Resolves names and coerces values. `attributeType` answers undefined for an attribute that is not defined. Errors carry paths such as
 * `filter[0].value`: UNKNOWN_ATTRIBUTE for the name, INVALID_VALUE or VALUE_TOO_LONG for a value that the type does not take, INVALID_VALUE
 * for an ordering operator on BOOLEAN or TAGS.
 */
export function typeFilter(
  conditions: readonly Condition[],
  attributeType: (name: string) => AttributeType | undefined,
): TypedFilter {
  const typed: TypedCondition[] = []
  const errors: RecordError[] = []
  for (const [place, condition] of conditions.entries()) {
    const { source, name, type } = resolveName(condition.attribute, attributeType)
    if (type === undefined) {
      const message = `filter names ${shownName(name)}, which is neither a field nor a defined attribute: define it first or correct the name`
      errors.push({ code: 'UNKNOWN_ATTRIBUTE', message, field: `filter[${place}].attribute` })
      continue
    }
    const { operator, logical } = condition
    if ((type === 'BOOLEAN' || type === 'TAGS') && operator !== 'EQUALS' && operator !== 'NOT_EQUALS') {
      const message = `${shortened(name)} is ${type}, which has no order: use EQUALS or NOT_EQUALS`
      errors.push({ code: 'INVALID_VALUE', message, field: `filter[${place}].operator` })
    }
    const checked = coerceOperand(source, name, type, condition.value)
    if (checked.ok) {
      typed.push({ source, name, type, operator, value: checked.value, logical })
    } else {
      const message = `the value compared with ${shortened(name)} ${checked.message}`
      errors.push({ code: checked.code, message, field: `filter[${place}].value` })
    }
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, conditions: typed }
}

function resolveName(
  written: string,
  attributeType: (name: string) => AttributeType | undefined,
): { source: 'field' | 'attribute'; name: string; type: AttributeType | undefined } {
  if (written.startsWith(attributePrefix)) {
    const name = written.slice(attributePrefix.length)
    return { source: 'attribute', name, type: attributeType(name) }
  }
  if (Object.hasOwn(systemFieldTypes, written)) {
    return { source: 'field', name: written, type: systemFieldTypes[written] }
  }
  return { source: 'attribute', name: written, type: attributeType(written) }
}

function coerceOperand(
  source: TypedCondition['source'],
  name: string,
  type: AttributeType,
  value: string,
): Checked<AttributeValue> {
  if (source === 'field' && name === 'email') return coerceValue(type, value.trim().toLowerCase())
  if (source === 'field' && name === 'phone') {
    const phone = normalisePhone(value)
    return phone.ok ? phone : coerceValue(type, value.trim())
  }
  const checked = coerceValue(type, value)
  if (checked.ok && Array.isArray(checked.value) && checked.value.length === 0) {
    // Every profile has all of no tags: a slip of the pen would reach them all.
    return { ok: false, code: 'INVALID_VALUE', message: 'names no tag: give at least one' }
  }
  return checked
}

/**
 * Whether a profile satisfies the filter: left to right, no precedence, each condition joined to the next by its own `logical`. A value that
 * is missing (null or undefined) satisfies no operator, NOT_EQUALS included. No condition at all is satisfied by every profile.
 */
export function matchesFilter(
  conditions: readonly TypedCondition[],
  readValue: (condition: TypedCondition) => AttributeValue | null | undefined,
): boolean {
  let satisfied = true
  let joined: LogicalOperator = 'AND'
  for (const condition of conditions) {
    // What is already true stays so under OR, what is already false under AND.
    if (satisfied === (joined === 'AND')) satisfied = satisfies(condition, readValue(condition))
    joined = condition.logical
  }
  return satisfied
}

function satisfies(condition: TypedCondition, actual: AttributeValue | null | undefined): boolean {
  if (actual === null || actual === undefined) return false
  const { type, operator, value } = condition
  if (type === 'TAGS') {
    const hasAll = Array.isArray(actual) && Array.isArray(value) && value.every((tag) => actual.includes(tag))
    return operator === 'NOT_EQUALS' ? !hasAll : hasAll
  }
  switch (operator) {
    case 'EQUALS':
      return equalValues(type, actual, value)
    case 'NOT_EQUALS':
      return !equalValues(type, actual, value)
    case 'GREATER_THAN':
      return compareValues(type, actual, value) > 0
    case 'GREATER_THAN_EQUALS':
      return compareValues(type, actual, value) >= 0
    case 'LESS_THAN':
      return compareValues(type, actual, value) < 0
    case 'LESS_THAN_EQUALS':
      return compareValues(type, actual, value) <= 0
  }
}
