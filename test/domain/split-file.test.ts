import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileFault, type ImportFormat } from '../../src/domain/import-format.ts'
import { type FoundRecord, recordsOf, splitFile } from '../support/split-file.ts'

const mebibyte = 1_048_576
const bad = (malformed: RegExp) => ({ malformed: expect.stringMatching(malformed) })
type Expected = [line: number, record: string | string[] | { malformed: unknown }][]

const ndjson: [name: string, file: string | Buffer, records: Expected][] = [
  [
    'lines',
    '{"a":1}\n{"a":2}\n',
    [
      [1, '{"a":1}'],
      [2, '{"a":2}'],
    ],
  ],
  [
    'a last line without its end',
    '{}\n{"a":2}',
    [
      [1, '{}'],
      [2, '{"a":2}'],
    ],
  ],
  [
    'Windows line ends',
    '{}\r\n{"a":2}\r\n',
    [
      [1, '{}\r'],
      [2, '{"a":2}\r'],
    ],
  ],
  [
    'blank lines, which are no records',
    '\n  \t\r\n{}\n\n\r\n{}\n \n',
    [
      [3, '{}'],
      [6, '{}'],
    ],
  ],
  ['a byte order mark', '\ufeff{}\n', [[1, '{}']]],
  [
    'a byte order mark that does not begin the file',
    '{}\n\ufeff{}\n',
    [
      [1, '{}'],
      [2, '\ufeff{}'],
    ],
  ],
  ['what is no JSON, as it stands', 'hello\n', [[1, 'hello']]],
  [
    'NUL',
    '{}\n"a\0b"\n{}\n',
    [
      [1, '{}'],
      [2, bad(/NUL/)],
      [3, '{}'],
    ],
  ],
  [
    'bytes that are not UTF-8',
    Buffer.from('"ok"\n"\xff"\n"ü"\n"\xc3"\n', 'latin1'),
    [
      [1, '"ok"'],
      [2, bad(/not UTF-8/)],
      [3, bad(/not UTF-8/)],
      [4, bad(/not UTF-8/)],
    ],
  ],
  ['a character that was cut off', Buffer.from('"é"\n').subarray(0, 2), [[1, bad(/not UTF-8/)]]],
  ['nothing', '', []],
  ['a byte order mark alone', '\ufeff', []],
]

