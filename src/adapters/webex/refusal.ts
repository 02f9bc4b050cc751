import { DestinationError, type Fault, faultRules } from '../../contract/error.ts'
import type { RecordErrorCode, RecordFate } from '../../contract/outcome.ts'
import { faultOfStatus, shortened, type WireAnswer } from '../wire.ts'

/** The failure codes of the documents, for a call and for a record of one. */
const failureCodes: ReadonlyMap<string, { fault: Fault; code: RecordErrorCode; meaning: string }> = new Map([
  ['7200', { fault: 'REFUSED_FOR_A_RECORD', code: 'PROFILE_NOT_FOUND', meaning: 'the profile does not exist' }],
  ['7201', { fault: 'REFUSED_FOR_A_RECORD', code: 'PROFILE_EXISTS', meaning: 'the profile exists already' }],
  ['7029', { fault: 'REFUSED_FOR_A_RECORD', code: 'UNKNOWN_ATTRIBUTE', meaning: 'an attribute does not exist there' }],
  ['1010', { fault: 'REFUSED_FOR_A_RECORD', code: 'DESTINATION_REJECTED', meaning: 'it was not processed' }],
  ['3005', { fault: 'REFUSED', code: 'UNKNOWN_PROFILE_TYPE', meaning: 'there is no such profile definition' }],
  ['7031', { fault: 'REFUSED', code: 'UNKNOWN_PROFILE_TYPE', meaning: 'profile id and name do not match' }],
  ['430', { fault: 'FORBIDDEN', code: 'DESTINATION_FORBIDDEN', meaning: 'the API user has no right to this API' }],
  ['498', { fault: 'AUTHENTICATION', code: 'DESTINATION_AUTH', meaning: 'the token is invalid or has expired' }],
  ['405', { fault: 'REFUSED', code: 'DESTINATION_REJECTED', meaning: 'the method is not supported' }],
  ['1001', { fault: 'REFUSED', code: 'DESTINATION_REJECTED', meaning: 'the JSON was not accepted' }],
  ['429', { fault: 'THROTTLED', code: 'DESTINATION_UNAVAILABLE', meaning: 'it asks for fewer calls' }],
  ['499', { fault: 'NO_ANSWER', code: 'NO_ANSWER', meaning: 'the call failed there' }],
  ['500', { fault: 'NO_ANSWER', code: 'NO_ANSWER', meaning: 'it had an internal error' }],
])

export function isFailureCode(code: string): boolean {
  return failureCodes.has(code)
}

/** What Webex said of a call or of a record of one. */
export interface Refusal {
  code: string
  description: string | undefined
}

/** The fate of a call that was answered with a failure code, or with nothing that can be read. */
export function callError(answer: WireAnswer, refusal: Refusal | null): DestinationError {
  const known = failureCodes.get(refusal?.code ?? '')
  const vendor = refusal === null ? {} : vendorWords(refusal)
  // The statuses of the documents are codes themselves, two of which, 498 and 499, no other vendor has.
  const found = known ?? failureCodes.get(String(answer.status))
  if (found !== undefined) {
    const { retryAfterMs } = answer
    return new DestinationError(
      found.fault,
      `Webex Campaign: ${found.meaning} (code ${shortened(refusal?.code ?? String(answer.status))})`,
      {
        code: found.code,
        vendorCode: String(answer.status),
        ...vendor,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    )
  }
  if (refusal !== null && answer.status < 300) {
    const message = `Webex Campaign refuses the call (code ${shortened(refusal.code)})`
    return new DestinationError('REFUSED', message, { code: 'DESTINATION_REJECTED', ...vendor })
  }
  return faultOfStatus('Webex Campaign', answer, vendor)
}

/**
 * The fate of one record that was answered with a failure. `mayExistByUs`: an earlier attempt at creating it may have been applied, so that
 * "exists already" says nothing.
 */
export function refusedFate(refusal: Refusal, mayExistByUs: boolean): RecordFate {
  const known = failureCodes.get(refusal.code)
  const code = known?.code ?? 'DESTINATION_REJECTED'
  if (known !== undefined && faultRules[known.fault].mayHaveApplied) {
    return unknownFate(`Webex Campaign: ${known.meaning}, perhaps after it was applied`, refusal)
  }
  if (code === 'PROFILE_EXISTS' && mayExistByUs) {
    return unknownFate('the profile exists; an earlier attempt, whose answer was lost, may have created it', refusal)
  }
  const message = `Webex Campaign: ${known?.meaning ?? `the record was refused (${shortened(refusal.code)})`}`
  return { outcome: 'FAILED', errors: [{ code, message, ...vendorWords(refusal) }] }
}

/** Nobody can tell whether the record was applied. */
export function unknownFate(why: string, refusal?: Refusal): RecordFate {
  const words = refusal === undefined ? {} : vendorWords(refusal)
  return { outcome: 'UNKNOWN', errors: [{ code: 'NO_ANSWER', message: why, ...words }] }
}

function vendorWords({ code, description }: Refusal): { vendorCode: string; vendorMessage?: string } {
  const vendorCode = shortened(code)
  return description === undefined ? { vendorCode } : { vendorCode, vendorMessage: shortened(description) }
}
