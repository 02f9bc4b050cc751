import type { LinkDefinition } from '../../contract/profile-type.ts'
import {
  followRenames,
  insertExtensions,
  insertProfiles,
  type LinkRow,
  type ProfileRow,
  releaseKeys,
  updateExtensions,
  updateProfiles,
  writeLinks,
} from '../../db/profile-write.ts'
import type { Application } from './apply-records.ts'
import type { Batch } from './batch.ts'
import type { WorkingProfile } from './working-set.ts'

const rowOf = ({ id, type, key, fields, attributes }: WorkingProfile): ProfileRow => ({
  id,
  type,
  key,
  fields,
  attributes: attributes.size === 0 ? '{}' : JSON.stringify(Object.fromEntries(attributes)),
})

const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Where each key that was ever left leads in the end: a chain ends at its last key, and a swap crosses over. */
export function finalKeys(renames: readonly { from: string; to: string }[]): { from: string; to: string }[] {
  const leadsTo = new Map<string, string>()
  for (const { from, to } of renames) {
    for (const [old, current] of leadsTo) if (current === from) leadsTo.set(old, to)
    if (!leadsTo.has(from)) leadsTo.set(from, to)
  }
  return [...leadsTo].flatMap(([from, to]) => (from === to ? [] : [{ from, to }]))
}

/**
 * Writes where a batch has ended, in a fixed number of statements. Answers false when a profile of one of the new keys has appeared in
 * the meantime: then nothing of the batch may stand.
 */
export async function writeApplication(
  { transaction, tenant, type, links, parts }: Batch,
  { profiles, renames }: Application,
): Promise<boolean> {
  const created = profiles.filter((profile) => profile.isNew)
  const changed = profiles.filter((profile) => !profile.isNew && profile.changed)
  const written = [...created, ...changed]
  const pending: Promise<unknown>[] = []
  // Sent without waiting for each other: a transaction carries them out in this order.
  const send = (statement: Promise<unknown>) => pending.push(statement)

  const moved = changed.filter((profile) => profile.key !== profile.storedKey)
  if (renames.length > 0) {
    send(
      releaseKeys(
        transaction,
        tenant,
        moved.map((profile) => profile.id),
      ),
    )
    send(followRenames(transaction, tenant, type, finalKeys(renames)))
  }
  let inserted: Promise<number> = Promise.resolve(0)
  if (created.length > 0) {
    created.sort((a, b) => inOrder(a.type, b.type) || inOrder(a.key ?? '', b.key ?? ''))
    inserted = insertProfiles(transaction, tenant, created.map(rowOf), parts.fields)
    send(inserted)
  }
  if (changed.length > 0) {
    const write = { keys: moved.length > 0, attributes: parts.attributes }
    send(updateProfiles(transaction, tenant, changed.map(rowOf), parts.fields, write))
  }
  const extensions = written.flatMap((profile) => [...profile.extensions.values()])
  const newExtensions = extensions.filter((extension) => extension.state === 'new')
  const changedExtensions = extensions.filter((extension) => extension.state === 'changed')
  if (newExtensions.length > 0) {
    send(
      insertExtensions(
        transaction,
        tenant,
        newExtensions.map((extension) => extension.record),
      ),
    )
  }
  if (changedExtensions.length > 0) {
    send(
      updateExtensions(
        transaction,
        tenant,
        changedExtensions.map((extension) => extension.record),
      ),
    )
  }
  const linkRows = changedLinkRows(written, links)
  if (linkRows.length > 0) send(writeLinks(transaction, tenant, linkRows))
  await Promise.all(pending)
  return (await inserted) === created.length
}

function changedLinkRows(profiles: readonly WorkingProfile[], links: readonly LinkDefinition[]): LinkRow[] {
  const rows: LinkRow[] = []
  for (const { id, attributes, changedLinks } of profiles) {
    for (const { attribute, targetType } of links) {
      if (!changedLinks.has(attribute)) continue
      const value = attributes.get(attribute)
      rows.push({ profileId: id, attribute, targetType, targetKey: value === undefined ? null : String(value) })
    }
  }
  return rows
}
