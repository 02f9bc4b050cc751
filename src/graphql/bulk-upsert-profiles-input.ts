import type { BulkUpsertProfilesInput } from '../contract/input.ts'
import { requestLimits } from '../domain/check-request.ts'
import { builder } from './builder.ts'
import { profileInput } from './profile-input.ts'
import {
  invalidRecordPolicyEnum,
  linkPolicyEnum,
  matchingModeEnum,
  nullPolicyEnum,
  upsertModeEnum,
} from './request-enums.ts'

export const bulkUpsertProfilesInput = builder
  .inputRef<BulkUpsertProfilesInput, false>('BulkUpsertProfilesInput')
  .implement({
    description:
      "Profiles, where they should go, and how they are matched and written there. A destination's batch size and pace are kept for the caller.",
    fields: (t) => ({
      destinations: t.idList({
        required: true,
        defaultValue: ['local'],
        description: `Where the records go, each once, 1 to ${requestLimits.destinations}: ids of \`destinations\`. \`local\` is the gateway's own store.`,
      }),
      profileType: t.string({
        description:
          "The profile type of all records; null is the destination's own default (`contact` at `local`). Webex Campaign `profile-name`.",
      }),
      matching: t.field({
        type: matchingModeEnum,
        required: true,
        defaultValue: 'KEY',
        description: 'By which value records find their profiles. Altcraft `matching`.',
      }),
      matchingField: t.string({
        description:
          'For CUSTOM and CUSTOM_SUB, and only for them: the attribute or custom field that identifies the profile. Altcraft `field_name`.',
      }),
      upsert: t.field({
        type: upsertModeEnum,
        required: true,
        defaultValue: 'CREATE_OR_UPDATE',
        description:
          'Whether records may create and may update. Webex Campaign `upsert` "0", "1", "2"; D·engage `insertIfNotExists`.',
      }),
      linkPolicy: t.field({
        type: linkPolicyEnum,
        required: true,
        defaultValue: 'CREATE',
        description:
          'What to do with a link to a profile that does not exist. Webex Campaign `update-link` "1", "2", "3".',
      }),
      nulls: t.field({
        type: nullPolicyEnum,
        required: true,
        defaultValue: 'IGNORE',
        description: 'Whether null in a record means left out, or clears.',
      }),
      onInvalid: t.field({
        type: invalidRecordPolicyEnum,
        required: true,
        defaultValue: 'REJECT_ALL',
        description:
          'Whether one invalid record refuses the whole request, or fails alone. D·engage `throwExceptionIfInvalidRecord`.',
      }),
      skipInvalidExtensions: t.boolean({
        required: true,
        defaultValue: false,
        description:
          'Drop a wrong extension with the warning EXTENSION_DROPPED, in place of failing its record. Altcraft `skip_invalid_subscriptions`.',
      }),
      skipTriggers: t.boolean({
        required: true,
        defaultValue: false,
        description:
          'Start none of the automations that a change would set off. Altcraft `skip_triggers`; `local` has none.',
      }),
      detectGeo: t.boolean({
        required: true,
        defaultValue: false,
        description: 'Have the vendor derive the place from the IP address of the record. Altcraft `detect_geo`.',
      }),
      resourceId: t.int({
        description: 'Narrows the search among extensions to one resource. Altcraft `resource_id`.',
      }),
      maxAffected: t.int({
        required: true,
        defaultValue: 1000,
        description: `Matching FILTER: a record that finds more profiles than this, 1 to ${requestLimits.maxAffected}, fails with TOO_MANY_MATCHES and changes none.`,
      }),
      audit: t.stringList({
        description: `At most ${requestLimits.auditTexts} texts of at most ${requestLimits.auditLength} characters that are kept with the job. Webex Campaign \`exparam1\` … \`exparam10\`.`,
      }),
      idempotencyKey: t.string({
        description: `Makes a repeated request safe: the same key with the same input answers the first job, with other input an IdempotencyConflictError. At most ${requestLimits.idempotencyKey} characters; kept as long as its job.`,
      }),
      waitSeconds: t.int({
        required: true,
        defaultValue: 10,
        description: `How many seconds to wait for the end of the job before it is answered as it then stands: 0 to ${requestLimits.waitSeconds}. Watch \`jobStatus\` for the rest.`,
      }),
      profiles: t.field({
        type: [profileInput],
        required: true,
        description:
          'The records, 1 to 10,000 unless the gateway is configured for another number. Their place, counted from 0, is their `index` in results. Webex Campaign `requests`, D·engage `contactDatas`, Altcraft `data`.',
      }),
    }),
  })
