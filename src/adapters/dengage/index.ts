import type { RemoteAdapter, VendorAnswer, VendorCall } from '../../contract/adapter.ts'
import { DestinationError } from '../../contract/error.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import { laneOf, patienceOf, vendorProfileType } from '../vendor-settings.ts'
import type { Outside } from '../wire.ts'
import { dengageCapabilities } from './capabilities.ts'
import { dengageCaveats } from './caveats.ts'
import { contactColumnsOf } from './columns.ts'
import { dengageExtensions } from './extensions.ts'
import { fatesOf, refusedFates } from './fates.ts'
import { judge } from './judgement.ts'
import { maxBatchBytes } from './readings.ts'
import { type DengageRecord, dengagePreparer, foldRecords, travelOf } from './record.ts'
import { verdictOf } from './refusal.ts'
import { type BulkRequest, contactsPath, statusRequest, upsertRequest } from './requests.ts'
import { createSession } from './session.ts'
import type { DengageSettings } from './settings.ts'
import {
  concernedBy,
  continuation,
  readTicket,
  type StatusTicket,
  settleOrRestore,
  withUnrestored,
} from './status-call.ts'

export { type DengageSettings, dengageSettings } from './settings.ts'

/** D·engage's contacts (table master_contact) by BulkUpsert, and their extensions. What it means by "processed" may take minutes to show there. */
export function createDengageAdapter(settings: DengageSettings, outside: Outside): RemoteAdapter<DengageRecord> {
  const session = createSession(settings, outside)
  const columns = contactColumnsOf(settings.fields)

  const post = async (request: BulkRequest, call: VendorCall<DengageRecord>) => {
    const answer = await session.post(contactsPath, request, call)
    return { verdict: verdictOf(answer, request.columns), transactionId: answer.envelope.transactionId }
  }

  const submit = async (call: VendorCall<DengageRecord>): Promise<VendorAnswer> => {
    const { options, records, repeated } = call
    const asked = { options, records, columns, repeated }
    const { verdict, transactionId } = await post(upsertRequest(options, records), call)
    const answered = (answer: VendorAnswer): VendorAnswer =>
      transactionId === undefined ? answer : { ...answer, vendorRequestId: transactionId }
    switch (verdict.kind) {
      case 'lists': {
        const fates = fatesOf(asked, verdict.lists, transactionId)
        return answered(settleOrRestore(records, fates, columns))
      }
      case 'invalid': {
        const fates = refusedFates(asked, verdict.message, transactionId)
        if (fates === null) throw verdict.error
        return answered({ kind: 'settled', fates })
      }
      case 'refused':
        throw verdict.error
    }
  }

  /** One status-only call. A fault that is not retried is no reason to call its records anything but applied: they are. */
  const restoreStatus = async (ticket: StatusTicket, call: VendorCall<DengageRecord>): Promise<VendorAnswer> => {
    const { records } = call
    const [statusColumns = [], ...remaining] = ticket.remaining
    const places = concernedBy(statusColumns, records, ticket.fates, columns)
    const concerned = places.flatMap((place) => records[place] ?? [])
    try {
      const { verdict, transactionId } = await post(statusRequest(statusColumns, concerned), call)
      if (verdict.kind !== 'lists') throw verdict.error
      const { rows } = judge(
        verdict.lists,
        concerned.map(({ key, newKey }) => ({ keys: [newKey ?? key] })),
      )
      const isRestored = (row: { state: string }) => row.state === 'UPDATED' || row.state === 'UPSERTED'
      const missed = places.filter((_, index) => !isRestored(rows[index] ?? { state: 'ABSENT' }))
      const reason = 'was not confirmed for this record'
      const fates = withUnrestored(ticket.fates, missed, statusColumns, columns, { reason })
      const answer = continuation({ fates, remaining })
      return transactionId === undefined ? answer : { ...answer, vendorRequestId: transactionId }
    } catch (error) {
      if (!(error instanceof DestinationError) || error.rule.next === 'retry') throw error
      const { message, details, rule } = error
      const { vendorMessage } = details
      const why = { reason: `failed (${message})`, ...(vendorMessage === undefined ? {} : { vendorMessage }) }
      // What ends the delivery would end the further calls too.
      if (rule.next === 'end') return { kind: 'settled', fates: unrestored(ticket, records, why) }
      return continuation({ fates: withUnrestored(ticket.fates, places, statusColumns, columns, why), remaining })
    }
  }

  const unrestored = (
    { fates, remaining }: StatusTicket,
    records: readonly DengageRecord[],
    why: { reason: string; vendorMessage?: string },
  ): RecordFate[] =>
    remaining.reduce(
      (warned, one) => withUnrestored(warned, concernedBy(one, records, fates, columns), one, columns, why),
      fates,
    )

  return {
    kind: 'remote',
    name: 'dengage',
    capabilities: dengageCapabilities(settings),
    lane: laneOf('dengage', settings.baseUrl, settings.userKey),
    patience: patienceOf(settings),
    maxBatchBytes,
    async preparer(_db, _tenant, options) {
      // There is one table of contacts: a type that the configuration lists is accepted, and is that table. Every field has a column.
      const type = vendorProfileType(settings.profileTypes, options, 'refuse')
      if (!type.ok) return type
      return { ok: true, prepare: dengagePreparer(options, columns, settings.missingPermission) }
    },
    caveats: (options, uses) => dengageCaveats(options, uses, settings.missingPermission),
    travel: (_options, record) => travelOf(record),
    fold: ({ upsert }, earlier, later) => (upsert === 'CREATE_ONLY' ? null : foldRecords(earlier, later, columns)),
    isRepeatable: ({ upsert }, records) =>
      upsert !== 'CREATE_ONLY' && records.every(({ newKey }) => newKey === undefined),
    submit,
    resume: async (ticket, call) => restoreStatus(readTicket(ticket, call.records), call),
    abandon: (ticket, { records }) =>
      unrestored(readTicket(ticket, records), records, { reason: 'was given up without an answer' }),
    extensions: dengageExtensions(settings, session),
  }
}
