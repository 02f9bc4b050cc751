import type { ExtensionInput } from '../contract/input.ts'
import type { JobKind } from '../domain/job-state.ts'
import { jsonAsSent } from './kept-record.ts'

/**
 * A kept record as a line of `failed.ndjson`, which importProfiles takes. An extension by itself becomes one of a profile, where that can be
 * said: it states its channel, and moves nowhere. Any other stays as it was sent.
 */
export function failedLine(kind: JobKind, kept: string): string {
  const record = jsonAsSent(kept)
  if (kind === 'PROFILES') return record
  const { clientRef, key, newKey, newAddress, ...extension } = JSON.parse(record) as ExtensionInput
  if (extension.channel == null || newKey != null || newAddress != null) return record
  return JSON.stringify({ clientRef: clientRef ?? undefined, key, extensions: [extension] })
}
