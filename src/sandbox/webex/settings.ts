import { z } from 'zod'

const definitionSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  /** The attribute that shows a row's key; null: the key stands apart from the attributes. */
  keyAttribute: z.string().nullable().default(null),
  attributes: z.array(z.strictObject({ id: z.string().min(1), name: z.string().min(1) })),
})

/** A profile definition: a table of contact profiles. */
export type Definition = z.output<typeof definitionSchema>

const linkSchema = z.strictObject({
  source: z.string(),
  sourceAttribute: z.string(),
  destination: z.string(),
  /** null joins by the destination's key. */
  destinationAttribute: z.string().nullable().default(null),
})

/** A linked profile: rows of `source` name a row of `destination`. Definitions are given by name. */
export type Link = z.output<typeof linkSchema>

const contactAttributes = [
  'crmid',
  'firstname',
  'lastname',
  'email',
  'msisdn',
  'gender',
  'birthdate',
  'country',
  'city',
  'language',
  'tier',
  'source',
  'emailpermission',
  'smspermission',
  'subscriptiondate',
  'accountid',
]

const withIds = (names: readonly string[]) => names.map((name, index) => ({ id: String(index + 1), name }))

/** Two definitions of people and what they link to. */
const sampleDefinitions: z.input<typeof definitionSchema>[] = [
  { id: '11', name: 'customers', attributes: withIds(contactAttributes) },
  { id: '12', name: 'contact', attributes: withIds(contactAttributes) },
  { id: '13', name: 'accounts', attributes: withIds(['accountid', 'accountname', 'industry']) },
]

const sampleLinks: z.input<typeof linkSchema>[] = ['customers', 'contact'].map((source) => ({
  source,
  sourceAttribute: 'accountid',
  destination: 'accounts',
}))

export const webexSettings = z
  .strictObject({
    pathPrefix: z.string().startsWith('/').default('/campaignapi'),
    /** Secrets that are let in; any other is 401 / 498. */
    tokens: z.array(z.string().min(1)).default(['webex-sandbox-secret']),
    /** Secrets of users without the profile APIs: 401 / 430. */
    forbiddenTokens: z.array(z.string().min(1)).default(['webex-sandbox-forbidden']),
    definitions: z.array(definitionSchema).min(1).prefault(sampleDefinitions),
    links: z.array(linkSchema).prefault(sampleLinks),
    /** Answers a bulk call with a request-id alone; the outcome is asked for at profilequerystatus. */
    asynchronous: z.boolean().default(false),
    /** How often the status of an asynchronous request is still pending when asked. */
    pendingPolls: z.int().min(0).default(2),
    /** What `error-file` holds: the file itself, a path below this vendor's address, or a URL. */
    errorFile: z.enum(['inline', 'path', 'url']).default('path'),
    /** The origin of that URL; null is the sandbox itself. Another one is what no caller should follow. */
    errorFileOrigin: z.url().nullable().default(null),
    /** How a description is written: enclosed, its quotes escaped or doubled, or the bare words of the page's sample rows. */
    errorFileStyle: z.enum(['escaped', 'doubled', 'bare']).default('escaped'),
    /** A synchronous answer tells of each record, or of none but the count; or the only record's failure is the call's. */
    recordAnswers: z.enum(['each', 'none', 'codeForOne']).default('each'),
    /** Whether a record's Status is JSON text or a number. */
    statusAs: z.enum(['string', 'number']).default('string'),
    /** More calls than that within the window are 429; null never is. */
    throttle: z
      .strictObject({ calls: z.int().min(1), windowMs: z.int().min(1) })
      .nullable()
      .default(null),
  })
  .superRefine(({ definitions, links }, context) => {
    const attributesOf = new Map(definitions.map(({ name, attributes }) => [name, attributes.map((one) => one.name)]))
    links.forEach((link, index) => {
      for (const side of ['source', 'destination'] as const) {
        const attributes = attributesOf.get(link[side])
        const attribute = link[`${side}Attribute`]
        if (!attributes) {
          const message = `there is no definition named ${link[side]}: define it, or take the link out of links too`
          context.addIssue({ code: 'custom', path: ['links', index, side], message })
        } else if (attribute !== null && !attributes.includes(attribute)) {
          const message = `${link[side]} has no attribute ${attribute}`
          context.addIssue({ code: 'custom', path: ['links', index, `${side}Attribute`], message })
        }
      }
    })
  })

export type WebexSettings = z.output<typeof webexSettings>
export type WebexSettingsInput = z.input<typeof webexSettings>
