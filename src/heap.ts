import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/*
 * V8 takes memory for garbage that it does not give back soon: loading the program left a process at rest with 30 MB more than it needs, and
 * a file of a million records with 250 MB more than one of ten thousand. So the heap is held down while either goes on, and only then: pages
 * of fifty profiles take twice as long beside it, as what they need is taken for old. Set here rather than by options of `node`, so that it
 * holds however the process is started. V8 looks at these two flags whenever it decides; most others it reads before any of our code runs.
 */

/** Bytes for young objects, both halves, that a large load is given: with less it takes a quarter longer, with more it gains nothing. */
const youngBytes = 16 * 1_048_576
/** Per cent that the heap may grow by, during a large load, before its garbage is collected. */
const growthPercent = 50
const lookMs = 10
const holdMs = 2000

let heldUntil = 0
let looking: NodeJS.Timeout | undefined

const youngGrowsBy = (factor: 1 | 2) => setFlagsFromString(`--semi-space-growth-factor=${factor}`)
/** 0: as V8 sees fit. */
const heapGrowsBy = (percent: number) => setFlagsFromString(`--heap-growing-percent=${percent}`)

/** While the program is loaded, the heap grows by little. */
export function boundHeap(): void {
  youngGrowsBy(1)
  heapGrowsBy(60)
}

/** From here on it grows as V8 sees fit, unless it is held. */
export function letHeapGrow(): void {
  if (looking !== undefined) return
  youngGrowsBy(2)
  heapGrowsBy(0)
}

/** Holds the heap down for the next two seconds. Called again and again while a file or a large job passes through this process. */
export function holdHeap(): void {
  heldUntil = performance.now() + holdMs
  if (looking !== undefined) return
  heapGrowsBy(growthPercent)
  look()
  looking = setInterval(look, lookMs).unref()
}

function look(): void {
  if (performance.now() < heldUntil) {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    youngGrowsBy(young !== undefined && young.space_size < youngBytes ? 2 : 1)
    return
  }
  clearInterval(looking)
  looking = undefined
  letHeapGrow()
}
