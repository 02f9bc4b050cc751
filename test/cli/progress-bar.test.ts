import { expect, test } from 'vitest'
import { type BarState, createProgressBars } from '../../src/cli/progress-bar.ts'

const at = (processed: number, name = 'local'): BarState => ({
  name,
  total: 5000,
  processed,
  percent: processed / 50,
  recordsPerSecond: processed === 0 ? null : 2500,
  etaSeconds: processed === 0 ? null : (5000 - processed) / 2500,
})

function record(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = []
  const bars = createProgressBars({ ...terminal, write: (text) => written.push(text) })
  return { bars, written }
}

test('writes a line for each tenth that a delivery has come on where there is no terminal', () => {
  const { bars, written } = record({})
  bars.show([at(0), at(0, 'other')])
  bars.show([at(2500), at(450, 'other')])
  bars.show([at(2900), at(500, 'other')])
  bars.show([at(4800), at(900, 'other')])
  bars.show([at(5000), at(900, 'other')])
  bars.show([at(5000), at(900, 'other')])
  expect(written).toEqual([
    '  local    0 %  0 of 5,000\n',
    '  other    0 %  0 of 5,000\n',
    '  local   50 %  2,500 of 5,000  2,500/s  1.0 s left\n',
    '  other   10 %  500 of 5,000  2,500/s  1.8 s left\n',
    '  local   96 %  4,800 of 5,000  2,500/s  0.1 s left\n',
    '  local  100 %  5,000 of 5,000  2,500/s\n',
  ])
})

test('draws one bar for each delivery on a terminal, over the last drawing', () => {
  const { bars, written } = record({ isTTY: true, columns: 100 })
  bars.show([at(0), at(0, 'other')])
  bars.show([at(2500), at(0, 'other')])
  expect(written[0]).not.toContain('\x1b[2A')
  expect(written[1]).toContain(`\x1b[2A\x1b[2K  local  ${'█'.repeat(20)}${'░'.repeat(20)}  50 %`)
  expect(written[1]).toContain(`\x1b[2K  other  ${'░'.repeat(40)}`)
})

test.each([20, 40, 60, 80])('never fills a line of %i columns, so that none wraps', (columns) => {
  const { bars, written } = record({ isTTY: true, columns })
  bars.show([at(2500)])
  const line = String(written[0]).replace('\x1b[2K', '').replace('\n', '')
  expect(line.length).toBeLessThan(columns)
})

test.each([undefined, 0])('draws bars on a terminal that says it has %s columns', (columns) => {
  const { bars, written } = record({ isTTY: true, ...(columns === undefined ? {} : { columns }) })
  bars.show([at(2500)])
  expect(written[0]).toMatch(/^.{4} {2}local {2}█+░+ {2}50 % {2}2,500 of 5,000 /)
})
