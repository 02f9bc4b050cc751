import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import {
  type AnswerShape,
  answerJson,
  createSettings,
  type SandboxAnswer,
  type SandboxClock,
  type SandboxRequest,
  type SandboxVendor,
  withLength,
} from '../vendor.ts'
import { type BulkOutcome, readBulkCall } from './bulk-call.ts'
import { bulkUpsert } from './bulk-upsert.ts'
import { bulkUpsertExtensions } from './bulk-upsert-extensions.ts'
import { readings } from './readings.ts'
import { type DengageSettingsInput, dengageSettings } from './settings.ts'
import { createTables } from './tables.ts'

const { paths, codes } = readings
const bulkPaths: readonly string[] = [paths.contacts, paths.extensions]
const credentials = z.object({ userkey: z.string(), password: z.string() })

/** D·engage: the login, BulkUpsert, BulkUpsertExtensions, and one contact read back. */
export function createDengage(clock: SandboxClock, initial?: DengageSettingsInput): SandboxVendor {
  const settings = createSettings(dengageSettings, initial)
  const tables = createTables()
  /** When each login's token ends. */
  const logins = new Map<string, number>()
  let lastBulkAt = Number.NEGATIVE_INFINITY
  let second = { since: 0, calls: 0 }

  const handle = (request: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const { path, method } = request
    const expected = path === paths.login || bulkPaths.includes(path) ? 'POST' : 'GET'
    if (expected === 'GET' && !path.startsWith(paths.contact)) return answerJson(404, { message: 'Not found' }, shape)
    if (method !== expected) return answerJson(readings.wrongMethod, { message: 'Method not allowed' }, shape)
    return refuse(request, shape) ?? answer(request, shape)
  }

  const answer = (request: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    switch (request.path) {
      case paths.login:
        return logIn(request, shape)
      case paths.contacts:
      case paths.extensions:
        return upsert(request, shape)
      default:
        return readContact(request, shape)
    }
  }

  const refuse = ({ path, headers, inFlight }: SandboxRequest, shape: AnswerShape): SandboxAnswer | null => {
    const { refuse: reason, minIntervalMs } = settings.current
    if (reason === 'address') {
      const actionResult = readings.addressRefused('127.0.0.1')
      return path === paths.login ? answerJson(403, { actionResult }, shape) : { status: 403, body: '' }
    }
    if (exceedsRate()) return answerJson(429, { message: readings.tooManyRequests }, shape)
    if (path === paths.login) return null
    if (!isLoggedIn(headers['authorization'])) return answerJson(401, { message: readings.notAuthenticated }, shape)
    if (reason === 'role') {
      const message = path === paths.extensions ? readings.forbidden.extensions : readings.forbidden.contacts
      return answerJson(403, { transactionId: randomUUID(), code: codes.forbidden, message }, shape)
    }
    if (!bulkPaths.includes(path)) return null
    const now = clock()
    const isBeside = inFlight.some((other) => bulkPaths.includes(other.path))
    if (isBeside || (minIntervalMs !== null && now - lastBulkAt < minIntervalMs)) {
      return answerJson(429, { message: readings.tooManyRequests }, shape)
    }
    lastBulkAt = now
    return null
  }

  const exceedsRate = () => {
    const { callsPerSecond } = settings.current
    const now = clock()
    if (now - second.since >= 1000) second = { since: now, calls: 0 }
    second.calls++
    return callsPerSecond !== null && second.calls > callsPerSecond
  }

  const isLoggedIn = (authorization = '') => {
    const endsAt = logins.get(authorization.replace(/^Bearer +/i, ''))
    return endsAt !== undefined && clock() < endsAt
  }

  const logIn = ({ body }: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const given = credentials.safeParse(parseJson(body))
    if (!given.success) {
      return refuseCall(codes.fieldError, 'userkey and password are mandatory', shape)
    }
    const { userKey, password, loginSeconds } = settings.current
    if (given.data.userkey !== userKey || given.data.password !== password) {
      return answerJson(401, { message: 'The user key or the password is wrong.' }, shape)
    }
    const now = clock()
    for (const [token, endsAt] of logins) if (endsAt <= now) logins.delete(token)
    const token = randomUUID()
    logins.set(token, now + loginSeconds * 1000)
    return answerJson(200, { access_token: token, expires_in: loginSeconds }, shape)
  }

  const upsert = ({ path, body }: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const call = readBulkCall(body)
    if (typeof call === 'string') return refuseCall(codes.fieldError, call, shape)
    const apply = path === paths.contacts ? bulkUpsert : bulkUpsertExtensions
    const outcome = apply(call, tables, settings.current)
    if ('code' in outcome) return refuseCall(outcome.code, outcome.message, shape)
    return succeed({ ...outcome, ...fitKeys(outcome, shape) }, shape)
  }

  const readContact = ({ path, query }: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const key = decode(path.slice(paths.contact.length))
    const contact = tables.contacts.get(key)
    const fields = query.get('contactFields')?.split(',')
    const shown = [...(contact ?? [])].filter(([name]) => !fields || fields.includes(name))
    return succeed({ contacts: contact ? [Object.fromEntries(shown)] : [] }, shape)
  }

  return {
    name: 'dengage',
    handle,
    profiles: () =>
      [...tables.contacts].map(([key, contact]) => ({
        ...Object.fromEntries(contact),
        extensions: tables.extensionsOf(key).map((extension) => ({ ...extension })),
      })),
    configure: (change) => settings.merge(change),
    reset() {
      settings.reset()
      tables.clear()
      logins.clear()
      lastBulkAt = Number.NEGATIVE_INFINITY
      second = { since: 0, calls: 0 }
    },
  }
}

function succeed(data: unknown, shape: AnswerShape): SandboxAnswer {
  return answerJson(200, { transactionId: randomUUID(), code: codes.success, message: 'Successful', data }, shape)
}

function refuseCall(code: number, message: string, shape: AnswerShape): SandboxAnswer {
  return answerJson(400, { transactionId: randomUUID(), code, message }, shape)
}

/** The results of a call are the two lists of keys: as one list they have the length that is wanted. */
function fitKeys({ inserted, updated }: BulkOutcome, shape: AnswerShape): Pick<BulkOutcome, 'inserted' | 'updated'> {
  const keys = withLength([...inserted, ...updated], shape)
  return { inserted: keys.slice(0, inserted.length), updated: keys.slice(inserted.length) }
}

/** undefined: not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
