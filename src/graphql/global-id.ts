/** The types whose objects can be read again by their id. */
export type NodeTypename = 'Profile' | 'Extension' | 'Job'

const globalIdText = /^(Profile|Extension|Job):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** The id of an object as clients see it: base64 of `Type:uuid`. */
export function encodeGlobalId(typename: string, id: string): string {
  return Buffer.from(`${typename}:${id}`).toString('base64')
}

/** The type and uuid that a global id stands for; null for any text that this gateway cannot have given out. */
export function decodeGlobalId(globalId: string): { typename: NodeTypename; id: string } | null {
  const text = Buffer.from(globalId, 'base64').toString()
  const [, typename, id] = globalIdText.exec(text) ?? []
  if (typename === undefined || id === undefined || encodeGlobalId(typename, id) !== globalId) return null
  return { typename: typename as NodeTypename, id }
}

/** The uuid of an object of that type; null for another type's id and for any other text. */
export function idOf(typename: NodeTypename, globalId: string): string | null {
  const decoded = decodeGlobalId(globalId)
  return decoded?.typename === typename ? decoded.id : null
}
