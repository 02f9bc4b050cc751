import { requestLimits } from '../domain/check-request.ts'
import { invalidRecordPolicyEnum, nullPolicyEnum, upsertModeEnum } from './request-enums.ts'

const required = true as const
const local: string[] = ['local']

/** What every bulk upsert asks for beside its records, as the options of the input's fields. */
export const requestFields = {
  destinations: {
    required,
    defaultValue: local,
    description: `Where the records go, each once, 1 to ${requestLimits.destinations}: ids of \`destinations\`. \`local\` is the gateway's own store.`,
  },
  upsert: {
    type: upsertModeEnum,
    required,
    defaultValue: 'CREATE_OR_UPDATE',
    description:
      'Whether records may create and may update. Webex Campaign `upsert` "0", "1", "2"; D·engage `insertIfNotExists`.',
  },
  nulls: {
    type: nullPolicyEnum,
    required,
    defaultValue: 'IGNORE',
    description: 'Whether null in a record means left out, or clears.',
  },
  onInvalid: {
    type: invalidRecordPolicyEnum,
    required,
    defaultValue: 'REJECT_ALL',
    description:
      'Whether one invalid record refuses the whole request, or fails alone. D·engage `throwExceptionIfInvalidRecord`.',
  },
  audit: {
    description: `At most ${requestLimits.auditTexts} texts of at most ${requestLimits.auditLength} characters that are kept with the job. Webex Campaign \`exparam1\` … \`exparam10\`.`,
  },
  idempotencyKey: {
    description: `Makes a repeated request safe: the same key with the same input answers the first job, with other input an IdempotencyConflictError. At most ${requestLimits.idempotencyKey} characters; kept as long as its job.`,
  },
  waitSeconds: {
    required,
    defaultValue: 10,
    description: `How many seconds to wait for the end of the job before it is answered as it then stands: 0 to ${requestLimits.waitSeconds}. Watch \`jobStatus\` for the rest.`,
  },
} as const