const csv: [name: string, file: string | Buffer, records: Expected][] = [
  [
    'rows',
    'a,b\n1,2\n3,4\n',
    [
      [2, ['1', '2']],
      [3, ['3', '4']],
    ],
  ],
  ['a last row without its end', 'a,b\n1,2', [[2, ['1', '2']]]],
  [
    'Windows line ends',
    'a,b\r\n1,2\r\n3,"4"\r\n',
    [
      [2, ['1', '2']],
      [3, ['3', '4']],
    ],
  ],
  ['semicolons', 'a;b\n1,5;2\n', [[2, ['1,5', '2']]]],
  ['tabs', 'a\tb\n1,5\t2;3\n', [[2, ['1,5', '2;3']]]],
  [
    'one column',
    'a\n1\n2;3\n',
    [
      [2, ['1']],
      [3, ['2;3']],
    ],
  ],
  ['a header with other delimiters in quotes', '"a;;;",b\n1;2,3\n', [[2, ['1;2', '3']]]],
  [
    'empty lines, which are no records',
    '\r\n\na,b\n\n1,2\n\r\n3,\n',
    [
      [5, ['1', '2']],
      [7, ['3', '']],
    ],
  ],
  [
    'rows of empty cells alone, which are no records either',
    'a;b\n;\n;;;;\r\n"";""\n1;2\n"";\r\n;"";\n"""";\n ;\n;3',
    [
      [5, ['1', '2']],
      [8, ['"', '']],
      [9, [' ', '']],
      [10, ['', '3']],
    ],
  ],
  ['a first line that says what parts the cells', '\ufeffsep=;\r\na,b;c\r\n1,5;2\r\n', [[3, ['1,5', '2']]]],
  ['such a line in quotes', '"SEP=\t"\na,b\tc\n1\t2\n', [[3, ['1', '2']]]],
  ['such a line that is not the first', 'a\nsep=;\n', [[2, ['sep=;']]]],
  ['a byte order mark', '\ufeffa,b\n1,2\n', [[2, ['1', '2']]]],
  ['a quoted cell', 'a,b\n"x,""y""",z\n', [[2, ['x,"y"', 'z']]]],
  ['an empty quoted cell', 'a,b\n"",x\n', [[2, ['', 'x']]]],
  [
    'a quoted cell of several lines',
    'a,b\n"x\r\n\ny",1\n2,3\n',
    [
      [2, ['x\r\n\ny', '1']],
      [5, ['2', '3']],
    ],
  ],
  ['a quoted line end at the end of the file', 'a\n"x\n"', [[2, ['x\n']]]],
  ['a carriage return within a cell', 'a,b\n1\r2,"3\r4"\n', [[2, ['1\r2', '3\r4']]]],
  [
    'rows of another length, as they stand',
    'a,b\n1\n1,2,3\n',
    [
      [2, ['1']],
      [3, ['1', '2', '3']],
    ],
  ],
  ['a header of several lines', '"a\nb",c\n1,2\n', [[3, ['1', '2']]]],
  ['a carriage return in quotes in the header', '"a\rb",c\r\n1,2\r\n', [[2, ['1', '2']]]],
  ['formulas, which are text', 'a,b\n=1+1,"=HYPERLINK(""x"")"\n', [[2, ['=1+1', '=HYPERLINK("x")']]]],
  [
    'text after a closing quote',
    'a,b\n"1"x,2\n3,4\n',
    [
      [2, bad(/followed by neither/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'a space after a closing quote',
    'a,b\n"1" ,2\n3,4\n',
    [
      [2, bad(/followed by neither/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'a quote within a cell',
    'a,b\n5" pipe,2\n3,4\n',
    [
      [2, bad(/does not begin with one/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'a space before an opening quote',
    'a,b\n1, "2"\n3,4\n',
    [
      [2, bad(/does not begin with one/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'a carriage return after a closing quote',
    'a,b\n"1"\rx\n3,4\n',
    [
      [2, bad(/followed by neither/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'a quote that is never closed',
    'a,b\n"1,2\n3,4\n5,6\n',
    [
      [2, bad(/not closed/)],
      [3, ['3', '4']],
      [4, ['5', '6']],
    ],
  ],
  [
    'a quote that is closed only by the next one',
    'a,b\n"1,2\n3,4\n5,"6"\n',
    [
      [2, bad(/followed by neither/)],
      [3, ['3', '4']],
      [4, ['5', '6']],
    ],
  ],
  [
    'quotes that are never closed, each at its own line',
    'a,b\n"1,2\n"3,4\n5,6\n',
    [
      [2, bad(/followed by neither/)],
      [3, bad(/not closed/)],
      [4, ['5', '6']],
    ],
  ],
  [
    'NUL',
    'a,b\n1,\0\n3,4\n',
    [
      [2, bad(/NUL/)],
      [3, ['3', '4']],
    ],
  ],
  [
    'bytes that are not UTF-8',
    Buffer.from('a,b\n1,\xe9\n3,4\n', 'latin1'),
    [
      [2, bad(/not UTF-8/)],
      [3, ['3', '4']],
    ],
  ],
  ['nothing but a header', 'a,b', []],
]

const wrongHeaders: [name: string, file: string | Buffer, message: RegExp][] = [
  ['no content', '', /empty: its first line must be a header/],
  ['empty lines only', '\n\r\n\n', /empty: its first line must be a header/],
  ['names that are missing', 'a,,b,,c,\n1,2,3,4,5,\n', /no name for column 2, 4: /],
  ['a name of white space', 'a, ,b\n', /no name for column 2/],
  ['no name at all', ' ,,\n', /no name for column 1: /],
  [
    'a first line that parts cells by something else',
    'sep=|\na|b\n',
    /parted by "\|": part them by commas, semicolons/,
  ],
  ['a name that is repeated', 'a,b,a , b,c\n', /names "a", "b" more than once/],
  [
    'a quote that is not closed',
    '"a,b\n1,2\n',
    /header, line 1 of the file, cannot be read. A quoted cell is not closed/,
  ],
  ['text after a quote', '\n"a"b,c\n1,2\n', /header, line 2 of the file, cannot be read. A quoted cell is followed/],
  ['bytes of another encoding', Buffer.from('Stra\xdfe,Ort\n', 'latin1'), /not UTF-8/],
  ['UTF-16', Buffer.from('a,b\n1,2\n', 'utf16le'), /NUL/],
  [
    'too many columns',
    `${Array.from({ length: 2001 }, (_, place) => `c${place}`).join(',')}\n`,
    /more than 2000 columns/,
  ],
  [
    'a million columns',
    `${Array.from({ length: 100_000 }, (_, place) => place).join(',')},${','.repeat(400_000)}\n`,
    /more than 2000 columns/,
  ],
  [
    'lines that only a carriage return ends',
    'a,b\r1,2\r3,4\r',
    /line 1 of the file, holds a carriage return .* \(LF or CRLF\)/,
  ],
  ['such lines of one column, and a last one that is ended', '"a"\r"1"\n', /holds a carriage return/],
  ['very many of them', 'a,b\r'.repeat(mebibyte), /holds a carriage return/],
  ['a line without an end', 'a,'.repeat(mebibyte), /longer than 1048576 bytes/],
]

const files: [ImportFormat, string, string | Buffer, Expected][] = [
  ...ndjson.map(
    ([name, file, records]) => ['NDJSON', name, file, records] as [ImportFormat, string, typeof file, Expected],
  ),
  ...csv.map(([name, file, records]) => ['CSV', name, file, records] as [ImportFormat, string, typeof file, Expected]),
]

describe('cutting a file into records', () => {
  it.each(files)('takes of %s %s', (format, _name, file, records) => {
    expect(recordsOf(splitFile(format, file))).toEqual(records)
    expect(recordsOf(splitFile(format, file, { pieceBytes: 1, blockBytes: 1 }))).toEqual(records)
  })

  it.each(wrongHeaders)('refuses of CSV %s', (_name, file, message) => {
    expect(() => splitFile('CSV', file)).toThrow(FileFault)
    expect(() => splitFile('CSV', file)).toThrow(message)
  })

  it('reads the names of the header without the spaces around them', () => {
    expect(splitFile('CSV', '\ufeff key ; "e-mail" \n'.replace(' "e-mail" ', '"e-mail"')).header).toEqual({
      columns: ['key', 'e-mail'],
      delimiter: ';',
    })
  })

  it('leaves the last columns of the header without names where it ends in delimiters', () => {
    expect(splitFile('CSV', 'key;email; ;\n').header).toEqual({ columns: ['key', 'email', '', ''], delimiter: ';' })
  })

  it.each(['NDJSON', 'CSV'] as const)('cuts %s into parts of so many records, the last one of the rest', (format) => {
    const file = `${format === 'CSV' ? 'a\n' : ''}1\n2\n\n3\n4\n5\n`
    const { parts } = splitFile(format, file, { partSize: 2 })
    const first = format === 'CSV' ? 2 : 1
    expect(parts).toEqual([
      { part: 0, size: 2, firstLine: first, lines: null, content: '1\n2\n', malformed: null },
      { part: 1, size: 2, firstLine: first + 3, lines: null, content: '3\n4\n', malformed: null },
      { part: 2, size: 1, firstLine: first + 5, lines: null, content: '5\n', malformed: null },
    ])
  })

  it('says the line of each record of a part in which lines were passed over', () => {
    const [part] = splitFile('NDJSON', '1\n\n2\n3\n').parts
    expect(part).toMatchObject({ size: 3, firstLine: 1, lines: [1, 3, 4] })
  })
})

describe('a record that is too long', () => {
  const exact = 'x'.repeat(mebibyte)

  it.each(['\n', '\r\n', ''])('is one byte more than 1 MiB, whatever ends it (%j)', (end) => {
    const lines = (file: string, options = {}) =>
      recordsOf(splitFile('NDJSON', file, options)).map(([, found]) => typeof found)
    for (const options of [
      {},
      { pieceBytes: 99_991, blockBytes: 1 },
      { pieceBytes: 3 * mebibyte, blockBytes: 3 * mebibyte },
    ]) {
      expect(lines(`${exact}${end}`, options)).toEqual(['string'])
      expect(lines(`${exact}x${end}`, options)).toEqual(['object'])
      expect(lines(`1\n${exact}x\n2${end}`, options)).toEqual(['string', 'object', 'string'])
    }
  })

  it.each(['\n', '\r\n', ''])('is so in CSV, quoted or not, and reading goes on with the next line (%j)', (end) => {
    for (const options of [
      {},
      { pieceBytes: 99_991, blockBytes: 1 },
      { pieceBytes: 5 * mebibyte, blockBytes: 5 * mebibyte },
    ]) {
      const found = (file: string) =>
        recordsOf(splitFile('CSV', file, options)).map(([line, record]) => [
          line,
          Array.isArray(record) ? record[0]?.length : record,
        ])
      expect(found(`a\n${exact}${end}`)).toEqual([[2, mebibyte]])
      expect(found(`a\n"${exact.slice(2)}"${end}`)).toEqual([[2, mebibyte - 2]])
      expect(found(`a\n${exact}x\n2${end}`)).toEqual([
        [2, bad(/longer than 1048576 bytes/)],
        [3, 1],
      ])
      expect(found(`a\n"${exact}"\n2${end}`)).toEqual([
        [2, bad(/longer than 1048576 bytes/)],
        [3, 1],
      ])
      expect(found(`a\n"${exact.slice(10)}\n\n\n\n\n\n\n\n"${end}`)).toEqual([[2, mebibyte - 2]])
      // Of several lines: what stands in the later ones is read as records, for nobody can tell whether the quote was meant.
      expect(found(`a\n"1\n${exact}\n2"\n3${end}`)).toEqual([
        [2, bad(/not closed/)],
        [3, mebibyte],
        [4, bad(/does not begin/)],
        [5, 1],
      ])
    }
  })
})

describe('a part that is too large', () => {
  it('refuses the file, and says where', () => {
    const line = `${'x'.repeat(mebibyte - 1)}\n`
    const lines = (count: number) =>
      Buffer.concat([Buffer.from('1\n'), ...Array.from({ length: count }, () => Buffer.from(line))])
    expect(splitFile('NDJSON', lines(63)).parts).toHaveLength(1)
    expect(() => splitFile('NDJSON', lines(65))).toThrow(/1000 records from line 1 on are more than 67108864 bytes/)
    expect(() => splitFile('NDJSON', lines(65))).toThrow(expect.objectContaining({ exceedsLimit: true }))
  })
})

describe('NDJSON that would become much more in memory than its text is', () => {
  const filled = (member: string, bytes: number) =>
    `{"key":"k","attributes":{"a":[${Array.from({ length: bytes / (member.length + 1) }, () => member).join(',')}]}}\n`

  it.each(['{}', '[]', '1', '""', '{"a":{}}'])('is refused where its parts are made of %s', (member) => {
    const file = filled(member, 65_536).repeat(1000)
    expect(() => splitFile('NDJSON', file)).toThrow(
      expect.objectContaining({
        exceedsLimit: true,
        message: expect.stringMatching(
          /1000 records from line 1 on take more than 100663296 .* comma outside of quotes/,
        ),
      }),
    )
  })

  it.each(['{}', '[]', '1'])('is a malformed record where that is one alone, made of %s', (member) => {
    const file = `1\n${filled(member, mebibyte - 100)}2\n`
    for (const options of [{}, { pieceBytes: 99_991, blockBytes: 1 }]) {
      expect(recordsOf(splitFile('NDJSON', file, options))).toEqual([
        [1, '1'],
        [2, bad(/takes more than 16777216 bytes of memory/)],
        [3, '2'],
      ])
    }
  })

  it('is weighed as its text and 64 bytes more for each brace, bracket and comma', () => {
    /** A line of that weight, or up to 65 less. */
    const weighing = (weight: number) => {
      const line = (numbers: string) => `{"key":"k","attributes":{"a":[${numbers}]}}\n`
      const others = line('').length + 64 * 4
      const count = Math.floor((weight - others + 65) / 66)
      return line(Array.from({ length: count }, () => '1').join(','))
    }
    const malformedOf = (weight: number) => splitFile('NDJSON', `${weighing(weight)}2\n`).parts[0]?.malformed
    expect(malformedOf(16_777_216)).toBeNull()
    expect(malformedOf(16_777_216 + 66)).toEqual({ 0: expect.stringContaining('16777216 bytes of memory') })
    const each = Math.floor(100_663_296 / 1000)
    expect(splitFile('NDJSON', weighing(each).repeat(1000)).parts).toHaveLength(1)
    expect(() => splitFile('NDJSON', weighing(each + 66).repeat(1000))).toThrow('100663296 bytes of memory')
  })

  it('is not what stands in quotes, closed or not', () => {
    const text = (mark: string) => `${JSON.stringify({ key: `"${mark.repeat(60_000)}\\` })}\n`
    const { parts } = splitFile('NDJSON', `${text(',')}${text('[{')}"{\n`.repeat(300))
    expect(parts).toMatchObject([{ size: 900, malformed: null }])
  })

  it('is not a record with all that one may have, nor a thousand of as many attributes', () => {
    const attributes = Object.fromEntries(Array.from({ length: 1000 }, (_, place) => [`attribute${place}`, place]))
    const wide = `${JSON.stringify({ key: 'k', attributes })}\n`
    expect(splitFile('NDJSON', wide.repeat(1000)).parts).toMatchObject([{ size: 1000, malformed: null }])
    const line = `${JSON.stringify({ key: 'k', attributes, firstName: 'x'.repeat(900_000) })}\n`
    expect(splitFile('NDJSON', line.repeat(60)).parts).toMatchObject([{ size: 60, malformed: null }])
  })
})

describe('whatever the file', () => {
  const token = fc.constantFrom('"', '"', '""', ',', ';', '\n', '\n', '\r\n', '\r', ' ', 'a', 'ü', '{}', '\ufeff')
  const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(''))

  const isNotEmpty = (row: readonly string[]) => row.some((cell) => cell !== '')

  it('records do not depend on where its pieces were cut, nor on the parts', () => {
    const sizes = fc.record({
      pieceBytes: fc.integer({ min: 1, max: 9 }),
      blockBytes: fc.integer({ min: 1, max: 9 }),
      partSize: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.constantFrom('CSV' as const, 'NDJSON' as const), text, sizes, (format, file, options) => {
        const split = (given = {}): FoundRecord[] | string => {
          try {
            return recordsOf(splitFile(format, file, given))
          } catch (error) {
            if (error instanceof FileFault) return error.message
            throw error
          }
        }
        expect(split(options)).toEqual(split())
      }),
      { numRuns: 1000 },
    )
  })

  it('CSV is what csv-parse takes it for, or both find it wrong', () => {
    const theirs = (file: string): string[][] | null => {
      try {
        return parse(file.endsWith('\n') ? file : `${file}\n`, {
          record_delimiter: ['\r\n', '\n'],
          skip_empty_lines: true,
          relax_column_count: true,
        }).filter(isNotEmpty)
      } catch {
        return null
      }
    }
    const ours = (file: string) => {
      const records = recordsOf(splitFile('CSV', `a,b\n${file}`)).map(([, record]) => record)
      return records.every((record) => Array.isArray(record)) ? records : null
    }
    fc.assert(
      fc.property(text, (file) => {
        expect(ours(file)).toEqual(theirs(file))
      }),
      { numRuns: 2000 },
    )
  })

  it('what a simple writer wrote as CSV is read back', () => {
    const cell = fc
      .string({
        unit: fc.oneof(
          fc.constantFrom('"', ',', ';', '\t', '\n', '\r', ' '),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        ),
        maxLength: 8,
      })
      .filter((one) => one.isWellFormed() && !one.includes('\0'))
    const width = 3
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 })
    const write = (one: string) => (/[",;\t\r\n]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one)
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 30 }),
        (table, delimiter, end, pieceBytes) => {
          const header = Array.from({ length: width }, (_, place) => `c${place}`)
          const file = [header, ...table].map((row) => row.map(write).join(delimiter) + end).join('')
          expect(recordsOf(splitFile('CSV', file, { pieceBytes, blockBytes: 1 })).map(([, record]) => record)).toEqual(
            table.filter(isNotEmpty),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a file that is made to be slow', () => {
  // Looked at once for each line, these would take minutes.
  const lines = 40_000
  it.each([
    ['quotes that are opened at every line', `a,b\n${'"x,1\n'.repeat(lines)}`, lines],
    ['doubled quotes after one that stays open', `a,b\n"\n${'"",1\n'.repeat(lines)}`, lines + 1],
    [
      'an open quote before each stretch of lines without one',
      `a,b\n${`"x\n${'1,2\n'.repeat(99)}`.repeat(lines / 100)}`,
      lines,
    ],
    ['cells in quotes, very many in one line', `a,b\n${'"x",'.repeat(200_000)}\n1,2\n`, 2],
    ['stray quotes', `a,b\n${'x"y"z,1\n'.repeat(lines)}`, lines],
  ])('%s', { timeout: 10_000 }, (_name, file, records) => {
    expect(splitFile('CSV', file, { pieceBytes: 1 << 20 }).parts.reduce((sum, { size }) => sum + size, 0)).toBe(records)
  })

  it.each([
    ['NDJSON', '\n'],
    ['NDJSON', ' \r\n'],
    ['CSV', '\n'],
    ['CSV', '\r\n'],
  ] as const)('very many empty lines of %s (%j)', (format, blank) => {
    const header = format === 'CSV' ? 'a\n' : ''
    const most = blank.repeat(2_000_000)
    expect(splitFile(format, `${header}1\n${most}2\n${most}`).parts).toMatchObject([{ size: 2 }])
    expect(() => splitFile(format, `${header}1\n${most}${blank}2\n`)).toThrow(
      expect.objectContaining({ exceedsLimit: true, message: expect.stringMatching(/more than 2000000 empty lines/) }),
    )
  })

  it('very many small pieces', { timeout: 10_000 }, () => {
    const file = Buffer.from(`"${'x'.repeat(500_000)}"\n`)
    expect(splitFile('NDJSON', file, { pieceBytes: 1 }).parts).toHaveLength(1)
  })
})
