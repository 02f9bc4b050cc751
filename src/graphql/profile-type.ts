import type {
  AttributeDefinition,
  InputIssue,
  LinkDefinition,
  ProfileType,
  ProfileTypeDefinitionInput,
} from '../contract/profile-type.ts'
import { builder } from './builder.ts'
import { attributeTypeEnum } from './profile-enums.ts'
import { type Answer, invalidInputError } from './user-error.ts'

const attributeDefinition = builder.objectRef<AttributeDefinition>('AttributeDefinition').implement({
  description: 'A custom attribute of a profile type. D·engage: a custom column; Altcraft: a custom field.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, as records and filters write it.' }),
    type: t.field({ type: attributeTypeEnum, description: 'What values it takes.', resolve: ({ type }) => type }),
    importable: t.exposeBoolean('importable', {
      description: 'Whether imports may write it; a record that does else fails with ATTRIBUTE_NOT_IMPORTABLE.',
    }),
  }),
})

const linkDefinition = builder.objectRef<LinkDefinition>('LinkDefinition').implement({
  description: 'An attribute whose value is the key of a profile of another type. Webex Campaign: a linked profile.',
  fields: (t) => ({
    attribute: t.exposeString('attribute', { description: 'The STRING attribute that holds the key.' }),
    targetType: t.exposeString('targetType', { description: 'The profile type that has the key.' }),
  }),
})

const profileType = builder.objectRef<ProfileType>('ProfileType').implement({
  description: 'A named set of attributes and links. Webex Campaign: a profile definition, `profile-name`.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Its name, unique within the tenant; `contact` exists from the start.',
    }),
    attributes: t.field({
      type: [attributeDefinition],
      description: 'Its custom attributes, by name.',
      resolve: ({ attributes }) => attributes,
    }),
    links: t.field({
      type: [linkDefinition],
      description: 'Its links, by attribute.',
      resolve: ({ links }) => links,
    }),
  }),
})

builder.queryField('profileTypes', (t) =>
  t.field({
    type: [profileType],
    nullable: true,
    description: "The profile types of the gateway's own store, `contact` first, then by name.",
    resolve: (_root, _arguments, { loaders }) => loaders.profileTypes(),
  }),
)

const attributeDefinitionInput = builder
  .inputRef<ProfileTypeDefinitionInput['attributes'][number], false>('AttributeDefinitionInput')
  .implement({
    description: 'An attribute to add, or to change.',
    fields: (t) => ({
      name: t.string({ required: true, description: 'Its name.' }),
      type: t.field({
        type: attributeTypeEnum,
        description: 'What values it takes; null keeps the type it has, a new one is STRING. A type cannot be changed.',
      }),
      importable: t.boolean({
        description: 'Whether imports may write it; null keeps what is, a new one is importable.',
      }),
    }),
  })

const linkDefinitionInput = builder.inputRef<LinkDefinition, false>('LinkDefinitionInput').implement({
  description: 'An attribute that becomes a link.',
  fields: (t) => ({
    attribute: t.string({
      required: true,
      description: 'A STRING attribute that the type has, or that stands in `attributes`.',
    }),
    targetType: t.string({ required: true, description: 'The profile type that has the key.' }),
  }),
})

const defineProfileTypeInput = builder.inputRef<ProfileTypeDefinitionInput, false>('DefineProfileTypeInput').implement({
  description: 'A profile type to create, or what to add to one. What is not named stays.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the type; `contact` can be extended too.' }),
    attributes: t.field({
      type: [attributeDefinitionInput],
      required: true,
      defaultValue: [],
      description: 'Attributes to add or change.',
    }),
    links: t.field({
      type: [linkDefinitionInput],
      required: true,
      defaultValue: [],
      description: 'Links to add.',
    }),
  }),
})

interface ProfileTypePayload {
  kind: 'profileType'
  profileType: ProfileType
}

const profileTypePayload = builder.objectRef<ProfileTypePayload>('ProfileTypePayload').implement({
  description: 'The profile type as it now is.',
  fields: (t) => ({
    profileType: t.field({
      type: profileType,
      description: 'The profile type, with all its attributes and links.',
      resolve: ({ profileType }) => profileType,
    }),
  }),
})

/** The first fault stands for all in the message; a thousand would make it unreadable. */
export function refusedDefinition(issues: InputIssue[]): Answer<'invalidInput'> {
  const others = issues.length - 1
  const message = `Nothing was changed. ${issues[0]?.message}${others > 0 ? ` (and ${others} more, see issues)` : ''}`
  return { kind: 'invalidInput', message, issues }
}

const typenames = { profileType: 'ProfileTypePayload', invalidInput: 'InvalidInputError' } as const

const defineProfileTypeResult = builder.unionType('DefineProfileTypeResult', {
  description: 'The profile type, or why nothing was changed.',
  types: [profileTypePayload, invalidInputError],
  resolveType: ({ kind }) => typenames[kind],
})

builder.mutationField('defineProfileType', (t) =>
  t.field({
    type: defineProfileTypeResult,
    nullable: true,
    extensions: { scope: 'admin' },
    description:
      "Creates a profile type of the gateway's own store, or extends one: all of it, or nothing if any part is wrong. Needs the scope `admin`.",
    args: {
      input: t.arg({ type: defineProfileTypeInput, required: true, description: 'What the type should have.' }),
    },
    resolve: async (_root, { input }, context): Promise<ProfileTypePayload | Answer<'invalidInput'>> => {
      const defined = await context.profileTypes.define(context.tenant, input)
      if (defined.ok) return { kind: 'profileType', profileType: defined.profileType }
      return refusedDefinition(defined.issues)
    },
  }),
)
