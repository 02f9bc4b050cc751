import type { JsonValue } from '../../contract/profile.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import type { FoundProfile, StoredExtension } from '../../db/profile-lookup.ts'
import { newId } from '../../domain/new-id.ts'
import type { AttributeValue } from '../../domain/values.ts'
import { identityOf } from './extension-identity.ts'
import { type FieldName, type FieldValue, fieldNames, type LocalExtension } from './local-record.ts'
import { matchSpaces, profileTokensOf } from './match-tokens.ts'

export interface WorkingExtension {
  record: StoredExtension
  state: 'new' | 'stored' | 'changed'
}

/** A profile in memory while a batch is applied. Only the fields that the batch touches are there. */
export interface WorkingProfile {
  readonly id: string
  readonly type: string
  readonly isNew: boolean
  key: string | null
  readonly storedKey: string | null
  readonly fields: Partial<Record<FieldName, FieldValue>>
  readonly attributes: Map<string, AttributeValue>
  readonly extensions: Map<string, WorkingExtension>
  /** Attributes whose links have to be brought up to date. */
  readonly changedLinks: Set<string>
  changed: boolean
  tokens: readonly string[]
}

/** What a batch starts from, as it was read under its locks. */
export interface LoadedState {
  profiles: readonly FoundProfile[]
  extensions: readonly StoredExtension[]
  existingKeys: readonly { type: string; key: string }[]
  /** By profile id, where a filter asks for it. */
  createdAt?: ReadonlyMap<string, string>
}

const keyOf = (type: string, key: string) => `${type}\u0000${key}`

function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value, place) => sameJson(value, b[place]))
    )
  }
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => name in b && sameJson(a[name], b[name]))
}

/**
 * The profiles that a batch can reach, in memory: every profile that shows one of its match values before the batch, and those that it
 * creates. As nothing else can be found, records are applied to it one after the other and the database sees only where that ends.
 */
export class WorkingSet {
  readonly profiles: WorkingProfile[] = []
  readonly #options: ProfileUpsertOptions
  readonly #type: string
  readonly #showing = new Map<string, Set<WorkingProfile>>()
  /** null: somebody outside the working set has the key. */
  readonly #keyOwners = new Map<string, WorkingProfile | null>()
  /** Tokens can change with a write only where the mode looks at what is written. */
  readonly #tokensMove: boolean

  constructor(options: ProfileUpsertOptions, type: string, loaded: LoadedState) {
    this.#options = options
    this.#type = type
    const space = matchSpaces[options.matching]
    this.#tokensMove = space !== matchSpaces.KEY
    for (const { type: keyType, key } of loaded.existingKeys) this.#keyOwners.set(keyOf(keyType, key), null)
    const byId = new Map<string, WorkingProfile>()
    for (const row of loaded.profiles) {
      const fields: WorkingProfile['fields'] = {}
      for (const name of fieldNames) {
        const value = row[name]
        if (value !== undefined) fields[name] = value
      }
      const profile: WorkingProfile = {
        id: row.id,
        type,
        isNew: false,
        key: row.key,
        storedKey: row.key,
        fields,
        attributes: new Map(Object.entries(row.attributes ?? {}) as [string, AttributeValue][]),
        extensions: new Map(),
        changedLinks: new Set(),
        changed: false,
        tokens: [],
      }
      byId.set(row.id, profile)
      this.profiles.push(profile)
      if (row.key !== null) this.#keyOwners.set(keyOf(type, row.key), profile)
    }
    for (const stored of loaded.extensions) {
      byId.get(stored.profileId)?.extensions.set(identityOf(stored), { record: stored, state: 'stored' })
    }
    for (const profile of this.profiles) this.#show(profile)
  }

