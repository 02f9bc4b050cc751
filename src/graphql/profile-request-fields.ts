import { requestLimits } from '../domain/check-request.ts'
import { linkPolicyEnum, matchingModeEnum } from './request-enums.ts'

const required = true as const

/** What every upsert of profiles asks for beyond `requestFields`, as the options of the input's fields. */
export const profileRequestFields = {
  profileType: {
    description:
      "The profile type of all records; null is the destination's own default (`contact` at `local`). Webex Campaign `profile-name`.",
  },
  matching: {
    type: matchingModeEnum,
    required,
    defaultValue: 'KEY',
    description: 'By which value records find their profiles. Altcraft `matching`.',
  },
  matchingField: {
    description:
      'For CUSTOM and CUSTOM_SUB, and only for them: the attribute or custom field that identifies the profile. Altcraft `field_name`.',
  },
  linkPolicy: {
    type: linkPolicyEnum,
    required,
    defaultValue: 'CREATE',
    description: 'What to do with a link to a profile that does not exist. Webex Campaign `update-link` "1", "2", "3".',
  },
  skipInvalidExtensions: {
    required,
    defaultValue: false,
    description:
      'Drop a wrong extension with the warning EXTENSION_DROPPED, in place of failing its record. Altcraft `skip_invalid_subscriptions`.',
  },
  skipTriggers: {
    required,
    defaultValue: false,
    description:
      'Start none of the automations that a change would set off. Altcraft `skip_triggers`; `local` has none.',
  },
  detectGeo: {
    required,
    defaultValue: false,
    description: 'Have the vendor derive the place from the IP address of the record. Altcraft `detect_geo`.',
  },
  resourceId: {
    description: 'Narrows the search among extensions to one resource. Altcraft `resource_id`.',
  },
  maxAffected: {
    required,
    defaultValue: 1000,
    description: `Matching FILTER: a record that finds more profiles than this, 1 to ${requestLimits.maxAffected}, fails with TOO_MANY_MATCHES and changes none.`,
  },
} as const
