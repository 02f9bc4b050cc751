import { DestinationError } from '../../contract/error.ts'
import { faultOfStatus, shortened } from '../wire.ts'
import type { AnswerItem, AnswerLists } from './envelope.ts'
import { namedColumns } from './named-keys.ts'
import { envelopeCodes, keyColumn, newKeyColumn } from './readings.ts'
import { type DengageAnswer, detailsOf } from './session.ts'

/** What a call as a whole came to. */
export type CallVerdict =
  | { kind: 'lists'; lists: AnswerLists }
  /** Code 11: nothing was written because of what the message says of some record. */
  | { kind: 'invalid'; message: string; error: DestinationError }
  | { kind: 'refused'; error: DestinationError }

/**
 * Judges an answer by what it is about (login, permission, pace: parsed for nothing, 403 may be empty), then by its body, then by its status.
 * Lists that name a written record are an answer whatever code stands beside them.
 */
export function verdictOf(answer: DengageAnswer, columns: readonly string[]): CallVerdict {
  const { status, envelope } = answer
  const { code, message = '', lists } = envelope
  const details = detailsOf(answer)
  const byStatus = (): CallVerdict => ({ kind: 'refused', error: faultOfStatus('D·engage', answer, details) })
  if (status === 401 || status === 403 || status === 429) return byStatus()

  const isRefused = code !== undefined && code !== envelopeCodes.success
  const hasWritten = lists !== null && lists.inserted.length + lists.updated.length > 0
  if (status < 300 && lists !== null && (!isRefused || hasWritten)) {
    return { kind: 'lists', lists }
  }
  if (!isRefused) return byStatus()
  switch (code) {
    case envelopeCodes.fieldError:
      return { kind: 'refused', error: fieldError(message, columns, details) }
    case envelopeCodes.forbidden:
      return { kind: 'refused', error: faultOfStatus('D·engage', { status: 403 }, details) }
    case envelopeCodes.validationFails: {
      const said = [message, ...(lists?.errors ?? []).map(sentenceOf)].filter((part) => part !== '').join('\n')
      const text = `D·engage refuses the call because of a record in it, and writes none: ${shortened(said) || 'it does not say which'}`
      const error = new DestinationError('REFUSED_FOR_A_RECORD', text, { ...details, code: 'DESTINATION_REJECTED' })
      return { kind: 'invalid', message: said, error }
    }
    case envelopeCodes.unexpectedError:
      return { kind: 'refused', error: faultOfStatus('D·engage', { status: 500 }, details) }
    default: {
      // A 5xx may have been applied whatever it says; any other code is a reason of the vendor's own.
      if (status >= 500) return byStatus()
      const text = `D·engage refuses the call (code ${code}): ${shortened(message) || 'it does not say why'}`
      return {
        kind: 'refused',
        error: new DestinationError('REFUSED', text, { ...details, code: 'DESTINATION_REJECTED' }),
      }
    }
  }
}

/** An entry of `errors` as a message that begins with its key. */
function sentenceOf({ key, text }: AnswerItem): string {
  return key === undefined || key === text ? text : `${key}: ${text}`
}

/** Code 1: a column that does not exist or is closed to imports, or a request of a wrong form. */
function fieldError(
  message: string,
  columns: readonly string[],
  details: ReturnType<typeof detailsOf>,
): DestinationError {
  const unknown = namedColumns(message, columns).filter((column) => column !== keyColumn && column !== newKeyColumn)
  if (unknown.length === 0) {
    const text = `D·engage refuses the form of the call: ${shortened(message) || 'it does not say why'}`
    return new DestinationError('REFUSED', text, { ...details, code: 'DESTINATION_REJECTED' })
  }
  const text = `D·engage has no column ${unknown.join(', ')} that is open to imports: make it so there, map the attribute to another column under fields, or leave it out`
  return new DestinationError('REFUSED', text, { ...details, code: 'UNKNOWN_ATTRIBUTE' })
}
