import type { Destination } from '../contract/adapter.ts'
import type { Capabilities, ExtensionCapabilities, ProfileCapabilities } from '../contract/capability.ts'
import { builder } from './builder.ts'
import { channelEnum } from './profile-enums.ts'
import { linkPolicyEnum, matchingModeEnum, upsertModeEnum } from './request-enums.ts'

const maxBatchSize =
  'Records in one call or transaction; more are cut into several. Webex Campaign 100, D·engage 1,000, Altcraft 10,000.'
const minIntervalMs =
  'Least milliseconds between the starts of two calls to the vendor; 0 is none. D·engage asks for one call a minute: 60,000.'
const maxConcurrency = 'Calls in flight at once, over all processes that use the same vendor account.'

const profileCapabilities = builder.objectRef<ProfileCapabilities>('ProfileCapabilities').implement({
  description: 'What a destination can do with profiles. A request for anything else is refused before it is stored.',
  fields: (t) => ({
    matching: t.field({
      type: [matchingModeEnum],
      description: 'The matching modes it has.',
      resolve: ({ matching }) => matching,
    }),
    upsert: t.field({
      type: [upsertModeEnum],
      description: 'The upsert modes it has.',
      resolve: ({ upsert }) => upsert,
    }),
    linkPolicy: t.field({
      type: [linkPolicyEnum],
      description: 'The link policies it has; empty: the destination has no links.',
      resolve: ({ linkPolicy }) => linkPolicy,
    }),
    channels: t.field({
      type: [channelEnum],
      description: 'The channels of extensions inside a profile; empty: it takes none.',
      resolve: ({ channels }) => channels,
    }),
    options: t.stringList({
      description:
        'Those it honours of `skipTriggers`, `detectGeo`, `resourceId`, `newKey`, `nulls` (that is, CLEAR) and `skipInvalidExtensions`.',
      resolve: ({ options }) => options,
    }),
    maxBatchSize: t.exposeInt('maxBatchSize', { description: maxBatchSize }),
    minIntervalMs: t.exposeInt('minIntervalMs', { description: minIntervalMs }),
    maxConcurrency: t.exposeInt('maxConcurrency', { description: maxConcurrency }),
  }),
})

const extensionCapabilities = builder.objectRef<ExtensionCapabilities>('ExtensionCapabilities').implement({
  description: 'What a destination can do with extensions by themselves. D·engage BulkUpsertExtensions.',
  fields: (t) => ({
    upsert: t.field({
      type: [upsertModeEnum],
      description: 'The upsert modes it has.',
      resolve: ({ upsert }) => upsert,
    }),
    channels: t.field({
      type: [channelEnum],
      description: 'The channels it takes.',
      resolve: ({ channels }) => channels,
    }),
    maxBatchSize: t.exposeInt('maxBatchSize', { description: maxBatchSize }),
    minIntervalMs: t.exposeInt('minIntervalMs', { description: minIntervalMs }),
    maxConcurrency: t.exposeInt('maxConcurrency', { description: maxConcurrency }),
  }),
})

const capabilities = builder.objectRef<Capabilities>('Capabilities').implement({
  description: 'What a destination can do: the very limits that requests are checked against.',
  fields: (t) => ({
    profiles: t.field({
      type: profileCapabilities,
      nullable: true,
      description: 'Null: it cannot upsert profiles.',
      resolve: ({ profiles }) => profiles,
    }),
    extensions: t.field({
      type: extensionCapabilities,
      nullable: true,
      description: 'Null: it cannot upsert extensions by themselves.',
      resolve: ({ extensions }) => extensions,
    }),
  }),
})

export const destination = builder.objectRef<Destination>('Destination').implement({
  description: "Where profiles can go: the gateway's own store, or one configured account at a vendor.",
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its name in the configuration, and in the `destinations` of a request.' }),
    adapter: t.string({
      description: 'The kind of destination: `local`, `webex`, `dengage` or `altcraft`.',
      resolve: ({ adapter }) => adapter.name,
    }),
    capabilities: t.field({
      type: capabilities,
      description: 'What it can do.',
      resolve: ({ adapter }) => adapter.capabilities,
    }),
  }),
})

builder.queryField('destinations', (t) =>
  t.field({
    type: [destination],
    nullable: true,
    description: 'The destinations of the tenant, `local` first, then in the order of the configuration.',
    resolve: (_root, _arguments, { registry, tenant }) => registry.all(tenant),
  }),
)
