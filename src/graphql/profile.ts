import type { Condition, JsonObject } from '../contract/profile.ts'
import { typeFilter } from '../domain/filter.ts'
import { profileLimits } from '../domain/normalise-profile.ts'
import { type Checked, normaliseEmail, normalisePhone, unstorableText } from '../domain/values.ts'
import { builder } from './builder.ts'
import { conditionInput } from './condition-input.ts'
import type { Context, LinkRow, ProfileRange, ProfileRow, ProfileSelection } from './context.ts'
import { expectedError } from './errors.ts'
import { encodeGlobalId, idOf } from './global-id.ts'
import { connectionOf, countPage, pageArguments, pageSize, readCursor } from './page.ts'
import { contactStatusEnum } from './profile-enums.ts'

const defaultType = 'contact'

export const profile = builder.objectRef<ProfileRow>('Profile')

const profileLink = builder.objectRef<LinkRow>('ProfileLink').implement({
  description: 'An attribute whose value is the key of a profile of another type.',
  fields: (t) => ({
    attribute: t.exposeString('attribute', { description: 'The attribute that holds the key.' }),
    key: t.string({ description: 'The key it names.', resolve: ({ targetKey }) => targetKey }),
    profile: t.field({
      type: profile,
      nullable: true,
      description: 'The profile with that key; null: there is none, the link dangles.',
      resolve: async ({ targetType, targetKey }, _arguments, { loaders }) => {
        const [target] = await loaders.profilesBy.key.load({ type: targetType, value: targetKey })
        return target ?? null
      },
    }),
  }),
})

builder.node(profile, {
  description:
    "A contact in the gateway's own store. Webex Campaign: a contact profile; D·engage: a contact; Altcraft: a profile.",
  id: { resolve: ({ id }) => id },
  loadManyWithoutCache: (ids: string[], { loaders }) => Promise.all(ids.map((id) => loaders.profile.load(id))),
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The name of its profile type. Webex Campaign `profile-name`.' }),
    key: t.exposeString('key', {
      nullable: true,
      description: 'Its key, unique within tenant and type. Webex Campaign `key`, D·engage `contact_key`.',
    }),
    email: t.exposeString('email', { nullable: true, description: 'Its e-mail address, in lower case.' }),
    emailPermission: t.exposeBoolean('emailPermission', {
      nullable: true,
      description: 'Whether the contact agreed to e-mails; null: nobody said. D·engage `email_permission`.',
    }),
    emailStatus: t.field({
      type: contactStatusEnum,
      nullable: true,
      description: 'Whether the e-mail is in use. D·engage `email_status`.',
      resolve: ({ emailStatus }) => emailStatus,
    }),
    phone: t.exposeString('phone', {
      nullable: true,
      description: 'Its phone number in E.164, with its +. D·engage `gsm`, Altcraft `phones`.',
    }),
    phonePermission: t.exposeBoolean('phonePermission', {
      nullable: true,
      description: 'Whether the contact agreed to text messages; null: nobody said. D·engage `gsm_permission`.',
    }),
    phoneStatus: t.field({
      type: contactStatusEnum,
      nullable: true,
      description: 'Whether the phone is in use. D·engage `gsm_status`.',
      resolve: ({ phoneStatus }) => phoneStatus,
    }),
    status: t.field({
      type: contactStatusEnum,
      description: 'Whether the contact as a whole is in use. D·engage `contact_status`.',
      resolve: ({ status }) => status,
    }),
    firstName: t.exposeString('firstName', {
      nullable: true,
      description: 'The given name. D·engage `name`, Altcraft `_fname`.',
    }),
    lastName: t.exposeString('lastName', {
      nullable: true,
      description: 'The family name. D·engage `surname`, Altcraft `_lname`.',
    }),
    gender: t.exposeString('gender', {
      nullable: true,
      description: 'The gender, in the words it was given. D·engage `gender`, Altcraft `_sex`.',
    }),
    birthDate: t.expose('birthDate', {
      type: 'Date',
      nullable: true,
      description: 'The day of birth. D·engage `birth_date`, Altcraft `_bdate`.',
    }),
    subscriptionDate: t.expose('subscriptionDate', {
      type: 'Date',
      nullable: true,
      description: 'The day the contact signed up. D·engage `subscription_date`, Altcraft `_regdate`.',
    }),
    attributes: t.field({
      type: 'JSONObject',
      description:
        'Custom attributes by name, those without a value left out. Webex Campaign `attributes`, D·engage custom columns, Altcraft custom fields.',
      args: {
        names: t.arg.stringList({ description: 'Only these attributes; null is all of them.' }),
      },
      resolve: ({ attributes }, { names }) => (names ? onlyNamed(attributes, names) : attributes),
    }),
    links: t.field({
      type: [profileLink],
      description: 'Its links, in the order of their attributes. Webex Campaign: linked profiles.',
      resolve: ({ id }, _arguments, { loaders }) => loaders.linksOf.load(id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it last changed; a write that changes nothing leaves it alone.',
    }),
  }),
})

function onlyNamed(attributes: JsonObject, names: readonly string[]): JsonObject {
  const wanted = new Set(names)
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted.has(name)))
}

const profileConnection = builder.connectionObject(
  {
    type: profile,
    name: 'ProfileConnection',
    description: 'A page of profiles, in the order they were created.',
    fields: (t) => ({
      totalCount: t.int({
        description:
          'How many profiles there are on all pages together. They are counted one by one: ask only if needed.',
        resolve: countPage,
      }),
    }),
  },
  { description: 'A profile with its place in the list.' },
)

