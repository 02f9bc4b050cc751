import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { ProfileLookup } from '../../db/profile-lookup.ts'
import type { LocalRecord } from './local-record.ts'
import { type MatchSpace, matchSpaces } from './match-tokens.ts'

/** One text per wanted object, for `jsonb @>`. */
const containment = (name: string, value: unknown) => JSON.stringify(Object.fromEntries([[name, value]]))

/** Where to look for the profiles that a batch's match values can reach. */
export function profileLookupFor(options: ProfileUpsertOptions, records: readonly LocalRecord[]): ProfileLookup {
  const { matching, resourceId } = options
  const field = options.matchingField ?? ''
  const values = new Set<string>()
  for (const record of records) for (const token of record.tokens) values.add(token)
  switch (matching) {
    case 'KEY':
      return { by: 'key', keys: [...values].map((token) => token.slice('key '.length)) }
    case 'PROFILE_ID':
      return { by: 'id', ids: [...values].map((token) => token.slice('id '.length)) }
    case 'CUSTOM': {
      const containments = new Set<string>()
      for (const record of records) {
        const value = record.attributes.find(([name]) => name === field)?.[1] ?? null
        if (value !== null) containments.add(containment(field, value))
      }
      return { by: 'attribute', containments: [...containments] }
    }
    case 'CUSTOM_SUB':
      return {
        by: 'customField',
        containments: [...values].flatMap((token) => customFieldContainments(field, token.slice('field '.length))),
        resourceId,
      }
    case 'PUSH_SUB':
      return {
        by: 'push',
        addresses: [...values].map((token) => {
          const text = token.slice('PUSH '.length)
          const end = text.indexOf('\u0000')
          return { provider: text.slice(0, end), address: text.slice(end + 1) }
        }),
        resourceId,
      }
    default:
      return addressLookup(matchSpaces[matching], [...values], resourceId)
  }
}

/** Whether a number or boolean is written just so; 1e999999 is a text that looks like a number. */
function isScalarText(text: string): boolean {
  if (text === 'true' || text === 'false') return true
  const value = Number(text)
  return Number.isFinite(value) && JSON.stringify(value) === text
}

/** A custom field has no type: the text "42" is found as the text and as the number. */
function customFieldContainments(field: string, text: string): string[] {
  const asText = containment(field, text)
  return isScalarText(text) ? [asText, containment(field, JSON.parse(text))] : [asText]
}

function addressLookup(space: MatchSpace, tokens: readonly string[], resourceId: number | null): ProfileLookup {
  const valuesOf = (prefix: string) =>
    tokens.filter((token) => token.startsWith(prefix)).map((token) => token.slice(prefix.length))
  return {
    by: 'address',
    emails: space.email ? valuesOf('EMAIL ') : null,
    phones: space.phone ? valuesOf('SMS ') : null,
    addresses: space.channels.map((channel) => ({ channel, values: valuesOf(`${channel} `) })),
    resourceId,
  }
}
