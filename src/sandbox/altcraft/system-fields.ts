import type { Field } from './field-type.ts'

// The fields that every database has: pages "Profile data object" and "Types of fields in the database".
const systemFields: readonly Field[] = [
  { name: 'email', type: 'email' },
  { name: 'phones', type: 'phones' },
  { name: '_fname', type: 'unicode' },
  { name: '_lname', type: 'unicode' },
  { name: '_sex', type: 'sex' },
  { name: '_bdate', type: 'date' },
  { name: '_regdate', type: 'date' },
  { name: '_regip', type: 'ip' },
  { name: '_regcity', type: 'unicode' },
  { name: '_regcountry', type: 'unicode' },
  { name: '_regurl', type: 'unicode' },
  { name: '_ip', type: 'ip' },
  { name: '_city', type: 'unicode' },
  { name: '_region', type: 'unicode' },
  { name: '_country', type: 'unicode' },
  { name: '_postal_code', type: 'text_or_int' },
  { name: '_tz', type: 'zone' },
  { name: '_vendor', type: 'unicode' },
  { name: '_browser', type: 'unicode' },
  { name: '_os', type: 'unicode' },
  { name: '_status', type: 'enum', values: [0, 1, 2, 3, 4, 5, 6] },
]

// The fields that subscriptions of every resource have: the request of import_batch and page "resources/fields_get".
const systemSubscriptionFields: readonly Field[] = [
  ...['_device_type', '_device_model', '_device_name', '_os', '_os_ver', '_os_tz', '_os_language'],
  ...['_ad_id', '_app_id', '_app_iid', '_browser_name', '_browser_ver'],
].map((name) => ({ name, type: 'unicode' }))

function byName(fields: readonly Field[]): ReadonlyMap<string, Field> {
  return new Map(fields.map((field) => [field.name, field]))
}

export const systemFieldsByName = byName(systemFields)

export const systemSubscriptionFieldsByName = byName([...systemSubscriptionFields, { name: '_ad_track', type: 'bool' }])
