import type { ProfileExtensionInput, ProfileInput } from '../contract/input.ts'
import { maxProviderLength, maxPushAddressLength } from '../domain/normalise-extension.ts'
import { profileLimits } from '../domain/normalise-profile.ts'
import { builder } from './builder.ts'
import { conditionInput } from './condition-input.ts'
import { channelEnum, contactStatusEnum, subscriptionStatusEnum } from './profile-enums.ts'

const profileExtensionInput = builder.inputRef<ProfileExtensionInput, false>('ProfileExtensionInput').implement({
  description:
    'One channel address of the profile it stands in, upserted by channel, resourceId, provider and address; the other extensions of the profile stay. Altcraft: an entry of `subscriptions`.',
  fields: (t) => ({
    channel: t.field({ type: channelEnum, required: true, description: 'The kind of address. Altcraft `channel`.' }),
    address: t.string({
      required: true,
      description: `EMAIL: an e-mail address of at most 255 characters; SMS, WHATSAPP, VIBER: a phone number in international form with its +; PUSH: the token, at most ${maxPushAddressLength} characters; TELEGRAM_BOT: the chat id, a whole number. Altcraft \`email\`, \`phone\`, \`subscription_id\`, \`cc_data\`.`,
    }),
    provider: t.string({
      description: `Who delivers a push token, \`ios-apns\` say; PUSH only, at most ${maxProviderLength} characters. Altcraft \`provider\`.`,
    }),
    resourceId: t.int({ description: 'The resource that is subscribed to. Altcraft `resource_id`.' }),
    name: t.string({
      description: 'An extension type configured for the channel, see `extensionTypes`. D·engage `name`.',
    }),
    permission: t.boolean({
      description:
        'Whether the contact agreed to messages at this address. Left out: stays; never invented. D·engage `permission`.',
    }),
    status: t.field({
      type: subscriptionStatusEnum,
      description: 'Where the subscription stands. Left out: stays; never invented. Altcraft `status`.',
    }),
    priority: t.int({ description: 'Which address is tried first: 0 is the highest. Altcraft `priority`.' }),
    categories: t.stringList({
      description: 'The categories subscribed to; replaces those there were. Altcraft `cats`.',
    }),
    customFields: t.field({
      type: 'JSONObject',
      description: 'Further fields of the extension by name, merged name by name. Altcraft `custom_fields`.',
    }),
  }),
})

export const profileInput = builder.inputRef<ProfileInput, false>('ProfileInput').implement({
  description:
    'One contact of a bulk upsert. What is left out stays as it is; what null means is said by `nulls`. The value that `matching` looks for finds the profile, and is written only where one is created.',
  fields: (t) => ({
    clientRef: t.string({
      description: `The caller's own name for this record, at most ${profileLimits.key} characters, given back in its result. Not stored in the profile.`,
    }),
    key: t.string({
      description: `The unique key of the profile, at most ${profileLimits.key} characters. Under another matching mode than KEY it is given to a profile that has none. Webex Campaign \`key\`, D·engage \`contact_key\`.`,
    }),
    newKey: t.string({
      description:
        'Renames the profile; links that point to the old key follow. Matching KEY and UPDATE_ONLY only. D·engage `new_contact_key`.',
    }),
    profileId: t.id({
      description:
        "The destination's own id of the profile; matching PROFILE_ID only. At `local` the `id` of a Profile, at Altcraft `profile_id`.",
    }),
    filter: t.field({
      type: [conditionInput],
      description: `Which profiles to update, 1 to ${profileLimits.conditions} conditions; matching FILTER only. Webex Campaign \`filter\`.`,
    }),
    email: t.string({
      description: 'An e-mail address of at most 255 characters; trimmed and lower-cased. All vendors: `email`.',
    }),
    emailPermission: t.boolean({
      description:
        'Whether the contact agreed to e-mails. Left out: stays; never invented. D·engage `email_permission`.',
    }),
    emailStatus: t.field({
      type: contactStatusEnum,
      description:
        'Whether the e-mail is in use. Left out: ACTIVE where `email` changes, else it stays. D·engage `email_status`.',
    }),
    phone: t.string({
      description:
        'A phone number in international form with its +, at most 20 characters; stored as E.164. D·engage `gsm` (without +), Altcraft `phones`.',
    }),
    phonePermission: t.boolean({
      description:
        'Whether the contact agreed to text messages. Left out: stays; never invented. D·engage `gsm_permission`.',
    }),
    phoneStatus: t.field({
      type: contactStatusEnum,
      description:
        'Whether the phone is in use. Left out: ACTIVE where `phone` changes, else it stays. D·engage `gsm_status`.',
    }),
    status: t.field({
      type: contactStatusEnum,
      description: 'Whether the contact as a whole is in use; a new one is ACTIVE. D·engage `contact_status`.',
    }),
    firstName: t.string({ description: 'At most 100 characters. D·engage `name`, Altcraft `_fname`.' }),
    lastName: t.string({ description: 'At most 100 characters. D·engage `surname`, Altcraft `_lname`.' }),
    gender: t.string({ description: 'Any text of at most 100 characters. D·engage `gender`, Altcraft `_sex`.' }),
    birthDate: t.field({ type: 'Date', description: 'The day of birth. D·engage `birth_date`, Altcraft `_bdate`.' }),
    subscriptionDate: t.field({
      type: 'Date',
      description: 'The day the contact signed up. D·engage `subscription_date`, Altcraft `_regdate`.',
    }),
    attributes: t.field({
      type: 'JSONObject',
      description: `Custom attributes by name, at most ${profileLimits.attributes}, merged name by name. At \`local\` they are those that \`defineProfileType\` made, and have its types. Webex Campaign \`attributes\`, D·engage custom columns, Altcraft custom fields.`,
    }),
    extensions: t.field({
      type: [profileExtensionInput],
      description: `Channel addresses of the profile, at most ${profileLimits.extensions}; those that are not named stay. Altcraft \`subscriptions\`.`,
    }),
  }),
})
