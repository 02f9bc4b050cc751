import type { AttributeType, Channel, ContactStatus, SubscriptionStatus } from '../contract/profile.ts'
import { enumOf } from './builder.ts'

export const channelEnum = enumOf<Channel>(
  'Channel',
  'The kind of address an extension holds. D·engage `channel`, Altcraft `channel`.',
  {
    EMAIL: 'An e-mail address. D·engage `E`, Altcraft `email`.',
    SMS: 'A phone number for text messages. D·engage `S`, Altcraft `sms`.',
    WHATSAPP: 'A phone number on WhatsApp. D·engage `W`, Altcraft `whatsapp`.',
    PUSH: 'The push token of an app or browser, named together with its provider. Altcraft `push`.',
    TELEGRAM_BOT: 'A Telegram chat id. Altcraft `telegram_bot`.',
    VIBER: 'A phone number on Viber. Altcraft `viber`.',
  },
)

export const contactStatusEnum = enumOf<ContactStatus>(
  'ContactStatus',
  'Whether a contact, or one of its two own addresses, may be used at all. D·engage `contact_status`, `email_status`, `gsm_status`.',
  {
    ACTIVE: 'In use. D·engage `A`.',
    PASSIVE: 'Set aside: receives nothing. D·engage `P`.',
  },
)

export const subscriptionStatusEnum = enumOf<SubscriptionStatus>(
  'SubscriptionStatus',
  'Where an extension stands towards messages. Altcraft subscription `status`.',
  {
    SUBSCRIBED: 'Ready for messages. Altcraft `subscribed` (0).',
    UNSUBSCRIBED: 'The contact has unsubscribed. Altcraft `unsubscribed` (1).',
    COMPLAINED: 'The contact has reported a message as spam. Altcraft `complained` (2).',
    HARD_BOUNCED: 'The address refuses for good. Altcraft `hardbounced` (3).',
    UNCONFIRMED: 'The double opt-in was not confirmed yet. Altcraft `unconfirmed` (4).',
    SUSPENDED: 'Switched off for a while. Altcraft `suspended` (5).',
    INVALID: 'The address cannot work. Altcraft `invalid` (6).',
  },
)

export const attributeTypeEnum = enumOf<AttributeType>(
  'AttributeType',
  'What values an attribute takes, and in which form it gives them back.',
  {
    STRING:
      'A text; a number or boolean is taken as its JSON text. Comes back as a text. D·engage TEXT, Altcraft `unicode`.',
    INTEGER:
      'A whole number, or its decimal text, within ±(2^53−1). Comes back as a number. D·engage INTEGER, Altcraft `int`.',
    DECIMAL:
      'A number, or its decimal text, kept exactly. Comes back as a text, so that no digit is lost. D·engage DECIMAL, Altcraft `float`.',
    BOOLEAN:
      'true or false, or the texts "true" and "false". Comes back as a boolean. D·engage BOOLEAN, Altcraft `bool`.',
    DATE: 'A day that exists, `YYYY-MM-DD`. Comes back the same. D·engage DATE.',
    DATETIME: 'An RFC 3339 instant. Comes back in UTC.',
    TAGS: 'A list of texts, or one text with commas between them. Comes back as a list without repeats. Altcraft `tags`.',
  },
)
