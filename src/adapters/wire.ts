import { DestinationError, type Fault, type FaultDetails } from '../contract/error.ts'

/** What an adapter is handed of the world; it reaches for nothing else. */
export interface Outside {
  fetch: typeof fetch
  /** Milliseconds since 1970. */
  now: () => number
}

/** The process's own network and clock. */
export const processOutside: Outside = { fetch: (...request) => fetch(...request), now: Date.now }

export interface VendorRequest {
  method: 'GET' | 'POST'
  url: string | URL
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Ends the call, the reading of its answer included. */
  signal: AbortSignal
  /** What must not come back in any message: where the vendor echoes one of these, `[secret]` stands in the answer's text instead. */
  secrets?: readonly string[]
  /** The longest answer that is read, in bytes; 64 MB unless given. */
  mostBytes?: number
}

export interface WireAnswer {
  status: number
  headers: Headers
  /** Decoded as UTF-8, without a byte order mark. */
  text: string
  /** What Retry-After says, if it says anything: milliseconds from now, at most a day. */
  retryAfterMs?: number
}

const defaultMostBytes = 64 * 1024 * 1024
const longestRetryAfterMs = 24 * 60 * 60 * 1000
/** Shorter ones would take ordinary text with them. */
const shortestMaskedSecret = 6
/** The longest text of a vendor's that is kept with each record, in UTF-16 units. */
const longestVendorText = 500

// Node's fetch wraps what went wrong in a TypeError whose `cause` carries these codes. All of them come before the first byte of the
// request: a name that does not resolve, a connection that is not made, a certificate that is not believed. Whatever is not listed
// (ECONNRESET, EPIPE, UND_ERR_SOCKET, UND_ERR_HEADERS_TIMEOUT …) may come after the last one.
const codesBeforeSending: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
])
// ETIMEDOUT, EHOSTUNREACH and the like say by their system call when they came.
const callsBeforeSending: ReadonlySet<string> = new Set(['connect', 'getaddrinfo'])

/**
 * Makes one call and reads its answer, whatever its status. Throws a DestinationError: UNREACHABLE when nothing can have left this machine,
 * NO_ANSWER when the vendor may have got the call (abort, reset, an answer cut short or longer than `mostBytes`), REFUSED for a redirect,
 * which is never followed. No message holds a query, a header or a body.
 */
export async function callVendor(outside: Outside, request: VendorRequest): Promise<WireAnswer> {
  const { method, signal, mostBytes = defaultMostBytes } = request
  const url = new URL(request.url)
  const call = `${method} ${url.origin}${url.pathname}`
  if (signal.aborted) throw unreachable(`${call} was not sent: its time was up before it began`)
  const init = { method, headers: headersOf(call, request.headers), signal, redirect: 'manual' as const }
  let response: Response
  try {
    response = await outside.fetch(url, request.body === undefined ? init : { ...init, body: request.body })
  } catch (error) {
    throw lineError(call, error, signal)
  }
  const text = await readText(call, response, mostBytes, signal)
  if (response.status >= 300 && response.status < 400) {
    const message = `${call} is answered with a redirect (HTTP ${response.status}), which is not followed: put the address it leads to into baseUrl`
    throw new DestinationError('REFUSED', message, { code: 'DESTINATION_REJECTED' })
  }
  const answer: WireAnswer = { status: response.status, headers: response.headers, text: masked(text, request.secrets) }
  const retryAfterMs = retryAfterOf(response.headers, outside.now())
  return retryAfterMs === undefined ? answer : { ...answer, retryAfterMs }
}

/**
 * What an answer means by its HTTP status alone, for one whose body says nothing that the adapter knows: 401 AUTHENTICATION, 403 FORBIDDEN,
 * 429 THROTTLED, 2xx, 408 and 5xx NO_ANSWER (it may have been applied), anything else REFUSED. `details` add to what the status says.
 */
export function faultOfStatus(
  vendor: string,
  { status, retryAfterMs }: Pick<WireAnswer, 'status' | 'retryAfterMs'>,
  details: Partial<FaultDetails> = {},
): DestinationError {
  const fault = (name: Fault, code: FaultDetails['code'], message: string) =>
    new DestinationError(name, `${vendor} ${message}`, {
      code,
      vendorCode: String(status),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...details,
    })
  if (status === 401) {
    return fault(
      'AUTHENTICATION',
      'DESTINATION_AUTH',
      "refuses the credential (HTTP 401): check the destination's settings",
    )
  }
  if (status === 403) {
    const message =
      'does not allow this to the credential (HTTP 403): check its permissions and the list of allowed addresses there'
    return fault('FORBIDDEN', 'DESTINATION_FORBIDDEN', message)
  }
  if (status === 429) return fault('THROTTLED', 'DESTINATION_UNAVAILABLE', 'asks for fewer calls (HTTP 429)')
  if (status === 408 || status >= 500) return fault('NO_ANSWER', 'NO_ANSWER', `failed (HTTP ${status})`)
  if (status < 300) return fault('NO_ANSWER', 'NO_ANSWER', `gave an answer that cannot be read (HTTP ${status})`)
  return fault('REFUSED', 'DESTINATION_REJECTED', `refuses the call (HTTP ${status})`)
}

