import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const size = 16
const pool = new Uint8Array(size * 512)
let used = pool.length
let milliseconds = 0
let sequence = 0

/** Random bytes by the thousand: asking for sixteen takes longer than all the rest of an id. */
function someRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += size
  return pool.subarray(used - size, used)
}

/** A new UUIDv7, greater than all that this process made before: ids are in the order in which things were made (RFC 9562, method 1). */
export function newId(): string {
  const random = someRandom()
  const now = Date.now()
  if (now > milliseconds) {
    milliseconds = now
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1
  } else {
    sequence = (sequence + 1) >>> 0
    if (sequence === 0) milliseconds += 1
  }
  return v7({ msecs: milliseconds, seq: sequence, random })
}
