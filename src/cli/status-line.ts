import type { ProgressOutput } from './progress-bar.ts'

/** How far something has come, in one line. */
export interface StatusLine {
  show(text: string): void
  /** Leaves the last text as it is. What is shown then begins a new line. */
  end(): void
}

const spacingMs = { terminal: 100, elsewhere: 5000 }

/** On a terminal the line is drawn over itself; elsewhere there is a new one every few seconds, and the last. */
export function createStatusLine(output: ProgressOutput): StatusLine {
  let shown: string | null = null
  let last: string | null = null
  let due = 0

  function write(text: string): void {
    const width = (output.columns || 80) - 1
    output.write(output.isTTY ? `\r\x1b[2K${`  ${text}`.slice(0, width)}` : `  ${text}\n`)
    shown = text
    due = performance.now() + (output.isTTY ? spacingMs.terminal : spacingMs.elsewhere)
  }

  return {
    show(text) {
      last = text
      if (shown === null || performance.now() >= due) write(text)
    },
    end() {
      if (last === null) return
      if (last !== shown) write(last)
      if (output.isTTY) output.write('\n')
      shown = null
      last = null
    },
  }
}
