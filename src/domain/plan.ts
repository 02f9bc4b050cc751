import type { RemoteOperation, Travel } from '../contract/adapter.ts'
import type { UpsertOptions } from '../contract/request.ts'

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

export interface Planner {
  /** Takes the next record; indexes grow. `isRename`: it changes what identifies it there. */
  add(index: number, value: unknown, isRename: boolean): void
  /** The batches of all that was added, in the order of their waves, then of their records. */
  batches(): PlannedBatch[]
}

type PlanningOperation = Pick<RemoteOperation, 'travel' | 'fold' | 'isRepeatable'>

/**
 * What a record is folded with may be so large, or so many times the record's own size: folding copies it, so that many records of one profile
 * that each state something else would otherwise cost the square of their number. Those beyond it go in the next wave.
 */
const mostFoldedBytes = 4096
const mostFoldedTimes = 8

interface Entry {
  index: number
  value: unknown
  travel: Travel
  /** Of its value, at most. */
  bytes: number
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
export function createPlanner(operation: PlanningOperation, options: UpsertOptions, limits: BatchLimits): Planner {
  const entries: Entry[] = []
  const groups = createReachGroups()
  let floor = 0
  let highest = -1
  /** The run of records with any match value that is still open. */
  let run: { shape: string; wave: number; size: number; bytes: number } | null = null

  function addToRun(entry: Entry): void {
    const { shape, bytes, alone } = entry.travel
    const fits =
      !alone &&
      run !== null &&
      run.shape === shape &&
      run.size < limits.maxBatchSize &&
      run.bytes + bytes <= limits.maxBatchBytes
    if (run === null || !fits) run = { shape, wave: highest + 1, size: 0, bytes: 0 }
    run.size += 1
    run.bytes += bytes
    entry.wave = run.wave
    highest = run.wave
    floor = run.wave + 1
    if (alone) run = null
  }

  function fold(earlier: Entry, entry: Entry): boolean {
    if (!earlier.foldable || !entry.foldable || earlier.wave < floor) return false
    if (earlier.travel.matchValue !== entry.travel.matchValue) return false
    const most = Math.min(limits.maxBatchBytes - entry.bytes, Math.max(mostFoldedBytes, mostFoldedTimes * entry.bytes))
    // What several of them state was counted each time.
    if (earlier.bytes > most) earlier.bytes = operation.travel(options, earlier.value).bytes
    if (earlier.bytes > most) return false
    const value = operation.fold(options, earlier.value, entry.value)
    if (value === null) return false
    earlier.isGone = true
    entry.value = value
    entry.bytes += earlier.bytes
    entry.folded = earlier.folded
    entry.folded.push(earlier.index)
    entry.wave = earlier.wave
    return true
  }

  return {
    add(index, value, isRename) {
      const travel = operation.travel(options, value)
      const foldable = !isRename && options.upsert !== 'CREATE_ONLY'
      const entry: Entry = { index, value, travel, bytes: travel.bytes, wave: 0, folded: [], foldable, isGone: false }
      entries.push(entry)
      const { matchValue, alsoMatches } = travel
      if (matchValue === null || (isRename && alsoMatches === undefined)) {
        entry.foldable = false
        addToRun(entry)
        return
      }
      run = null
      const earlier = groups.touch([matchValue, ...(alsoMatches ?? [])], entry, !isRename)
      const [only] = earlier
      if (!(earlier.length === 1 && only && fold(only, entry))) {
        entry.wave = Math.max(floor, ...earlier.map((one) => one.wave + 1))
      }
      highest = Math.max(highest, entry.wave)
    },

    batches() {
      const sent = entries.filter((entry) => !entry.isGone)
      for (const entry of sent) if (entry.folded.length > 0) entry.travel = operation.travel(options, entry.value)
      const groups = Map.groupBy(sent, ({ wave, travel }) => `${wave} ${travel.shape}`)
      return [...groups.values()]
        .flatMap((group) => cut(group, limits))
        .map((some) => batchOf(operation, options, some))
        .sort((a, b) => a.wave - b.wave || (a.indexes[0] ?? 0) - (b.indexes[0] ?? 0))
    },
  }
}

/** Values by which records may reach one profile: those that a record touches together, and all that are joined so by others. */
interface ReachGroup {
  latest: Entry
  joined: ReachGroup | null
}

function createReachGroups() {
  const groups = new Map<string, ReachGroup>()
  const groupOf = (value: string): ReachGroup | undefined => {
    let group = groups.get(value)
    while (group?.joined) {
      // Shortens the way for the next time.
      group.joined = group.joined.joined ?? group.joined
      group = group.joined
    }
    return group
  }
  const start = (value: string, latest: Entry): ReachGroup => {
    const group = { latest, joined: null }
    groups.set(value, group)
    return group
  }
  return {
    /**
     * The last record of each group that the values are of; `entry` is that from now on. `joins`: they are one group from now on. A rename
     * joins nothing: when it is done, its old key and its new one are different profiles.
     */
    touch(values: readonly string[], entry: Entry, joins: boolean): Entry[] {
      const touched = values.map((value) => groupOf(value) ?? start(value, entry))
      const earlier = new Set(touched.map(({ latest }) => latest))
      earlier.delete(entry)
      const [first] = touched
      for (const group of new Set(touched)) {
        group.latest = entry
        if (joins && first && group !== first) group.joined = first
      }
      return [...earlier]
    },
  }
}

/** Cuts a group in order. A record that is too large by itself travels alone. */
function cut(group: readonly Entry[], { maxBatchSize, maxBatchBytes }: BatchLimits): Entry[][] {
  const pieces: Entry[][] = []
  let piece: Entry[] = []
  let bytes = 0
  for (const entry of group) {
    const isFull =
      piece.length >= maxBatchSize ||
      bytes + entry.travel.bytes > maxBatchBytes ||
      entry.travel.alone ||
      piece[0]?.travel.alone
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

function batchOf(operation: PlanningOperation, options: UpsertOptions, sent: readonly Entry[]): PlannedBatch {
  const places = sent
    .flatMap(({ index, folded }) => [...folded, index].map((one) => ({ index: one, carrier: index })))
    .sort((a, b) => a.index - b.index)
  const values = sent.flatMap(({ travel }) => [travel.matchValue, ...(travel.alsoMatches ?? [])])
  const known = values.filter((value) => value !== null)
  return {
    wave: sent[0]?.wave ?? 0,
    indexes: places.map(({ index }) => index),
    carriers: places.length > sent.length ? places.map(({ carrier }) => carrier) : null,
    valueHashes: known.length < values.length ? null : known.map(hashOf),
    repeatable: operation.isRepeatable(
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