/**
 * The JSON value in the text, undefined where there is none. A whole number that a double cannot hold exactly is left as the text it was
 * written as: ids keep their digits.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits)
  } catch {
    // The parser's own message quotes the answer, which may hold anything.
    return undefined
  }
}

function keepDigits(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ''
  return /^-?\d+$/.test(source) ? source : value
}

/** A text or a number as text, trimmed; undefined for anything else and for an empty one. Vendors write ids and codes either way. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A number or its decimal text as a number; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A text of the vendor's as it is kept and shown: not too long, and without half a character, which no database takes. */
export function shortened(text: string): string {
  if (text.length <= longestVendorText) return text.toWellFormed()
  return `${text.slice(0, longestVendorText).replace(/[\uD800-\uDBFF]$/, '')}…`.toWellFormed()
}

function unreachable(message: string, cause?: unknown): DestinationError {
  return new DestinationError('UNREACHABLE', message, { code: 'DESTINATION_UNAVAILABLE' }, cause)
}

function noAnswer(message: string, cause?: unknown): DestinationError {
  return new DestinationError('NO_ANSWER', message, { code: 'NO_ANSWER' }, cause)
}

function headersOf(call: string, headers: VendorRequest['headers']): Headers {
  try {
    return new Headers(headers)
  } catch {
    // Not as a cause: its message quotes the header's value.
    const message = `${call} was not sent: a header holds characters that HTTP does not carry; check the destination's credential`
    throw new DestinationError('REFUSED', message, { code: 'DESTINATION_REJECTED' })
  }
}

function lineError(call: string, error: unknown, signal: AbortSignal): DestinationError {
  if (signal.aborted) return noAnswer(`${call} got no answer in time`)
  const causes = causesOf(error)
  const code = causes.map((cause) => cause.code).find((one) => typeof one === 'string')
  if (causes.some(isBeforeSending))
    return unreachable(`${call} cannot be reached (${code ?? 'fetch opens no connection to this port'})`, error)
  return noAnswer(`${call} broke off without an answer${code === undefined ? '' : ` (${code})`}`, error)
}

interface Cause {
  code?: unknown
  syscall?: unknown
  message?: unknown
}

/** The error's chain of causes without the outermost, which is always fetch's own "fetch failed". */
function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (typeof cause === 'object' && cause !== null && causes.length < 10) {
    causes.push(cause)
    cause = 'cause' in cause ? cause.cause : undefined
  }
  return causes
}

function isBeforeSending(cause: Cause): boolean {
  const { code, syscall, message } = cause
  // With several addresses to one name, one that was refused says that none was reached.
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(isBeforeSending)
  if (typeof code === 'string' && codesBeforeSending.has(code)) return true
  if (typeof syscall === 'string' && callsBeforeSending.has(syscall)) return true
  // The fetch standard keeps some ports to itself and says so without a code.
  return message === 'bad port'
}

async function readText(call: string, response: Response, mostBytes: number, signal: AbortSignal): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const parts: string[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length
      // Leaving the loop cancels the stream, and with it the connection.
      if (bytes > mostBytes) break
      parts.push(decoder.decode(chunk, { stream: true }))
    }
  } catch (error) {
    if (signal.aborted) throw noAnswer(`${call} did not answer to the end in time`)
    throw noAnswer(`${call} broke off in the middle of its answer`, error)
  }
  if (bytes > mostBytes) throw noAnswer(`${call} answers with more than ${mostBytes} bytes, which is not read`)
  parts.push(decoder.decode())
  return parts.join('')
}

/** The text with `[secret]` in place of each secret. */
export function masked(text: string, secrets: readonly string[] = []): string {
  return secrets
    .filter((secret) => secret.length >= shortestMaskedSecret)
    .reduce((shown, secret) => shown.replaceAll(spelled(secret), '[secret]'), text)
}

/** The text with any of its characters escaped as JSON allows: some vendors escape `/` or `+`, which nothing obliges them to. */
function spelled(text: string): RegExp {
  const characters = text.split('').map((character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return `(?:\\\\?\\u${code}|\\\\u${code})`
  })
  return new RegExp(characters.join(''), 'gi')
}

/** Seconds, or a date (RFC 9110, section 10.2.3): by the vendor's own clock where the answer tells it. */
function retryAfterOf(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (text === '') return undefined
  const answeredAt = Date.parse(headers.get('date') ?? '')
  const wait = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - (Number.isNaN(answeredAt) ? now : answeredAt)
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestRetryAfterMs)
}
