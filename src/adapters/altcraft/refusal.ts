import { DestinationError, type Fault } from '../../contract/error.ts'
import type { RecordErrorCode, RecordFate } from '../../contract/outcome.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { faultOfStatus, type WireAnswer } from '../wire.ts'
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

const longestVendorMessage = 1000

/** The fate of a call that was refused, or answered with nothing that can be read (null). */
export function callError(answer: WireAnswer, said: Said | null): DestinationError {
  // A call that was turned away for its pace has not been looked at, whatever the body says.
  if (said === null || said.error === 0 || answer.status === 429) {
    return faultOfStatus('Altcraft', answer, said === null ? {} : vendorWords(said, answer))
  }
  const known = callCodes.get(said.error)
  const isInternal = answer.status >= 500 || said.error >= 500
  if (isInternal && !readings.readableRefusalIsCertain) {
    return faultOfStatus('Altcraft', { status: 500 }, vendorWords(said, answer))
  }
  if (known === undefined) {
    if (answer.status === 401 || answer.status === 403)
      return faultOfStatus('Altcraft', answer, vendorWords(said, answer))
    const message = `Altcraft refuses the call (error ${said.error})`
    return new DestinationError('REFUSED', message, { code: 'DESTINATION_REJECTED', ...vendorWords(said, answer) })
  }
  const { retryAfterMs } = answer
  return new DestinationError(known.fault, `Altcraft ${known.meaning} (error ${said.error})`, {
    code: known.code,
    ...vendorWords(said, answer),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
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

/** Codes follow the HTTP statuses: 0 beside a status that says otherwise is no code. */
function vendorWords({ error, text }: Said, { status }: WireAnswer): { vendorCode: string; vendorMessage?: string } {
  const vendorCode = String(error === 0 ? status : error)
  return text === undefined ? { vendorCode } : { vendorCode, vendorMessage: shortened(text) }
}

const shortened = (text: string) => text.slice(0, longestVendorMessage)
