import { type AnswerShape, answerJson, type SandboxAnswer, type SandboxRequest } from '../vendor.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { errors, type Format, readings } from './readings.ts'
import { incorrect, Refusal } from './refusal.ts'
import { readXml, writeXml } from './xml.ts'

/** The format of the body by its Content-Type. Throws a Refusal (400) for any other type. */
export function bodyFormat({ headers }: SandboxRequest): Format {
  const format = formatOf(headers['content-type'] ?? '')
  if (format === undefined) throw new Refusal(errors.contentType, readings.unreadableStatus)
  return format
}

/** The parameters in the body. Throws a Refusal (400) when it is too large or not one object. */
export function readBody({ body }: SandboxRequest, format: Format, limitBytes: number): JsonObject {
  if (Buffer.byteLength(body) > limitBytes) throw new Refusal(errors.tooLarge, readings.tooLargeStatus)
  try {
    return format === 'xml' ? readXml(body) : readJson(body)
  } catch (error) {
    if (error instanceof Refusal)
      throw new Refusal({ code: error.code, text: error.message }, readings.unreadableStatus)
    throw error
  }
}

function readJson(body: string): JsonObject {
  let value: Json
  try {
    value = JSON.parse(body)
  } catch (error) {
    throw incorrect(`JSON cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isObject(value)) throw incorrect('JSON must be an object')
  return value
}

/** The format that the answer is wanted in. `parameter` is the call's own `format`. */
export function answerFormat({ headers }: SandboxRequest, parameter: Json | undefined): Format {
  const accepted = (headers['accept'] ?? '').split(',').flatMap((type) => formatOf(type) ?? [])
  const chosen = parameter === 'json' || parameter === 'xml' ? parameter : undefined
  return readings.answerFormat(formatOf(headers['content-type'] ?? '') ?? 'json', chosen, accepted)
}

export function writeAnswer(status: number, format: Format, value: JsonObject, shape: AnswerShape): SandboxAnswer {
  if (format === 'json') return answerJson(status, value, shape)
  return { status, headers: { 'content-type': 'application/xml; charset=utf-8' }, body: writeXml(value) }
}

function formatOf(mediaType: string): Format | undefined {
  const [type = ''] = mediaType.split(';')
  switch (type.trim().toLowerCase()) {
    case 'application/json':
      return 'json'
    case 'application/xml':
      return 'xml'
    default:
      return undefined
  }
}
