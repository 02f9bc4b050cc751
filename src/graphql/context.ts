import DataLoader from 'dataloader'
import type { DestinationRegistry } from '../contract/adapter.ts'
import type { ProfileType, ProfileTypeStore } from '../contract/profile-type.ts'
import type { Database } from '../db/database.ts'
import {
  type ExtensionRow,
  extensionsById,
  extensionsOfProfiles,
  type LinkRow,
  type LookupField,
  linksOfProfiles,
  type ProfileName,
  type ProfileRange,
  type ProfileRow,
  type ProfileSelection,
  profileCount,
  profilePage,
  profilesByField,
  profilesById,
} from '../db/profile-reads.ts'
import type { JobEngine } from '../jobs/engine.ts'
import type { Job } from '../jobs/job.ts'
import { AnswerSize } from './answer-size.ts'
import { createProfileLookups } from './profile-lookups.ts'

export type { ExtensionRow, LinkRow, ProfileRange, ProfileRow, ProfileSelection }

/** What an asker may do: `read` queries and subscriptions, `write` mutations, `admin` the mutations that define types. */
export type Scope = 'read' | 'write' | 'admin'

/** Who asks: nothing of another tenant exists for them. */
export interface Identity {
  tenant: string
  scopes: ReadonlySet<Scope>
}

/** The parts that answer, shared by all requests. */
export interface ContextParts {
  database: Database
  engine: JobEngine
  profileTypes: ProfileTypeStore
  registry: DestinationRegistry
}

/** Reads of one answer: what several of its fields ask for is read once and in one statement. */
export interface Loaders {
  profile: DataLoader<string, ProfileRow | null>
  /** At most two: one is an answer, two are too many. Only by `key` there is never more than one. */
  profilesBy: Record<LookupField, DataLoader<ProfileName, ProfileRow[], string>>
  extension: DataLoader<string, ExtensionRow | null>
  extensionsOf: DataLoader<string, ExtensionRow[]>
  linksOf: DataLoader<string, LinkRow[]>
  job: DataLoader<string, Job | null>
  profileTypes: () => Promise<ProfileType[]>
  /** What lists of this answer hold so far. */
  size: AnswerSize
}

/** What resolvers are given: the asker, the parts, and the loaders of this answer. */
export interface Context extends Identity {
  engine: JobEngine
  profileTypes: ProfileTypeStore
  registry: DestinationRegistry
  loaders: Loaders
  /** Loaders that know nothing yet. A subscription takes new ones for each event: its context lives as long as it does. */
  freshLoaders(): Loaders
  profilePage(selection: ProfileSelection, range: ProfileRange): Promise<ProfileRow[]>
  profileCount(selection: ProfileSelection): Promise<number>
}

/** Makes the contexts of requests. */
export function createContextFactory(parts: ContextParts): (identity: Identity) => Context {
  const { database, engine, profileTypes, registry } = parts
  const lookups = createLookups(database)
  return ({ tenant, scopes }) => {
    const freshLoaders = () => createLoaders(parts, lookups, tenant)
    return {
      tenant,
      scopes,
      engine,
      profileTypes,
      registry,
      loaders: freshLoaders(),
      freshLoaders,
      profilePage: (selection, range) => profilePage(database, tenant, selection, range),
      profileCount: (selection) => profileCount(database, tenant, selection),
    }
  }
}

type Lookups = Record<LookupField, ReturnType<typeof createProfileLookups<ProfileRow>>>

function createLookups(database: Database): Lookups {
  const by = (field: LookupField) =>
    createProfileLookups<ProfileRow>((tenant, names) => profilesByField(database, tenant, field, names))
  return { key: by('key'), email: by('email'), phone: by('phone') }
}

function createLoaders({ database, engine, profileTypes }: ContextParts, lookups: Lookups, tenant: string): Loaders {
  const profilesBy = (field: LookupField) =>
    new DataLoader<ProfileName, ProfileRow[], string>(
      (wanted) => Promise.all(wanted.map(({ type, value }) => lookups[field]({ tenant, type, value }))),
      { cacheKeyFn: nameOf },
    )
  let readTypes: Promise<ProfileType[]> | null = null
  return {
    size: new AnswerSize(),
    profile: new DataLoader(async (ids) => inOrder(ids, await profilesById(database, tenant, ids))),
    profilesBy: { key: profilesBy('key'), email: profilesBy('email'), phone: profilesBy('phone') },
    extension: new DataLoader(async (ids) => inOrder(ids, await extensionsById(database, tenant, ids))),
    extensionsOf: new DataLoader(async (ids) => perProfile(ids, await extensionsOfProfiles(database, tenant, ids))),
    linksOf: new DataLoader(async (ids) => perProfile(ids, await linksOfProfiles(database, tenant, ids))),
    job: new DataLoader((ids) => engine.jobs(tenant, [...ids])),
    profileTypes: () => {
      readTypes ??= profileTypes.list(tenant)
      return readTypes
    },
  }
}

const nameOf = ({ type, value }: ProfileName) => JSON.stringify([type, value])

function inOrder<Row extends { id: string }>(ids: readonly string[], rows: readonly Row[]): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => byId.get(id) ?? null)
}

function perProfile<Row extends { profileId: string }>(ids: readonly string[], rows: readonly Row[]): Row[][] {
  const byProfile = Map.groupBy(rows, (row) => row.profileId)
  return ids.map((id) => byProfile.get(id) ?? [])
}
