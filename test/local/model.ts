import type { ConditionInput, ProfileInput } from '../../src/contract/input.ts'
import type { RecordErrorCode, RecordOutcome } from '../../src/contract/outcome.ts'
import type { AttributeType } from '../../src/contract/profile.ts'
import type { ProfileType } from '../../src/contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { lowerCased, type ModelExtension, withoutSpaces, writeExtension } from './model-extensions.ts'
import { type Wanted, wantedBy } from './model-matching.ts'
import { type ModelValue, satisfiesFilter, textOf, typedValue } from './model-values.ts'

/*
 * The local store as semantics.md tells it, and nothing else: a list of profiles, searched from its beginning for every record, records one
 * after the other. It shares no code with the store, so that both are wrong in the same way only where the reading is.
 */

export interface ModelProfile {
  /** The model's own number for it. */
  id: number
  type: string
  key: string | null
  fields: Record<string, string | boolean | null>
  attributes: Record<string, ModelValue>
  extensions: ModelExtension[]
  /** What this batch did to it. */
  created: boolean
  written: boolean
  /** Its links have followed a rename. */
  followed: boolean
  /** Its attributes before the batch, as text. */
  attributesBefore: string
}

/** A record as the model takes it: `profileId` is replaced by the model's own number. */
export interface ModelRecord extends ProfileInput {
  profile?: number | null
}

export interface ModelFate {
  outcome: RecordOutcome
  codes: RecordErrorCode[]
  /** The only profile reached. */
  profile: number | null
  affected: number
  /** Records of equal text look for the same. */
  matchValue: string
}

const plainFields = ['emailPermission', 'phonePermission', 'status', 'firstName', 'lastName', 'gender'] as const
const dateFields = ['birthDate', 'subscriptionDate'] as const
const statusFields = ['emailStatus', 'phoneStatus'] as const
export const modelFields = ['email', 'phone', ...plainFields, ...dateFields, ...statusFields] as const

const failed = (code: RecordErrorCode): { codes: RecordErrorCode[] } => ({ codes: [code] })

export class Model {
  profiles: ModelProfile[] = []
  readonly #types: readonly ProfileType[]
  #nextId = 1

  constructor(types: readonly ProfileType[]) {
    this.#types = types
  }

  /** Whether the record has the value that its mode looks for. */
  canMatch(options: ProfileUpsertOptions, record: ModelRecord): boolean {
    return options.matching === 'FILTER' ? (record.filter ?? []).length > 0 : this.#wanted(options, record) !== null
  }

