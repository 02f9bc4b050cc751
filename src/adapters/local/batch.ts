import type { Queryable } from '../../contract/adapter.ts'
import type { LinkDefinition } from '../../contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { TouchedParts } from './touched-parts.ts'

/** What all steps of a batch share. */
export interface Batch {
  transaction: Queryable
  tenant: string
  type: string
  options: ProfileUpsertOptions
  parts: TouchedParts
  links: readonly LinkDefinition[]
}
