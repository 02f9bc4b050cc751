import type { RecordErrorCode } from '../../contract/outcome.ts'

// What D·engage's reference leaves open, and how it is read here: one place each, with what speaks for it. When the vendor proves one
// wrong, this is where it changes.

/** Below the base URL. The reference names the login without its path; every published caller posts there. */
export const loginPath = '/login'

/** Milliseconds that a token is good for when its answer does not say. The answer has `expires_in`, 3600 wherever callers quote it. */
export const defaultTokenLifetimeMs = 3_600_000

/**
 * How long before its end a token is no longer used: a minute, or a tenth of a short life, so that none expires on its way. The vendor
 * says nothing of it; an expired token is answered with 401 and costs one more login.
 */
export function tokenMarginMs(lifetimeMs: number): number {
  return Math.min(60_000, lifetimeMs / 10)
}

/** The reference shows the bare token in the header; every published caller sends it as a Bearer. */
export function authorizationOf(token: string): string {
  return `Bearer ${token}`
}

/** Bytes of records in one call. No limit is published beside 1,000 records; this one keeps well under what web servers take by default. */
export const maxBatchBytes = 10_000_000

/**
 * Explicit null clears: a column that must not be null takes its default, empty text for names and addresses, any other becomes null.
 * Unverified, and sent only where a caller asked for `nulls: CLEAR`. Without `'nulls'` here CLEAR is refused beforehand.
 */
export const clearingOptions = ['nulls'] as const

/** `contact_key` names the profile; every other column has its value taken from the record by the `columns` list alone. */
export const keyColumn = 'contact_key'
export const newKeyColumn = 'new_contact_key'

/**
 * A contact that is inserted without a permission column is opted in: the column must not be null and its default is true (reference of
 * the master_contact table). So it is for a phone that the contact gets by a later record, which only updates it and says nothing any more:
 * each permission that an inserting record leaves out is unstated, whether it has such an address or not. Extensions are read likewise;
 * nothing is said of them.
 */
export const insertOptsIn = true

/**
 * "Automatically set to 'A' when email changes" (BulkUpsert) has no exception for a record that states a status: it is taken literally, and
 * 'P' together with its address needs a second call with the status alone. An inserted address counts as changed.
 */
export const reactivatesStatedStatus = true

/** Codes of the envelope. 1 was measured on this endpoint, the others stand on the page of its asynchronous twin. */
export const envelopeCodes = {
  success: 0,
  fieldError: 1,
  forbidden: 10,
  validationFails: 11,
  unexpectedError: 999,
} as const

/**
 * In what `inserted` and `updated` name a contact: its contact_key, measured for contacts; after a rename the old key or the new one, which
 * nobody has published; for extensions the contact_key, or an object that has the address too.
 */
export const itemKeyNames = ['contact_key', 'contactKey', 'ContactKey', 'new_contact_key', 'key'] as const
export const itemAddressNames = ['address', 'Address', 'new_address'] as const
export const itemMessageNames = ['message', 'errorMessage', 'error', 'description', 'warning', 'reason'] as const

/** The one warning whose text was measured: "gsm value is invalid. Default value is used!", as a string, without a key. */
export function saysDefaultWasUsed(text: string): boolean {
  return /default value (?:is|was|has been) used/i.test(text)
}

/**
 * What an entry of `errors` means. Their texts are not published. A new key that is refused because it is there already is KEY_TAKEN; one
 * that names a column of the record speaks of its value, as code 11 does; anything else is the vendor's own reason.
 */
export function codeOfRecordError(text: string, column: string | undefined): RecordErrorCode {
  if (column === newKeyColumn && /exist|taken|duplicate|in use|already/i.test(text)) return 'KEY_TAKEN'
  return column === undefined ? 'DESTINATION_REJECTED' : 'INVALID_VALUE'
}

interface ExtensionErrorReading {
  column: string
  text: RegExp
  code: RecordErrorCode
}

const extensionErrorReadings: readonly ExtensionErrorReading[] = [
  { column: newKeyColumn, text: /not exist|not found|unknown/i, code: 'NEW_KEY_NOT_FOUND' },
  { column: keyColumn, text: /not exist|not found|unknown/i, code: 'PROFILE_NOT_FOUND' },
  { column: keyColumn, text: /already|exists|taken|in use/i, code: 'ADDRESS_TAKEN' },
  { column: 'new_address', text: /already|exists|taken|in use/i, code: 'ADDRESS_TAKEN' },
  { column: 'channel', text: /chang|updat/i, code: 'CHANNEL_IMMUTABLE' },
  { column: 'channel', text: /mandatory|required|missing/i, code: 'CHANNEL_REQUIRED' },
  { column: 'name', text: /type|match|config/i, code: 'UNKNOWN_EXTENSION_TYPE' },
]

/** The same for extensions, whose rules the reference states without the texts that tell of them: the first reading that fits. */
export function codeOfExtensionError(text: string, column: string | undefined): RecordErrorCode {
  const reading = extensionErrorReadings.find((one) => one.column === column && one.text.test(text))
  return reading?.code ?? (column === undefined ? 'DESTINATION_REJECTED' : 'INVALID_VALUE')
}

// Entries of `warnings` do not say that their record was written (judgement.ts): "all data validation is performed before any updates are
// made", so that a contact which is then passed over may have been warned of. Only `inserted` and `updated` say it.

/**
 * Errors that name no record of the call: they must be those of records that stand in no other list. Certain for each of them only if there are
 * as many errors as such records, or if nothing could have been inserted; else some may have been applied.
 */
export function keylessErrorsFailAll(errors: number, unaccounted: number, inserts: boolean): boolean {
  return errors >= unaccounted || !inserts
}

/** Column names are compared without regard to case: the reference writes them in lower case and does not say. */
export function comparableColumn(name: string): string {
  return name.toLowerCase()
}

/** "digits incl. country code, no +" (reference of the master_contact table). The country code is there: phones are E.164 by then. */
export function gsmOf(phone: string): string {
  return phone.replace(/\D/g, '')
}

/** The server lower-cases e-mail addresses (BulkUpsert); an extension's address is read likewise, so that one address stays one. */
export function emailOf(address: string): string {
  return address.toLowerCase()
}
