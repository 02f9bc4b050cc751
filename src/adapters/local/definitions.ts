import type { Queryable, Unsupported } from '../../contract/adapter.ts'
import type { ExtensionType, ProfileType } from '../../contract/profile-type.ts'
import type { UpsertOptions } from '../../contract/request.ts'
import { defaultProfileType, readExtensionTypes, readProfileTypes } from '../../db/profile-types.ts'

/** What is defined for the records of a request at this moment, or that there is no such profile type. */
export async function readDefinitions(
  db: Queryable,
  tenant: string,
  { profileType }: UpsertOptions,
): Promise<{ ok: true; type: ProfileType; extensionTypes: ExtensionType[] } | { ok: false; unsupported: Unsupported }> {
  const name = profileType ?? defaultProfileType
  const [types, extensionTypes] = await Promise.all([readProfileTypes(db, tenant), readExtensionTypes(db, tenant)])
  const type = types.find((one) => one.name === name)
  if (type) return { ok: true, type, extensionTypes }
  const supported = types.map((one) => one.name)
  return { ok: false, unsupported: { feature: 'profileType', requested: name, supported } }
}
