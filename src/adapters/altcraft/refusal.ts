import { DestinationError, type Fault } from '../../contract/error.ts'
import type { RecordErrorCode, RecordFate } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { faultOfStatus, shortened, type WireAnswer } from '../wire.ts'
import type { ProfileAnswer, Said } from './answer.ts'
import { readings } from './readings.ts'

/** The codes of the documents that, as a call's, are more than a refusal of this very call. */
const callCodes: ReadonlyMap<number, { fault: Fault; code: RecordErrorCode; meaning: string }> = new Map([
  [401, { fault: 'AUTHENTICATION', code: 'DESTINATION_AUTH', meaning: 'asks for an API token: check the token' }],
  [
    402,
    {
      fault: 'ACCOUNT_REFUSED',
      code: 'DESTINATION_REJECTED',
      meaning: "refuses the call: the tariff's limit is reached",
    },
  ],
  [
    403,
    {
      fault: 'FORBIDDEN',
      code: 'DESTINATION_FORBIDDEN',
      meaning: "does not allow this to the token: check it, its role's rights, and databaseId",
    },
  ],
  [429, { fault: 'THROTTLED', code: 'DESTINATION_UNAVAILABLE', meaning: 'asks for fewer calls' }],
])

/** What a profile is refused for. Any other code is the vendor's own reason. */
const profileCodes: ReadonlyMap<number, { code: RecordErrorCode; meaning: string }> = new Map([
  [400, { code: 'INVALID_VALUE', meaning: 'a value of the record is not accepted' }],
  [404, { code: 'PROFILE_NOT_FOUND', meaning: 'there is no such profile' }],
  [409, { code: 'AMBIGUOUS_MATCH', meaning: 'more than one profile matches' }],
])

/** The fate of a call that was refused, or answered with nothing that can be read (null). */
export function callError(answer: WireAnswer, said: Said | null): DestinationError {
  // A call that was turned away for its pace has not been looked at, whatever the body says.
  const isUnsaid = said === null || said.error === 0 || answer.status === 429
  const code = isUnsaid ? answer.status : said.error
  const words = said === null ? {} : vendorWords(said, answer)
  const known = callCodes.get(code) ?? callCodes.get(answer.status)
  if (known !== undefined) {
    const { retryAfterMs } = answer
    return new DestinationError(known.fault, `Altcraft ${known.meaning} (error ${code})`, {
      code: known.code,
      vendorCode: String(code),
      ...words,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  if (isUnsaid) return faultOfStatus('Altcraft', answer, words)
  const isInternal = answer.status >= 500 || code >= 500
  if (isInternal && !readings.readableRefusalIsCertain) return faultOfStatus('Altcraft', { status: 500 }, words)
  return new DestinationError('REFUSED', `Altcraft refuses the call (error ${code})`, {
    code: 'DESTINATION_REJECTED',
    vendorCode: String(code),
    ...words,
  })
}

/** The fate of one profile. PENDING: its result cannot be read, and nothing is known of it. */
export function fateOf(result: ProfileAnswer, { upsert }: ProfileUpsertOptions): RecordFate {
  if (result === null) return { outcome: 'PENDING' }
  const { error, text, profileId } = result
  if (error === 0) {
    const outcome = upsert === 'UPDATE_ONLY' ? 'UPDATED' : 'UPSERTED'
    return profileId === undefined ? { outcome } : { outcome, profileId }
  }
  const { code, meaning } = profileCodes.get(error) ?? {
    code: 'DESTINATION_REJECTED',
    meaning: 'it refuses the record',
  }
  const message = `Altcraft: ${meaning} (error ${error})${text === undefined ? '' : `: ${shortened(text)}`}`
  const vendorMessage = text === undefined ? {} : { vendorMessage: shortened(text) }
  return { outcome: 'FAILED', errors: [{ code, message, vendorCode: String(error), ...vendorMessage }] }
}

/**
 * The fate of each profile of a call that was answered with fewer results than profiles (SPEC's own example has one for two). Nothing says whose
 * they are, so none is believed. One repetition may clear it up; a further one would only fire the triggers of the profiles again.
 */
export function fateOfFewerResults(results: number, profiles: number, repeated: boolean): RecordFate {
  if (!repeated) return { outcome: 'PENDING' }
  const message = `Altcraft answered ${results} results for ${profiles} profiles and does not tell whose they are: it may have been applied`
  return { outcome: 'UNKNOWN', errors: [{ code: 'NO_ANSWER', message }] }
}

/** Codes follow the HTTP statuses: 0 beside a status that says otherwise is no code. */
function vendorWords({ error, text }: Said, { status }: WireAnswer): { vendorCode: string; vendorMessage?: string } {
  const vendorCode = String(error === 0 ? status : error)
  return text === undefined ? { vendorCode } : { vendorCode, vendorMessage: shortened(text) }
}