  /**
   * Applies a batch. A link may lead to a profile that a later record brings about: at first every key that a record states counts as there,
   * and as long as one of them was counted on in vain, all is done again without it.
   */
  apply(options: ProfileUpsertOptions, records: readonly ModelRecord[]): ModelFate[] {
    for (const profile of this.profiles) {
      const attributesBefore = JSON.stringify(profile.attributes)
      Object.assign(profile, { created: false, written: false, followed: false, attributesBefore })
    }
    const before = structuredClone(this.profiles)
    const stated = options.upsert === 'UPDATE_ONLY' ? [] : records.flatMap(({ key }) => (key ? [key] : []))
    const promised = new Set(stated)
    for (;;) {
      const countedOn = new Set<string>()
      const fates = records.map((record) => this.#applyOne(options, record, promised, countedOn))
      const inVain = [...countedOn].filter((key) => !this.#withKey(typeName(options), key))
      if (inVain.length === 0) return fates
      for (const key of inVain) promised.delete(key)
      this.profiles = structuredClone(before)
    }
  }

  #applyOne(
    options: ProfileUpsertOptions,
    record: ModelRecord,
    promised: ReadonlySet<string>,
    countedOn: Set<string>,
  ): ModelFate {
    const type = typeName(options)
    const wanted = this.#wanted(options, record)
    const fate: ModelFate = {
      outcome: 'FAILED',
      codes: [],
      profile: null,
      affected: 0,
      matchValue: String(wanted?.text),
    }
    const hits = this.profiles.filter((profile) => profile.type === type && this.#isHit(options, record, profile))
    const refusal = this.#refusal(options, record, hits)
    if (refusal) return { ...fate, ...refusal }

    const missing: { type: string; key: string }[] = []
    for (const { attribute, targetType } of this.#typeOf(type).links) {
      const value = record.attributes?.[attribute]
      if (value == null || options.linkPolicy === 'IGNORE') continue
      const key = String(value)
      if (this.#withKey(targetType, key)) continue
      if (targetType === type && this.#takesKey(options, record, hits, key)) continue
      if (targetType === type && promised.has(key)) countedOn.add(key)
      else missing.push({ type: targetType, key })
    }
    if (missing.length > 0 && options.linkPolicy === 'FAIL')
      return { ...fate, codes: missing.map(() => 'LINK_NOT_FOUND') }
    for (const target of missing) if (!this.#withKey(target.type, target.key)) this.#create(target.type, target.key)

    if (hits.length === 0) {
      const profile = this.#create(type, options.matching === 'FILTER' ? null : (record.key ?? null))
      this.#write(options, record, profile, true)
      return { ...fate, outcome: 'CREATED', profile: profile.id, affected: 1 }
    }
    const changed = hits.filter((profile) => {
      const keyed = record.key != null && profile.key === null
      if (keyed) profile.key = record.key ?? null
      const written = this.#write(options, record, profile, false)
      const renamed = this.#rename(profile, record.newKey)
      if (keyed || written || renamed) profile.written = true
      return keyed || written || renamed
    })
    const only = hits.length === 1 ? hits[0] : undefined
    const outcome = changed.length > 0 ? 'UPDATED' : 'UNCHANGED'
    return { ...fate, outcome, profile: only?.id ?? null, affected: changed.length }
  }

  #refusal(
    { matching, upsert, maxAffected, ...options }: ProfileUpsertOptions,
    record: ModelRecord,
    hits: ModelProfile[],
  ) {
    const type = typeName(options)
    const [hit] = hits
    if (!hit) {
      if (upsert === 'UPDATE_ONLY' || matching === 'PROFILE_ID' || matching === 'FILTER')
        return failed('PROFILE_NOT_FOUND')
      return record.key != null && this.#withKey(type, record.key) ? failed('KEY_TAKEN') : null
    }
    if (upsert === 'CREATE_ONLY') return failed('PROFILE_EXISTS')
    if (matching === 'FILTER') return hits.length > maxAffected ? failed('TOO_MANY_MATCHES') : null
    if (hits.length > 1) return failed('AMBIGUOUS_MATCH')
    if (record.key != null && hit.key !== record.key) {
      if (hit.key !== null) return failed('KEY_CONFLICT')
      if (this.#withKey(type, record.key)) return failed('KEY_TAKEN')
    }
    const owner = record.newKey == null ? undefined : this.#withKey(type, record.newKey)
    return owner && owner !== hit ? failed('KEY_TAKEN') : null
  }

  /** Whether the record's own profile has that key once the record is applied. */
  #takesKey(options: ProfileUpsertOptions, record: ModelRecord, hits: ModelProfile[], key: string): boolean {
    if (options.matching === 'FILTER') return false
    return record.newKey === key || (record.key === key && (hits.length === 0 || hits[0]?.key === null))
  }

  #wanted(options: ProfileUpsertOptions, record: ModelRecord): Wanted | null {
    return wantedBy(options, record, (name) => this.#attributeType(options.profileType, name))
  }

  #isHit(options: ProfileUpsertOptions, record: ModelRecord, profile: ModelProfile): boolean {
    const { matching, matchingField, resourceId } = options
    if (matching === 'FILTER') return this.#satisfies(options, record.filter ?? [], profile)
    const wanted = this.#wanted(options, record)
    if (!wanted) return false
    const searched = profile.extensions.filter((one) => resourceId === null || one.resourceId === resourceId)
    const at = (channel: string, address: string | null) =>
      address !== null && searched.some((one) => one.channel === channel && one.address === address)
    if (wanted.key !== null && profile.key === wanted.key) return true
    if (wanted.profile !== null && profile.id === wanted.profile) return true
    if (wanted.email !== null && profile.fields['email'] === wanted.email) return true
    if (wanted.phone !== null && profile.fields['phone'] === wanted.phone) return true
    if (matching === 'EMAIL' && at('EMAIL', wanted.email)) return true
    if (matching === 'PHONE' && at('SMS', wanted.phone)) return true
    if (at('EMAIL', wanted.subEmail) || at('SMS', wanted.subPhone)) return true
    const { push, custom, customField } = wanted
    if (push) {
      const sameToken = (one: ModelExtension) => one.provider === push.provider && one.address === push.address
      return searched.some((one) => one.channel === 'PUSH' && sameToken(one))
    }
    if (custom !== null && matchingField !== null) {
      const stored = profile.attributes[matchingField]
      if (Array.isArray(custom)) return Array.isArray(stored) && custom.every((tag) => stored.includes(tag))
      return stored === custom
    }
    if (customField === null || matchingField === null) return false
    return searched.some((one) => textOf(one.customFields[matchingField]) === customField)
  }

  #satisfies({ profileType }: ProfileUpsertOptions, filter: readonly ConditionInput[], profile: ModelProfile): boolean {
    return satisfiesFilter(filter, {
      typeOf: (attribute) => this.#attributeType(profileType, attribute),
      attribute: (name) => profile.attributes[name] ?? null,
      field: (name) => {
        if (name === 'key') return profile.key
        if (name === 'createdAt') return profile.created ? duringBatch : beforeBatch
        if (name === 'updatedAt') return profile.written || profile.created ? duringBatch : beforeBatch
        return profile.fields[name] ?? null
      },
    })
  }

  #write(options: ProfileUpsertOptions, record: ModelRecord, profile: ModelProfile, isNew: boolean): boolean {
    const { matching, matchingField, nulls, profileType } = options
    let changed = false
    const set = (name: string, value: string | boolean | null) => {
      if (profile.fields[name] === value) return false
      profile.fields[name] = value
      changed = true
      return true
    }
    const given = (value: string | boolean | null | undefined): value is string | boolean | null =>
      value !== undefined && (value !== null || nulls === 'CLEAR')
    for (const name of [...plainFields, ...dateFields, ...statusFields]) {
      const value = record[name]
      if (given(value)) set(name, value)
    }
    const found = isNew ? '' : matching
    if (given(record.email) && found !== 'EMAIL' && found !== 'EMAIL_PROFILE') {
      const email = record.email === null ? null : lowerCased(record.email)
      if (set('email', email) && email !== null && record.emailStatus == null) set('emailStatus', 'ACTIVE')
    }
    if (given(record.phone) && found !== 'PHONE') {
      const phone = record.phone === null ? null : withoutSpaces(record.phone)
      if (set('phone', phone) && phone !== null && record.phoneStatus == null) set('phoneStatus', 'ACTIVE')
    }
    for (const [name, value] of Object.entries(record.attributes ?? {})) {
      if (found === 'CUSTOM' && name === matchingField) continue
      const stored = profile.attributes[name]
      if (value === null) {
        if (nulls === 'IGNORE' || stored === undefined) continue
        delete profile.attributes[name]
        changed = true
        continue
      }
      const typed = typedValue(this.#attributeType(profileType, name), value)
      if (JSON.stringify(stored) === JSON.stringify(typed)) continue
      profile.attributes[name] = typed
      changed = true
    }
    for (const extension of record.extensions ?? [])
      changed = writeExtension(profile, extension, nulls === 'CLEAR') || changed
    return changed
  }

  #rename(profile: ModelProfile, newKey: string | null | undefined): boolean {
    const oldKey = profile.key
    if (newKey == null || oldKey === null || newKey === oldKey) return false
    profile.key = newKey
    for (const other of this.profiles) {
      for (const { attribute, targetType } of this.#typeOf(other.type).links) {
        if (targetType !== profile.type || other.attributes[attribute] !== oldKey) continue
        other.attributes[attribute] = newKey
        other.followed = true
      }
    }
    return true
  }

  #create(type: string, key: string | null): ModelProfile {
    const fields: ModelProfile['fields'] = Object.fromEntries(modelFields.map((name) => [name, null]))
    fields['status'] = 'ACTIVE'
    const profile: ModelProfile = {
      id: this.#nextId++,
      type,
      key,
      fields,
      attributes: {},
      extensions: [],
      created: true,
      written: true,
      followed: false,
      attributesBefore: '{}',
    }
    this.profiles.push(profile)
    return profile
  }

  #withKey(type: string, key: string): ModelProfile | undefined {
    return this.profiles.find((profile) => profile.type === type && profile.key === key)
  }

  #typeOf(name: string): ProfileType {
    return this.#types.find((type) => type.name === name) ?? { name, attributes: [], links: [] }
  }

  #attributeType(profileType: string | null, attribute: string): AttributeType {
    const type = this.#typeOf(profileType ?? 'contact').attributes.find((one) => one.name === attribute)?.type
    if (!type) throw new TypeError(`the model's type ${profileType} has no attribute ${attribute}`)
    return type
  }
}

/** What createdAt and updatedAt say in the model: the tests set the store's clocks back before each batch. */
export const beforeBatch = '2000-01-01T00:00:00.000Z'
const duringBatch = '2024-01-01T00:00:00.000Z'

const typeName = ({ profileType }: { profileType: string | null }) => profileType ?? 'contact'
