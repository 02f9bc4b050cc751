import type { ColumnValue } from './columns.ts'
import type { Channel } from './settings.ts'

/** A row of master_contact, by column. */
export type Contact = Map<string, ColumnValue>

/** A row of master_contact_extensions. */
export interface Extension {
  contactKey: string
  address: string
  channel: Channel
  name: string | null
  permission: boolean
}

export interface Tables {
  /** By contact_key. */
  readonly contacts: Map<string, Contact>
  /** The extension with this pair; addresses of e-mail are compared without regard to case. */
  findExtension(contactKey: string, address: string): Extension | undefined
  addExtension(extension: Extension): void
  extensionsOf(contactKey: string): Extension[]
  /** Renames a contact; its extensions go with it. */
  rename(oldKey: string, newKey: string): void
  clear(): void
}

export function createTables(): Tables {
  const contacts = new Map<string, Contact>()
  let extensions: Extension[] = []
  const extensionsOf = (contactKey: string) => extensions.filter((extension) => extension.contactKey === contactKey)
  return {
    contacts,
    extensionsOf,
    findExtension: (contactKey, address) =>
      extensionsOf(contactKey).find(
        (extension) => extension.address === (extension.channel === 'E' ? address.toLowerCase() : address),
      ),
    addExtension(extension) {
      extensions.push(extension)
    },
    rename(oldKey, newKey) {
      const contact = contacts.get(oldKey)
      if (!contact || oldKey === newKey) return
      contacts.delete(oldKey)
      contacts.set(newKey, contact.set('contact_key', newKey))
      for (const extension of extensionsOf(oldKey)) extension.contactKey = newKey
    },
    clear() {
      contacts.clear()
      extensions = []
    },
  }
}
