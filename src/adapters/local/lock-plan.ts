import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { type LockPlan, wholeTenant } from '../../db/profile-locks.ts'
import type { LocalRecord } from './local-record.ts'
import {
  addressToken,
  attributeTokens,
  customFieldText,
  customFieldToken,
  emailToken,
  keyToken,
  phoneToken,
} from './match-tokens.ts'

/** With more records than this, telling values apart costs more than it saves: nearly every bucket is hit anyway. */
export const mostToldApart = 32

/** All that another batch may look for and that this record brings about. */
function* writtenValues(record: LocalRecord): Iterable<string> {
  for (const [name, value] of record.fields) {
    if (name === 'email' && value !== null) yield emailToken(String(value))
    if (name === 'phone' && value !== null) yield phoneToken(String(value))
  }
  for (const [name, value] of record.attributes) {
    if (value === null) continue
    for (const token of attributeTokens(value)) yield `${name} ${token}`
    yield keyToken(String(value))
  }
  for (const { record: extension } of record.extensions) {
    yield addressToken(extension)
    for (const [name, value] of Object.entries(extension.customFields ?? {})) {
      const text = customFieldText(value)
      if (text !== null) yield `${name} ${customFieldToken(text)}`
    }
  }
}

/** What a batch has to lock before it looks: see LockPlan. */
export function lockPlanFor(options: ProfileUpsertOptions, records: readonly LocalRecord[]): LockPlan {
  const { matching, matchingField } = options
  if (matching === 'FILTER' || records.some((record) => record.newKey !== null)) {
    return wholeTenant
  }
  const looksExclusively = matching !== 'KEY' && matching !== 'PROFILE_ID'
  if (records.length > mostToldApart) {
    const givesKeys = matching !== 'KEY' && records.some((record) => record.key !== null)
    return { gate: 'shared', exclusive: looksExclusively || givesKeys ? null : [], shared: null }
  }
  const shared = new Set<string>()
  const exclusive = new Set<string>()
  for (const record of records) {
    for (const value of writtenValues(record)) shared.add(value)
    if (record.key !== null) (matching === 'KEY' ? shared : exclusive).add(keyToken(record.key))
    if (!looksExclusively) continue
    const byCustom = matching === 'CUSTOM' || matching === 'CUSTOM_SUB'
    for (const token of record.tokens) exclusive.add(byCustom ? `${matchingField} ${token}` : token)
  }
  return { gate: 'shared', exclusive, shared }
}
