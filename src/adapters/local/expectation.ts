import type { LinkDefinition } from '../../contract/profile-type.ts'
import type { FoundProfile } from '../../db/profile-lookup.ts'
import type { Application } from './apply-records.ts'
import { mostToldApart } from './lock-plan.ts'

/**
 * What a batch came to, as far as the next one of its kind may be expected to go the same way. `creates`: nothing of what it looked for was
 * there. `unchanged`: it wrote nothing. `keeps`: it brought about nothing that anybody looks for, neither a profile nor a key nor an address.
 * `mixed`: anything else.
 */
export type Course = 'creates' | 'unchanged' | 'keeps' | 'mixed'

/** Batches of different kinds say nothing about each other. */
export interface BatchKind {
  tenant: string
  type: string
  options: { matching: string; upsert: string }
}

/** Which way batches are expected to go. A wrong answer costs time, and nothing else. */
export interface Expectations {
  /** What the last batch of the kind came to in this process; `mixed` when there was none, and for small batches. */
  of(kind: BatchKind, records: number): Course
  /** Small batches teach nothing: they say little of large ones. */
  learn(kind: BatchKind, records: number, course: Course): void
}

const mostKinds = 10_000

export function createExpectations(): Expectations {
  const courses = new Map<string, Course>()
  const nameOf = ({ tenant, type, options }: BatchKind) =>
    `${options.matching} ${options.upsert} ${JSON.stringify(tenant)} ${type}`
  return {
    of: (kind, records) => (records > mostToldApart ? courses.get(nameOf(kind)) : undefined) ?? 'mixed',
    learn(kind, records, course) {
      if (records <= mostToldApart) return
      const name = nameOf(kind)
      courses.delete(name)
      courses.set(name, course)
      const [oldest] = courses.size > mostKinds ? courses.keys() : []
      if (oldest !== undefined) courses.delete(oldest)
    },
  }
}

/** What was applied and written, and what it started from. */
export interface Applied {
  application: Application
  profiles: readonly FoundProfile[]
  links: readonly LinkDefinition[]
  /** Those that decided beside what was looked for: how many were asked for, and how many of them were there. */
  keys: { wanted: number; taken: number }
}

export const noKeys = { wanted: 0, taken: 0 } as const

export function courseOf({ application, profiles: loaded, links, keys }: Applied): Course {
  const { profiles } = application
  if (profiles.some(({ isNew }) => isNew)) {
    return loaded.length === 0 && links.length === 0 && keys.taken === 0 ? 'creates' : 'mixed'
  }
  // Very many hits are looked at twice, and never beside others.
  if (loaded.length > application.fates.length) return 'mixed'
  // An extension may move from a profile to another, and neither row tells.
  if (keys.wanted > 0 || loaded.some(({ byExtension }) => byExtension === true)) return 'mixed'
  if (!profiles.some(({ changed }) => changed)) return 'unchanged'
  const before = new Map(loaded.map((profile) => [profile.id, profile]))
  const keeps = profiles.every(({ id, key, storedKey, fields, extensions }) => {
    const stored = before.get(id)
    const brings = (name: 'email' | 'phone') => fields[name] != null && fields[name] !== stored?.[name]
    if (key !== storedKey || brings('email') || brings('phone')) return false
    for (const { state } of extensions.values()) if (state === 'new') return false
    return true
  })
  return keeps ? 'keeps' : 'mixed'
}
