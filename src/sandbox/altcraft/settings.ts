import { z } from 'zod'
import { fieldTypes } from './field-type.ts'
import { readings } from './readings.ts'

const id = z.int().nonnegative()
const field = z.strictObject({
  name: z.string().min(1),
  type: z.enum(fieldTypes),
  /** Of `enum` fields: the numbers allowed. */
  values: z.array(z.int()).default([]),
})

const database = z.strictObject({ id, fields: z.array(field).default([]) })
const resource = z.strictObject({
  id,
  /** Databases that it is linked to. */
  databaseIds: z.array(id),
  /** The documented channels or custom ones by their own names. */
  channels: z.array(z.string().min(1)),
  categories: z.array(z.string().min(1)).default([]),
  customFields: z.array(field).default([]),
})

const token = z.strictObject({
  token: z.string().min(1),
  /** What its role may see; all when absent. */
  databaseIds: z.array(id).optional(),
  resourceIds: z.array(id).optional(),
})

/** Errors on order, such as 440 or 500: of every call, or of each profile whose field has this value. */
const orderedError = z.strictObject({
  error: z.int().positive(),
  errorText: z.string(),
  profile: z.strictObject({ field: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) }).optional(),
})

/** An account: who may call, what exists in it, and how it is set up. The default one suits the documents' examples. */
export const settingsSchema = z.strictObject({
  tokens: z.array(token).default([{ token: 'abcdefghijklmnqrstuvwxyz' }]),
  databases: z.array(database).default([
    {
      id: 1,
      fields: [
        { name: 'Custom_ID', type: 'int', values: [] },
        { name: 'CRM_ID', type: 'unicode', values: [] },
        { name: 'LOYALTY_SCORE', type: 'int', values: [] },
        { name: 'balance', type: 'float', values: [] },
        { name: 'vip', type: 'bool', values: [] },
        { name: 'last_purchase', type: 'date', values: [] },
        { name: 'interests', type: 'tags', values: [] },
        { name: 'custom_enum', type: 'enum', values: [1, 2, 3, 4] },
        { name: 'home_ip', type: 'ip', values: [] },
        { name: 'app_version', type: 'version', values: [] },
        { name: 'work_email', type: 'email', values: [] },
        { name: 'work_phones', type: 'phones', values: [] },
        { name: 'address', type: 'object', values: [] },
        { name: 'orders', type: 'arr_object', values: [] },
      ],
    },
    { id: 2, fields: [] },
  ]),
  resources: z.array(resource).default([
    {
      id: 28,
      databaseIds: [1],
      channels: ['email', 'sms', 'push', 'telegram_bot', 'whatsapp', 'viber', 'notify'],
      categories: ['category_1', 'category_2'],
      customFields: [{ name: 'custom_field', type: 'unicode', values: [] }],
    },
    {
      id: 3,
      databaseIds: [1],
      channels: ['email', 'sms', 'push', 'telegram_bot', 'whatsapp', 'viber', 'notify', 'in_app'],
      categories: ['news', 'offers'],
      customFields: [{ name: 'member_number', type: 'int', values: [] }],
    },
    { id: 40, databaseIds: [2], channels: ['email'], categories: [], customFields: [] },
  ]),
  /** The HTTP status of a refused call is its error code, rather than 200. */
  mirrorErrorInStatus: z.boolean().default(false),
  /**
   * A profile's e-mail must be no other profile's of its database: error 409. The page "Add profile to database" calls
   * it unique, the example of import_batch imports one e-mail twice: hence off.
   */
  uniqueEmail: z.boolean().default(false),
  bodyLimitBytes: z.int().positive().default(readings.bodyLimitBytes),
  /** How many profiles the tariff allows; null is any number. */
  tariffProfiles: z.int().nonnegative().nullable().default(null),
  orderedErrors: z.array(orderedError).default([]),
})

export type AltcraftSettings = z.output<typeof settingsSchema>
export type AltcraftSettingsInput = z.input<typeof settingsSchema>
export type Database = AltcraftSettings['databases'][number]
export type Resource = AltcraftSettings['resources'][number]
export type Token = AltcraftSettings['tokens'][number]
