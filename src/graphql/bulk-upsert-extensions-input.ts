import type { BulkUpsertExtensionsInput, ExtensionInput } from '../contract/input.ts'
import { maxProviderLength, maxPushAddressLength } from '../domain/normalise-extension.ts'
import { profileLimits } from '../domain/normalise-profile.ts'
import { builder } from './builder.ts'
import { channelEnum } from './profile-enums.ts'
import { requestFields } from './request-fields.ts'

const extensionInput = builder.inputRef<ExtensionInput, false>('ExtensionInput').implement({
  description:
    'One channel address by itself, of a profile that is there. At `local` it is found by key, channel, resourceId, provider and address; at D·engage by `contact_key` and `address` alone. What is left out stays as it is; what null means is said by `nulls`.',
  fields: (t) => ({
    clientRef: t.string({
      description: `The caller's own name for this record, at most ${profileLimits.key} characters, given back in its result. Not stored.`,
    }),
    key: t.string({
      required: true,
      description: 'The key of the profile that the address belongs to. D·engage `contact_key`.',
    }),
    address: t.string({
      required: true,
      description: `EMAIL: an e-mail address of at most 255 characters; SMS, WHATSAPP, VIBER: a phone number in international form with its +; PUSH: the token, at most ${maxPushAddressLength} characters; TELEGRAM_BOT: the chat id, a whole number. D·engage \`address\`.`,
    }),
    channel: t.field({
      type: channelEnum,
      description:
        'The kind of address, by which it is checked. A new extension needs it, and so does `newAddress`; it cannot be changed. Left out: whichever the extension has; several are AMBIGUOUS_MATCH. D·engage `channel`.',
    }),
    provider: t.string({
      description: `Who delivers a push token, \`ios-apns\` say; PUSH only, at most ${maxProviderLength} characters. Part of what identifies the extension. D·engage has none.`,
    }),
    resourceId: t.int({
      description: 'The resource that is subscribed to. Part of what identifies the extension. D·engage has none.',
    }),
    name: t.string({
      description:
        'An extension type configured for the channel, see `extensionTypes`; null clears it under `nulls: CLEAR`. D·engage `name`.',
    }),
    permission: t.boolean({
      description:
        'Whether the contact agreed to messages at this address. Left out: stays; never invented. D·engage `permission`.',
    }),
    newAddress: t.string({
      description: 'Takes the place of `address`. Needs `channel`; UPDATE_ONLY only. D·engage `new_address`.',
    }),
    newKey: t.string({
      description: 'Moves the address to the profile of this key; UPDATE_ONLY only. D·engage `new_contact_key`.',
    }),
  }),
})

export const bulkUpsertExtensionsInput = builder
  .inputRef<BulkUpsertExtensionsInput, false>('BulkUpsertExtensionsInput')
  .implement({
    description:
      "Channel addresses by themselves, where they should go, and how they are written there. A destination's batch size and pace are kept for the caller.",
    fields: (t) => ({
      destinations: t.idList(requestFields.destinations),
      profileType: t.string({
        description:
          "The type of the profiles whose keys the records name; null is the destination's own default (`contact` at `local`).",
      }),
      upsert: t.field(requestFields.upsert),
      nulls: t.field(requestFields.nulls),
      onInvalid: t.field(requestFields.onInvalid),
      audit: t.stringList(requestFields.audit),
      idempotencyKey: t.string(requestFields.idempotencyKey),
      waitSeconds: t.int(requestFields.waitSeconds),
      extensions: t.field({
        type: [extensionInput],
        required: true,
        description:
          'The records, 1 to 10,000 unless the gateway is configured for another number. Their place, counted from 0, is their `index` in results. D·engage `contactDatas`.',
      }),
    }),
  })
