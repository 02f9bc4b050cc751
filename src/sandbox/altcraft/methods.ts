import { type AnswerShape, type SandboxClock, type SandboxRequest, withLength } from '../vendor.ts'
import { type ImportPlan, importProfile, isTariffReached } from './import-profile.ts'
import { type JsonObject, partOf } from './json.ts'
import { findProfile, type Matching, matchingModes } from './matching.ts'
import type { Parameters } from './parameters.ts'
import { errors, readings } from './readings.ts'
import { incorrect, Refusal } from './refusal.ts'
import type { AltcraftSettings, Database, Token } from './settings.ts'
import type { Store } from './store.ts'
import { systemFieldsByName } from './system-fields.ts'
import { profileView } from './view.ts'

export interface Call {
  store: Store
  settings: AltcraftSettings
  now: SandboxClock
  request: SandboxRequest
  parameters: Parameters
  shape: AnswerShape
}

/** A method of the API: what its answer holds beside `error` and `error_text`. Throws a Refusal for the whole call. */
export type Method = (call: Call) => JsonObject

/** `profiles/import_batch`, or with `updateOnly` `profiles/update_batch`. */
export function importBatch(updateOnly: boolean): Method {
  return (call) => {
    const { store, settings, parameters, now } = call
    const { token, database } = admit(call)
    const data = partOf(parameters.values, 'data')
    if (!Array.isArray(data)) throw incorrect('incorrect parameter: data must be an array')
    const flag = (name: string) => !(updateOnly && readings.updateBatchIgnores.includes(name)) && parameters.flag(name)
    const plan: ImportPlan = {
      database,
      resources: settings.resources.filter(({ id }) => token.resourceIds?.includes(id) !== false),
      matching: readMatching(parameters, database, settings, token),
      format: parameters.format,
      updateOnly,
      skipInvalidSubscriptions: flag('skip_invalid_subscriptions'),
      skipTriggers: flag('skip_triggers'),
      detectGeo: flag('detect_geo'),
    }
    if (!updateOnly && isTariffReached(store, settings)) throw new Refusal(errors.tariff)
    const at = new Date(now()).toISOString()
    const result = data.map((item): JsonObject => {
      try {
        const id = importProfile(store, settings, plan, item, at)
        return { error: errors.success.code, error_text: errors.success.text, profile_id: id }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { error: error.code, error_text: error.message }
      }
    })
    const whole = result.every(({ error }) => error === 0) ? errors.success : readings.errorWhenProfilesFail
    return { error: whole.code, error_text: whole.text, result: withLength(result, call.shape) }
  }
}

/** `profiles/get`: the match value is a parameter of the call itself. */
export const getProfile: Method = (call) => {
  const { store, settings, parameters } = call
  const { token, database } = admit(call)
  const matching = readMatching(parameters, database, settings, token)
  const profile = findProfile(store, database.id, matching, parameters.values)
  if (profile === undefined) throw new Refusal(errors.notFound)
  return { data: profileView(profile) }
}

/** Who calls, and for which database. Throws a Refusal: 400, 401, 403, 404, or one that was ordered. */
function admit({ settings, parameters, request }: Call): { token: Token; database: Database } {
  const sent = sentToken(parameters, request)
  if (sent === undefined) throw new Refusal(errors.missingToken)
  const token = settings.tokens.find((known) => known.token === sent)
  if (token === undefined) throw new Refusal(errors.unknownToken)
  for (const { error, errorText, profile } of settings.orderedErrors) {
    if (profile === undefined) throw new Refusal({ code: error, text: errorText })
  }
  const id = parameters.integer('db_id')
  if (id === undefined) throw incorrect('incorrect parameter: db_id is required')
  const database = settings.databases.find((known) => known.id === id)
  if (database === undefined) throw new Refusal(errors.unknownDatabase)
  if (token.databaseIds?.includes(id) === false) throw new Refusal(errors.forbiddenDatabase)
  return { token, database }
}

function sentToken(parameters: Parameters, { headers, query }: SandboxRequest): string | undefined {
  const places = {
    body: parameters.text('token'),
    bearer: /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1],
    query: query.get('token') ?? undefined,
  }
  return readings.tokenPlaces.map((place) => places[place]).find((sent) => sent !== undefined && sent !== '')
}

function readMatching(parameters: Parameters, database: Database, settings: AltcraftSettings, token: Token): Matching {
  const { format } = parameters
  const sent = parameters.text('matching') ?? 'email'
  const mode = matchingModes.find((known) => known === sent)
  if (mode === undefined) throw incorrect(`incorrect parameter: matching ${sent} is unknown`)
  switch (mode) {
    case 'custom':
      return { mode, field: readMatchField(parameters, database), format }
    case 'custom_sub':
      return { mode, fieldName: readFieldName(parameters, mode), format }
    default: {
      const resourceId = parameters.integer('resource_id')
      const isKnown = settings.resources.some(({ id }) => id === resourceId)
      if (resourceId !== undefined && !isKnown) throw new Refusal(errors.unknownResource)
      if (resourceId !== undefined && token.resourceIds?.includes(resourceId) === false) {
        throw new Refusal(errors.forbiddenResource)
      }
      return { mode, resourceId, format }
    }
  }
}

function readFieldName(parameters: Parameters, mode: string): string {
  const name = parameters.text('field_name') ?? ''
  if (name === '') throw incorrect(`incorrect parameter: field_name is required for matching ${mode}`)
  return name
}

function readMatchField(parameters: Parameters, database: Database) {
  const name = readFieldName(parameters, 'custom')
  const system = readings.customMatchesSystemFields ? systemFieldsByName.get(name) : undefined
  const field = database.fields.find((known) => known.name === name) ?? system
  if (field === undefined) throw incorrect(`incorrect parameter: the database has no custom field ${name}`)
  if (field.type === 'object' || field.type === 'arr_object') {
    throw incorrect(`incorrect parameter: profiles cannot be matched by ${name}, an ${field.type}`)
  }
  return field
}
