import { builder } from './builder.ts'
import type { ExtensionRow } from './context.ts'
import { profile } from './profile.ts'
import { channelEnum, subscriptionStatusEnum } from './profile-enums.ts'

const extension = builder.objectRef<ExtensionRow>('Extension')

builder.node(extension, {
  description: 'One channel address of a profile. D·engage: a contact extension; Altcraft: a subscription.',
  id: { resolve: ({ id }) => id },
  loadManyWithoutCache: (ids: string[], { loaders }) => Promise.all(ids.map((id) => loaders.extension.load(id))),
  fields: (t) => ({
    profile: t.field({
      type: profile,
      description: 'The profile it belongs to.',
      resolve: async ({ profileId }, _arguments, { loaders }) => {
        const owner = await loaders.profile.load(profileId)
        if (owner === null) throw new Error(`the extension's profile ${profileId} is not there`)
        return owner
      },
    }),
    channel: t.field({
      type: channelEnum,
      description: 'The kind of address. D·engage and Altcraft `channel`.',
      resolve: ({ channel }) => channel,
    }),
    address: t.exposeString('address', {
      description: 'The address itself: e-mail in lower case, phone in E.164, push token, Telegram chat id.',
    }),
    provider: t.exposeString('provider', {
      nullable: true,
      description: 'Who delivers a push token; PUSH only. Altcraft `provider`.',
    }),
    resourceId: t.exposeInt('resourceId', {
      nullable: true,
      description: 'The resource that is subscribed to. Altcraft `resource_id`.',
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'Its extension type, one of those configured for the channel. D·engage `name`.',
    }),
    permission: t.exposeBoolean('permission', {
      nullable: true,
      description: 'Whether the contact agreed to messages at this address; null: nobody said. D·engage `permission`.',
    }),
    status: t.field({
      type: subscriptionStatusEnum,
      nullable: true,
      description: 'Where the subscription stands; null: nobody said. Altcraft `status`.',
      resolve: ({ status }) => status,
    }),
    priority: t.exposeInt('priority', {
      nullable: true,
      description: 'Which address is tried first: 0 is the highest. Altcraft `priority`.',
    }),
    categories: t.exposeStringList('categories', { description: 'The categories subscribed to. Altcraft `cats`.' }),
    customFields: t.expose('customFields', {
      type: 'JSONObject',
      description: 'Further fields by name, those without a value left out. Altcraft `custom_fields`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it last changed; a write that changes nothing leaves it alone.',
    }),
  }),
})

builder.objectField(profile, 'extensions', (t) =>
  t.field({
    type: [extension],
    description: 'Its channel addresses, in the order they were created. Altcraft `subscriptions`.',
    args: {
      channel: t.arg({ type: channelEnum, description: 'Only those of this channel; null is all of them.' }),
    },
    resolve: async ({ id }, { channel }, { loaders }) => {
      const extensions = await loaders.extensionsOf.load(id)
      return channel == null ? extensions : extensions.filter((item) => item.channel === channel)
    },
  }),
)
