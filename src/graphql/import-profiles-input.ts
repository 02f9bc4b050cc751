import type { ColumnMappingInput, ImportProfilesInput } from '../contract/input.ts'
import { requestLimits } from '../domain/check-request.ts'
import { builder } from './builder.ts'
import { profileRequestFields } from './profile-request-fields.ts'
import { requestFields } from './request-fields.ts'

const columnMappingInput = builder.inputRef<ColumnMappingInput, false>('ColumnMappingInput').implement({
  description: 'What a column of a CSV file holds.',
  fields: (t) => ({
    column: t.string({ required: true, description: 'The name of the column in the header of the file.' }),
    field: t.string({
      required: true,
      description:
        "A field of `ProfileInput` in any case, an attribute's name, `attributes.NAME` where an attribute is called like a field, or `extensions[N].FIELD`; the empty text leaves the column out.",
    }),
  }),
})

export const importProfilesInput = builder.inputRef<ImportProfilesInput, false>('ImportProfilesInput').implement({
  description:
    'An uploaded file of profiles, where they should go, and how they are matched and written there: as in `BulkUpsertProfilesInput`, but for some defaults.',
  fields: (t) => ({
    uploadId: t.id({
      required: true,
      description:
        'What `POST /uploads` answered: a CSV or NDJSON file, of 1 to 10,000,000 records. It can be imported any number of times while it is kept.',
    }),
    columns: t.field({
      type: [columnMappingInput],
      description: 'Of a CSV file, what columns hold whose name in the header does not say it. NDJSON takes none.',
    }),
    destinations: t.idList(requestFields.destinations),
    profileType: t.string(profileRequestFields.profileType),
    matching: t.field(profileRequestFields.matching),
    matchingField: t.string(profileRequestFields.matchingField),
    upsert: t.field(requestFields.upsert),
    linkPolicy: t.field(profileRequestFields.linkPolicy),
    nulls: t.field({
      ...requestFields.nulls,
      description: 'Whether null in a record, and in CSV an empty cell, means left out, or clears.',
    }),
    onInvalid: t.field({
      ...requestFields.onInvalid,
      defaultValue: 'SKIP_INVALID',
      description:
        'Whether an invalid record fails alone, or has the whole job end FAILED, with nothing written, once the file is read.',
    }),
    skipInvalidExtensions: t.boolean(profileRequestFields.skipInvalidExtensions),
    skipTriggers: t.boolean(profileRequestFields.skipTriggers),
    detectGeo: t.boolean(profileRequestFields.detectGeo),
    resourceId: t.int(profileRequestFields.resourceId),
    maxAffected: t.int(profileRequestFields.maxAffected),
    audit: t.stringList(requestFields.audit),
    idempotencyKey: t.string({
      description: `Makes a repeated request safe: the same key with the same input answers the first job, with other input an IdempotencyConflictError. A file counts by its content, however often it was uploaded. At most ${requestLimits.idempotencyKey} characters; kept as long as its job.`,
    }),
    waitSeconds: t.int({ ...requestFields.waitSeconds, defaultValue: 0 }),
  }),
})
