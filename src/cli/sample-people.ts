import {
  ar,
  base,
  de,
  el,
  en,
  Faker,
  fa,
  fr,
  he,
  hy,
  ja,
  ka_GE,
  ko,
  type LocaleDefinition,
  ne,
  pl,
  pt_BR,
  ru,
  th,
  tr,
  uk,
  ur,
  vi,
  zh_CN,
} from '@faker-js/faker'

/** Where people of the sample come from: whose names they have and what their phone numbers look like (`#` is a digit). */
interface Origin {
  script: string
  locale: LocaleDefinition
  phone: string
}

const origins: readonly Origin[] = [
  { script: 'Latin', locale: en, phone: '+1202555####' },
  { script: 'Latin', locale: de, phone: '+49151########' },
  { script: 'Latin', locale: fr, phone: '+336########' },
  { script: 'Latin', locale: pl, phone: '+48501######' },
  { script: 'Latin', locale: tr, phone: '+90532#######' },
  { script: 'Latin', locale: vi, phone: '+8490#######' },
  { script: 'Latin', locale: pt_BR, phone: '+55119########' },
  { script: 'Cyrillic', locale: ru, phone: '+7916#######' },
  { script: 'Cyrillic', locale: uk, phone: '+38067#######' },
  { script: 'Greek', locale: el, phone: '+30694#######' },
  { script: 'Arabic', locale: ar, phone: '+2010########' },
  { script: 'Arabic', locale: fa, phone: '+98912#######' },
  { script: 'Arabic', locale: ur, phone: '+92300#######' },
  { script: 'Hebrew', locale: he, phone: '+97250#######' },
  { script: 'Japanese', locale: ja, phone: '+8190########' },
  { script: 'Hangul', locale: ko, phone: '+8210########' },
  { script: 'Chinese', locale: zh_CN, phone: '+86138########' },
  { script: 'Thai', locale: th, phone: '+6681#######' },
  { script: 'Devanagari', locale: ne, phone: '+97798########' },
  { script: 'Armenian', locale: hy, phone: '+37491######' },
  { script: 'Georgian', locale: ka_GE, phone: '+995555######' },
]

export const scripts: readonly string[] = [...new Set(origins.map((origin) => origin.script))]
export const countries: number = origins.length

export interface Person {
  firstName: string
  lastName: string
  gender: 'female' | 'male'
  /** E.164, possible in its country. */
  phone: string
}

/** Draws people from all origins in turn; the same seed draws the same people. */
export function createPeople(seed: number): (place: number) => Person {
  const sources = origins.map(({ locale, phone }, place) => ({
    faker: new Faker({ locale: [locale, en, base], seed: seed + place }),
    phone,
  }))
  return (place) => {
    const source = sources[place % sources.length]
    if (!source) throw new RangeError(`there is no person at place ${place}`)
    const { faker, phone } = source
    const gender = faker.helpers.arrayElement(['female', 'male'] as const)
    return {
      firstName: faker.person.firstName(gender),
      lastName: faker.person.lastName(gender),
      gender,
      phone: phone.replaceAll('#', () => faker.string.numeric()),
    }
  }
}
