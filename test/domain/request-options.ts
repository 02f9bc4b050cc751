import type { ExtensionUpsertOptions, ProfileUpsertOptions } from '../../src/contract/request.ts'

/** The schema's defaults, with some of them changed. */
export function requestOptions(changed: Partial<ProfileUpsertOptions> = {}): ProfileUpsertOptions {
  return {
    profileType: null,
    matching: 'KEY',
    matchingField: null,
    upsert: 'CREATE_OR_UPDATE',
    linkPolicy: 'CREATE',
    nulls: 'IGNORE',
    onInvalid: 'REJECT_ALL',
    skipInvalidExtensions: false,
    skipTriggers: false,
    detectGeo: false,
    resourceId: null,
    maxAffected: 1000,
    audit: [],
    ...changed,
  }
}

/** The same for extensions by themselves. */
export function extensionOptions(changed: Partial<ExtensionUpsertOptions> = {}): ExtensionUpsertOptions {
  return {
    profileType: null,
    upsert: 'CREATE_OR_UPDATE',
    nulls: 'IGNORE',
    onInvalid: 'REJECT_ALL',
    audit: [],
    ...changed,
  }
}
