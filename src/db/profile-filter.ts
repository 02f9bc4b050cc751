import type { JsonObject } from '../contract/profile.ts'
import type { TypedCondition } from '../domain/filter.ts'

const columns: Record<string, string> = {
  key: 'p.key',
  email: 'p.email',
  emailPermission: 'p.email_permission',
  emailStatus: 'p.email_status',
  phone: 'p.phone',
  phonePermission: 'p.phone_permission',
  phoneStatus: 'p.phone_status',
  status: 'p.status',
  firstName: 'p.first_name',
  lastName: 'p.last_name',
  gender: 'p.gender',
  birthDate: 'p.birth_date',
  subscriptionDate: 'p.subscription_date',
  createdAt: "date_trunc('milliseconds', p.created_at)",
  updatedAt: "date_trunc('milliseconds', p.updated_at)",
}

const operators: Record<TypedCondition['operator'], string> = {
  EQUALS: '=',
  NOT_EQUALS: '<>',
  GREATER_THAN: '>',
  GREATER_THAN_EQUALS: '>=',
  LESS_THAN: '<',
  LESS_THAN_EQUALS: '<=',
}

function fieldTest(condition: TypedCondition, value: string): string {
  const column = columns[condition.name]
  if (column === undefined) throw new TypeError(`no column for the field ${condition.name}`)
  const operator = operators[condition.operator]
  switch (condition.type) {
    case 'BOOLEAN':
      return `${column} ${operator} ${value}::boolean`
    case 'DATE':
      return `${column} ${operator} ${value}::date`
    case 'DATETIME':
      return `${column} ${operator} ${value}::timestamptz`
    default:
      return operator === '=' || operator === '<>'
        ? `${column} ${operator} ${value}::text`
        : `${column} collate "C" ${operator} ${value}::text`
  }
}

/**
 * A test of an attribute. EQUALS is containment, which the GIN index answers; its operand is the JSON object `{name: value}`, the
 * others' `[name, value]`. Casts are guarded by the stored value's own shape: the planner may test rows of other types first.
 */
function attributeTest(condition: TypedCondition, value: string): string {
  if (condition.operator === 'EQUALS') {
    return `(p.attributes <> '{}'::jsonb and p.attributes @> ${value}::jsonb)`
  }
  const name = `(${value}::jsonb ->> 0)`
  const wanted = `(${value}::jsonb ->> 1)`
  const operator = operators[condition.operator]
  switch (condition.type) {
    case 'TAGS':
      return `(p.attributes ? ${name} and not (p.attributes -> ${name} @> (${value}::jsonb -> 1)))`
    case 'BOOLEAN':
      return `(p.attributes -> ${name}) <> (${value}::jsonb -> 1)`
    case 'INTEGER':
    case 'DECIMAL':
      return `(case when p.attributes ->> ${name} ~ '^-?[0-9]+(\\.[0-9]+)?$' then (p.attributes ->> ${name})::numeric end) ${operator} ${wanted}::numeric`
    default:
      return `(p.attributes ->> ${name}) collate "C" ${operator} ${wanted}`
  }
}

/** The text that stands for a condition's value in a statement. */
function operandOf({ source, name, operator, value }: TypedCondition): string {
  if (source === 'field') return String(value)
  const operand: JsonObject | [string, TypedCondition['value']] =
    operator === 'EQUALS' ? Object.fromEntries([[name, value]]) : [name, value]
  return JSON.stringify(operand)
}

/** What the text of a filter's test depends on; filters of one shape differ in their operands only. */
export function filterShape(conditions: readonly TypedCondition[]): string {
  return conditions
    .map(
      ({ source, name, type, operator, logical }) =>
        `${source === 'field' ? name : type} ${source} ${operator} ${logical}`,
    )
    .join(', ')
}

/** The operands of a filter, one text per condition. */
export function filterOperands(conditions: readonly TypedCondition[]): string[] {
  return conditions.map(operandOf)
}

/**
 * The test of a filter over a row `p` of profiles: left to right without precedence. A missing value makes a test null, and as nothing
 * is ever negated, null counts as false to the end.
 */
export function filterTest(conditions: readonly TypedCondition[], operandAt: (place: number) => string): string {
  let text = ''
  conditions.forEach((condition, place) => {
    const test = (condition.source === 'field' ? fieldTest : attributeTest)(condition, operandAt(place))
    text = place === 0 ? test : `(${text} ${conditions[place - 1]?.logical === 'OR' ? 'or' : 'and'} ${test})`
  })
  return text === '' ? 'true' : text
}

/** The test with numbered parameters, and their values. */
export function filterPredicate(
  conditions: readonly TypedCondition[],
  firstParameter: number,
): { text: string; params: unknown[] } {
  return {
    text: filterTest(conditions, (place) => `$${firstParameter + place}`),
    params: filterOperands(conditions),
  }
}
