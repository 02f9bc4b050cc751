import type { RecordErrorCode } from '../../contract/outcome.ts'
import { createFieldMap, type FieldMap } from '../vendor-settings.ts'
import { readings } from './readings.ts'

/** Altcraft has a permission and an address status for subscriptions alone: the contact's own have no name unless the configuration gives one. */
export function altcraftFieldMap(configured: Readonly<Record<string, string>>): FieldMap<string> {
  return createFieldMap<string>(configured, readings.fieldNames, (attribute) => attribute)
}

interface Reserved {
  code: RecordErrorCode
  /** Goes on after the name and a comma. */
  message: string
}

const reserved: ReadonlyMap<string, Reserved> = new Map<string, Reserved>([
  ['email', { code: 'INVALID_VALUE', message: "which is the profile's e-mail: use the field email" }],
  ['phones', { code: 'INVALID_VALUE', message: "which are the profile's phones: use the field phone" }],
  ['subscriptions', { code: 'INVALID_VALUE', message: 'which are its subscriptions: use extensions' }],
  ...readings.matchKeys.map((name): [string, Reserved] => {
    const message = 'by which Altcraft looks for profiles and which it does not store: choose another name under fields'
    return [name, { code: 'INVALID_VALUE', message }]
  }),
  ...readings.bookkeeping.map((name): [string, Reserved] => {
    return [name, { code: 'ATTRIBUTE_NOT_IMPORTABLE', message: 'which Altcraft keeps by itself: leave it out' }]
  }),
])

/** Why no attribute may have this name there, or null. */
export function reservedReason(name: string): Reserved | null {
  return reserved.get(name) ?? null
}
