import { masked, numberOf, parseJson, textOf } from '../wire.ts'
import { readXmlDocument } from './xml-reader.ts'

/** What Altcraft says of a call or of a profile. */
export interface Said {
  /** 0 is success. */
  error: number
  text?: string
}

/** What it says of one profile; null where that cannot be read. */
export type ProfileAnswer = (Said & { profileId?: string }) | null

export interface AltcraftAnswer extends Said {
  /** In the order of the profiles; null where there are none. */
  results: readonly ProfileAnswer[] | null
}

/**
 * The answer, in whichever format it came; null where it is none of Altcraft's. In what it says to people `[secret]` stands for the token. An id is
 * left as it is: in the vendor's own example token and profile id are one text.
 */
export function readAnswer(text: string, token: string): AltcraftAnswer | null {
  const body: unknown = text.trimStart().startsWith('<') ? readXmlDocument(text) : parseJson(text)
  const said = saidIn(body, token)
  if (said === null || !isObject(body)) return null
  return { ...said, results: resultsIn(body['result'], token) }
}

function resultsIn(value: unknown, token: string): readonly ProfileAnswer[] | null {
  if (Array.isArray(value)) return value.map((one) => profileAnswer(one, token))
  return isObject(value) ? [profileAnswer(value, token)] : null
}

function profileAnswer(value: unknown, token: string): ProfileAnswer {
  const said = saidIn(value, token)
  if (said === null || !isObject(value)) return null
  const profileId = textOf(value['profile_id'])
  return profileId === undefined ? said : { ...said, profileId }
}

function saidIn(value: unknown, token: string): Said | null {
  if (!isObject(value)) return null
  const error = numberOf(value['error'])
  const text = textOf(value['error_text'])
  if (error === undefined || !Number.isInteger(error)) return null
  return text === undefined ? { error } : { error, text: masked(text, [token]) }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
