import type { BulkUpsertProfilesInput } from '../contract/input.ts'
import { builder } from './builder.ts'
import { profileInput } from './profile-input.ts'
import { profileRequestFields } from './profile-request-fields.ts'
import { requestFields } from './request-fields.ts'

export const bulkUpsertProfilesInput = builder
  .inputRef<BulkUpsertProfilesInput, false>('BulkUpsertProfilesInput')
  .implement({
    description:
      "Profiles, where they should go, and how they are matched and written there. A destination's batch size and pace are kept for the caller.",
    fields: (t) => ({
      destinations: t.idList(requestFields.destinations),
      profileType: t.string(profileRequestFields.profileType),
      matching: t.field(profileRequestFields.matching),
      matchingField: t.string(profileRequestFields.matchingField),
      upsert: t.field(requestFields.upsert),
      linkPolicy: t.field(profileRequestFields.linkPolicy),
      nulls: t.field(requestFields.nulls),
      onInvalid: t.field(requestFields.onInvalid),
      skipInvalidExtensions: t.boolean(profileRequestFields.skipInvalidExtensions),
      skipTriggers: t.boolean(profileRequestFields.skipTriggers),
      detectGeo: t.boolean(profileRequestFields.detectGeo),
      resourceId: t.int(profileRequestFields.resourceId),
      maxAffected: t.int(profileRequestFields.maxAffected),
      audit: t.stringList(requestFields.audit),
      idempotencyKey: t.string(requestFields.idempotencyKey),
      waitSeconds: t.int(requestFields.waitSeconds),
      profiles: t.field({
        type: [profileInput],
        required: true,
        description:
          'The records, 1 to 10,000 unless the gateway is configured for another number. Their place, counted from 0, is their `index` in results. Webex Campaign `requests`, D·engage `contactDatas`, Altcraft `data`.',
      }),
    }),
  })
