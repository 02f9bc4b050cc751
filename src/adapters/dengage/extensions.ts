import type { ExtensionKind, RemoteOperation, VendorAnswer, VendorCall } from '../../contract/adapter.ts'
import type { RecordFate } from '../../contract/outcome.ts'
import type { ExtensionUpsertOptions } from '../../contract/request.ts'
import { vendorProfileType } from '../vendor-settings.ts'
import { extensionFates, refusedExtensionFates } from './extension-fates.ts'
import {
  type DengageExtension,
  extensionColumns,
  extensionPreparer,
  extensionRow,
  extensionTravel,
  foldExtensions,
  insertsExtensions,
  isExtensionRepeatable,
  unsupportedOfExtensions,
} from './extension-record.ts'
import { keyColumn, maxBatchBytes } from './readings.ts'
import { verdictOf } from './refusal.ts'
import type { BulkRequest } from './requests.ts'
import type { DengageSession } from './session.ts'
import type { DengageSettings } from './settings.ts'

const extensionsPath = '/bulk/contact_extensions'

/** Further addresses of contacts (table master_contact_extensions) by BulkUpsertExtensions. */
export function dengageExtensions(
  { profileTypes, missingPermission }: Pick<DengageSettings, 'profileTypes' | 'missingPermission'>,
  session: DengageSession,
): RemoteOperation<DengageExtension, ExtensionKind> {
  return {
    maxBatchBytes,
    async preparer(_db, _tenant, options, uses) {
      const type = vendorProfileType(profileTypes, options, 'refuse')
      if (!type.ok) return type
      const unsupported = unsupportedOfExtensions(options, uses)
      return unsupported === null
        ? { ok: true, prepare: extensionPreparer(options, missingPermission) }
        : { ok: false, unsupported }
    },
    travel: (_options, extension) => extensionTravel(extension),
    fold: (_options, earlier, later) => foldExtensions(earlier, later),
    isRepeatable: (_options, extensions) => isExtensionRepeatable(extensions),
    submit: (call) => submitExtensions(session, call),
    async resume() {
      throw new TypeError('D·engage answers for extensions at once: there is nothing to go on with')
    },
  }
}

/** `extensions` are of one shape. */
function extensionsRequest(options: ExtensionUpsertOptions, extensions: readonly DengageExtension[]): BulkRequest {
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

async function submitExtensions(
  session: DengageSession,
  call: VendorCall<DengageExtension, ExtensionKind>,
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
