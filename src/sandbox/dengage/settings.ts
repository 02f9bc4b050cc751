import { z } from 'zod'

export const columnTypes = ['TEXT', 'INTEGER', 'DECIMAL', 'BOOLEAN', 'DATE', 'EMAIL', 'PHONE'] as const
export const channels = ['E', 'S', 'W'] as const
export type Channel = (typeof channels)[number]

const customColumn = z.strictObject({
  name: z.string().min(1),
  type: z.enum(columnTypes).default('TEXT'),
  importEnabled: z.boolean().default(true),
})

const extensionType = z.strictObject({ name: z.string().min(1).max(100), channel: z.enum(channels) })

const sampleColumns: z.input<typeof customColumn>[] = [
  { name: 'city' },
  { name: 'country' },
  { name: 'language' },
  { name: 'tier' },
  { name: 'source' },
  { name: 'loyalty_points', type: 'INTEGER' },
  { name: 'balance', type: 'DECIMAL' },
  { name: 'vip', type: 'BOOLEAN' },
  { name: 'last_order_date', type: 'DATE' },
  { name: 'rfm_segment', importEnabled: false },
]

export const dengageSettings = z.strictObject({
  userKey: z.string().min(1).default('dengage-sandbox-user'),
  password: z.string().min(1).default('dengage-sandbox-password'),
  /** How long a login is good for. */
  loginSeconds: z.number().positive().default(3600),
  /** The account's own columns of master_contact. */
  columns: z.array(customColumn).prefault(sampleColumns),
  extensionTypes: z.array(extensionType).default([
    { name: 'Work Email', channel: 'E' },
    { name: 'Work Phone', channel: 'S' },
  ]),
  /** A bulk call that begins sooner after the last one is 429; null: only a call beside another one is. */
  minIntervalMs: z.int().min(1).nullable().default(null),
  /** Calls of any kind in one second, after which there is 429; null: no limit. Live accounts are said to have 30. */
  callsPerSecond: z.int().min(1).nullable().default(null),
  /** Errors and warnings do not say whose they are. */
  keylessMessages: z.boolean().default(false),
  /** Numbers that the server takes for invalid although they look right. */
  invalidGsm: z.array(z.string()).default([]),
  /** `address`: the caller's IP is not on the list, 403 without a body. `role`: the user may not do it, 403 with code 10. */
  refuse: z.enum(['address', 'role']).nullable().default(null),
})

export type DengageSettings = z.output<typeof dengageSettings>
export type DengageSettingsInput = z.input<typeof dengageSettings>
