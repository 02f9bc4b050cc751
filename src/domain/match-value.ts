import type { ProfileInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import type { Channel, ExtensionRecord, JsonObject } from '../contract/profile.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'

type Extensions = readonly Pick<ExtensionRecord, 'channel'>[]

const hasChannel = (extensions: Extensions, channel: Channel) => extensions.some((one) => one.channel === channel)

function hasValue(object: JsonObject | null | undefined, name: string | null): boolean {
  if (object == null || name === null || !Object.hasOwn(object, name)) return false
  const value = object[name]
  return value != null && !(Array.isArray(value) && value.length === 0)
}

/**
 * MISSING_MATCH_VALUE if the record lacks the value that its matching mode looks for; null and empty lists are no values. `extensions` are
 * those that the record is left with. Whether the value is a good one is not asked here.
 */
export function missingMatchValue(
  input: ProfileInput,
  extensions: readonly { channel: Channel; customFields?: JsonObject | null }[],
  options: ProfileUpsertOptions,
): RecordError | null {
  const { matching, matchingField } = options
  const missing = (field: string, what: string): RecordError => ({
    code: 'MISSING_MATCH_VALUE',
    message: `matching ${matching} looks for the profile by ${what}, which this record does not have: add it or choose another mode`,
    field,
  })
  switch (matching) {
    case 'KEY':
      return input.key == null ? missing('key', 'key') : null
    case 'PROFILE_ID':
      return input.profileId == null ? missing('profileId', 'profileId') : null
    case 'FILTER':
      return input.filter == null || input.filter.length === 0 ? missing('filter', 'at least one condition') : null
    case 'EMAIL':
    case 'EMAIL_PROFILE':
      return input.email == null ? missing('email', 'email') : null
    case 'PHONE':
      return input.phone == null ? missing('phone', 'phone') : null
    case 'EMAIL_PHONE':
      return input.email == null && input.phone == null ? missing('email', 'email or phone') : null
    case 'EMAIL_SUB':
      return hasChannel(extensions, 'EMAIL') ? null : missing('extensions', 'its first EMAIL extension')
    case 'PHONE_SUB':
      return hasChannel(extensions, 'SMS') ? null : missing('extensions', 'its first SMS extension')
    case 'EMAIL_PHONE_SUB':
      return hasChannel(extensions, 'EMAIL') || hasChannel(extensions, 'SMS')
        ? null
        : missing('extensions', 'its first EMAIL or SMS extension')
    case 'PUSH_SUB':
      return hasChannel(extensions, 'PUSH') ? null : missing('extensions', 'its first PUSH extension')
    case 'CUSTOM':
      return hasValue(input.attributes, matchingField)
        ? null
        : missing(`attributes.${matchingField}`, `attributes.${matchingField}`)
    case 'CUSTOM_SUB':
      return extensions.some((one) => hasValue(one.customFields, matchingField))
        ? null
        : missing('extensions', `the first extension with customFields.${matchingField}`)
  }
}
