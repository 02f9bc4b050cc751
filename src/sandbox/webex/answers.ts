import { type AnswerShape, answerJson, type SandboxAnswer, withLength } from '../vendor.ts'
import type { EntryOutcome } from './apply-bulk.ts'
import { type FailureCode, failures, readings } from './readings.ts'
import type { WebexSettings } from './settings.ts'

/** The failure of a whole call, in the page's words unless there are better ones. */
export function answerFailure(code: FailureCode, shape: AnswerShape, description?: string): SandboxAnswer {
  const { status, description: documented } = failures[code]
  return answerJson(status, { code: readings.codeOf(code), description: description ?? documented }, shape)
}

export interface BulkIds {
  'transaction-id': string
  'request-id': string
}

/** The answer of a bulk call that was carried out at once. */
export function answerBulk(
  ids: BulkIds,
  outcomes: readonly EntryOutcome[],
  { recordAnswers, statusAs }: WebexSettings,
  shape: AnswerShape,
): SandboxAnswer {
  const [only, ...others] = outcomes
  if (recordAnswers === 'codeForOne' && only?.failure && others.length === 0) {
    return answerFailure(only.failure.code, shape, only.failure.description)
  }
  const records = outcomes.map(({ key, action, failure }) => {
    const status = failure ? String(failure.code) : readings.success.Status
    return {
      Key: key,
      ActionType: readings.actionTypes[action],
      Status: statusAs === 'number' ? Number(status) : status,
      Result: failure ? readings.failureResult : readings.success.Result,
    }
  })
  const results = recordAnswers === 'none' ? {} : { [readings.responses]: withLength(records, shape) }
  return answerJson(200, { ...ids, 'update-count': countRows(outcomes), ...results }, shape)
}

/** How many rows were created or updated. */
export function countRows(outcomes: readonly EntryOutcome[]): number {
  return outcomes.reduce((sum, { rows }) => sum + rows, 0)
}
