import type { RemoteAdapter, Travel } from '../contract/adapter.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'

/** A batch as it will travel. */
export interface PlannedBatch {
  /** It begins when all batches of lower waves are done. */
  wave: number
  /** Indexes in the input, ascending, of the records sent and of those folded into them. */
  indexes: number[]
  /** For each of them the index of the record in which it travels; null: each in itself. */
  carriers: number[] | null
  /** Hashes of its match values; null: could be any. */
  valueHashes: number[] | null
  repeatable: boolean
}

export interface BatchLimits {
  maxBatchSize: number
  maxBatchBytes: number
}

export interface Planner<Value> {
  /** Takes the next record; indexes grow. */
  add(index: number, value: Value, hasNewKey: boolean): void
  /** The batches of all that was added, in the order of their waves, then of their records. */
  batches(): PlannedBatch[]
}

type PlanningAdapter<Value> = Pick<RemoteAdapter<Value>, 'travel' | 'fold' | 'isRepeatable'>

interface Entry<Value> {
  index: number
  value: Value
  travel: Travel
  wave: number
  /** Indexes of the records folded into it. */
  folded: number[]
  foldable: boolean
  /** It was folded into a later one. */
  isGone: boolean
}

/**
 * Plans a delivery so that it ends up as if its records were applied one by one in order. Records of one match value are folded into the
 * last of them where that may be, and are otherwise in different waves. One whose match value could be any comes after all before it and
 * before all after it; several in a row share a call, which applies its records in order.
 */
export function createPlanner<Value>(
  adapter: PlanningAdapter<Value>,
  options: ProfileUpsertOptions,
  limits: BatchLimits,
): Planner<Value> {
  const entries: Entry<Value>[] = []
  /** By match value, the last record that touches it. */
  const latest = new Map<string, Entry<Value>>()
  let floor = 0
  let highest = -1
  /** The run of records with any match value that is still open. */
  let run: { shape: string; wave: number; size: number; bytes: number } | null = null

  function addToRun(entry: Entry<Value>): void {
    const { shape, bytes } = entry.travel
    const fits =
      run !== null && run.shape === shape && run.size < limits.maxBatchSize && run.bytes + bytes <= limits.maxBatchBytes
    if (run === null || !fits) run = { shape, wave: highest + 1, size: 0, bytes: 0 }
    run.size += 1
    run.bytes += bytes
    entry.wave = run.wave
    highest = run.wave
    floor = run.wave + 1
  }

  function fold(earlier: Entry<Value>, entry: Entry<Value>): boolean {
    if (!earlier.foldable || !entry.foldable || earlier.wave < floor) return false
    const value = adapter.fold(options, earlier.value, entry.value)
    if (value === null) return false
    earlier.isGone = true
    entry.value = value
    entry.travel = adapter.travel(options, value)
    entry.folded = [...earlier.folded, earlier.index]
    entry.wave = earlier.wave
    return true
  }

  return {
    add(index, value, hasNewKey) {
      const travel = adapter.travel(options, value)
      const foldable = !hasNewKey && options.upsert !== 'CREATE_ONLY' && options.matching !== 'FILTER'
      const entry: Entry<Value> = { index, value, travel, wave: 0, folded: [], foldable, isGone: false }
      entries.push(entry)
      const { matchValue, alsoMatches } = travel
      if (matchValue === null || (hasNewKey && alsoMatches === undefined)) {
        entry.foldable = false
        addToRun(entry)
        return
      }
      run = null
      const touched = alsoMatches === undefined ? [matchValue] : [matchValue, alsoMatches]
      const earlier = touched.flatMap((one) => latest.get(one) ?? [])
      const [only] = earlier
      if (!(earlier.length === 1 && only && fold(only, entry))) {
        entry.wave = Math.max(floor, ...earlier.map((one) => one.wave + 1))
      }
      highest = Math.max(highest, entry.wave)
      for (const one of touched) latest.set(one, entry)
    },

    batches() {
      const sent = entries.filter((entry) => !entry.isGone)
      const groups = Map.groupBy(sent, ({ wave, travel }) => `${wave} ${travel.shape}`)
      return [...groups.values()]
        .flatMap((group) => cut(group, limits))
        .map((some) => batchOf(adapter, options, some))
        .sort((a, b) => a.wave - b.wave || (a.indexes[0] ?? 0) - (b.indexes[0] ?? 0))
    },
  }
}

/** Cuts a group in order. A record that is too large by itself travels alone. */
function cut<Value>(group: readonly Entry<Value>[], { maxBatchSize, maxBatchBytes }: BatchLimits): Entry<Value>[][] {
  const pieces: Entry<Value>[][] = []
  let piece: Entry<Value>[] = []
  let bytes = 0
  for (const entry of group) {
    const isFull = piece.length >= maxBatchSize || bytes + entry.travel.bytes > maxBatchBytes
    if (piece.length > 0 && isFull) {
      pieces.push(piece)
      piece = []
      bytes = 0
    }
    piece.push(entry)
    bytes += entry.travel.bytes
  }
  if (piece.length > 0) pieces.push(piece)
  return pieces
}

function batchOf<Value>(
  adapter: PlanningAdapter<Value>,
  options: ProfileUpsertOptions,
  sent: readonly Entry<Value>[],
): PlannedBatch {
  const places = sent
    .flatMap(({ index, folded }) => [...folded, index].map((one) => ({ index: one, carrier: index })))
    .sort((a, b) => a.index - b.index)
  const values = sent.flatMap(({ travel }) =>
    travel.alsoMatches === undefined ? [travel.matchValue] : [travel.matchValue, travel.alsoMatches],
  )
  const known = values.filter((value) => value !== null)
  return {
    wave: sent[0]?.wave ?? 0,
    indexes: places.map(({ index }) => index),
    carriers: places.length > sent.length ? places.map(({ carrier }) => carrier) : null,
    valueHashes: known.length < values.length ? null : known.map(hashOf),
    repeatable: adapter.isRepeatable(
      options,
      sent.map(({ value }) => value),
    ),
  }
}

/** 32 bits (FNV-1a), signed as the database's integer is. Two values of one hash only wait for each other without need. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < text.length; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  return hash | 0
}
