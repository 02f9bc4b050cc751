/** Where bars are drawn: a terminal, or a file or pipe that gets plain lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** How far one delivery has come, as the schema's Progress says it. */
export interface BarState {
  /** Stands before the bar; the destination's id. */
  name: string
  total: number
  processed: number
  percent: number
  recordsPerSecond: number | null
  etaSeconds: number | null
}

export interface ProgressBars {
  /** Draws one bar for each delivery, over those drawn before. */
  show(bars: readonly BarState[]): void
}

const longestBar = 40
const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** On a terminal the bars stay where they are and move; elsewhere each change is a line of its own. */
export function createProgressBars(output: ProgressOutput): ProgressBars {
  let drawn = 0
  let last = ''
  return {
    show(bars) {
      const width = Math.max(0, ...bars.map((bar) => bar.name.length))
      const lines = bars.map((bar) => lineOf(bar, width, output))
      const text = `${lines.join('\n')}\n`
      if (text === last) return
      last = text
      if (output.isTTY) {
        const up = drawn > 0 ? `\x1b[${drawn}A` : ''
        output.write(up + lines.map((line) => `\x1b[2K${line}\n`).join(''))
        drawn = lines.length
      } else output.write(text)
    },
  }
}

function lineOf(bar: BarState, nameWidth: number, { isTTY, columns = 80 }: ProgressOutput): string {
  const percent = `${Math.floor(bar.percent)} %`.padStart(5)
  const done = `${wholeNumber.format(bar.processed)} of ${wholeNumber.format(bar.total)}`
  const rate = bar.recordsPerSecond === null ? '' : `  ${wholeNumber.format(bar.recordsPerSecond)}/s`
  const left = bar.etaSeconds === null || bar.etaSeconds === 0 ? '' : `  ${bar.etaSeconds.toFixed(1)} s left`
  const words = `${percent}  ${done}${rate}${left}`
  const name = `  ${bar.name.padEnd(nameWidth)}`
  if (!isTTY) return `${name}  ${words}`
  // A line that wraps would not be where the next drawing looks for it.
  const length = Math.min(longestBar, columns - name.length - words.length - 4)
  if (length < 1) return `${name}  ${words}`.slice(0, Math.max(1, columns - 1))
  const filled = Math.round((bar.percent / 100) * length)
  return `${name}  ${'█'.repeat(filled)}${'░'.repeat(length - filled)} ${words}`
}