const profileLookupInput = builder.inputType('ProfileLookupInput', {
  description: 'The one value by which a single profile is looked up.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'The `id` of a Profile, of whatever type.' }),
    key: t.string({ description: 'The key.' }),
    email: t.string({ description: "The profile's own e-mail address, in any case; not those of its extensions." }),
    phone: t.string({
      description: "The profile's own phone number in international form with its +; not those of its extensions.",
    }),
  }),
})

type ProfileLookup = typeof profileLookupInput.$inferInput

builder.queryFields((t) => ({
  profile: t.field({
    type: profile,
    nullable: true,
    description:
      'The one profile with that id, key, e-mail or phone; null where there is none. Several of them are an error with the code AMBIGUOUS.',
    args: {
      by: t.arg({ type: profileLookupInput, required: true, description: 'What to look for: exactly one value.' }),
      type: t.arg.string({ description: 'The profile type to look in; null is `contact`. An `id` needs none.' }),
    },
    resolve: (_root, { by, type }, context) => findProfile(by, type ?? null, context),
  }),
  profiles: t.field({
    type: profileConnection,
    nullable: true,
    description: 'The profiles of one type, in the order they were created.',
    args: {
      type: t.arg.string({ description: 'The profile type; null is `contact`. Webex Campaign `profile-name`.' }),
      filter: t.arg({
        type: [conditionInput],
        description: `Only those that satisfy these conditions, at most ${profileLimits.conditions}, read from left to right without precedence. Webex Campaign \`filter\`.`,
      }),
      first: t.arg.int({ description: pageArguments.first }),
      after: t.arg.string({ description: pageArguments.after }),
      last: t.arg.int({ description: pageArguments.last }),
      before: t.arg.string({ description: pageArguments.before }),
    },
    resolve: async (_root, { type, filter, first, last, ...args }, context) => {
      if (first != null && last != null) {
        throw expectedError('BAD_USER_INPUT', 'first and last exclude each other: ask for one of them')
      }
      const fromEnd = last != null
      const size = fromEnd ? pageSize('last', last) : pageSize('first', first)
      const after = readCursor('after', args.after, (cursor) => idOf('Profile', cursor))
      const before = readCursor('before', args.before, (cursor) => idOf('Profile', cursor))
      const selection = await selectProfiles(type ?? defaultType, filter ?? [], context)
      return connectionOf(readPage(selection, { after, before, fromEnd, limit: size }, context))
    },
  }),
}))

/** One row more than the page holds is read, to know whether there are more. */
async function readPage(selection: ProfileSelection, range: ProfileRange, context: Context) {
  const { after, before, fromEnd, limit } = range
  const rows = await context.profilePage(selection, { ...range, limit: limit + 1 })
  const more = rows.length > limit
  const nodes = rows.slice(0, limit)
  if (fromEnd) nodes.reverse()
  return {
    edges: nodes.map((node) => ({ cursor: encodeGlobalId('Profile', node.id), node })),
    hasNextPage: fromEnd ? before !== null : more,
    hasPreviousPage: fromEnd ? more : after !== null,
    totalCount: () => context.profileCount(selection),
  }
}

async function findProfile(by: ProfileLookup, type: string | null, { loaders }: Context): Promise<ProfileRow | null> {
  if (by.id != null) {
    const id = idOf('Profile', by.id)
    const found = id === null ? null : await loaders.profile.load(id)
    return type === null || found?.type === type ? found : null
  }
  const [field, value] = lookupValue(by)
  const searched = { type: storable('type', type ?? defaultType), value }
  const [found, second] = await loaders.profilesBy[field].load(searched)
  if (second) {
    throw expectedError(
      'AMBIGUOUS',
      `several profiles of type ${searched.type} have the ${field} ${value}: look one up by its key, or list them with profiles(filter:)`,
    )
  }
  return found ?? null
}

/** What to look for, in the form that it is stored in. */
function lookupValue(by: ProfileLookup): ['key' | 'email' | 'phone', string] {
  if (by.email != null) return ['email', normalised('email', normaliseEmail(by.email))]
  if (by.phone != null) return ['phone', normalised('phone', normalisePhone(by.phone))]
  return ['key', storable('by.key', by.key ?? '')]
}

function normalised(field: 'email' | 'phone', checked: Checked<string>): string {
  if (checked.ok) return checked.value
  throw expectedError('BAD_USER_INPUT', `by.${field} ${checked.message}`)
}

/** A text that the database can be asked for. */
function storable(argument: string, text: string): string {
  const fault = unstorableText(text)
  if (fault !== null) throw expectedError('BAD_USER_INPUT', `${argument} ${fault}`)
  return text
}

async function selectProfiles(type: string, filter: readonly Condition[], context: Context): Promise<ProfileSelection> {
  storable('type', type)
  if (filter.length > profileLimits.conditions) {
    const message = `filter has ${filter.length} conditions; at most ${profileLimits.conditions} are taken`
    throw expectedError('LIMIT_EXCEEDED', message)
  }
  if (filter.length === 0) return { type, conditions: [] }
  const definition = (await context.loaders.profileTypes()).find(({ name }) => name === type)
  const types = new Map(definition?.attributes.map((attribute) => [attribute.name, attribute.type]))
  const typed = typeFilter(filter, (name) => types.get(name))
  if (typed.ok) return { type, conditions: typed.conditions }
  throw expectedError('BAD_USER_INPUT', typed.errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
}
