import type { Channel, JsonValue, MatchingMode } from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { AttributeValue } from '../../domain/values.ts'

/*
 * Matching in one idea: a record looks for tokens, a profile shows tokens, and the profiles that show one of the record's tokens
 * (all of them under CUSTOM by tags) are its hits. What a mode looks at is decided here alone, for records and for profiles.
 */

/** The parts of an extension that can be matched by. */
export interface MatchableExtension {
  record: {
    channel: Channel
    address: string
    provider?: string | null
    resourceId?: number | null
    customFields?: { [name: string]: JsonValue }
  }
}

export interface Matchable {
  key: string | null
  profileId: string | null
  email: string | null
  phone: string | null
  attributes: Iterable<readonly [string, AttributeValue | null]>
  extensions: Iterable<MatchableExtension>
}

type Options = Pick<ProfileUpsertOptions, 'matching' | 'matchingField' | 'resourceId'>

/** Which parts of a profile a mode looks at. */
export interface MatchSpace {
  email: boolean
  phone: boolean
  /** The channels of extensions that are looked at by address. */
  channels: readonly Channel[]
  /** The attribute, under CUSTOM. */
  attribute: boolean
  /** The custom field of extensions, under CUSTOM_SUB. */
  customField: boolean
}

const nowhere: MatchSpace = { email: false, phone: false, channels: [], attribute: false, customField: false }

export const matchSpaces: Record<MatchingMode, MatchSpace> = {
  KEY: nowhere,
  PROFILE_ID: nowhere,
  FILTER: nowhere,
  EMAIL: { ...nowhere, email: true, channels: ['EMAIL'] },
  EMAIL_PROFILE: { ...nowhere, email: true },
  EMAIL_SUB: { ...nowhere, channels: ['EMAIL'] },
  PHONE: { ...nowhere, phone: true, channels: ['SMS'] },
  PHONE_SUB: { ...nowhere, channels: ['SMS'] },
  EMAIL_PHONE: { ...nowhere, email: true, phone: true },
  EMAIL_PHONE_SUB: { ...nowhere, channels: ['EMAIL', 'SMS'] },
  PUSH_SUB: { ...nowhere, channels: ['PUSH'] },
  CUSTOM: { ...nowhere, attribute: true },
  CUSTOM_SUB: { ...nowhere, customField: true },
}

/** Whether a mode looks for addresses of the profiles themselves, and for nothing but addresses. */
export function looksAtOwnAddresses(matching: MatchingMode): boolean {
  const { email, phone } = matchSpaces[matching]
  return email || phone
}

export const keyToken = (key: string) => `key ${key}`
export const idToken = (id: string) => `id ${id}`
export const emailToken = (email: string) => `EMAIL ${email}`
export const phoneToken = (phone: string) => `SMS ${phone}`

/** Push tokens are told apart by provider too. */
export function addressToken({ channel, address, provider }: MatchableExtension['record']): string {
  return channel === 'PUSH' ? `PUSH ${provider ?? ''}\u0000${address}` : `${channel} ${address}`
}

/** A custom field is matched as text, a number or boolean by its JSON text; anything else cannot be matched by. */
export function customFieldText(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : null
}

export const customFieldToken = (text: string) => `field ${text}`

/** One token per tag, else one for the value. */
export function attributeTokens(value: AttributeValue): string[] {
  return Array.isArray(value) ? value.map((tag) => `tag ${tag}`) : [`value ${JSON.stringify(value)}`]
}

function attributeOf({ attributes }: Matchable, name: string | null): AttributeValue | null {
  for (const [attribute, value] of attributes) if (attribute === name) return value
  return null
}

function firstExtension({ extensions }: Matchable, channel: Channel): MatchableExtension | null {
  for (const extension of extensions) if (extension.record.channel === channel) return extension
  return null
}

/** What a record looks for. Where a mode looks at a profile's own field, the value is the record's own field, else its extension's. */
export function matchTokensOf({ matching, matchingField }: Options, record: Matchable): string[] {
  switch (matching) {
    case 'KEY':
      return record.key === null ? [] : [keyToken(record.key)]
    case 'PROFILE_ID':
      return record.profileId === null ? [] : [idToken(record.profileId)]
    case 'FILTER':
      return []
    case 'CUSTOM': {
      const value = attributeOf(record, matchingField)
      return value === null ? [] : attributeTokens(value)
    }
    case 'CUSTOM_SUB': {
      for (const { record: extension } of record.extensions) {
        const text = customFieldText(extension.customFields?.[matchingField ?? ''])
        if (text !== null) return [customFieldToken(text)]
      }
      return []
    }
    default: {
      const { email, phone, channels } = matchSpaces[matching]
      const tokens: string[] = []
      if (email && record.email !== null) tokens.push(emailToken(record.email))
      if (phone && record.phone !== null) tokens.push(phoneToken(record.phone))
      if (!email && !phone) {
        for (const channel of channels) {
          const extension = firstExtension(record, channel)
          if (extension) tokens.push(addressToken(extension.record))
        }
      }
      return tokens
    }
  }
}

/** What a profile shows to a mode. `resourceId` narrows the extensions; the profile's own fields are looked at all the same. */
export function profileTokensOf({ matching, matchingField, resourceId }: Options, profile: Matchable): string[] {
  const space = matchSpaces[matching]
  const tokens: string[] = []
  if (matching === 'KEY' && profile.key !== null) tokens.push(keyToken(profile.key))
  if (matching === 'PROFILE_ID' && profile.profileId !== null) tokens.push(idToken(profile.profileId))
  if (space.email && profile.email !== null) tokens.push(emailToken(profile.email))
  if (space.phone && profile.phone !== null) tokens.push(phoneToken(profile.phone))
  if (space.attribute) {
    const value = attributeOf(profile, matchingField)
    if (value !== null) tokens.push(...attributeTokens(value))
  }
  if (space.channels.length > 0 || space.customField) {
    for (const extension of profile.extensions) {
      if (resourceId !== null && extension.record.resourceId !== resourceId) continue
      if (space.channels.includes(extension.record.channel)) tokens.push(addressToken(extension.record))
      if (space.customField) {
        const text = customFieldText(extension.record.customFields?.[matchingField ?? ''])
        if (text !== null) tokens.push(customFieldToken(text))
      }
    }
  }
  return tokens
}
