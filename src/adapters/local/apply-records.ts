import type { RecordError, RecordFate, RecordOutcome } from '../../contract/outcome.ts'
import type { LinkDefinition } from '../../contract/profile-type.ts'
import type { ProfileUpsertOptions } from '../../contract/request.ts'
import { matchesFilter, type TypedCondition } from '../../domain/filter.ts'
import { firstErrors } from '../../domain/record-errors.ts'
import type { AttributeValue } from '../../domain/values.ts'
import { type FieldName, type FieldValue, type LocalRecord, longestKey } from './local-record.ts'
import { emailToken, matchSpaces, phoneToken } from './match-tokens.ts'
import { type LoadedState, type WorkingProfile, WorkingSet } from './working-set.ts'

/** What a filter hits before the batch; `more` when the list was cut off at its limit. */
export interface FilterHits {
  ids: readonly string[]
  more: boolean
}

export interface Application {
  /** One per record that was applied: all of them, except under FILTER where a round may have to end early. */
  fates: RecordFate[]
  profiles: readonly WorkingProfile[]
  /** In the order in which they were made. */
  renames: readonly { from: string; to: string }[]
}

export interface ApplyInput {
  options: ProfileUpsertOptions
  type: string
  links: readonly LinkDefinition[]
  records: readonly LocalRecord[]
  loaded: LoadedState
  /** Under FILTER, one for each record. */
  filterHits: readonly FilterHits[] | null
  /** The transaction's own time, what `updatedAt` becomes. */
  now: string
}

/**
 * Applies records in order, in memory. A link may lead to a profile that a later record of the batch creates: first every key that a
 * record might create counts as there, and where one turned out not to be created, all is done again without it.
 */
export function applyRecords(input: ApplyInput): Application {
  const selfLinked = input.links.some((link) => link.targetType === input.type)
  const expected = new Set<string>()
  if (selfLinked && input.options.upsert !== 'UPDATE_ONLY') {
    for (const { key } of input.records) if (key !== null) expected.add(key)
  }
  for (;;) {
    const pass = new Pass(input, expected)
    const missing = [...pass.reliedOn.keys()].filter((key) => !pass.set.hasKey(input.type, key))
    if (missing.length === 0) return { fates: pass.fates, profiles: pass.set.profiles, renames: pass.renames }
    withdraw(missing, expected, pass.reliedOn, input)
  }
}

/**
 * Takes back keys that will not be there. Under FAIL a record that relied on one fails, and with it goes the key that only it would have
 * brought, and so on: a chain of links that ends in nothing is one further pass, not one per link.
 */
function withdraw(
  missing: readonly string[],
  expected: Set<string>,
  reliedOn: ReadonlyMap<string, readonly number[]>,
  { records, options, loaded, type }: ApplyInput,
): void {
  const bringers = new Map<string, number>()
  for (const { key } of records) if (key !== null) bringers.set(key, (bringers.get(key) ?? 0) + 1)
  const there = new Set(loaded.existingKeys.flatMap((one) => (one.type === type ? [one.key] : [])))
  for (const { key } of loaded.profiles) if (key !== null) there.add(key)
  const failed = new Set<number>()
  const open = [...missing]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    expected.delete(key)
    if (options.linkPolicy !== 'FAIL') continue
    for (const place of reliedOn.get(key) ?? []) {
      const own = records[place]?.key ?? null
      if (failed.has(place) || own === null) continue
      failed.add(place)
      const left = (bringers.get(own) ?? 0) - 1
      bringers.set(own, left)
      if (left === 0 && !there.has(own) && expected.has(own)) open.push(own)
    }
  }
}

/** The decision on one record before anything of it is done. */
type Decision =
  | { kind: 'create' }
  | { kind: 'update'; profiles: readonly WorkingProfile[] }
  | { kind: 'fail'; errors: RecordError[] }

const fail = (code: RecordError['code'], message: string, field?: string): Decision => ({
  kind: 'fail',
  errors: [field === undefined ? { code, message } : { code, message, field }],
})

class Pass {
  readonly set: WorkingSet
  readonly fates: RecordFate[] = []
  readonly renames: { from: string; to: string }[] = []
  /** The keys that links lead to and that are not there yet, with the places of the records that do so. */
  readonly reliedOn = new Map<string, number[]>()
  readonly #input: ApplyInput
  readonly #expected: ReadonlySet<string>
  readonly #linkTargets: ReadonlyMap<string, string>
  readonly #selfLinks: readonly string[]
  /** Profiles that were written to, under FILTER: what the filters hit before no longer holds for them. */
  readonly #written = new Set<WorkingProfile>()
  readonly #byId: Map<string, WorkingProfile>

