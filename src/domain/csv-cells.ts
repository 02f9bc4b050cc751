import type { Delimiter } from './import-format.ts'

/**
 * The records of a part of a CSV file as lists of their cells, cut off after one cell more than `mostCells`; null for an empty line, which
 * stands for a record that is not there. The text holds nothing but records whose quotes were checked, each ended by a line feed.
 */
export function* csvRecords(text: string, delimiter: Delimiter, mostCells: number): Generator<string[] | null> {
  let start = 0
  let quote = text.indexOf('"')
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    if (quote !== -1 && quote < start) quote = text.indexOf('"', start)
    if (quote === -1 || quote > feed) {
      yield feed === start ? null : withoutReturn(text.slice(start, feed)).split(delimiter, mostCells + 1)
      start = feed + 1
    } else {
      const { cells, end } = quotedRecord(text, start, delimiter, mostCells)
      yield cells
      start = end + 1
    }
  }
}

/** A record with a quote in it, and where its line feed stands. */
function quotedRecord(text: string, start: number, delimiter: Delimiter, mostCells: number) {
  const cells: string[] = []
  const add = (cell: string) => {
    if (cells.length <= mostCells) cells.push(cell)
  }
  // The next line feed, sought again only when it is passed: a line may have very many cells.
  let feed = text.indexOf('\n', start)
  for (let position = start; ; ) {
    let end: number
    if (text[position] === '"') {
      const close = closingQuote(text, position)
      add(text.slice(position + 1, close).replaceAll('""', '"'))
      end = text[close + 1] === '\r' && text[close + 2] === '\n' ? close + 2 : close + 1
    } else {
      if (feed < position) feed = text.indexOf('\n', position)
      const next = text.indexOf(delimiter, position)
      end = next === -1 || next > feed ? feed : next
      add(text[end] === '\n' ? withoutReturn(text.slice(position, end)) : text.slice(position, end))
    }
    if (text[end] === '\n') return { cells, end }
    position = end + 1
  }
}

function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (text[close + 1] === '"') close = text.indexOf('"', close + 2)
  return close
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
