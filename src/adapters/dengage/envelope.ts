import { z } from 'zod'
import { masked, numberOf, parseJson, textOf } from '../wire.ts'
import { itemAddressNames, itemKeyNames, itemMessageNames } from './readings.ts'

/** One entry of a list of an answer. It is a text or a number, or an object; what it names and says is found in either. */
export interface AnswerItem {
  /** The contact_key that it is, or has. */
  key?: string
  /** Of an extension, where the entry is an object that has it. */
  address?: string
  /** All that it says. */
  text: string
}

/** What became of the rows of a call. A list that the answer leaves out is empty. */
export interface AnswerLists {
  inserted: AnswerItem[]
  updated: AnswerItem[]
  errors: AnswerItem[]
  warnings: AnswerItem[]
}

export interface Envelope {
  transactionId?: string
  code?: number
  message?: string
  /** null: the answer has none of the four lists. */
  lists: AnswerLists | null
}

const text = z.unknown().transform(textOf)
const list = z.array(z.unknown()).optional().catch(undefined)
const lists = z.object({ inserted: list, updated: list, errors: list, warnings: list })

const envelope = z
  .object({
    transactionId: text.optional(),
    code: z.unknown().transform(numberOf).optional(),
    message: text.optional(),
    // Where a login that comes from an address that is not allowed says so.
    actionResult: text.optional(),
    data: lists.optional().catch(undefined),
  })
  .and(lists)

const nothing: Envelope = { lists: null }

/**
 * What the text says as D·engage's envelope; an envelope of nothing where it is none. What it says to be read by people has `[secret]` in
 * place of each secret; keys stay as they are, or a contact whose key holds the user's name would not be found.
 */
export function readEnvelope(body: string, secrets: readonly string[]): Envelope {
  const parsed = envelope.safeParse(parseJson(body))
  if (!parsed.success) return nothing
  const { transactionId, code, message, actionResult, data } = parsed.data
  const said = masked([message, actionResult].filter((part) => part !== undefined).join(': '), secrets)
  return {
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(code === undefined ? {} : { code }),
    ...(said === '' ? {} : { message: said }),
    lists: listsOf(data, secrets) ?? listsOf(parsed.data, secrets),
  }
}

function listsOf(given: z.output<typeof lists> | undefined, secrets: readonly string[]): AnswerLists | null {
  const { inserted, updated, errors, warnings } = given ?? {}
  if (!inserted && !updated && !errors && !warnings) return null
  const items = (values: unknown[] | undefined) =>
    (values ?? []).map(itemOf).map((item) => ({ ...item, text: masked(item.text, secrets) }))
  return { inserted: items(inserted), updated: items(updated), errors: items(errors), warnings: items(warnings) }
}

function itemOf(value: unknown): AnswerItem {
  if (typeof value === 'string') return { key: value, text: value }
  const plain = textOf(value)
  if (plain !== undefined) return { key: plain, text: plain }
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value) ?? '' }
  const members = new Map<string, unknown>(Object.entries(value))
  const first = (names: readonly string[]) => names.map((name) => textOf(members.get(name))).find((one) => one)
  const key = first(itemKeyNames)
  const address = first(itemAddressNames)
  return {
    ...(key === undefined ? {} : { key }),
    ...(address === undefined ? {} : { address }),
    text: first(itemMessageNames) ?? JSON.stringify(value),
  }
}
