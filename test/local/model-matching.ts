import type { ProfileInput } from '../../src/contract/input.ts'
import type { AttributeType } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { lowerCased, withoutSpaces } from './model-extensions.ts'
import { type ModelValue, textOf, typedValue } from './model-values.ts'

export type Wanted = NonNullable<ReturnType<typeof wantedBy>>

/** What the record looks for, null when it has no such value; `text` is equal for equal values. */
export function wantedBy(
  { matching, matchingField }: ProfileUpsertOptions,
  record: ProfileInput & { profile?: number | null },
  typeOf: (attribute: string) => AttributeType,
) {
  const extensions = record.extensions ?? []
  const address = (channel: string) => extensions.find((one) => one.channel === channel)
  const email = record.email == null ? null : lowerCased(record.email)
  const phone = record.phone == null ? null : withoutSpaces(record.phone)
  const subEmail = address('EMAIL')
  const subPhone = address('SMS')
  const push = address('PUSH')
  const wanted = {
    key: matching === 'KEY' ? (record.key ?? null) : null,
    profile: matching === 'PROFILE_ID' ? (record.profile ?? null) : null,
    email: ['EMAIL', 'EMAIL_PROFILE', 'EMAIL_PHONE'].includes(matching) ? email : null,
    phone: ['PHONE', 'EMAIL_PHONE'].includes(matching) ? phone : null,
    subEmail: ['EMAIL_SUB', 'EMAIL_PHONE_SUB'].includes(matching) && subEmail ? lowerCased(subEmail.address) : null,
    subPhone: ['PHONE_SUB', 'EMAIL_PHONE_SUB'].includes(matching) && subPhone ? withoutSpaces(subPhone.address) : null,
    push: matching === 'PUSH_SUB' && push ? { provider: push.provider ?? null, address: push.address } : null,
    custom: null as ModelValue | null,
    customField: null as string | null,
  }
  if (matching === 'CUSTOM' && matchingField !== null) {
    const value = record.attributes?.[matchingField] ?? null
    const typed = value === null ? null : typedValue(typeOf(matchingField), value)
    wanted.custom = Array.isArray(typed) && typed.length === 0 ? null : typed
  }
  if (matching === 'CUSTOM_SUB' && matchingField !== null) {
    const carrier = extensions.find((one) => one.customFields?.[matchingField] != null)
    wanted.customField = textOf(carrier?.customFields?.[matchingField])
  }
  return Object.values(wanted).some((value) => value !== null) ? { ...wanted, text: JSON.stringify(wanted) } : null
}