  constructor(input: ApplyInput, expected: ReadonlySet<string>) {
    this.#input = input
    this.#expected = expected
    this.#linkTargets = new Map(input.links.map((link) => [link.attribute, link.targetType]))
    this.#selfLinks = input.links.filter((link) => link.targetType === input.type).map((link) => link.attribute)
    this.set = new WorkingSet(input.options, input.type, input.loaded)
    this.#byId = new Map(input.filterHits ? this.set.profiles.map((profile) => [profile.id, profile]) : [])
    for (const [place, record] of input.records.entries()) {
      const hits = input.filterHits ? this.#filterHits(record, input.filterHits[place]) : this.set.hits(record.tokens)
      if (hits === null) return
      this.fates.push(this.#apply(record, hits, place))
    }
    if (input.options.upsert !== 'CREATE_ONLY' && !input.filterHits) this.#fold()
  }

  #apply(record: LocalRecord, hits: readonly WorkingProfile[], place: number): RecordFate {
    const decision = this.#decide(record, hits, place)
    if (decision.kind === 'fail') return { outcome: 'FAILED', errors: decision.errors }
    const targets = this.#linkErrors(record, place)
    if (targets.errors.length > 0) return { outcome: 'FAILED', errors: targets.errors }
    for (const { type, key } of targets.missing) {
      if (!this.set.hasKey(type, key)) this.#written.add(this.set.create(type, key))
    }
    if (decision.kind === 'create') {
      const profile = this.set.create(this.#input.type, record.key)
      this.#write(profile, record)
      return { outcome: 'CREATED', profileId: profile.id }
    }
    let affected = 0
    for (const profile of decision.profiles) if (this.#update(profile, record)) affected += 1
    const outcome: RecordOutcome = affected > 0 ? 'UPDATED' : 'UNCHANGED'
    const [only, ...others] = decision.profiles
    if (only && others.length === 0) return { outcome, profileId: only.id }
    return { outcome, affected }
  }

  #decide(record: LocalRecord, hits: readonly WorkingProfile[], place: number): Decision {
    const { matching, upsert, maxAffected } = this.#input.options
    const [hit] = hits
    if (!hit) {
      if (matching === 'PROFILE_ID' || matching === 'FILTER' || upsert === 'UPDATE_ONLY') {
        return fail('PROFILE_NOT_FOUND', 'No profile matches, and this request creates none')
      }
      if (matching !== 'KEY' && record.key !== null && this.set.hasKey(this.#input.type, record.key)) {
        return fail('KEY_TAKEN', `Another profile has the key ${record.key}, and that one does not match`, 'key')
      }
      return { kind: 'create' }
    }
    if (upsert === 'CREATE_ONLY')
      return fail('PROFILE_EXISTS', 'A profile matches already, and this request updates none')
    if (matching === 'FILTER') {
      if (hits.length <= maxAffected && this.#input.filterHits?.[place]) return { kind: 'update', profiles: hits }
      return fail(
        'TOO_MANY_MATCHES',
        `The filter matches more than ${maxAffected} profiles: narrow it, or raise maxAffected`,
      )
    }
    if (hits.length > 1) {
      return fail(
        'AMBIGUOUS_MATCH',
        `${hits.length} profiles match, and a record may reach only one: match by something unique`,
      )
    }
    if (matching !== 'KEY' && record.key !== null && hit.key !== record.key) {
      if (hit.key !== null) {
        return fail(
          'KEY_CONFLICT',
          `The matching profile has the key ${hit.key}; leave key out, or match by KEY to rename`,
          'key',
        )
      }
      if (this.set.hasKey(this.#input.type, record.key)) {
        return fail('KEY_TAKEN', `Another profile has the key ${record.key} already`, 'key')
      }
    }
    if (record.newKey !== null && record.newKey !== hit.key && this.set.hasKey(this.#input.type, record.newKey)) {
      return fail('KEY_TAKEN', `Another profile has the key ${record.newKey} already`, 'newKey')
    }
    return { kind: 'update', profiles: hits }
  }

  /** The targets that the record's links lead to and that are not there, and whether that refuses it. */
  #linkErrors(record: LocalRecord, place: number): { errors: RecordError[]; missing: { type: string; key: string }[] } {
    const errors: RecordError[] = []
    const missing: { type: string; key: string }[] = []
    if (this.#linkTargets.size === 0) return { errors, missing }
    const { linkPolicy } = this.#input.options
    for (const [attribute, value] of record.attributes) {
      const type = this.#linkTargets.get(attribute)
      if (type === undefined || value === null) continue
      const key = String(value)
      const field = `attributes.${attribute}`
      if (key.length === 0 || key.length > longestKey) {
        errors.push({
          code: 'INVALID_VALUE',
          message: `${attribute} is a link: its value is a key of 1 to ${longestKey} characters`,
          field,
        })
      } else if (
        linkPolicy !== 'IGNORE' &&
        !this.#bringsKey(record, type, key) &&
        !this.#targetExists(type, key, place)
      ) {
        if (linkPolicy === 'CREATE') missing.push({ type, key })
        else
          errors.push({
            code: 'LINK_NOT_FOUND',
            message: `${attribute} leads to ${key}, and no ${type} has that key`,
            field,
          })
      }
    }
    return { errors: firstErrors(errors), missing }
  }

  /** Whether the record itself gives a profile the key that it links to: a contact may be its own manager. */
  #bringsKey(record: LocalRecord, type: string, key: string): boolean {
    return type === this.#input.type && (key === record.key || key === record.newKey)
  }

  #targetExists(type: string, key: string, place: number): boolean {
    if (this.set.hasKey(type, key)) return true
    if (type !== this.#input.type || !this.#expected.has(key)) return false
    const places = this.reliedOn.get(key)
    if (places) places.push(place)
    else this.reliedOn.set(key, [place])
    return true
  }

  #update(profile: WorkingProfile, record: LocalRecord): boolean {
    let changed = false
    const { matching } = this.#input.options
    if (matching !== 'KEY' && matching !== 'FILTER' && record.key !== null && profile.key === null) {
      this.set.giveKey(profile, record.key)
      changed = true
    }
    changed = this.#write(profile, record) || changed
    if (record.newKey !== null && profile.key !== null && record.newKey !== profile.key) {
      const from = profile.key
      this.set.giveKey(profile, record.newKey)
      this.set.followRename(this.#selfLinks, from, record.newKey)
      this.renames.push({ from, to: record.newKey })
      changed = true
    }
    return changed
  }

  /** Writes what the record states, except the values that found the profile. */
  #write(profile: WorkingProfile, record: LocalRecord): boolean {
    const { set } = this
    const { matching, matchingField } = this.#input.options
    const space = matchSpaces[matching]
    const found = profile.tokens
    let changed = false
    for (const [name, value] of record.fields) {
      if (name === 'email' && space.email && found.includes(emailToken(String(value)))) continue
      if (name === 'phone' && space.phone && found.includes(phoneToken(String(value)))) continue
      if (!set.setField(profile, name, value)) continue
      changed = true
      const status = reactivated(name, value, record)
      if (status) set.setField(profile, status, 'ACTIVE')
    }
    for (const [name, value] of record.attributes) {
      if (matching === 'CUSTOM' && name === matchingField && found.length > 0) continue
      if (!set.setAttribute(profile, name, value)) continue
      changed = true
      if (this.#linkTargets.has(name)) profile.changedLinks.add(name)
    }
    for (const extension of record.extensions) changed = set.setExtension(profile, extension) || changed
    if (changed || profile.isNew) {
      set.refresh(profile)
      this.#written.add(profile)
    }
    return changed
  }

  /**
   * What a filter hits now: what it hit before, except that profiles written to since are asked again. null: too many to have all been
   * read, and some of those read have changed, so the answer has to be read anew.
   */
  #filterHits({ filter }: LocalRecord, before: FilterHits | undefined): WorkingProfile[] | null {
    if (!filter || !before) return []
    const hits = before.ids.flatMap((id) => {
      const profile = this.#byId.get(id)
      return profile && !this.#written.has(profile) ? [profile] : []
    })
    if (before.more && hits.length <= this.#input.options.maxAffected) return null
    for (const profile of this.#written) {
      if (profile.type !== this.#input.type) continue
      if (matchesFilter(filter, (condition) => this.#valueOf(profile, condition))) hits.push(profile)
    }
    return hits
  }

  #valueOf(profile: WorkingProfile, { source, name }: TypedCondition): AttributeValue | null {
    if (source === 'attribute') return profile.attributes.get(name) ?? null
    if (name === 'key') return profile.key
    if (name === 'updatedAt') return this.#input.now
    if (name === 'createdAt') return this.#input.loaded.createdAt?.get(profile.id) ?? this.#input.now
    return profile.fields[name as FieldName] ?? null
  }

  /** Reports records of one match value that were applied to one profile as folded into the last of them. */
  #fold(): void {
    const { records } = this.#input
    const latest = new Map<string, number>()
    for (let place = records.length - 1; place >= 0; place -= 1) {
      const record = records[place]
      const fate = this.fates[place]
      if (!record || !fate || fate.outcome === 'FAILED' || record.newKey !== null) continue
      const value = record.tokens.join('\u0001')
      const later = latest.get(value)
      const into = later === undefined ? undefined : this.fates[later]
      if (later === undefined || !into || into.profileId !== fate.profileId) {
        latest.set(value, place)
        continue
      }
      if (fate.outcome === 'CREATED' || into.outcome === 'UNCHANGED') into.outcome = fate.outcome
      fate.outcome = 'SUPERSEDED'
      fate.supersededBy = later
    }
  }
}

/** The status that becomes ACTIVE when that field has changed; none where the record states one, or the address is gone. */
function reactivated(name: FieldName, value: FieldValue, record: LocalRecord): FieldName | null {
  if (value === null) return null
  if (name === 'email' && !record.statesEmailStatus) return 'emailStatus'
  if (name === 'phone' && !record.statesPhoneStatus) return 'phoneStatus'
  return null
}
