import type { RecordErrorCode } from '../../src/cli/generated/graphql.ts'
import { batchSize, type CallFault, type Effect } from './fault-rules.ts'
import { delayedMs } from './fault-stands.ts'

type Meaning = Pick<CallFault, 'effect' | 'code'>

/** What a status alone means, of any vendor; what one vendor reads otherwise is its own. */
const statuses: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  ...[400, 302, 404, 413, 498, 499].map((status): [number, Meaning] => [
    status,
    { effect: 'refused', code: 'DESTINATION_REJECTED' },
  ]),
  [401, { effect: 'ends', code: 'DESTINATION_AUTH' }],
  [403, { effect: 'ends', code: 'DESTINATION_FORBIDDEN' }],
  [429, { effect: 'again' }],
  ...[500, 204, 408, 502, 503].map((status): [number, Meaning] => [status, { effect: 'unclear' }]),
])

/** Of the statuses of one meaning these are tried in every position. */
const foremost: readonly number[] = [400, 401, 403, 429, 500]

/** A call that is answered with a status and nothing else before the vendor has seen it. */
export function statusFault(status: number, meaning: Meaning | undefined = statuses.get(status)): CallFault {
  if (meaning === undefined) throw new TypeError(`nobody has said what HTTP ${status} means`)
  return {
    name: `is answered with HTTP ${status}`,
    fault: { kind: 'status', status },
    applied: false,
    isAlike: !foremost.includes(status),
    ...meaning,
  }
}

/** A call that is answered with a body of the vendor's own before it has been applied. */
export function answerFault(status: number, body: unknown, effect: Effect, code?: RecordErrorCode): CallFault {
  return {
    name: `is answered with HTTP ${status} and ${JSON.stringify(body)}`,
    fault: { kind: 'status', status, body },
    effect,
    applied: false,
    ...(code === undefined ? {} : { code }),
  }
}

/** All that the line may do to a call, and every status; in `meanings` those that a vendor reads in a way of its own. */
export function lineFaults(meanings: readonly CallFault[] = []): CallFault[] {
  const own = new Map(meanings.map((one) => [one.name, one]))
  const page = { body: '<html><body>Something went wrong</body></html>', headers: { 'content-type': 'text/html' } }
  const afterwards = (status: number): CallFault => ({
    name: `is applied and answered with HTTP ${status} and a page`,
    fault: { kind: 'status', status, ...page, when: 'after' },
    effect: 'unclear',
    applied: true,
  })
  const faults: CallFault[] = [
    ...[...statuses.keys()].map((status) => statusFault(status)),
    ...[200, 500].map(afterwards),
    {
      name: 'is held back until nobody waits for it any more, then applied',
      fault: { kind: 'delay', ms: delayedMs, when: 'before' },
      effect: 'unclear',
      applied: 'late',
    },
    {
      name: 'is applied and answered too late',
      fault: { kind: 'delay', ms: delayedMs, when: 'after' },
      effect: 'unclear',
      applied: true,
    },
    {
      name: 'is answered late, but in time',
      fault: { kind: 'delay', ms: 30, when: 'after' },
      effect: 'none',
      applied: true,
    },
    {
      name: 'is cut off before the vendor has it',
      fault: { kind: 'drop', when: 'before' },
      effect: 'unclear',
      applied: false,
    },
    { name: 'is applied and cut off', fault: { kind: 'drop', when: 'after' }, effect: 'unclear', applied: true },
    { name: 'has a garbled answer', fault: { kind: 'garble' }, effect: 'unclear', applied: true },
    {
      name: 'is answered with texts in place of numbers',
      fault: { kind: 'numbersAsStrings' },
      effect: 'none',
      applied: true,
    },
  ]
  return faults.map((one) => own.get(one.name) ?? one)
}

/** Answers with one result too few, with none, and with one too many, and what they mean for the records they leave out or for all. */
export function lengthFaults(last: Effect, longer: Effect, empty = last): CallFault[] {
  const answered = { applied: true } as const
  return [
    {
      name: 'has an answer that is too short',
      fault: { kind: 'length', by: -1 },
      effect: 'none',
      effectOnLast: last,
      ...answered,
    },
    {
      name: 'has an answer without results',
      fault: { kind: 'length', by: -batchSize },
      effect: empty,
      ...answered,
      isAlike: true,
    },
    { name: 'has an answer that is too long', fault: { kind: 'length', by: 1 }, effect: longer, ...answered },
  ]
}
