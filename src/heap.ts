import { setFlagsFromString } from 'node:v8'

/*
 * Loading a program makes much garbage in a short time, and V8 takes memory for it that it does not give back: a process at rest held 30 MB
 * more than it needs. Set here rather than by options of `node`, so that it holds however the process is started. V8 looks at these two
 * flags whenever it decides; most others it reads before any of our code runs.
 */

/** While the program is loaded, the heap grows by little. */
export function boundHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=60')
}

/** From here on it grows as V8 sees fit: held down, pages of fifty profiles take twice as long, as what they need is taken for old. */
export function letHeapGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
  setFlagsFromString('--heap-growing-percent=0')
}
