import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Channel, ContactStatus, JsonObject, SubscriptionStatus } from '../../contract/profile.ts'
import { instant } from './columns.ts'

/** Contacts. `id` is a UUIDv7, so ids grow with time and new rows land at the right edge of their indexes. */
export const profiles = pgTable(
  'profiles',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    type: text().notNull(),
    key: text(),
    email: text(),
    emailPermission: boolean('email_permission'),
    emailStatus: text('email_status').$type<ContactStatus>(),
    phone: text(),
    phonePermission: boolean('phone_permission'),
    phoneStatus: text('phone_status').$type<ContactStatus>(),
    status: text().$type<ContactStatus>().notNull().default('ACTIVE'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    gender: text(),
    birthDate: date('birth_date', { mode: 'string' }),
    subscriptionDate: date('subscription_date', { mode: 'string' }),
    attributes: jsonb().$type<JsonObject>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.id] }),
    uniqueIndex('profiles_key').on(t.tenant, t.type, t.key),
    index('profiles_type').on(t.tenant, t.type, t.id),
    index('profiles_email').on(t.tenant, t.type, t.email).where(sql`${t.email} is not null`),
    index('profiles_phone').on(t.tenant, t.type, t.phone).where(sql`${t.phone} is not null`),
    index('profiles_attributes')
      .using('gin', sql`${t.attributes} jsonb_path_ops`)
      .with({ fastupdate: false })
      .where(sql`${t.attributes} <> '{}'::jsonb`),
  ],
)

/** Channel addresses of a profile. Missing parts of the identity are equal to each other. */
export const extensions = pgTable(
  'extensions',
  {
    tenant: text().notNull(),
    id: uuid().notNull(),
    profileId: uuid('profile_id').notNull(),
    channel: text().$type<Channel>().notNull(),
    address: text().notNull(),
    provider: text(),
    resourceId: integer('resource_id'),
    name: text(),
    permission: boolean(),
    status: text().$type<SubscriptionStatus>(),
    priority: integer(),
    categories: text().array().notNull().default(sql`'{}'::text[]`),
    customFields: jsonb('custom_fields').$type<JsonObject>().notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.id] }),
    unique('extensions_identity')
      .on(t.tenant, t.profileId, t.channel, t.address, t.resourceId, t.provider)
      .nullsNotDistinct(),
    index('extensions_address').on(t.tenant, t.channel, t.address),
    index('extensions_custom_fields')
      .using('gin', sql`${t.customFields} jsonb_path_ops`)
      .with({ fastupdate: false })
      .where(sql`${t.customFields} <> '{}'::jsonb`),
  ],
)

/** The values of link attributes, so that a rename finds who points at the old key. The same value stands in `profiles.attributes`. */
export const links = pgTable(
  'links',
  {
    tenant: text().notNull(),
    profileId: uuid('profile_id').notNull(),
    attribute: text().notNull(),
    targetType: text('target_type').notNull(),
    targetKey: text('target_key').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant, t.profileId, t.attribute] }),
    index('links_target').on(t.tenant, t.targetType, t.targetKey),
  ],
)

/** Profile types that were defined; `contact` exists for every tenant without a row. */
export const profileTypes = pgTable('profile_types', { tenant: text().notNull(), name: text().notNull() }, (t) => [
  primaryKey({ columns: [t.tenant, t.name] }),
])

export const attributeDefinitions = pgTable(
  'attribute_definitions',
  {
    tenant: text().notNull(),
    profileType: text('profile_type').notNull(),
    name: text().notNull(),
    type: text().notNull(),
    importable: boolean().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.profileType, t.name] })],
)

export const linkDefinitions = pgTable(
  'link_definitions',
  {
    tenant: text().notNull(),
    profileType: text('profile_type').notNull(),
    attribute: text().notNull(),
    targetType: text('target_type').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenant, t.profileType, t.attribute] })],
)

export const extensionTypes = pgTable(
  'extension_types',
  { tenant: text().notNull(), channel: text().$type<Channel>().notNull(), name: text().notNull() },
  (t) => [primaryKey({ columns: [t.tenant, t.channel, t.name] })],
)
