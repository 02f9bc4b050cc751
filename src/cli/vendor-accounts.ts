import { z } from 'zod'
import type { Environment } from './server-process.ts'

/** What the contacts of the sample state beside their key, fields and attributes alike, as the gateway's schema calls it. */
export const contactFields = [
  'email',
  'emailPermission',
  'phone',
  'phonePermission',
  'firstName',
  'lastName',
  'gender',
  'birthDate',
  'tier',
  'points',
  'balance',
  'newsletter',
  'lastVisit',
  'interests',
  'company',
] as const
export type ContactField = (typeof contactFields)[number]

/** How one destination calls the key and the fields of a contact, where it does not call them as the schema does. */
export type FieldNames = Readonly<Partial<Record<'key' | ContactField, string>>>

export const nameIn = (names: FieldNames, field: 'key' | ContactField): string => names[field] ?? field

/** One stored contact, by the names of its destination. */
export type StoredContact = Readonly<Record<string, unknown>>

export interface StoredContacts {
  contacts: StoredContact[]
  /** Companies that are profiles there; null where there are no links. */
  companies: number | null
  /** null where they are not asked for. */
  extensions: number | null
}

/** A vendor's account of the demo, in the sandbox. */
export interface VendorAccount {
  id: 'webex' | 'dengage' | 'altcraft'
  /** Of its API in the sandbox. */
  path: string
  /** What the sandbox is told about it: the fields that are the account's own. */
  setup: object
  /** The destination in gateway.config.json, `baseUrl` apart. */
  destination: object
  names: FieldNames
  /** Reads what the sandbox says is stored. Throws when it is not what the vendor stores. */
  read(stored: unknown): StoredContacts
}

const webexNames: FieldNames = {
  email: 'email',
  emailPermission: 'emailpermission',
  phone: 'msisdn',
  phonePermission: 'smspermission',
  firstName: 'firstname',
  lastName: 'lastname',
  gender: 'gender',
  birthDate: 'birthdate',
  lastVisit: 'lastvisit',
  company: 'accountid',
}
const webexAttributes = contactFields.map((field, place) => ({ id: `${place + 1}`, name: nameIn(webexNames, field) }))
const webexProfiles = z.array(
  z.object({ profileName: z.string(), key: z.string(), attributes: z.record(z.string(), z.string()) }),
)

/** All attributes are text, and the account's own: the gateway knows none by itself. `accountid` links to the profiles called accounts. */
const webex: VendorAccount = {
  id: 'webex',
  path: '/webex',
  setup: {
    definitions: [
      { id: '11', name: 'customers', attributes: webexAttributes },
      { id: '12', name: 'accounts', attributes: [] },
    ],
    links: [{ source: 'customers', sourceAttribute: 'accountid', destination: 'accounts' }],
  },
  destination: { token: `\${WEBEX_TOKEN}`, profileName: 'customers', fields: webexNames },
  names: webexNames,
  read(stored) {
    const { customers = [], accounts = [] } = Object.groupBy(webexProfiles.parse(stored), (one) => one.profileName)
    const contacts = customers.map(({ key, attributes }) => ({ ...attributes, key }))
    return { contacts, companies: accounts.length, extensions: null }
  },
}

/** The contact's own columns have fixed names, which the gateway knows; the others are the account's. */
const dengage: VendorAccount = {
  id: 'dengage',
  path: '/dengage/rest',
  setup: {
    columns: [
      { name: 'tier' },
      { name: 'loyalty_points', type: 'INTEGER' },
      { name: 'balance', type: 'DECIMAL' },
      { name: 'newsletter', type: 'BOOLEAN' },
      { name: 'last_visit', type: 'DATE' },
      { name: 'interests' },
      { name: 'company' },
      { name: 'score', type: 'INTEGER', importEnabled: false },
    ],
  },
  destination: {
    userKey: `\${DENGAGE_USER}`,
    password: `\${DENGAGE_PASSWORD}`,
    // Of a real account a call a minute is asked, which the demo has no time for.
    minIntervalMs: 250,
    fields: { points: 'loyalty_points', lastVisit: 'last_visit' },
  },
  names: {
    key: 'contact_key',
    emailPermission: 'email_permission',
    phone: 'gsm',
    phonePermission: 'gsm_permission',
    firstName: 'name',
    lastName: 'surname',
    birthDate: 'birth_date',
    points: 'loyalty_points',
    lastVisit: 'last_visit',
  },
  read: readFlat,
}

const altcraftOwnNames = {
  emailPermission: 'EMAIL_CONSENT',
  phonePermission: 'PHONE_CONSENT',
  tier: 'TIER',
  points: 'POINTS',
  balance: 'BALANCE',
  newsletter: 'NEWSLETTER',
  lastVisit: 'LAST_VISIT',
  interests: 'INTERESTS',
  company: 'COMPANY',
}

/** A profile has no permissions there: those of the contact are fields of the database's own. */
const altcraft: VendorAccount = {
  id: 'altcraft',
  path: '/altcraft',
  setup: {
    databases: [
      {
        id: 1,
        fields: [
          { name: 'CRM_ID', type: 'unicode' },
          { name: 'EMAIL_CONSENT', type: 'bool' },
          { name: 'PHONE_CONSENT', type: 'bool' },
          { name: 'TIER', type: 'unicode' },
          { name: 'POINTS', type: 'int' },
          { name: 'BALANCE', type: 'float' },
          { name: 'NEWSLETTER', type: 'bool' },
          { name: 'LAST_VISIT', type: 'date' },
          { name: 'INTERESTS', type: 'tags' },
          { name: 'COMPANY', type: 'unicode' },
        ],
      },
    ],
  },
  destination: { token: `\${ALTCRAFT_TOKEN}`, databaseId: 1, keyField: 'CRM_ID', fields: altcraftOwnNames },
  names: {
    key: 'CRM_ID',
    phone: 'phones',
    firstName: '_fname',
    lastName: '_lname',
    gender: '_sex',
    birthDate: '_bdate',
    ...altcraftOwnNames,
  },
  read: readFlat,
}

const flatProfiles = z.array(z.record(z.string(), z.unknown()))

function readFlat(stored: unknown): StoredContacts {
  return { contacts: flatProfiles.parse(stored), companies: null, extensions: null }
}

export const vendorAccounts: readonly VendorAccount[] = [webex, dengage, altcraft]

/** What the sandbox takes from whoever calls, under the names that the configuration has for it. */
export const vendorCredentials: Environment = {
  WEBEX_TOKEN: 'webex-sandbox-secret',
  DENGAGE_USER: 'dengage-sandbox-user',
  DENGAGE_PASSWORD: 'dengage-sandbox-password',
  ALTCRAFT_TOKEN: 'abcdefghijklmnqrstuvwxyz',
}

/** The gateway.config.json of a gateway whose only tenant has these accounts. */
export function gatewayConfiguration(sandboxUrl: string): object {
  const destinations = vendorAccounts.map(({ id, path, destination }) => ({
    id,
    adapter: id,
    baseUrl: `${sandboxUrl}${path}`,
    // Whatever becomes of the sandbox, the demo has an end.
    giveUpAfterSeconds: 60,
    ...destination,
  }))
  return { tenants: { default: { destinations } } }
}
