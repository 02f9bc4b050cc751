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
/** Of a terminal that does not say how wide it is, or says 0. */
const usualColumns = 80
/** Percent. */
const tellEvery = 10
const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** On a terminal the bars stay where they are and move; elsewhere a delivery has a line for each tenth that it has come on. */
export function createProgressBars(output: ProgressOutput): ProgressBars {
  return output.isTTY ? movingBars(output) : progressLines(output)
}

function movingBars(output: ProgressOutput): ProgressBars {
  let drawn = 0
  let last = ''
  return {
    show(bars) {
      const width = nameWidth(bars)
      const lines = bars.map((bar) => lineOf(bar, width, output))
      const text = lines.map((line) => `\x1b[2K${line}\n`).join('')
      if (text === last) return
      last = text
      output.write(drawn > 0 ? `\x1b[${drawn}A${text}` : text)
      drawn = lines.length
    },
  }
}

function progressLines(output: ProgressOutput): ProgressBars {
  const told = new Map<string, number>()
  const isNews = ({ name, percent }: BarState) => {
    const last = told.get(name)
    return last === undefined || percent >= last + tellEvery || (percent >= 100 && last < 100)
  }
  return {
    show(bars) {
      const width = nameWidth(bars)
      for (const bar of bars.filter(isNews)) {
        told.set(bar.name, bar.percent)
        output.write(`${lineOf(bar, width, output)}\n`)
      }
    },
  }
}

const nameWidth = (bars: readonly BarState[]) => Math.max(0, ...bars.map((bar) => bar.name.length))

function lineOf(bar: BarState, width: number, { isTTY, columns }: ProgressOutput): string {
  const percent = `${Math.floor(bar.percent)} %`.padStart(5)
  const done = `${wholeNumber.format(bar.processed)} of ${wholeNumber.format(bar.total)}`
  const rate = bar.recordsPerSecond === null ? '' : `  ${wholeNumber.format(bar.recordsPerSecond)}/s`
  const left = bar.etaSeconds === null || bar.etaSeconds === 0 ? '' : `  ${bar.etaSeconds.toFixed(1)} s left`
  const words = `${percent}  ${done}${rate}${left}`
  const name = `  ${bar.name.padEnd(width)}`
  if (!isTTY) return `${name}  ${words}`
  // A line that wraps would not be where the next drawing looks for it.
  const lineWidth = columns || usualColumns
  const length = Math.min(longestBar, lineWidth - name.length - words.length - 4)
  if (length < 1) return `${name}  ${words}`.slice(0, Math.max(1, lineWidth - 1))
  const filled = Math.round((bar.percent / 100) * length)
  return `${name}  ${'█'.repeat(filled)}${'░'.repeat(length - filled)} ${words}`
}
