import type { Prepared } from '../contract/adapter.ts'
import type { LabelledRecord, Normalised } from './request-kind.ts'

/** Beside a record that is ready to be delivered: what was sent, where that is more. */
const sentMember = 'asSent'

/**
 * What is kept of a record with its job: as it was sent where it goes nowhere, else ready for those who deliver it, with what was sent
 * beside it where part of that was dropped. `verdicts` are those of its destinations.
 */
export function keptRecord(
  input: LabelledRecord,
  normalised: Normalised,
  verdicts: readonly (Prepared<unknown> | null)[],
): unknown {
  if (!normalised.ok || verdicts.every((verdict) => verdict?.ok !== true)) return keptAsSent(input)
  const isWhole = normalised.warnings.every(({ code }) => code !== 'EXTENSION_DROPPED')
  return isWhole ? normalised.record : { ...normalised.record, [sentMember]: input }
}

/** The same of what is no record at all. */
export function keptAsSent(found: unknown): unknown {
  return hasSentMember(found) ? { [sentMember]: found } : found
}

/** A record that was kept, as it was sent. */
export function recordAsSent(kept: unknown): unknown {
  return hasSentMember(kept) ? kept[sentMember] : kept
}

/** The same of one that is JSON still, hardly any of which has to be read for it. */
export function jsonAsSent(kept: string): string {
  return kept.includes(`"${sentMember}"`) ? JSON.stringify(recordAsSent(JSON.parse(kept))) : kept
}

function hasSentMember(value: unknown): value is { [sentMember]: unknown } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, sentMember)
}
