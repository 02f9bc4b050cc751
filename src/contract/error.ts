import type { RecordErrorCode } from './outcome.ts'

/** What the engine does about a fault of a call. */
export interface FaultRule {
  /** `retry`: the batch goes again after a back-off; `end`: the whole delivery ends; `final`: this batch's records fail; `halve`: one record may be to blame, it is looked for. */
  next: 'retry' | 'end' | 'final' | 'halve'
  /** The vendor may have applied the call: it is repeated only where that is safe, and its records end UNKNOWN, never FAILED. */
  mayHaveApplied: boolean
  /** The fault speaks of the account, not of the batch: nothing goes out on the lane until the back-off has passed. */
  backsOff: boolean
}

/**
 * All faults of a call to a vendor. Whether one is retried stands here and nowhere else; an adapter only names it.
 * A refusal of the request as such is REFUSED, one that may be a single record's doing REFUSED_FOR_A_RECORD.
 */
export const faultRules = {
  /** Nothing left this machine: no such host, connection refused. */
  UNREACHABLE: { next: 'retry', mayHaveApplied: false, backsOff: true },
  THROTTLED: { next: 'retry', mayHaveApplied: false, backsOff: true },
  /** A time-out, a reset after sending, a 5xx, an unreadable 2xx. */
  NO_ANSWER: { next: 'retry', mayHaveApplied: true, backsOff: true },
  AUTHENTICATION: { next: 'end', mayHaveApplied: false, backsOff: false },
  FORBIDDEN: { next: 'end', mayHaveApplied: false, backsOff: false },
  /** The account may not go on: its tariff is used up, say. */
  ACCOUNT_REFUSED: { next: 'end', mayHaveApplied: false, backsOff: false },
  REFUSED: { next: 'final', mayHaveApplied: false, backsOff: false },
  REFUSED_FOR_A_RECORD: { next: 'halve', mayHaveApplied: false, backsOff: false },
} as const satisfies Record<string, FaultRule>

export type Fault = keyof typeof faultRules

/** What is known of a fault; nothing of it may hold a secret. */
export interface FaultDetails {
  /** What the batch's records get if it comes to that. */
  code: RecordErrorCode
  vendorCode?: string
  vendorMessage?: string
  vendorRequestId?: string
  /** The vendor's own word on when to come again. */
  retryAfterMs?: number
}

/** Thrown by an adapter: the fate of a call as a whole. A record's fate is returned, never thrown. */
export class DestinationError extends Error {
  override name = 'DestinationError'
  readonly fault: Fault
  readonly details: FaultDetails

  constructor(fault: Fault, message: string, details: FaultDetails, cause?: unknown) {
    super(message, { cause })
    this.fault = fault
    this.details = details
  }

  get rule(): FaultRule {
    return faultRules[this.fault]
  }
}
