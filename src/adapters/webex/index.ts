import type { RemoteAdapter, VendorAnswer } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import { laneOf, patienceOf, unmappedUse, vendorProfileType } from '../vendor-settings.ts'
import { callVendor, type Outside } from '../wire.ts'
import { type Body, bodyOf, textMember, wholeRefusal } from './answer-body.ts'
import { bulkRequest } from './bulk-request.ts'
import { webexCapabilities } from './capabilities.ts'
import { webexCaveats } from './caveats.ts'
import { acceptedTicket, askStatus, pending } from './poll.ts'
import { readings } from './readings.ts'
import { mayExistByUs, settledFates } from './record-fates.ts'
import { callError, refusedFate } from './refusal.ts'
import type { WebexSettings } from './settings.ts'
import { foldWebexRecords, unmappedCondition, type WebexRecord, webexFieldMap, webexPreparer } from './webex-record.ts'

export { type WebexSettings, webexSettings } from './settings.ts'

/**
 * Webex Campaign: Bulk Create / Update contact profiles, and Get profile query status for calls that it accepts and does later. A profile
 * type that the configuration does not list is sent as it is named.
 */
export function createWebexAdapter(settings: WebexSettings, outside: Outside): RemoteAdapter<WebexRecord> {
  const { baseUrl, token, profileTypes, profileName } = settings
  const address = `${baseUrl}${settings.pathPrefix}`
  const map = webexFieldMap(settings)
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    authorization: `Bearer ${token}`,
  }
  const wire = { headers, secrets: [token] }
  const get = (url: string, signal: AbortSignal) => callVendor(outside, { method: 'GET', url, signal, ...wire })

  return {
    kind: 'remote',
    name: 'webex',
    capabilities: webexCapabilities(settings),
    lane: laneOf('webex', baseUrl, token),
    patience: patienceOf(settings),
    maxBatchBytes: readings.maxBatchBytes,

    async preparer(_db, _tenant, options, uses) {
      const unsupported = unmappedUse(uses, map)
      if (unsupported !== null) return { ok: false, unsupported }
      const condition = unmappedCondition(uses, map)
      if (condition !== null) {
        return { ok: false, unsupported: { feature: 'field', requested: condition, supported: map.fields } }
      }
      return { ok: true, prepare: webexPreparer(options, map) }
    },

    caveats: webexCaveats,

    travel(_options, record) {
      const bytes = Buffer.byteLength(JSON.stringify(record)) + 1
      if ('key' in record) return { shape: 'requests', matchValue: record.key, bytes }
      // The answer counts what all filters of a call reached together.
      return { shape: 'requests', matchValue: null, alone: true, bytes }
    },

    fold: foldWebexRecords,

    isRepeatable: ({ matching, upsert }) => matching === 'KEY' && upsert !== 'CREATE_ONLY',

    async submit(call) {
      const type = vendorProfileType(profileTypes, call.options, 'pass')
      const name = (type.ok ? type.name : null) ?? profileName ?? null
      const body = JSON.stringify(bulkRequest(name, call.options, call.records))
      const url = `${address}${readings.bulkPath}`
      const answer = await callVendor(outside, { method: 'POST', url, body, signal: call.signal, ...wire })
      const answered = bodyOf(answer.text)
      if (answered === null) throw callError(answer, null)
      const refusal = wholeRefusal(answered)
      const isOneRecords = refusal !== null && call.records.length === 1 && speaksOfARecord.has(refusal.code)
      if (isOneRecords) return settled(answered, [refusedFate(refusal, mayExistByUs(call))])
      if (refusal !== null || answer.status >= 300) throw callError(answer, refusal)
      const ticket = acceptedTicket(answered)
      if (ticket !== null) return pending(ticket)
      if (!saysAnything(answered)) throw callError(answer, null)
      return settled(answered, settledFates(call, answered))
    },

    resume: (ticket, call) => askStatus(get, { address, baseUrl }, ticket, call),
  } satisfies RemoteAdapter<WebexRecord>
}

/** The codes that, as a whole call's, are the failure of the one record in it. */
const speaksOfARecord: ReadonlySet<string> = new Set(['7029', '7200', '7201', '1010'])

function saysAnything(body: Body): boolean {
  return Object.keys(body).length > 0
}

/** The ids of the whole answer go with each of its records. */
function settled(body: Body, fates: readonly RecordFate[]): VendorAnswer {
  const requestId = textMember(body, 'request-id')
  const transactionId = textMember(body, 'transaction-id')
  const ids = {
    ...(requestId === undefined ? {} : { vendorRequestId: requestId }),
    ...(transactionId === undefined ? {} : { vendorTransactionId: transactionId }),
  }
  const shown = requestId ?? transactionId
  return {
    kind: 'settled',
    fates: fates.map((fate) => ({ ...fate, ...ids })),
    ...(shown === undefined ? {} : { vendorRequestId: shown }),
  }
}
