import type { VendorAnswer, VendorCall } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import { extensionFates, refusedExtensionFates } from './extension-fates.ts'
import {
  type DengageExtension,
  type ExtensionUpsertOptions,
  extensionColumns,
  extensionRow,
  insertsExtensions,
} from './extension-record.ts'
import { keyColumn } from './readings.ts'
import { verdictOf } from './refusal.ts'
import type { BulkRequest } from './requests.ts'
import type { DengageSession } from './session.ts'

// BulkUpsertExtensions: further addresses of a contact (table master_contact_extensions). The adapter's part of it is here and tested; the
// engine has no operation that delivers extensions yet, and so `capabilities.extensions` is null until it has.

export const extensionsPath = '/bulk/contact_extensions'

/** `extensions` are of one shape. */
export function extensionsRequest(
  options: ExtensionUpsertOptions,
  extensions: readonly DengageExtension[],
): BulkRequest {
  const [first] = extensions
  const columns = first ? extensionColumns(first) : [keyColumn, 'address']
  const shape = JSON.stringify(columns)
  if (extensions.some((extension) => JSON.stringify(extensionColumns(extension)) !== shape)) {
    throw new TypeError('a call to D·engage was given extensions of different columns')
  }
  return {
    columns,
    contactDatas: extensions.map(extensionRow),
    insertIfNotExists: insertsExtensions(options),
    throwExceptionIfInvalidRecord: options.onInvalid === 'REJECT_ALL',
  }
}

/** One call of BulkUpsertExtensions. Throws and answers as `submit` of an adapter does; it is never continued. */
export async function submitExtensions(
  session: DengageSession,
  call: Omit<VendorCall<DengageExtension>, 'options'> & { options: ExtensionUpsertOptions },
): Promise<VendorAnswer> {
  const { options, records, repeated } = call
  const request = extensionsRequest(options, records)
  const answer = await session.post(extensionsPath, request, call)
  const verdict = verdictOf(answer, request.columns)
  const { transactionId } = answer.envelope
  const settled = (fates: RecordFate[]): VendorAnswer => {
    if (transactionId === undefined) return { kind: 'settled', fates }
    const withId = fates.map((fate) => ({ ...fate, vendorTransactionId: transactionId }))
    return { kind: 'settled', fates: withId, vendorRequestId: transactionId }
  }
  switch (verdict.kind) {
    case 'lists':
      return settled(extensionFates({ options, records, repeated }, verdict.lists))
    case 'invalid': {
      const fates = refusedExtensionFates(records, verdict.message)
      if (fates === null) throw verdict.error
      return settled(fates)
    }
    case 'refused':
      throw verdict.error
  }
}
