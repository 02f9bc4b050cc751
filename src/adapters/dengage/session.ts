import { z } from 'zod'
import { DestinationError } from '../../contract/error.ts'
import { callVendor, faultOfStatus, numberOf, type Outside, parseJson, shortened, type WireAnswer } from '../wire.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { authorizationOf, defaultTokenLifetimeMs, envelopeCodes, loginPath, tokenMarginMs } from './readings.ts'
import type { DengageSettings } from './settings.ts'

/** An answer as far as it is read. No secret stands in what it says. */
export type DengageAnswer = Pick<WireAnswer, 'status' | 'retryAfterMs'> & { envelope: Envelope }

/** So many of the latest tokens are kept out of what is shown: the vendor may speak of one that it has refused. */
const maskedTokens = 5

/** Calls in the name of one API user. */
export interface DengageSession {
  /**
   * Posts a body and resolves to the answer, whatever its status but 401: that one logs in again and repeats the call, once, then throws
   * AUTHENTICATION. Also throws what `callVendor` does, and what became of a login; a login that fails has certainly applied nothing.
   * `sending` is called right before the call itself leaves, logins apart.
   */
  post(path: string, body: unknown, call: { signal: AbortSignal; sending?: () => void }): Promise<DengageAnswer>
}

interface Token {
  text: string
  /** On the outside clock; the margin is taken off. */
  goodUntil: number
}

const loginAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.unknown().transform(numberOf).optional(),
})

type Account = Pick<DengageSettings, 'baseUrl' | 'userKey' | 'password'>

export function createSession(account: Account, outside: Outside): DengageSession {
  let token: Token | null = null
  let tokens: readonly string[] = []
  const secrets = () => [...tokens, account.password, account.userKey]
  let pendingLogin: Promise<Token> | null = null

  const currentToken = async (signal: AbortSignal): Promise<Token> => {
    if (token && outside.now() < token.goodUntil) return token
    pendingLogin ??= logIn(account, outside, signal, secrets())
    try {
      token = await pendingLogin
      tokens = [...new Set([token.text, ...tokens])].slice(0, maskedTokens)
      return token
    } finally {
      pendingLogin = null
    }
  }
  const send = async ({ text }: Token, path: string, body: string, signal: AbortSignal, sending?: () => void) => {
    sending?.()
    const answer = await callVendor(outside, {
      method: 'POST',
      url: `${account.baseUrl}${path}`,
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: authorizationOf(text) },
      body,
      signal,
    })
    return read(answer, secrets())
  }
  const forget = (refused: Token) => {
    if (token === refused) token = null
  }

  return {
    async post(path, value, { signal, sending }) {
      const body = JSON.stringify(value)
      const first = await currentToken(signal)
      const answer = await send(first, path, body, signal, sending)
      if (answer.status !== 401) return answer
      forget(first)
      const second = await currentToken(signal)
      const again = await send(second, path, body, signal, sending)
      if (again.status !== 401) return again
      forget(second)
      throw faultOfStatus('D·engage', again, detailsOf(again))
    },
  }
}

async function logIn(
  { baseUrl, userKey, password }: Account,
  outside: Outside,
  signal: AbortSignal,
  secrets: readonly string[],
): Promise<Token> {
  const answer = await callVendor(outside, {
    method: 'POST',
    url: `${baseUrl}${loginPath}`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ userkey: userKey, password }),
    signal,
  }).catch((error: unknown) => {
    throw nothingSent(error)
  })
  const parsed = answer.status < 300 ? loginAnswer.safeParse(parseJson(answer.text)) : undefined
  if (!parsed?.success) throw nothingSent(loginRefusal(read(answer, secrets)))
  const seconds = parsed.data.expires_in
  const lifetimeMs = seconds === undefined || seconds <= 0 ? defaultTokenLifetimeMs : seconds * 1000
  return { text: parsed.data.access_token, goodUntil: outside.now() + lifetimeMs - tokenMarginMs(lifetimeMs) }
}

/** A login writes nothing: whatever became of it, the call itself was not sent. */
function nothingSent(error: unknown): unknown {
  if (!(error instanceof DestinationError) || error.fault !== 'NO_ANSWER') return error
  const details = { ...error.details, code: 'DESTINATION_UNAVAILABLE' } as const
  return new DestinationError('UNREACHABLE', `The login failed: ${error.message}`, details, error.cause)
}

function loginRefusal(answer: DengageAnswer): DestinationError {
  const { code } = answer.envelope
  const isRefused = code !== undefined && code !== envelopeCodes.success && code !== envelopeCodes.unexpectedError
  if (answer.status === 400 || (answer.status < 300 && isRefused)) {
    const message = 'D·engage refuses the login: check userKey and password of the destination'
    return new DestinationError('AUTHENTICATION', message, { code: 'DESTINATION_AUTH', ...detailsOf(answer) })
  }
  return faultOfStatus('The login at D·engage', answer, detailsOf(answer))
}

function read({ status, retryAfterMs, text }: WireAnswer, secrets: readonly string[]): DengageAnswer {
  return { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), envelope: readEnvelope(text, secrets) }
}

/** What the body of an answer adds, where it has one that can be read: 403 often has none. */
export function detailsOf({ status, envelope: { code, message, transactionId } }: DengageAnswer) {
  return {
    vendorCode: String(code ?? status),
    ...(message === undefined ? {} : { vendorMessage: shortened(message) }),
    ...(transactionId === undefined ? {} : { vendorRequestId: transactionId }),
  }
}
