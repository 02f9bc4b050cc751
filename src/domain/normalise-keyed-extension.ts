import type { ExtensionInput } from '../contract/input.ts'
import type { RecordError, RecordWarning } from '../contract/outcome.ts'
import type { KeyedExtensionRecord } from '../contract/profile.ts'
import type { ExtensionUpsertOptions } from '../contract/request.ts'
import { maxProviderLength, maxPushAddressLength, normaliseAddress, notOfPush } from './normalise-extension.ts'
import { profileLimits } from './normalise-profile.ts'
import { type Checked, checkText } from './values.ts'

export type NormalisedExtension =
  | { ok: true; record: KeyedExtensionRecord; warnings: RecordWarning[] }
  | { ok: false; errors: RecordError[] }

/** What `nulls: CLEAR` cannot clear. The parts of the identity are not among them: null is a part that is missing. */
const unclearable = ['permission', 'newAddress', 'newKey'] as const

/**
 * Checks and normalises one extension as far as that does not depend on a destination: its values, its nulls, and that it carries nothing
 * that its upsert mode forbids. All errors of the record are reported, not only the first. Without a channel the address stays as it was
 * sent: what it has to look like, only the channel of the extension that it finds can tell.
 */
export function normaliseKeyedExtension(input: ExtensionInput, options: ExtensionUpsertOptions): NormalisedExtension {
  const errors: RecordError[] = []
  const refuse = (code: RecordError['code'], field: string, message: string) =>
    errors.push({ code, message: `${field} ${message}`, field })
  const check = (field: string, checked: Checked<string>): string | undefined => {
    if (checked.ok) return checked.value
    refuse(checked.code, field, checked.message)
    return undefined
  }
  const identifier = (field: string, value: string) => {
    if (value === '') refuse('INVALID_VALUE', field, 'is empty: leave it out or send a value')
    return check(field, checkText(value, profileLimits.key))
  }

  const { clientRef, key, address, provider, resourceId, name, permission, newAddress, newKey } = input
  const channel = input.channel ?? undefined
  const record: KeyedExtensionRecord = { key, address }
  if (clientRef != null) set(record, 'clientRef', identifier('clientRef', clientRef))
  set(record, 'key', identifier('key', key))
  set(
    record,
    'address',
    check('address', channel === undefined ? anyAddress(address) : normaliseAddress(channel, address)),
  )
  set(record, 'channel', channel)
  if (provider != null && provider !== '') {
    const checked = check('provider', checkText(provider, maxProviderLength))
    if (channel === undefined || channel === 'PUSH') set(record, 'provider', checked)
    else if (checked !== undefined) refuse('INVALID_VALUE', 'provider', notOfPush(channel))
  }
  if (resourceId != null) {
    if ((resourceId | 0) === resourceId) record.resourceId = resourceId
    else refuse('INVALID_VALUE', 'resourceId', 'is not a whole number of 32 bits')
  }
  if (name === null) {
    if (options.nulls === 'CLEAR') record.name = null
  } else if (name !== undefined) set(record, 'name', check('name', checkText(name, maxProviderLength)))
  if (permission != null) record.permission = permission

  if (newAddress != null) {
    if (channel !== undefined) set(record, 'newAddress', check('newAddress', normaliseAddress(channel, newAddress)))
    else refuse('CHANNEL_REQUIRED', 'channel', 'is missing, and newAddress is checked by it: add the channel')
  }
  if (newKey != null) set(record, 'newKey', identifier('newKey', newKey))
  for (const [field, value] of [
    ['newAddress', newAddress],
    ['newKey', newKey],
  ] as const) {
    if (value == null || options.upsert === 'UPDATE_ONLY') continue
    refuse(
      'INVALID_VALUE',
      field,
      `changes an extension that is there, which needs upsert UPDATE_ONLY; this request has ${options.upsert}`,
    )
  }
  for (const field of unclearable) {
    if (options.nulls !== 'CLEAR' || input[field] !== null) continue
    refuse('INVALID_VALUE', field, 'cannot be cleared with null: leave it out to keep it, or send a value')
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, record, warnings: [] }
}

/** Sets a member that there is; what was refused or left out stays absent. */
function set<Name extends keyof KeyedExtensionRecord>(
  record: KeyedExtensionRecord,
  name: Name,
  value: KeyedExtensionRecord[Name] | undefined,
): void {
  if (value !== undefined) record[name] = value
}

/** What is an address of any channel at all; a push token may be nearly anything. */
function anyAddress(address: string): Checked<string> {
  if (address === '') return { ok: false, code: 'INVALID_VALUE', message: 'is empty: send the address' }
  return checkText(address, maxPushAddressLength)
}
