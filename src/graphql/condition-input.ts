import type { ConditionInput } from '../contract/input.ts'
import { builder } from './builder.ts'
import { conditionOperatorEnum, logicalOperatorEnum } from './request-enums.ts'

export const conditionInput = builder.inputRef<ConditionInput, false>('ConditionInput').implement({
  description:
    'One test of a filter. A filter is read from left to right, without precedence. Webex Campaign: an entry of `filter`.',
  fields: (t) => ({
    attribute: t.string({
      required: true,
      description:
        'A field of the profile (`email`, `firstName`, `birthDate` …) or the name of one of its attributes. Webex Campaign `attribute-name`.',
    }),
    operator: t.field({
      type: conditionOperatorEnum,
      required: true,
      defaultValue: 'EQUALS',
      description: 'How the two are compared. Webex Campaign `rel-op`.',
    }),
    value: t.string({
      required: true,
      description:
        'What to compare with, as text: it must be a value of the type of the field. TAGS: "a, b", which a profile with all of them equals. Webex Campaign `val`.',
    }),
    logical: t.field({
      type: logicalOperatorEnum,
      required: true,
      defaultValue: 'AND',
      description:
        'How it is joined to the next condition; that of the last one is ignored. Webex Campaign `logical-op`.',
    }),
  }),
})
