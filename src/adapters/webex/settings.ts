import { z } from 'zod'
import { headerSecret, vendorFieldName, vendorShape } from '../vendor-settings.ts'
import { readings } from './readings.ts'

/** An attribute's name in the account's profile definition, or its id. */
const attributeName = z.union(
  [vendorFieldName, z.strictObject({ attributeId: z.string().min(1) })],
  'must be the name of an attribute or { "attributeId": "12" }',
)
export type WebexAttributeName = z.output<typeof attributeName>

/** The most profiles that one bulk call takes. */
const mostRecords = 100

export const webexSettings = z.strictObject({
  ...vendorShape(
    'webex',
    { minIntervalMs: 0, maxConcurrency: 4, maxBatchSize: mostRecords, mostRecords },
    attributeName,
  ),
  pathPrefix: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, 'must be a path such as "/campaignapi"')
    .transform((path) => path.replace(/\/$/, ''))
    .default(readings.defaultPathPrefix),
  /** A secret key or an access token of an API user. */
  token: headerSecret,
  /** The profile definition of requests that name no profile type; without it Webex decides. */
  profileName: z.string().min(1).optional(),
})

export type WebexSettings = z.output<typeof webexSettings>
