import { randomUUID } from 'node:crypto'
import {
  type AnswerShape,
  answerJson,
  createSettings,
  type SandboxAnswer,
  type SandboxClock,
  type SandboxRequest,
  type SandboxVendor,
} from '../vendor.ts'
import { answerBulk, answerFailure, countRows } from './answers.ts'
import { applyBulk } from './apply-bulk.ts'
import { bulkCall } from './bulk-call.ts'
import { createContactStore } from './contact-rows.ts'
import { writeErrorFile } from './error-file.ts'
import { type FailureCode, failures, readings } from './readings.ts'
import { type Definition, type WebexSettingsInput, webexSettings } from './settings.ts'

/** A bulk call whose outcome can be asked for. */
interface BulkRequest {
  pendingPolls: number
  updateCount: number
  /** null: nothing failed. */
  errorFile: { path: string; text: string } | null
}

// Enough for any test; a sandbox that runs for days must not grow.
const requestsKept = 5000

/** Webex Campaign: Bulk Create / Update contact profiles, Get profile query status, and the error files. */
export function createWebex(clock: SandboxClock, initial?: WebexSettingsInput): SandboxVendor {
  const settings = createSettings(webexSettings, initial)
  const store = createContactStore()
  const requests = new Map<string, BulkRequest>()
  let nextRequestId: number = readings.firstRequestId
  let throttled = { since: 0, calls: 0 }

  const handle = (request: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const refusal = findRefusal(request)
    if (refusal) return answerFailure(refusal, shape)
    const { path, method } = request
    const base = settings.current.pathPrefix + readings.resources
    const only = (allowed: string, answer: () => SandboxAnswer) =>
      method === allowed ? answer() : answerFailure(405, shape)
    if (path === `${base}/profiles/updateBulk`) return only('POST', () => updateBulk(request, shape))
    const status = `${base}/profilequerystatus/`
    if (path.startsWith(status)) return only('GET', () => queryStatus(path.slice(status.length), request, shape))
    const file = [...requests.values()].find(({ errorFile }) => errorFile?.path === path)?.errorFile
    if (file) return only('GET', () => ({ status: 200, headers: { 'content-type': 'text/csv' }, body: file.text }))
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: `There is nothing at ${path}` }
  }

  const findRefusal = ({ headers }: SandboxRequest): FailureCode | null => {
    const { tokens, forbiddenTokens, throttle } = settings.current
    const [, token = ''] = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '') ?? []
    if (forbiddenTokens.includes(token)) return 430
    if (!tokens.includes(token)) return 498
    if (!throttle) return null
    if (clock() - throttled.since >= throttle.windowMs) throttled = { since: clock(), calls: 0 }
    throttled.calls++
    return throttled.calls > throttle.calls ? 429 : null
  }

  /** The definition, the first one when none is named, or the code that refuses what was named. */
  const findDefinition = (id: string | undefined, name: string | undefined): Definition | FailureCode => {
    const { definitions } = settings.current
    const byId = definitions.find((definition) => definition.id === id)
    const byName = definitions.find((definition) => definition.name === name)
    if (id !== undefined && !byId) return 3005
    if (name !== undefined && !byName) return id === undefined ? readings.unknownName : 7031
    if (byId && byName && byId !== byName) return 7031
    return byId ?? byName ?? definitions[0] ?? 3005
  }

  const updateBulk = ({ body }: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const json = parseJson(body)
    if (json === undefined) return answerFailure(1001, shape)
    const parsed = bulkCall.safeParse(json)
    if (!parsed.success) {
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
      const { description } = failures[readings.badParameter]
      return answerFailure(readings.badParameter, shape, `${description} ${faults.join('; ')}`)
    }
    const { 'profile-id': id, 'profile-name': name, ...call } = parsed.data
    const definition = findDefinition(id, name)
    if (typeof definition === 'number') return answerFailure(definition, shape)

    const { links, asynchronous, pendingPolls } = settings.current
    const outcomes = applyBulk(call, { definition, links, store })
    const ids = { 'transaction-id': randomUUID(), 'request-id': String(nextRequestId++) }
    const text = writeErrorFile(outcomes, settings.current.errorFileStyle)
    const requestId = ids['request-id']
    requests.set(requestId, {
      pendingPolls: asynchronous ? pendingPolls : 0,
      updateCount: countRows(outcomes),
      errorFile: text === null ? null : { path: readings.errorFilePath(requestId), text },
    })
    for (const [oldest] of requests) {
      if (requests.size <= requestsKept) break
      requests.delete(oldest)
    }
    return asynchronous ? answerJson(200, ids, shape) : answerBulk(ids, outcomes, settings.current, shape)
  }

  const queryStatus = (requestId: string, { query, origin }: SandboxRequest, shape: AnswerShape): SandboxAnswer => {
    const definition = findDefinition(query.get('profile-id') ?? undefined, query.get('profile-name') ?? undefined)
    if (typeof definition === 'number') return answerFailure(definition, shape)
    const asked = requests.get(requestId)
    if (!asked) return answerFailure(readings.unknownRequest, shape)
    if (asked.pendingPolls > 0) {
      asked.pendingPolls--
      return answerFailure(readings.pending, shape)
    }
    const { updateCount, errorFile } = asked
    const file = errorFile ? { 'error-file': showErrorFile(errorFile, origin) } : {}
    return answerJson(200, { 'request-id': requestId, 'update-count': updateCount, ...file }, shape)
  }

  const showErrorFile = ({ path, text }: { path: string; text: string }, origin: string): string => {
    const { errorFile, errorFileOrigin } = settings.current
    switch (errorFile) {
      case 'inline':
        return text
      case 'path':
        return path
      case 'url':
        return errorFileOrigin === null ? `${origin}/webex${path}` : new URL(path, errorFileOrigin).href
    }
  }

  return {
    name: 'webex',
    handle,
    profiles: () => store.all(),
    configure: (change) => settings.merge(change),
    reset() {
      settings.reset()
      store.clear()
      requests.clear()
      throttled = { since: 0, calls: 0 }
    },
  }
}

/** undefined: not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
