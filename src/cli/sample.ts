import { base, en, Faker } from '@faker-js/faker'
import type { DefineProfileTypeInput, ProfileInput, RecordErrorCode } from './generated/graphql.ts'
import { createPeople } from './sample-people.ts'

/** A set of contacts to try an import with, and what has to come of it. */
export interface Sample {
  /** In the order in which they have to be defined: links lead to the types before. */
  profileTypes: DefineProfileTypeInput[]
  /** To be imported before the contacts. */
  companies: ProfileInput[]
  contacts: ProfileInput[]
  expected: {
    /** Different keys among the contacts that are right. */
    contacts: number
    /** Right rows whose key stood in an earlier right row. */
    repeats: number
    /** Rows that are wrong on purpose. */
    failed: ReadonlyMap<RecordErrorCode, number>
    /** Those imported and those that links call for. */
    companies: number
  }
}

const companyCount = 40
/** Of these the contacts know only the key: the link creates them. */
const unlistedCompanies = 5
/** Every so many rows one that goes wrong, and one that repeats an earlier key. */
const wrongEvery = 77
const repeatEvery = 40
/** How far before a repeated row the row stands whose key it has: some in the same batch of 1,000, some in an earlier one. */
const repeatDistances = [3, 250, 1500]

const tiers = ['bronze', 'silver', 'gold', 'platinum']
const interests = ['music', 'travel', 'cooking', 'sport', 'books', 'gardens', 'film']

const profileTypes: DefineProfileTypeInput[] = [
  { name: 'company', attributes: [{ name: 'name' }, { name: 'city' }, { name: 'employees', type: 'INTEGER' }] },
  {
    name: 'contact',
    attributes: [
      { name: 'tier' },
      { name: 'points', type: 'INTEGER' },
      { name: 'balance', type: 'DECIMAL' },
      { name: 'newsletter', type: 'BOOLEAN' },
      { name: 'lastVisit', type: 'DATETIME' },
      { name: 'interests', type: 'TAGS' },
      { name: 'company' },
      { name: 'score', type: 'INTEGER', importable: false },
    ],
    links: [{ attribute: 'company', targetType: 'company' }],
  },
]

/** What can be wrong with a row, and the code that says so. */
const faults: readonly { code: RecordErrorCode; spoil: (row: ProfileInput) => ProfileInput }[] = [
  { code: 'INVALID_EMAIL', spoil: (row) => ({ ...row, email: 'somebody at example.com' }) },
  { code: 'INVALID_PHONE', spoil: (row) => ({ ...row, phone: '+49 12' }) },
  { code: 'UNKNOWN_ATTRIBUTE', spoil: (row) => ({ ...row, attributes: { shoeSize: 43 } }) },
  { code: 'MISSING_MATCH_VALUE', spoil: ({ key: _, ...row }) => row },
  { code: 'INVALID_VALUE', spoil: (row) => ({ ...row, birthDate: '1990-02-30' }) },
  { code: 'INVALID_VALUE', spoil: (row) => ({ ...row, attributes: { points: 'a few' } }) },
  { code: 'ATTRIBUTE_NOT_IMPORTABLE', spoil: (row) => ({ ...row, attributes: { score: 100 } }) },
  { code: 'VALUE_TOO_LONG', spoil: (row) => ({ ...row, lastName: 'Wolfeschlegelstein'.repeat(6) }) },
  { code: 'INVALID_EXTENSION', spoil: (row) => ({ ...row, extensions: [{ channel: 'WHATSAPP', address: 'home' }] }) },
]

const companyKey = (place: number) => `company-${String(place).padStart(2, '0')}`
const contactKey = (place: number) => `C-${String(place).padStart(5, '0')}`

/** Draws a sample of so many contacts; the same count and seed draw the same one. */
export function createSample(count: number, seed: number): Sample {
  const faker = new Faker({ locale: [en, base], seed })
  const companies = Array.from(
    { length: companyCount },
    (_, place): ProfileInput => ({
      key: companyKey(place),
      attributes: {
        name: faker.company.name(),
        city: faker.location.city(),
        employees: faker.number.int({ min: 3, max: 9000 }),
      },
    }),
  )

  const personAt = createPeople(seed)
  const contacts: ProfileInput[] = []
  const failed = new Map<RecordErrorCode, number>()
  const keys = new Set<string>()
  const calledFor = new Set(companies.map((company) => company.key))
  let repeats = 0
  for (let place = 0; place < count; place += 1) {
    const row = contactAt(place, faker, personAt)
    if (place % wrongEvery === wrongEvery - 1) {
      const fault = faults[Math.floor(place / wrongEvery) % faults.length]
      if (!fault) continue
      contacts.push(fault.spoil(row))
      failed.set(fault.code, (failed.get(fault.code) ?? 0) + 1)
      continue
    }
    const distance = repeatDistances[Math.floor(place / repeatEvery) % repeatDistances.length] ?? 1
    const earlier = place % repeatEvery === repeatEvery - 1 ? contacts[place - distance]?.key : undefined
    const repeated = earlier && keys.has(earlier) ? earlier : undefined
    if (repeated) repeats += 1
    const contact = repeated ? { ...row, key: repeated } : row
    contacts.push(contact)
    keys.add(String(contact.key))
    if (contact.attributes?.['company'] !== undefined) calledFor.add(String(contact.attributes['company']))
  }
  return {
    profileTypes,
    companies,
    contacts,
    expected: { contacts: keys.size, repeats, failed, companies: calledFor.size },
  }
}

function contactAt(place: number, faker: Faker, personAt: ReturnType<typeof createPeople>): ProfileInput {
  const { firstName, lastName, gender, phone } = personAt(place)
  const email = `${faker.word.adjective()}.${faker.word.noun()}.${place}@example.com`.toLowerCase()
  const row: ProfileInput = {
    clientRef: `row ${place + 1}`,
    key: contactKey(place),
    email,
    emailPermission: faker.datatype.boolean(),
    phone,
    firstName,
    lastName,
    gender,
    birthDate: faker.date.birthdate({ refDate: '2026-01-01T00:00:00Z' }).toISOString().slice(0, 10),
    attributes: {
      tier: faker.helpers.arrayElement(tiers),
      points: faker.number.int({ max: 50_000 }),
      balance: faker.finance.amount(),
      newsletter: faker.datatype.boolean(),
      lastVisit: faker.date.past({ refDate: '2026-01-01T00:00:00Z' }).toISOString(),
      interests: faker.helpers.arrayElements(interests, { min: 1, max: 3 }),
      ...(place % 3 === 0 && { company: companyKey(faker.number.int({ max: companyCount + unlistedCompanies - 1 })) }),
    },
  }
  if (place % 4 === 0) {
    row.extensions = [
      { channel: 'WHATSAPP', address: phone, permission: true },
      {
        channel: 'PUSH',
        provider: 'android-fcm',
        address: faker.string.alphanumeric(40),
        status: 'SUBSCRIBED',
        customFields: { device: faker.helpers.arrayElement(['tablet', 'phone']) },
      },
    ]
  }
  return row
}
