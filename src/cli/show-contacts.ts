import { type ProfileDetailsFragment, ProfileDocument, type ResultDetailsFragment } from './generated/graphql.ts'
import type { GraphqlClient } from './graphql-client.ts'
import { destinations } from './sample.ts'
import type { Store } from './stored-contacts.ts'
import { nameIn } from './vendor-accounts.ts'

const shownRows = 3
const nameWidth = Math.max(...destinations.map((id) => id.length))

/** The first rows that failed anywhere, with what each destination has against them. */
export function failuresInWords(failures: readonly ResultDetailsFragment[]): string[] {
  const rows = [...Map.groupBy(failures, ({ index }) => index)].sort(([one], [other]) => one - other)
  return rows.slice(0, shownRows).flatMap(([index, results]) => {
    const [first] = results
    const row = `${first?.clientRef ?? `record ${index}`}${first?.key == null ? '' : ` (${first.key})`}`
    const reasons = new Set(results.map(reasonOf))
    if (reasons.size === 1 && results.length === destinations.length) return [`${row} everywhere: ${[...reasons][0]}`]
    return [
      row,
      ...destinations.map((id) => {
        const result = results.find(({ destinationId }) => destinationId === id)
        return `  ${id.padEnd(nameWidth)}  ${result ? reasonOf(result) : 'took it'}`
      }),
    ]
  })
}

function reasonOf({ errors }: ResultDetailsFragment): string {
  return errors.map(({ code, message }) => `${code}, ${message}`).join('; ')
}

/** What the gateway answers about a contact: lines of it, its links and its extensions. */
export async function profileInWords(client: GraphqlClient, key: string): Promise<string[]> {
  const { profile } = await client.request(ProfileDocument, { by: { key } })
  return profile ? describe(client, profile) : [`${key} is not there`]
}

async function describe(client: GraphqlClient, profile: ProfileDetailsFragment): Promise<string[]> {
  const { key, firstName, lastName, email, phone, attributes, extensions, links } = profile
  const companies = await Promise.all(
    links.map(async (link) => {
      const company = await client.request(ProfileDocument, { by: { key: link.key }, type: 'company' })
      return `${link.attribute} → ${link.key} ${company.profile?.attributes['name'] ?? '(nothing known but its key)'}`
    }),
  )
  const addresses = extensions.map(({ channel, address }) => `${channel} ${shortened(address)}`)
  return [
    `${key}  ${firstName} ${lastName}, ${email}, ${phone}`,
    `         tier ${attributes['tier']}, ${attributes['points']} points, balance ${attributes['balance']}`,
    `         ${[...companies, ...addresses].join(' · ')}`,
  ]
}

const shortened = (text: string) => (text.length > 20 ? `${text.slice(0, 20)}…` : text)

/** Some of what a destination has stored about a contact, under its own names. */
export function storedInWords({ contacts, names }: Store, key: string): string {
  const stored = contacts.find((contact) => contact[nameIn(names, 'key')] === key)
  const shown = ['firstName', 'lastName', 'phone', 'tier', 'points', 'company'] as const
  return shown.map((field) => `${nameIn(names, field)} ${stored?.[nameIn(names, field)]}`).join(', ')
}
