import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { FieldName, LocalRecord } from './local-record.ts'
import { matchSpaces } from './match-tokens.ts'

/** The parts of profiles that a batch reads and writes; the others are not even read. */
export interface TouchedParts {
  fields: readonly FieldName[]
  attributes: boolean
  /** `found`: only of the profiles that were found by one of theirs, as the batch writes none. */
  extensions: 'all' | 'found' | 'none'
}

/** Every part that a record of the batch states, or that its mode or filter looks at. */
export function touchedParts(options: ProfileUpsertOptions, records: readonly LocalRecord[]): TouchedParts {
  const space = matchSpaces[options.matching]
  const fields = new Set<FieldName>()
  let attributes = space.attribute
  let statesExtensions = false
  if (space.email) fields.add('email')
  if (space.phone) fields.add('phone')
  for (const record of records) {
    for (const [name] of record.fields) fields.add(name)
    attributes ||= record.attributes.length > 0
    statesExtensions ||= record.extensions.length > 0
    for (const condition of record.filter ?? []) {
      if (condition.source === 'attribute') attributes = true
      else if (isField(condition.name)) fields.add(condition.name)
    }
  }
  if (fields.has('email')) fields.add('emailStatus')
  if (fields.has('phone')) fields.add('phoneStatus')
  const looksAtExtensions = space.channels.length > 0 || space.customField
  const extensions = statesExtensions ? 'all' : looksAtExtensions ? 'found' : 'none'
  return { fields: [...fields].sort(), attributes, extensions }
}

const notColumns = new Set(['key', 'createdAt', 'updatedAt'])
const isField = (name: string): name is FieldName => !notColumns.has(name)
