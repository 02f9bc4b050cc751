import type { ProfileUpsertOptions, RecordUses } from '../../contract/request.ts'
import type { MissingPermission } from '../vendor-settings.ts'
import { insertOptsIn } from './readings.ts'

/** What "BulkUpsert" does that its caller would not expect (reference, and what callers have seen). */
export function dengageCaveats(
  { upsert }: ProfileUpsertOptions,
  { fields }: RecordUses,
  missingPermission: MissingPermission,
): string[] {
  const caveats: string[] = []
  if (fields.has('email') || fields.has('phone')) {
    caveats.push(
      'D·engage switches a changed e-mail or phone back to active. A record that states PASSIVE gets a second call with its status alone, which is not among the batches here.',
      'D·engage replaces an e-mail or phone that it does not accept by its default value, and only warns.',
    )
  }
  if (upsert === 'UPDATE_ONLY') {
    caveats.push('D·engage passes over keys that it does not know: such records end SKIPPED.')
  } else if (insertOptsIn && missingPermission === 'warn') {
    caveats.push('D·engage opts a new contact in to whatever its record states no permission for.')
  }
  return caveats
}
