import fc from 'fast-check'
import type { Course } from '../../src/adapters/local/expectation.ts'
import type { ConditionInput, ProfileExtensionInput } from '../../src/contract/input.ts'
import {
  channels,
  conditionOperators,
  linkPolicies,
  logicalOperators,
  matchingModes,
  nullPolicies,
  upsertModes,
} from '../../src/contract/profile.ts'
import type { ProfileTypeDefinitionInput } from '../../src/contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { requestOptions } from '../domain/request-options.ts'
import type { ModelRecord } from './model.ts'

/** Batches over so few values that nearly every record meets another. */

const contactAttributes: ProfileTypeDefinitionInput['attributes'] = [
  { name: 'text' },
  { name: 'email' },
  { name: 'integer', type: 'INTEGER' },
  { name: 'decimal', type: 'DECIMAL' },
  { name: 'boolean', type: 'BOOLEAN' },
  { name: 'date', type: 'DATE' },
  { name: 'datetime', type: 'DATETIME' },
  { name: 'tags', type: 'TAGS' },
  { name: 'boss' },
  { name: 'friend' },
  { name: 'company' },
]

export const randomTypes: ProfileTypeDefinitionInput[] = [
  { name: 'company', attributes: [{ name: 'tags', type: 'TAGS' }, { name: 'text' }], links: [] },
  {
    name: 'contact',
    attributes: contactAttributes,
    links: [
      { attribute: 'boss', targetType: 'contact' },
      { attribute: 'friend', targetType: 'contact' },
      { attribute: 'company', targetType: 'company' },
    ],
  },
  // Without links a batch may be expected to create all.
  { name: 'lead', attributes: contactAttributes, links: [] },
  {
    name: 'company',
    attributes: [{ name: 'parent' }, { name: 'owner' }],
    links: [
      { attribute: 'parent', targetType: 'company' },
      { attribute: 'owner', targetType: 'contact' },
    ],
  },
]

/** Some keys are nearly always taken, others nearly always free: a rename needs one of each. */
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('k1', 'k2', 'k3') },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 30 }).map((number) => `k${number}`) },
)
const email = fc.constantFrom('a@example.com', 'b@example.com', ' C@Example.com', 'c@example.com')
const phone = fc.constantFrom('+4915112345678', '+49 151 12345678', '+14155550123', '+4915112345670')
const text = fc.constantFrom('x', 'Y', 'ä', '～', '😀', 'a@example.com')
const tags = fc.constantFrom<string | string[]>('a', 'b, a', ['a', 'b'], ['b', 'c', 'b'], ['c'], ['a', 'b', 'c'])
const integer = fc.constantFrom<string | number>(0, 1, '1', 2, -1)
const decimal = fc.constantFrom<string | number>(1.5, '1.50', '2', 2, '-3.25', '10')
const boolean = fc.constantFrom<string | boolean>(true, false, 'true')
const date = fc.constantFrom('2001-02-03', '1999-12-31')
const datetime = fc.constantFrom('2001-02-03T04:05:06Z', '2001-02-03T05:05:06+01:00', '1999-12-31T00:00:00.500Z')
const customValue = fc.constantFrom<string | number | boolean>('7', 7, 'x', true, 'true')

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 6 })
/** Left out three times of four. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

const matchingAttributes = { text, integer, decimal, boolean, date, datetime, tags, boss: key }

const attributes = fc.record(
  {
    text: seldom(orNull(text)),
    email: seldom(orNull(text)),
    integer: seldom(orNull(integer)),
    decimal: seldom(orNull(decimal)),
    boolean: seldom(orNull(boolean)),
    date: seldom(orNull(date)),
    datetime: seldom(orNull(datetime)),
    tags: seldom(orNull(tags)),
    boss: seldom(orNull(key)),
    friend: seldom(orNull(key)),
    company: seldom(orNull(key)),
    parent: seldom(orNull(key)),
    owner: seldom(orNull(key)),
  },
  { requiredKeys: [] },
)

const extension = fc
  .record({
    channel: fc.constantFrom(...channels, 'EMAIL' as const, 'SMS' as const, 'PUSH' as const),
    email,
    phone,
    token: fc.constantFrom('token-1', 'token-2'),
    provider: seldom(fc.constantFrom('apns', 'fcm')),
    resourceId: seldom(fc.constantFrom(1, 2)),
    name: seldom(orNull(fc.constantFrom('news', 'offers'))),
    permission: seldom(fc.boolean()),
    status: seldom(fc.constantFrom('SUBSCRIBED' as const, 'UNSUBSCRIBED' as const)),
    priority: seldom(orNull(fc.constantFrom(1, 2))),
    categories: seldom(orNull(fc.constantFrom<string[]>(['m'], ['n', 'm'], []))),
    customFields: seldom(fc.record({ crm: orNull(customValue), note: orNull(text) }, { requiredKeys: [] })),
  })
  .map(({ email: mail, phone: number, token, provider, ...rest }): ProfileExtensionInput => {
    const { channel } = rest
    const address = channel === 'EMAIL' ? mail : channel === 'PUSH' ? token : channel === 'TELEGRAM_BOT' ? '42' : number
    return withoutUndefined({ ...rest, address, provider: channel === 'PUSH' ? provider : undefined })
  })

const condition: fc.Arbitrary<ConditionInput> = fc
  .tuple(
    fc.constantFrom(
      ...(['key', 'email', 'phone', 'firstName', 'status', 'emailStatus', 'emailPermission', 'birthDate'] as const),
      ...(['createdAt', 'updatedAt', 'attributes.email', 'attributes.text', 'text', 'tags', 'boss'] as const),
      ...(['integer', 'decimal', 'boolean', 'date', 'datetime'] as const),
    ),
    fc.constantFrom(...conditionOperators),
    fc.constantFrom(...logicalOperators),
    fc.record({ key, email, phone, text, integer, decimal, boolean, date, datetime, tags }),
    fc.constantFrom('ACTIVE', 'PASSIVE'),
    fc.constantFrom('2000-01-01T00:00:00Z', '2010-01-01T00:00:00Z'),
  )
  .map(([attribute, operator, logical, values, status, time]) => {
    const value: Record<typeof attribute, string | number | boolean | string[]> = {
      key: values.key,
      email: values.email,
      phone: values.phone,
      firstName: values.text,
      status,
      emailStatus: status,
      emailPermission: values.boolean,
      birthDate: values.date,
      createdAt: time,
      updatedAt: time,
      'attributes.email': values.text,
      'attributes.text': values.text,
      text: values.text,
      tags: values.tags,
      boss: values.key,
      integer: values.integer,
      decimal: values.decimal,
      boolean: values.boolean,
      date: values.date,
      datetime: values.datetime,
    }
    const unordered = attribute === 'tags' || attribute === 'boolean' || attribute === 'emailPermission'
    const fitting = unordered && operator !== 'NOT_EQUALS' ? 'EQUALS' : operator
    return { attribute, operator: fitting, value: String(value[attribute]), logical }
  })

/** Hits many, until they are written to. */
const broadFilter = fc.constantFrom<ConditionInput[]>(
  [{ attribute: 'status', operator: 'EQUALS', value: 'ACTIVE', logical: 'AND' }],
  [{ attribute: 'updatedAt', operator: 'LESS_THAN', value: '2010-01-01T00:00:00Z', logical: 'OR' }],
  [
    { attribute: 'firstName', operator: 'GREATER_THAN', value: 'a', logical: 'OR' },
    { attribute: 'updatedAt', operator: 'EQUALS', value: '2000-01-01T00:00:00Z', logical: 'AND' },
  ],
)

