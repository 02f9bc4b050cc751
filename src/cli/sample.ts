import { base, en, Faker } from '@faker-js/faker'
import type { DefineProfileTypeInput, ProfileInput, RecordErrorCode } from './generated/graphql.ts'
import { createPeople } from './sample-people.ts'

export const destinations = ['local', 'webex', 'dengage', 'altcraft'] as const
export type DestinationId = (typeof destinations)[number]

/** A set of contacts to try imports with, and what has to come of it. */
export interface Sample {
  /** In the order in which they have to be defined: links lead to the types before. */
  profileTypes: DefineProfileTypeInput[]
  /** To be imported before the contacts, to `local` alone. */
  companies: ProfileInput[]
  /** To be imported to all destinations at once: what not all of them take is not in it. */
  contacts: ProfileInput[]
  /** Extensions of contacts: to be imported after these, to `local` alone. */
  extensions: ProfileInput[]
  expected: {
    /** Of the import of the contacts. */
    at: Readonly<Record<DestinationId, ExpectedImport>>
    /** Extensions in `local`. */
    extensions: number
    /** Rows of extensions that are wrong on purpose. */
    wrongExtensions: number
  }
}

/** What an import has to lead to at one destination. */
export interface ExpectedImport {
  /** The contacts as they have to be stored there, by key. */
  stored: ReadonlyMap<string, ProfileInput>
  /** Rows whose key stood in an earlier row; wrong ones apart. */
  repeats: number
  /** Rows that it must refuse, by the code that says why. */
  failed: ReadonlyMap<RecordErrorCode, number>
  /** Where there are links: the companies that they call for, and at `local` those imported before. */
  companies: number
}

const companyCount = 40
/** Of these the contacts know only the key: the link creates them. */
const unlistedCompanies = 5
/** Every so many rows one that goes wrong, and one that repeats an earlier key. */
const wrongEvery = 77
const repeatEvery = 40
/** Every so many contacts one that gets extensions; of these, every so many one whose extensions are wrong. */
const extensionsEvery = 12
const wrongExtensionEvery = 40
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

type Codes = Readonly<Record<DestinationId, RecordErrorCode | null>>
const everywhere = (code: RecordErrorCode): Codes => ({ local: code, webex: code, dengage: code, altcraft: code })
const withAttributes = ({ attributes, ...row }: ProfileInput, more: Record<string, unknown>): ProfileInput => ({
  ...row,
  attributes: { ...attributes, ...more },
})

/** What can be wrong with a row, and the code by which each destination says so; null where it is not wrong. */
const faults: readonly { codes: Codes; spoil: (row: ProfileInput) => ProfileInput }[] = [
  { codes: everywhere('INVALID_EMAIL'), spoil: (row) => ({ ...row, email: 'somebody at example.com' }) },
  {
    codes: { ...everywhere('UNKNOWN_ATTRIBUTE'), altcraft: 'INVALID_VALUE' },
    spoil: (row) => withAttributes(row, { shoeSize: 43 }),
  },
  // To Webex Campaign all values are text.
  {
    codes: { ...everywhere('INVALID_VALUE'), webex: null },
    spoil: (row) => withAttributes(row, { points: 'a few' }),
  },
  { codes: everywhere('INVALID_PHONE'), spoil: (row) => ({ ...row, phone: '+49 12' }) },
  { codes: everywhere('MISSING_MATCH_VALUE'), spoil: ({ key: _, ...row }) => row },
  { codes: everywhere('INVALID_VALUE'), spoil: (row) => ({ ...row, birthDate: '1990-02-30' }) },
  {
    codes: { ...everywhere('UNKNOWN_ATTRIBUTE'), local: 'ATTRIBUTE_NOT_IMPORTABLE', altcraft: 'INVALID_VALUE' },
    spoil: (row) => withAttributes(row, { score: 100 }),
  },
  { codes: everywhere('VALUE_TOO_LONG'), spoil: (row) => ({ ...row, lastName: 'Wolfeschlegelstein'.repeat(6) }) },
]

