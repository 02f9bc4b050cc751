import { createHash } from 'node:crypto'

/** Members of the input that say how to answer or what the request is called, not what it asks for. */
const leftOut = new Set(['waitSeconds', 'idempotencyKey'])

// Deeper than anything that a record may hold: what stands below is refused whatever it says.
const deepest = 200

// Text is handed to the hash in pieces of about this many characters, so that a large input is never one string.
const pieceLength = 1 << 16

/**
 * SHA-256, as hex, of the operation and its input: the same for inputs that mean the same, whatever the order of their names. An absent
 * member and an undefined one are the same, a null is not. The input's own `waitSeconds` and `idempotencyKey` do not count. The input is
 * plain JSON with its defaults filled in; two inputs that differ only below 200 levels of nesting are not told apart.
 */
export function fingerprintOf(operation: string, input: object): string {
  const hash = createHash('sha256')
  let text = JSON.stringify(operation)

  const add = (value: unknown, depth: number): void => {
    if (typeof value === 'string') text += JSON.stringify(value)
    else if (typeof value !== 'object' || value === null) text += String(value)
    else if (depth > deepest) text += '…'
    else if (Array.isArray(value)) {
      text += '['
      for (const member of value) {
        add(member, depth + 1)
        text += ','
      }
      text += ']'
    } else addMembers(value, depth)
    if (text.length > pieceLength) {
      hash.update(text)
      text = ''
    }
  }

  const addMembers = (value: object, depth: number): void => {
    text += '{'
    const members = value as Record<string, unknown>
    for (const name of Object.keys(value).sort()) {
      const member = members[name]
      if (member === undefined || (depth === 0 && leftOut.has(name))) continue
      text += `${JSON.stringify(name)}:`
      add(member, depth + 1)
      text += ','
    }
    text += '}'
  }

  add(input, 0)
  return hash.update(text).digest('hex')
}