const record = fc.record({
  profile: fc.nat(9),
  /** States nothing but what is sought, so that it often changes nothing. */
  isBare: fc.boolean(),
  ownKey: seldom(key),
  key,
  newKey: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: key }),
  filter: fc.oneof(
    { weight: 2, arbitrary: fc.array(condition, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: broadFilter },
  ),
  email: seldom(orNull(email)),
  emailPermission: seldom(fc.boolean()),
  emailStatus: seldom(fc.constantFrom('ACTIVE' as const, 'PASSIVE' as const)),
  phone: seldom(orNull(phone)),
  phonePermission: seldom(fc.boolean()),
  phoneStatus: seldom(fc.constantFrom('ACTIVE' as const, 'PASSIVE' as const)),
  status: seldom(fc.constantFrom('ACTIVE' as const, 'PASSIVE' as const)),
  firstName: seldom(orNull(text)),
  gender: seldom(orNull(text)),
  birthDate: seldom(orNull(date)),
  subscriptionDate: seldom(orNull(date)),
  attributes,
  extensions: fc.array(extension, { maxLength: 2 }),
  /** What the mode looks for, put into its place; one in twenty records goes without. */
  sought: fc.record({
    given: fc.integer({ min: 0, max: 19 }).map((one) => one > 0),
    email,
    phone,
    extension,
    customValue,
    attribute: fc.record(matchingAttributes),
  }),
})
type RandomRecord = typeof record extends fc.Arbitrary<infer R> ? R : never

const request = fc.record({
  profileType: fc.constantFrom(null, null, null, 'company', 'lead'),
  matching: fc.constantFrom(...matchingModes, 'KEY' as const, 'KEY' as const, 'FILTER' as const),
  matchingField: fc.constantFrom(...(Object.keys(matchingAttributes) as (keyof typeof matchingAttributes)[])),
  upsert: fc.constantFrom(...upsertModes, 'CREATE_OR_UPDATE' as const),
  renames: fc.boolean(),
  linkPolicy: fc.constantFrom(...linkPolicies),
  nulls: fc.constantFrom(...nullPolicies),
  resourceId: seldom(fc.constantFrom(1, 2)),
  maxAffected: fc.constantFrom(1, 2, 3, 5, 1000),
})
type RandomRequest = typeof request extends fc.Arbitrary<infer R> ? R : never