const isLastOf = (every: number, place: number) => place % every === every - 1
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

  const rows = drawRows(count, faker, createPeople(seed))
  const imported = companies.map(({ key }) => key)
  const at = {
    local: expectedImport(rows, 'local', imported),
    webex: expectedImport(rows, 'webex'),
    dengage: expectedImport(rows, 'dengage'),
    altcraft: expectedImport(rows, 'altcraft'),
  }
  const extensions = drawExtensions([...at.local.stored.values()], faker)
  const wrongExtensions = extensions.filter((_, place) => isLastOf(wrongExtensionEvery, place)).length
  return {
    profileTypes,
    companies,
    contacts: rows.map(({ contact }) => contact),
    extensions,
    expected: {
      at,
      extensions: (extensions.length - wrongExtensions) * 2,
      wrongExtensions,
    },
  }
}

interface Row {
  contact: ProfileInput
  /** null: nothing is wrong with it. */
  codes: Codes | null
}

function drawRows(count: number, faker: Faker, personAt: ReturnType<typeof createPeople>): Row[] {
  const rows: Row[] = []
  for (let place = 0; place < count; place += 1) {
    const contact = drawContact(place, faker, personAt)
    const fault = isLastOf(wrongEvery, place) ? faults[Math.floor(place / wrongEvery) % faults.length] : null
    if (fault) {
      rows.push({ contact: fault.spoil(contact), codes: fault.codes })
      continue
    }
    const distance = repeatDistances[Math.floor(place / repeatEvery) % repeatDistances.length] ?? 1
    const earlier = isLastOf(repeatEvery, place) ? rows[place - distance] : undefined
    const key = earlier && earlier.codes === null ? earlier.contact.key : contact.key
    rows.push({ contact: { ...contact, key: key ?? null }, codes: null })
  }
  return rows
}

/** What the rows come to, applied one after the other. */
function expectedImport(
  rows: readonly Row[],
  destination: DestinationId,
  companiesBefore: readonly unknown[] = [],
): ExpectedImport {
  const stored = new Map<string, ProfileInput>()
  const failed = new Map<RecordErrorCode, number>()
  let repeats = 0
  for (const { contact, codes } of rows) {
    const code = codes?.[destination] ?? null
    if (code !== null) {
      failed.set(code, (failed.get(code) ?? 0) + 1)
      continue
    }
    const key = String(contact.key)
    const earlier = stored.get(key)
    if (earlier) repeats += 1
    stored.set(key, { ...earlier, ...contact, attributes: { ...earlier?.attributes, ...contact.attributes } })
  }
  const linked = Array.from(stored.values(), ({ attributes }) => attributes?.['company'] ?? [])
  return { stored, repeats, failed, companies: new Set([...companiesBefore, ...linked.flat()]).size }
}

function drawContact(place: number, faker: Faker, personAt: ReturnType<typeof createPeople>): ProfileInput {
  const { firstName, lastName, gender, phone } = personAt(place)
  const email = `${faker.word.adjective()}.${faker.word.noun()}.${place}@example.com`.toLowerCase()
  return {
    clientRef: `row ${place + 1}`,
    key: contactKey(place),
    email,
    emailPermission: faker.datatype.boolean(),
    phone,
    // Left out it would be the vendor's to decide.
    phonePermission: faker.datatype.boolean(),
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
      // As a text, because a column of D·engage takes no list.
      interests: faker.helpers.arrayElements(interests, { min: 1, max: 3 }).join(', '),
      ...(place % 3 === 0 && { company: companyKey(faker.number.int({ max: companyCount + unlistedCompanies - 1 })) }),
    },
  }
}

/** Two extensions for some of the contacts; now and then one of them is wrong. */
function drawExtensions(contacts: readonly ProfileInput[], faker: Faker): ProfileInput[] {
  const some = contacts.filter((_, place) => place % extensionsEvery === 0)
  return some.map(({ key, phone }, place) => {
    const isWrong = isLastOf(wrongExtensionEvery, place)
    return {
      clientRef: `row ${place + 1}`,
      key: key ?? null,
      extensions: [
        { channel: 'WHATSAPP', address: isWrong ? 'home' : (phone ?? ''), permission: true },
        {
          channel: 'PUSH',
          provider: 'android-fcm',
          address: faker.string.alphanumeric(40),
          status: 'SUBSCRIBED',
          customFields: { device: faker.helpers.arrayElement(['tablet', 'phone']) },
        },
      ],
    }
  })
}
