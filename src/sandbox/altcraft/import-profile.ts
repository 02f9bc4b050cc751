import { isDeepStrictEqual } from 'node:util'
import type { Field } from './field-type.ts'
import { writtenValue } from './functional-value.ts'
import { detectedPlace } from './geo.ts'
import { isAbsent, type Json, type JsonObject, objectOf, partOf } from './json.ts'
import { findProfile, type Matching } from './matching.ts'
import type { Profile, Subscription } from './profile.ts'
import { errors, type Format, readings } from './readings.ts'
import { incorrect, Refusal } from './refusal.ts'
import type { AltcraftSettings, Database, Resource } from './settings.ts'
import { keys, type Store } from './store.ts'
import { changedSubscription, readSubscription, subscriptionIdentity } from './subscription.ts'
import { systemFieldsByName } from './system-fields.ts'

/** How a call wants each of its profiles imported. */
export interface ImportPlan {
  database: Database
  /** Those that the caller may see. */
  resources: readonly Resource[]
  matching: Matching
  format: Format
  updateOnly: boolean
  skipInvalidSubscriptions: boolean
  skipTriggers: boolean
  detectGeo: boolean
}

/**
 * Adds or updates the one profile that the item speaks of and returns its id. Writes all of it or, throwing a Refusal
 * with the profile's error, nothing.
 */
export function importProfile(
  store: Store,
  settings: AltcraftSettings,
  plan: ImportPlan,
  value: Json,
  at: string,
): string {
  const { database, matching } = plan
  const item = objectOf(value, plan.format)
  if (item === undefined) throw incorrect('incorrect profile: it must be an object')
  refuseOnOrder(settings, item)
  const before = findProfile(store, database.id, matching, item)
  if (before === undefined) {
    if (plan.updateOnly || readings.modesThatNeverCreate.includes(matching.mode)) throw new Refusal(errors.notFound)
    if (isTariffReached(store, settings)) throw new Refusal(errors.tariff)
  }
  const fields = writtenFields(plan, before, item)
  const subscriptions = writtenSubscriptions(plan, before, item)
  const email = fields.get('email')
  if (settings.uniqueEmail && typeof email === 'string') {
    const others = [...store.find(database.id, keys.email(email))].filter((id) => id !== before?.id)
    if (others.length > 0) throw new Refusal(errors.duplicateEmail)
  }
  const profile: Profile = {
    id: before?.id ?? store.newId(),
    databaseId: database.id,
    fields,
    subscriptions,
    triggers: [
      ...(before?.triggers ?? []),
      ...eventsOf(before, fields, subscriptions).map((event) => ({ at, event, fired: !plan.skipTriggers })),
    ],
  }
  store.put(profile)
  return profile.id
}

/** Whether the account holds as many profiles as its tariff allows. */
export function isTariffReached(store: Store, { tariffProfiles }: AltcraftSettings): boolean {
  return tariffProfiles !== null && store.size >= tariffProfiles
}

function refuseOnOrder({ orderedErrors }: AltcraftSettings, item: JsonObject): void {
  for (const { error, errorText, profile } of orderedErrors) {
    if (profile !== undefined && String(partOf(item, profile.field)) === String(profile.value)) {
      throw new Refusal({ code: error, text: errorText })
    }
  }
}

function writtenFields(plan: ImportPlan, before: Profile | undefined, item: JsonObject): Map<string, Json> {
  const { database, format } = plan
  const fields = new Map(before?.fields)
  for (const [name, value] of Object.entries(item)) {
    if (name === 'subscriptions' || isAbsent(value)) continue
    const field = fieldOf(database, name)
    if (field === undefined) {
      if (isMatchKey(plan.matching, name)) continue
      throw incorrect(readings.unknownFieldText(name))
    }
    write(fields, name, writtenValue(field, fields.get(name), value, format))
  }
  if (plan.detectGeo) {
    const sent = (name: string) => (partOf(item, name) === undefined ? undefined : fields.get(name))
    for (const [name, value] of detectedPlace(sent('_regip'), sent('_ip'))) {
      if (partOf(item, name) === undefined) fields.set(name, value)
    }
  }
  return fields
}

/** A custom field of the database before a system field of that name; undefined when there is neither. */
function fieldOf(database: Database, name: string): Field | undefined {
  return database.fields.find((field) => field.name === name) ?? systemFieldsByName.get(name)
}

function isMatchKey(matching: Matching, name: string): boolean {
  if (readings.matchKeys.includes(name) || readings.bookkeeping.includes(name)) return true
  return matching.mode === 'custom_sub' && matching.fieldName === name
}

function write(fields: Map<string, Json>, name: string, value: Json | undefined): void {
  if (value === undefined) fields.delete(name)
  else fields.set(name, value)
}

function writtenSubscriptions(
  { database, resources, format, skipInvalidSubscriptions }: ImportPlan,
  before: Profile | undefined,
  item: JsonObject,
): Subscription[] {
  const byIdentity = new Map((before?.subscriptions ?? []).map((held) => [subscriptionIdentity(held), held]))
  const sent = partOf(item, 'subscriptions') ?? []
  if (!Array.isArray(sent)) throw incorrect('incorrect subscriptions: they must be an array')
  for (const value of sent) {
    try {
      const change = readSubscription(value, database.id, resources, format)
      const identity = subscriptionIdentity(change)
      byIdentity.set(identity, changedSubscription(byIdentity.get(identity), change))
    } catch (error) {
      if (!(error instanceof Refusal && skipInvalidSubscriptions)) throw error
    }
  }
  return [...byIdentity.values()]
}

function eventsOf(
  before: Profile | undefined,
  fields: ReadonlyMap<string, Json>,
  subscriptions: readonly Subscription[],
): string[] {
  const { created, updated, subscribed, status } = readings.triggers
  const held = new Map((before?.subscriptions ?? []).map((one) => [subscriptionIdentity(one), one]))
  return [
    ...(before === undefined ? [created] : isDeepStrictEqual(before.fields, fields) ? [] : [updated]),
    ...subscriptions.flatMap((one) => {
      const past = held.get(subscriptionIdentity(one))
      return past === undefined ? [subscribed] : past.status === one.status ? [] : [status]
    }),
  ]
}
