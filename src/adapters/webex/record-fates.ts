import type { VendorCall } from '../../contract/adapter.ts'
import type { RecordFate, RecordOutcome } from '../../contract/outcome.ts'
import { numberOf, shortened } from '../wire.ts'
import { type Body, member, recordBodies, textMember } from './answer-body.ts'
import { readings } from './readings.ts'
import { isFailureCode, refusedFate, unknownFate } from './refusal.ts'
import type { WebexRecord } from './webex-record.ts'

type Call = VendorCall<WebexRecord>

/** Whether "exists already" may be the doing of an earlier attempt at this call. */
export const mayExistByUs = ({ options, repeated }: Call) => repeated && options.upsert === 'CREATE_ONLY'

/** How an applied record is called where the answer does not say more. */
export function appliedOutcome({ options }: Call): RecordOutcome {
  // A filter has no key to create a profile with.
  if (options.matching === 'FILTER' || options.upsert === 'UPDATE_ONLY') return 'UPDATED'
  return options.upsert === 'CREATE_ONLY' ? 'CREATED' : 'UPSERTED'
}

/**
 * One fate per record of a call that was answered at once: by the records' own answers or, without any, by the count of updates. PENDING
 * where the answer has others but none for this one.
 */
export function settledFates(call: Call, body: Body): RecordFate[] {
  const answers = recordBodies(body)
  const updates = numberOf(member(body, 'update-count'))
  if (answers.length > 0) {
    return pairAnswers(call, answers).map((answer) => {
      if (answer === undefined) return { outcome: 'PENDING' }
      return withAffected(call, fateOf(call, answer), updates)
    })
  }
  const { options, records } = call
  if (updates !== undefined && readings.countProves(options.matching, records.length, updates)) {
    return records.map(() => withAffected(call, { outcome: appliedOutcome(call) }, updates))
  }
  const told = updates === undefined ? 'no count of updates' : `update-count ${updates} for ${records.length} records`
  return records.map(() => unknownFate(`Webex Campaign does not say what became of the record (${told})`))
}

/**
 * The answer to each record, in the records' order. By key, several of one key in turn; then by position, where there are as many answers as
 * records. A filter's answer can only be told by its position.
 */
function pairAnswers({ records }: Call, answers: readonly Body[]): (Body | undefined)[] {
  const byKey = new Map<string, Body[]>()
  for (const answer of answers) {
    const key = textMember(answer, readings.recordMembers.key)
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), answer])
  }
  const taken = new Set<Body>()
  const paired = records.map((record) => {
    const answer = 'key' in record ? byKey.get(record.key.trim())?.shift() : undefined
    if (answer !== undefined) taken.add(answer)
    return answer
  })
  if (answers.length !== records.length) return paired
  return paired.map((answer, place) => {
    const atPlace = answers[place]
    return answer ?? (atPlace !== undefined && !taken.has(atPlace) ? atPlace : undefined)
  })
}

function fateOf(call: Call, answer: Body): RecordFate {
  const status = textMember(answer, 'Status')
  const result = textMember(answer, 'Result')
  const description = textMember(answer, 'description') ?? result
  const refused = (code: string) => refusedFate({ code, description }, mayExistByUs(call))
  if (status !== undefined && isFailureCode(status)) return refused(status)
  const code = textMember(answer, 'code')
  if (code !== undefined && isFailureCode(code)) return refused(code)
  if (result !== undefined && isFailureCode(result)) return refused(result)
  if (result !== undefined && readings.failureResult.test(result)) return refused(status ?? code ?? result)
  const isApplied =
    (status !== undefined && readings.successStatus.test(status)) ||
    (result !== undefined && readings.successResult.test(result))
  if (isApplied) return { outcome: statedOutcome(call, answer) }
  const said = [status, result].filter((word) => word !== undefined).map((word) => JSON.stringify(shortened(word)))
  return unknownFate(`Webex Campaign answers with ${said.join(' and ') || 'nothing'}, which is not documented`, {
    code: status ?? code ?? '',
    description,
  })
}

function statedOutcome(call: Call, answer: Body): RecordOutcome {
  const action = textMember(answer, 'ActionType') ?? ''
  if (readings.createdAction.test(action)) return 'CREATED'
  return readings.updatedAction.test(action) ? 'UPDATED' : appliedOutcome(call)
}

/** A filter that was alone in its call: the count of updates is its own. */
export function withAffected({ options, records }: Call, fate: RecordFate, updates: number | undefined): RecordFate {
  const isAlone = options.matching === 'FILTER' && records.length === 1
  if (!isAlone || updates === undefined || updates < 1 || fate.outcome !== 'UPDATED') return fate
  if (updates <= options.maxAffected) return { ...fate, affected: updates }
  const message = `the filter reached ${updates} profiles, more than maxAffected (${options.maxAffected}), which Webex Campaign cannot be held to`
  return { ...fate, affected: updates, warnings: [{ code: 'DESTINATION_WARNING', message, field: 'filter' }] }
}
