import type { ProfileExtensionInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import type { Channel, ExtensionRecord } from '../contract/profile.ts'
import { jsonObjectProblem, withoutNulls } from './json.ts'
import { type UnreadableMember, whyUnreadable } from './unreadable-extensions.ts'
import { type Checked, checkText, coerceValue, normaliseEmail, normalisePhone, toTags } from './values.ts'

/** The longest provider and the longest extension name, in characters. */
export const maxProviderLength = 100
/** The longest push token, in characters. */
export const maxPushAddressLength = 512

/** Why an extension has no provider. */
export const notOfPush = (channel: Channel) =>
  `is who delivers a push token, and the address is one of ${channel}: leave it out`

/** An address as its channel stores it: e-mail lower-cased, phone in E.164, Telegram chat id as a whole number, push token as it is. */
export function normaliseAddress(channel: Channel, address: string): Checked<string> {
  switch (channel) {
    case 'EMAIL':
      return normaliseEmail(address)
    case 'SMS':
    case 'WHATSAPP':
    case 'VIBER':
      return normalisePhone(address)
    case 'TELEGRAM_BOT': {
      const chat = coerceValue('INTEGER', address.trim())
      if (chat.ok) return { ok: true, value: String(chat.value) }
      return { ok: false, code: 'INVALID_VALUE', message: 'is not a Telegram chat id: expected a whole number' }
    }
    case 'PUSH':
      if (address === '') return { ok: false, code: 'INVALID_VALUE', message: 'is empty: expected a push token' }
      return checkText(address, maxPushAddressLength)
  }
}

/**
 * One extension, normalised, or everything that is wrong with it, each as INVALID_EXTENSION with a path such as `extensions[1].address`.
 * `clears` says that null clears (`nulls: CLEAR`); otherwise null is left out. Provider and resource id are parts of the identity: null is
 * a part that is missing.
 */
export function normaliseExtension(
  input: ProfileExtensionInput,
  place: number,
  clears: boolean,
): { ok: true; extension: ExtensionRecord } | { ok: false; errors: RecordError[] } {
  const unreadable = whyUnreadable(input)
  if (unreadable !== null) {
    const path = `extensions[${place}].`
    const tell = ({ field, message }: UnreadableMember): RecordError => {
      return { code: 'INVALID_EXTENSION', message: path + message, field: path + field }
    }
    return { ok: false, errors: unreadable.map(tell) }
  }
  const errors: RecordError[] = []
  const refuse = (member: string, message: string) => {
    const field = `extensions[${place}].${member}`
    errors.push({ code: 'INVALID_EXTENSION', message: `${field} ${message}`, field })
  }
  const refuseNull = (member: string) =>
    refuse(member, 'cannot be cleared with null: leave it out to keep it, or send a value')

  const extension: ExtensionRecord = { channel: input.channel, address: input.address }
  const address = normaliseAddress(input.channel, input.address)
  if (address.ok) extension.address = address.value
  else refuse('address', address.message)

  const { provider, resourceId, name, permission, status, priority, categories, customFields } = input
  if (provider != null && provider !== '') {
    const checked = checkText(provider, maxProviderLength)
    if (!checked.ok) refuse('provider', checked.message)
    else if (input.channel === 'PUSH') extension.provider = provider
    else refuse('provider', notOfPush(input.channel))
  }
  if (resourceId != null) {
    if ((resourceId | 0) === resourceId) extension.resourceId = resourceId
    else refuse('resourceId', 'is not a whole number of 32 bits')
  }
  if (name === null) {
    if (clears) extension.name = null
  } else if (name !== undefined) {
    const checked = checkText(name, maxProviderLength)
    if (checked.ok) extension.name = name
    else refuse('name', checked.message)
  }
  if (permission === null) {
    if (clears) refuseNull('permission')
  } else if (permission !== undefined) extension.permission = permission
  if (status === null) {
    if (clears) refuseNull('status')
  } else if (status !== undefined) extension.status = status
  if (priority === null) {
    if (clears) extension.priority = null
  } else if (priority !== undefined) {
    if ((priority | 0) === priority && priority >= 0) extension.priority = priority
    else refuse('priority', 'is not a whole number from 0 to 2147483647')
  }
  if (categories === null) {
    if (clears) extension.categories = null
  } else if (categories !== undefined) {
    const checked = toTags(categories)
    if (checked.ok) extension.categories = checked.value
    else refuse('categories', checked.message)
  }
  if (customFields === null) {
    if (clears) refuseNull('customFields')
  } else if (customFields !== undefined) {
    const problem = jsonObjectProblem(customFields)
    if (problem === null) extension.customFields = clears ? customFields : withoutNulls(customFields)
    else refuse('customFields', problem)
  }
  return errors.length === 0 ? { ok: true, extension } : { ok: false, errors }
}
