import type { z } from 'zod'

// What the harness and the emulators agree on. Each emulator is one folder, <vendor>/<vendor>.ts exporting its creator:
//   createWebex, createDengage, createAltcraft: (clock: SandboxClock, settings?: …) => SandboxVendor
// The harness does all of HTTP, the request log and the faults of the line (status, delay, drop, garble). An emulator
// sees whole requests and gives whole answers.

export const vendorNames = ['webex', 'dengage', 'altcraft'] as const
export type VendorName = (typeof vendorNames)[number]

/** One call, read to its end. */
export interface SandboxRequest {
  method: string
  /** Below `/<vendor>`, without the query, as it was sent (not decoded): `/api/v1.1/profiles/import_batch`. */
  path: string
  query: URLSearchParams
  /** Names in lower case; a repeated header's values are joined by `, `. */
  headers: Readonly<Record<string, string>>
  /** UTF-8 text, empty when there is none. */
  body: string
  /** The sandbox's own address as the caller spelled it, without a path: `http://127.0.0.1:4100`. */
  origin: string
  /** The vendor's calls that began before this one and have no answer yet. */
  inFlight: readonly SandboxRequest[]
}

export interface SandboxAnswer {
  status: number
  /** Names in lower case. `content-type` is `application/json; charset=utf-8` unless given. */
  headers?: Readonly<Record<string, string>>
  body: string
}

/** What the faults in force want of an answer's inside; with none in force, numbers are numbers and the list has its length. */
export interface AnswerShape {
  /** Every number of a JSON answer is written as a string. `answerJson` does it. */
  numbersAsStrings: boolean
  /** How many results more (or, negative, fewer) the list of results has than it should. `withLength` does it. */
  lengthBy: number
}

const plainShape: AnswerShape = { numbersAsStrings: false, lengthBy: 0 }

/** Milliseconds since 1970. Emulators ask it alone for the time, so that tests can move it. */
export type SandboxClock = () => number

export interface SandboxVendor {
  readonly name: VendorName
  /**
   * Handles one call and applies it to what is stored, or refuses it as the vendor would: refusals are answers, never
   * throws. What it throws is a defect of the sandbox and answered with 500 and its text. It applies at once: between
   * its start and the change of state nothing else is awaited.
   */
  handle(request: SandboxRequest, shape: AnswerShape): SandboxAnswer | Promise<SandboxAnswer>
  /** What is stored, ready for JSON, for `GET /_sandbox/<vendor>/profiles`. */
  profiles(): unknown[]
  /** Merges the settings given into those in force and returns all of them; `{}` reads them. Throws a ZodError that says what is wrong, and then changes nothing. */
  configure(change: unknown): unknown
  /** Forgets what is stored, and its tokens and requests; the settings are again those of the start. */
  reset(): void
}

/** The settings of an emulator: whole objects of `schema`, changed key by key. */
export interface SettingsHolder<Settings> {
  readonly current: Settings
  /** See `SandboxVendor.configure`. */
  merge(change: unknown): Settings
  reset(): void
}

/** `schema` is a strict object with a default for every key. Throws a ZodError when `initial` does not fit. */
export function createSettings<Schema extends z.ZodType<object>>(
  schema: Schema,
  initial: z.input<Schema> | undefined,
): SettingsHolder<z.output<Schema>> {
  const atStart = schema.parse(initial ?? {})
  let current = atStart
  return {
    get current() {
      return current
    },
    merge(change) {
      const isRecord = typeof change === 'object' && change !== null && !Array.isArray(change)
      current = schema.parse(isRecord ? { ...current, ...change } : change)
      return current
    },
    reset() {
      current = atStart
    },
  }
}

/** A JSON answer, its numbers as the shape wants them. */
export function answerJson(status: number, value: unknown, shape: AnswerShape = plainShape): SandboxAnswer {
  const text = shape.numbersAsStrings
    ? JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? String(part) : part))
    : JSON.stringify(value)
  return { status, body: text }
}

/** The results, as many as the shape wants: the last ones cut off, or the last one repeated. Of nothing nothing is made. */
export function withLength<Result>(results: readonly Result[], { lengthBy }: AnswerShape): Result[] {
  if (lengthBy <= 0) return results.slice(0, Math.max(0, results.length + lengthBy))
  const last = results.slice(-1)
  return [...results, ...Array.from({ length: lengthBy }, () => last).flat()]
}
