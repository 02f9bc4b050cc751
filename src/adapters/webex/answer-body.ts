import { parseJson, textOf } from '../wire.ts'
import { readings } from './readings.ts'
import { isFailureCode, type Refusal } from './refusal.ts'

/** An object of an answer. */
export type Body = Readonly<Record<string, unknown>>

const deepest = 10
const successCode = /^(0|200)$/

/** The answer's JSON object; null where it is none. */
export function bodyOf(text: string): Body | null {
  const value = parseJson(text)
  return isObject(value) ? value : null
}

/** The member of that name, however it is cased and joined: `transaction-id`, `transactionId`. */
export function member(body: Body, name: string): unknown {
  const wanted = bareName(name)
  const found = Object.keys(body).find((one) => bareName(one) === wanted)
  return found === undefined ? undefined : body[found]
}

export const textMember = (body: Body, name: string): string | undefined => textOf(member(body, name))

/** The failure that the whole answer speaks of, null where it speaks of none. Whether it is one is told by the body, not by the status. */
export function wholeRefusal(body: Body): Refusal | null {
  const code = textMember(body, 'code')
  if (code === undefined || successCode.test(code)) return null
  const succeeded = textMember(body, 'transaction-id') !== undefined && !isFailureCode(code)
  const answers = member(body, 'update-count') !== undefined || recordBodies(body).length > 0
  return succeeded || answers ? null : { code, description: textMember(body, 'description') }
}

/** Every object of the answer that speaks of one record, in the order in which they stand. */
export function recordBodies(body: Body): Body[] {
  const found: Body[] = []
  const visit = (value: unknown, depth: number) => {
    if (depth > deepest || typeof value !== 'object' || value === null) return
    if (isObject(value) && isRecordBody(value)) found.push(value)
    for (const part of Object.values(value)) visit(part, depth + 1)
  }
  visit(body, 0)
  return found
}

function isRecordBody(value: Body): boolean {
  const { key, oneOf } = readings.recordMembers
  return member(value, key) !== undefined && oneOf.some((name) => member(value, name) !== undefined)
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

const bareName = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
