/** What is wrong with a member of an extension; the message begins with its name. */
export interface UnreadableMember {
  field: string
  message: string
}

const known = new WeakMap<object, readonly UnreadableMember[]>()

/**
 * Notes that members of an extension, which stands in a record of a file, have values that they cannot have. It stays in the record as it is:
 * whether it fails the record or is dropped is decided where extensions are checked.
 */
export function noteUnreadable(extension: object, members: readonly UnreadableMember[]): void {
  known.set(extension, members)
}

/** What was noted of an extension; null where it can be read. */
export function whyUnreadable(extension: object): readonly UnreadableMember[] | null {
  return known.get(extension) ?? null
}
