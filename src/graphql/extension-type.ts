import type { ExtensionType } from '../contract/profile-type.ts'
import { builder } from './builder.ts'
import { channelEnum } from './profile-enums.ts'
import { refusedDefinition } from './profile-type.ts'
import { type Answer, invalidInputError } from './user-error.ts'

const extensionType = builder.objectRef<ExtensionType>('ExtensionType').implement({
  description: 'A name that extensions of a channel may carry. D·engage: a contact extension type.',
  fields: (t) => ({
    channel: t.field({ type: channelEnum, description: 'The channel.', resolve: ({ channel }) => channel }),
    name: t.exposeString('name', { description: 'The name, unique within the channel.' }),
  }),
})

builder.queryField('extensionTypes', (t) =>
  t.field({
    type: [extensionType],
    nullable: true,
    description: "The extension types of the gateway's own store, by channel and name.",
    resolve: (_root, _arguments, { profileTypes, tenant }) => profileTypes.extensionTypes(tenant),
  }),
)

const defineExtensionTypeInput = builder.inputRef<ExtensionType, false>('DefineExtensionTypeInput').implement({
  description: 'An extension type to create; one that is there stays as it is.',
  fields: (t) => ({
    channel: t.field({ type: channelEnum, required: true, description: 'The channel.' }),
    name: t.string({ required: true, description: 'The name, at most 100 characters.' }),
  }),
})

interface ExtensionTypePayload {
  kind: 'extensionType'
  extensionType: ExtensionType
}

const extensionTypePayload = builder.objectRef<ExtensionTypePayload>('ExtensionTypePayload').implement({
  description: 'The extension type, which is there now.',
  fields: (t) => ({
    extensionType: t.field({
      type: extensionType,
      description: 'The extension type.',
      resolve: ({ extensionType }) => extensionType,
    }),
  }),
})

const typenames = { extensionType: 'ExtensionTypePayload', invalidInput: 'InvalidInputError' } as const

const defineExtensionTypeResult = builder.unionType('DefineExtensionTypeResult', {
  description: 'The extension type, or why nothing was changed.',
  types: [extensionTypePayload, invalidInputError],
  resolveType: ({ kind }) => typenames[kind],
})

builder.mutationField('defineExtensionType', (t) =>
  t.field({
    type: defineExtensionTypeResult,
    nullable: true,
    extensions: { scope: 'admin' },
    description:
      "Creates an extension type of the gateway's own store: a name that extensions of a channel may carry from then on. Needs the scope `admin`.",
    args: {
      input: t.arg({ type: defineExtensionTypeInput, required: true, description: 'The channel and the name.' }),
    },
    resolve: async (_root, { input }, context): Promise<ExtensionTypePayload | Answer<'invalidInput'>> => {
      const issues = await context.profileTypes.defineExtensionType(context.tenant, input)
      return issues.length === 0 ? { kind: 'extensionType', extensionType: input } : refusedDefinition(issues)
    },
  }),
)
