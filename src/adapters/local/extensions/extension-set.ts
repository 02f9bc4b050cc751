import type { StoredExtension } from '../../../db/profile-lookup.ts'
import { newId } from '../../../domain/new-id.ts'
import { type ExtensionIdentity, identityOf } from '../extension-identity.ts'

/** An extension in memory while a batch is applied. */
export interface WorkingExtension {
  record: StoredExtension
  state: 'new' | 'stored' | 'changed'
  /** It has got another address, or another profile. */
  moved: boolean
}

/** What a batch starts from, as it was read under its locks. */
export interface LoadedExtensions {
  profiles: readonly { id: string; key: string | null }[]
  extensions: readonly StoredExtension[]
}

/** Of a new extension all that a record can say of it. */
export type NewExtension = Pick<
  StoredExtension,
  'profileId' | 'channel' | 'address' | 'provider' | 'resourceId' | 'name' | 'permission'
>

const placeOf = (profileId: string, identity: ExtensionIdentity) => `${profileId}\u0000${identityOf(identity)}`

/**
 * The extensions that a batch can reach, in memory: those at every place that one of its records names, and those that it creates. As
 * nothing else can be found, records are applied to it one after the other and the database sees only where that ends.
 */
export class ExtensionSet {
  readonly extensions: WorkingExtension[] = []
  readonly #profileIds: ReadonlyMap<string, string>
  readonly #byPlace = new Map<string, WorkingExtension>()

  constructor({ profiles, extensions }: LoadedExtensions) {
    this.#profileIds = new Map(profiles.flatMap(({ key, id }) => (key === null ? [] : [[key, id] as const])))
    for (const record of extensions) this.#add({ record, state: 'stored', moved: false })
  }

  profileId(key: string): string | undefined {
    return this.#profileIds.get(key)
  }

  find(profileId: string, identity: ExtensionIdentity): WorkingExtension | undefined {
    return this.#byPlace.get(placeOf(profileId, identity))
  }

  create(given: NewExtension): WorkingExtension {
    const rest = { status: null, priority: null, categories: [], customFields: {} }
    const extension: WorkingExtension = {
      record: { id: newId(), ...given, ...rest },
      state: 'new',
      moved: false,
    }
    this.#add(extension)
    return extension
  }

  /** Changes what is given, and says whether that was a change. The place that it gets must be free. */
  change(
    extension: WorkingExtension,
    given: Partial<Pick<StoredExtension, 'profileId' | 'address' | 'name' | 'permission'>>,
  ): boolean {
    const before = extension.record
    const after: StoredExtension = { ...before, ...given }
    const moves = after.profileId !== before.profileId || after.address !== before.address
    if (!moves && after.name === before.name && after.permission === before.permission) return false
    extension.record = after
    if (extension.state === 'stored') extension.state = 'changed'
    if (moves) {
      extension.moved = true
      this.#byPlace.delete(placeOf(before.profileId, before))
      this.#byPlace.set(placeOf(after.profileId, after), extension)
    }
    return true
  }

  #add(extension: WorkingExtension): void {
    this.extensions.push(extension)
    this.#byPlace.set(placeOf(extension.record.profileId, extension.record), extension)
  }
}
