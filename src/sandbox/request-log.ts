import type { Fault } from './fault.ts'
import type { SandboxAnswer, SandboxRequest } from './vendor.ts'

/** One call, as `GET /_sandbox/<vendor>/requests` shows it. Credentials are `[redacted]`. */
export interface LoggedRequest {
  /** Milliseconds since 1970, on the sandbox's clock. */
  startedAt: number
  /** null while it is in flight. */
  endedAt: number | null
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  /** Parsed where it is JSON, otherwise the text; null without one. */
  body: unknown
  /** What was answered; null while in flight, and for a connection that was cut without an answer. */
  status: number | null
  /** The vendor's other calls in flight when this one began. */
  inFlight: number
  /** The kinds of fault that the call met. */
  faults: Fault['kind'][]
}

export interface RequestLog {
  /** Files the call; the function it returns files its end, null for a cut connection. */
  begin(request: SandboxRequest, faults: readonly Fault[]): (answer: SandboxAnswer | null) => void
  /** Oldest first; the latest 2,000 are kept. */
  readonly entries: readonly LoggedRequest[]
}

const kept = 2000
const redacted = '[redacted]'
const secretNames = /^(authorization|cookie|password|token|userkey|access_token|clientsecret|secret)$/i
// In what cannot be parsed: XML elements, and members of JSON that is cut short.
const secretTexts = /(<(?:token|password)>|"(?:token|password|userkey|access_token)"\s*:\s*")[^<"]*/gi

export function createRequestLog(now: () => number): RequestLog {
  const entries: LoggedRequest[] = []
  return {
    entries,
    begin(request, faults) {
      const { method, path, query, headers, body, inFlight } = request
      const entry: LoggedRequest = {
        startedAt: now(),
        endedAt: null,
        method,
        path: query.size > 0 ? `${path}?${redactQuery(query)}` : path,
        headers: redact(headers) as Record<string, string>,
        body: readBody(body),
        status: null,
        inFlight: inFlight.length,
        faults: faults.map(({ kind }) => kind),
      }
      entries.push(entry)
      if (entries.length > kept) entries.shift()
      return (answer) => {
        entry.endedAt = now()
        entry.status = answer?.status ?? null
      }
    },
  }
}

function readBody(body: string): unknown {
  if (body === '') return null
  try {
    return redact(JSON.parse(body))
  } catch {
    return body.replace(secretTexts, `$1${redacted}`)
  }
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, secretNames.test(name) ? redacted : redact(part)]),
  )
}

function redactQuery(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].map(([name, value]) => [name, secretNames.test(name) ? redacted : value]))
}