export interface RandomBatch {
  /** Rightly or wrongly. */
  expected: Course
  options: ProfileUpsertOptions
  records: ModelRecord[]
}

/** Sequences of batches for one tenant. A record's `profile` counts through the profiles that there are before its batch. */
export const randomSequence: fc.Arbitrary<RandomBatch[]> = fc.array(
  fc
    .tuple(
      request,
      fc.array(record, { minLength: 1, maxLength: 12, size: 'max' }),
      fc.constantFrom<Course>('creates', 'unchanged', 'keeps', 'mixed'),
    )
    .map(([one, records, expected]) => {
      return { expected, options: optionsOf(one), records: records.map((each) => fitted(one, each)) }
    }),
  { minLength: 10, maxLength: 18, size: 'max' },
)

function optionsOf({ matchingField, resourceId, renames, ...request }: RandomRequest): ProfileUpsertOptions {
  const { matching, upsert } = request
  const forbidden = matching === 'FILTER' && upsert === 'CREATE_ONLY'
  const atCompany = request.profileType === 'company'
  return requestOptions({
    ...request,
    upsert: forbidden || (matching === 'KEY' && renames) ? 'UPDATE_ONLY' : upsert,
    matchingField:
      matching === 'CUSTOM' ? (atCompany ? 'tags' : matchingField) : matching === 'CUSTOM_SUB' ? 'crm' : null,
    resourceId: resourceId ?? null,
  })
}

const bare: Pick<RandomRecord, 'email' | 'phone' | 'attributes' | 'extensions'> = {
  email: undefined,
  phone: undefined,
  attributes: {},
  extensions: [],
}

/** The record with what its mode needs and without what its mode or type forbids. */
function fitted(
  request: RandomRequest,
  { sought, profile, ownKey, key: keyGiven, isBare, ...all }: RandomRecord,
): ModelRecord {
  const options = optionsOf(request)
  const { matching } = options
  const given = isBare ? { ...bare, newKey: all.newKey, filter: all.filter, firstName: all.firstName } : all
  const record: ModelRecord = { ...withoutUndefined(given), attributes: {}, extensions: [...given.extensions] }
  const known = randomTypes
    .filter((type) => type.name === (request.profileType ?? 'contact'))
    .flatMap((type) => type.attributes.map((attribute) => attribute.name))
  const values = withoutUndefined<Record<string, ModelRecord['email'] | number | boolean | string[]>>(given.attributes)
  if (matching === 'CUSTOM' && sought.given && options.matchingField !== null) {
    values[options.matchingField] = sought.attribute[options.matchingField as keyof typeof matchingAttributes]
  }
  record.attributes = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      known.includes(name) && value !== undefined ? [[name, value]] : [],
    ),
  )
  if (matching !== 'FILTER') delete record.filter
  else
    record.filter = sought.given
      ? given.filter.map((one) => (known.includes('boss') || knownField(one) ? one : companyCondition(one)))
      : []
  if (matching !== 'KEY' || options.upsert !== 'UPDATE_ONLY') delete record.newKey
  if (matching === 'KEY' && sought.given) record.key = keyGiven
  else if (matching !== 'KEY' && matching !== 'FILTER' && ownKey !== undefined) record.key = ownKey
  if (matching === 'PROFILE_ID' && sought.given) record.profile = profile
  if (!sought.given) return record
  if (matching === 'EMAIL' || matching === 'EMAIL_PROFILE') record.email = sought.email
  if (matching === 'PHONE') record.phone = sought.phone
  if (matching === 'EMAIL_PHONE' && record.email == null && record.phone == null) record.email = sought.email
  const { extension: carrier } = sought
  const { provider: _, ...other } = carrier
  const put = (channel: ProfileExtensionInput['channel'], address: string) =>
    record.extensions?.unshift({ ...(channel === 'PUSH' ? carrier : other), channel, address })
  if (matching === 'EMAIL_SUB' || matching === 'EMAIL_PHONE_SUB') put('EMAIL', sought.email)
  if (matching === 'PHONE_SUB' || (matching === 'EMAIL_PHONE_SUB' && record.phone != null)) put('SMS', sought.phone)
  if (matching === 'PUSH_SUB') put('PUSH', carrier.channel === 'PUSH' ? carrier.address : 'token-1')
  if (matching === 'CUSTOM_SUB') {
    record.extensions?.unshift({ ...carrier, customFields: { ...carrier.customFields, crm: sought.customValue } })
  }
  return record
}

const knownField = ({ attribute }: ConditionInput) =>
  [
    'key',
    'email',
    'phone',
    'firstName',
    'status',
    'emailStatus',
    'birthDate',
    'text',
    'tags',
    'createdAt',
    'updatedAt',
  ].includes(attribute)

const companyCondition = (one: ConditionInput): ConditionInput => ({ ...one, attribute: 'text' })

function withoutUndefined<T extends object>(given: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
