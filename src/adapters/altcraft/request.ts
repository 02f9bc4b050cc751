import type { JsonObject } from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { FieldMap } from '../vendor-settings.ts'
import { isAltcraftMode, matchingNames } from './capabilities.ts'
import { readings } from './readings.ts'
import { type AltcraftRecord, profileOf } from './record.ts'
import type { AltcraftSettings } from './settings.ts'
import { writeXmlDocument } from './xml-writer.ts'

export function pathOf({ upsert }: ProfileUpsertOptions): string {
  return upsert === 'UPDATE_ONLY' ? readings.updatePath : readings.importPath
}

/** The body of one call. A parameter that says nothing beyond its default is left out. */
export function batchBody(
  { token, keyField, format }: Pick<AltcraftSettings, 'token' | 'keyField' | 'format'>,
  databaseId: number,
  options: ProfileUpsertOptions,
  map: FieldMap<string>,
  records: readonly AltcraftRecord[],
): string {
  const { matching, resourceId, skipInvalidExtensions, skipTriggers, detectGeo } = options
  if (!isAltcraftMode(matching)) throw new TypeError(`Altcraft has no matching ${matching}`)
  const fieldName = matchFieldName(options, keyField, map)
  const narrows = resourceId !== null && readings.narrowedModes.includes(matching)
  const body: JsonObject = {
    token,
    db_id: databaseId,
    matching: matchingNames[matching],
    ...(fieldName === null ? {} : { field_name: fieldName }),
    ...(narrows ? { resource_id: resourceId } : {}),
    ...(skipInvalidExtensions ? { skip_invalid_subscriptions: true } : {}),
    ...(skipTriggers ? { skip_triggers: true } : {}),
    ...(detectGeo ? { detect_geo: true } : {}),
    data: records.map(profileOf),
  }
  return format === 'json' ? JSON.stringify(body) : writeXmlDocument(body)
}

function matchFieldName(
  { matching, matchingField }: ProfileUpsertOptions,
  keyField: string | undefined,
  map: FieldMap<string>,
): string | null {
  if (matching === 'KEY') return keyField ?? null
  if (matching === 'CUSTOM') return map.attribute(matchingField ?? '')
  return matching === 'CUSTOM_SUB' ? matchingField : null
}
