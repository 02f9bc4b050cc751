import { z } from 'zod'
import { readings } from './readings.ts'

const members = {
  columns: z.array(z.string()).min(1),
  contactDatas: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(readings.mostRecords, `must hold at most ${readings.mostRecords} records`),
  insertIfNotExists: z.boolean().default(false),
  throwExceptionIfInvalidRecord: z.boolean().default(true),
}

/** The body of both bulk endpoints, with the pages' defaults. */
const bulkCall = readings.refuseUnknownParameters ? z.strictObject(members) : z.object(members)

export type BulkCall = z.output<typeof bulkCall>

/** The call, or what is wrong with it as a message of the vendor's code 1. */
export function readBulkCall(body: string): BulkCall | string {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return 'The body is not JSON.'
  }
  const parsed = bulkCall.safeParse(json)
  if (parsed.success) return parsed.data
  return parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ')
}

/** What became of the records of a call that was not refused as a whole. */
export interface BulkOutcome {
  inserted: string[]
  updated: string[]
  errors: string[]
  warnings: string[]
}

/** Refuses the whole call: an unknown column, an option that does not go with a column (1), an invalid record (11). */
export interface Refusal {
  code: 1 | 11
  message: string
}

/** Errors and warnings with or without the key of their record. */
export interface Messages {
  errors: string[]
  warnings: string[]
  error(key: string | null, place: number, message: string): void
  warning(key: string, message: string): void
}

export function createMessages({ keylessMessages }: { keylessMessages: boolean }): Messages {
  const errors: string[] = []
  const warnings: string[] = []
  return {
    errors,
    warnings,
    error(key, place, message) {
      if (keylessMessages) errors.push(message)
      else errors.push(key === null ? readings.withoutKey(place, message) : readings.withKey(key, message))
    },
    warning(key, message) {
      warnings.push(keylessMessages ? message : readings.withKey(key, message))
    },
  }
}

/** The record's key where it has a usable one. */
export function keyOf(record: Record<string, unknown>): string | null {
  const { contact_key: key } = record
  return typeof key === 'string' && key !== '' ? key : null
}