  /** The profiles that show any of the tokens; all of them under CUSTOM by tags. */
  hits(tokens: readonly string[]): WorkingProfile[] {
    const [first, ...others] = tokens
    if (first === undefined) return []
    const showing = this.#showing.get(first)
    if (others.length === 0) return showing ? [...showing] : []
    if (this.#options.matching === 'CUSTOM') {
      return [...(showing ?? [])].filter((profile) => others.every((token) => this.#showing.get(token)?.has(profile)))
    }
    return [...new Set(tokens.flatMap((token) => [...(this.#showing.get(token) ?? [])]))]
  }

  hasKey(type: string, key: string): boolean {
    return this.#keyOwners.has(keyOf(type, key))
  }

  create(type: string, key: string | null): WorkingProfile {
    const profile: WorkingProfile = {
      id: newId(),
      type,
      isNew: true,
      key,
      storedKey: null,
      fields: { status: 'ACTIVE' },
      attributes: new Map(),
      extensions: new Map(),
      changedLinks: new Set(),
      changed: true,
      tokens: [],
    }
    this.profiles.push(profile)
    if (key !== null) {
      this.#keyOwners.set(keyOf(type, key), profile)
      this.#show(profile)
    }
    return profile
  }

  /** Gives a key, in place of the one that the profile has. */
  giveKey(profile: WorkingProfile, key: string): void {
    if (profile.key !== null) this.#keyOwners.delete(keyOf(profile.type, profile.key))
    profile.key = key
    profile.changed = true
    this.#keyOwners.set(keyOf(profile.type, key), profile)
    if (this.#options.matching === 'KEY') this.#show(profile)
  }

  setField(profile: WorkingProfile, name: FieldName, value: FieldValue): boolean {
    if ((profile.fields[name] ?? null) === value) return false
    profile.fields[name] = value
    profile.changed = true
    return true
  }

  setAttribute(profile: WorkingProfile, name: string, value: AttributeValue | null): boolean {
    const stored = profile.attributes.get(name)
    if (value === null) {
      if (stored === undefined) return false
      profile.attributes.delete(name)
    } else {
      if (stored !== undefined && sameJson(stored, value)) return false
      profile.attributes.set(name, value)
    }
    profile.changed = true
    return true
  }

  /** Upserts one extension by its identity; whatever the record leaves out stays. */
  setExtension(profile: WorkingProfile, { identity, record }: LocalExtension): boolean {
    const found = profile.extensions.get(identity)
    const before = found?.record
    const customFields = { ...before?.customFields }
    for (const [name, value] of Object.entries(record.customFields ?? {})) {
      if (value === null) delete customFields[name]
      else customFields[name] = value
    }
    const after: StoredExtension = {
      id: before?.id ?? newId(),
      profileId: profile.id,
      channel: record.channel,
      address: record.address,
      provider: record.provider ?? null,
      resourceId: record.resourceId ?? null,
      name: record.name === undefined ? (before?.name ?? null) : record.name,
      permission: record.permission ?? before?.permission ?? null,
      status: record.status ?? before?.status ?? null,
      priority: record.priority === undefined ? (before?.priority ?? null) : record.priority,
      categories: record.categories === undefined ? (before?.categories ?? []) : (record.categories ?? []),
      customFields,
    }
    if (found && sameJson({ ...found.record }, { ...after })) return false
    profile.extensions.set(identity, { record: after, state: found && found.state !== 'new' ? 'changed' : 'new' })
    profile.changed = true
    return true
  }

  /** Shows what the profile can be found by from now on. Called after each record that wrote to it. */
  refresh(profile: WorkingProfile): void {
    if (this.#tokensMove) this.#show(profile)
  }

  /** Leads the links of every profile here from one key of a type to another; answers nothing, as a rename's outcome is its own. */
  followRename(linkAttributes: readonly string[], from: string, to: string): void {
    for (const profile of this.profiles) {
      for (const attribute of linkAttributes) {
        if (profile.type === this.#type && profile.attributes.get(attribute) === from)
          profile.attributes.set(attribute, to)
      }
    }
  }

  #show(profile: WorkingProfile): void {
    if (profile.type !== this.#type) return
    const tokens = profileTokensOf(this.#options, {
      key: profile.key,
      profileId: profile.id,
      email: textField(profile, 'email'),
      phone: textField(profile, 'phone'),
      attributes: profile.attributes,
      extensions: profile.extensions.values(),
    })
    for (const token of profile.tokens) this.#showing.get(token)?.delete(profile)
    for (const token of tokens) {
      const showing = this.#showing.get(token)
      if (showing) showing.add(profile)
      else this.#showing.set(token, new Set([profile]))
    }
    profile.tokens = tokens
  }
}

function textField(profile: WorkingProfile, name: 'email' | 'phone'): string | null {
  const value = profile.fields[name]
  return typeof value === 'string' ? value : null
}
