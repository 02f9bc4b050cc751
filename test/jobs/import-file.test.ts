import fc from 'fast-check'
import { coerceInputValue, type GraphQLInputType, isInputType } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { ColumnMappingInput } from '../../src/contract/input.ts'
import type { NullPolicy } from '../../src/contract/profile.ts'
import { settledMappings } from '../../src/domain/csv-columns.ts'
import { normaliseExtension } from '../../src/domain/normalise-extension.ts'
import { whyUnreadable } from '../../src/domain/unreadable-extensions.ts'
import { schema } from '../../src/graphql/schema.ts'
import { checkColumns, type ReadRecord, readPart, usesOfColumns } from '../../src/jobs/import-file.ts'
import { splitFile } from '../support/split-file.ts'

function readFile(
  format: 'CSV' | 'NDJSON',
  file: string,
  { columns = null, nulls = 'IGNORE' }: { columns?: ColumnMappingInput[] | null; nulls?: NullPolicy } = {},
): ReadRecord[] {
  const { header, parts } = splitFile(format, file)
  expect(checkColumns(header, columns)).toEqual([])
  return parts.flatMap((part) => readPart(part, header, columns, nulls))
}

const inputsOf = (records: readonly ReadRecord[]) => records.map((record) => (record.ok ? record.input : record.errors))

/** What is said of the extensions of a record, once they are checked. */
function problemsOf(record: ReadRecord | undefined) {
  const extensions = (record?.ok && record.input.extensions) || []
  return extensions.flatMap((extension, place) => {
    const normalised = whyUnreadable(extension) && normaliseExtension(extension, place, false)
    return normalised?.ok === false ? normalised.errors : []
  })
}

/** What is said of a mapping for a file with these columns. */
const issuesOf = (columns: string[], mapping: Record<string, string> | null = null) =>
  checkColumns(
    { columns, delimiter: ',' },
    mapping && Object.entries(mapping).map(([column, field]) => ({ column, field })),
  )

describe('a line of NDJSON', () => {
  const read = (line: unknown) => {
    const [record] = readFile('NDJSON', `${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
    if (!record) throw new Error('there is no record')
    return record
  }

  it('is a ProfileInput, with its line', () => {
    const input = {
      clientRef: 'r',
      key: 'C-1',
      email: null,
      emailPermission: true,
      status: 'ACTIVE',
      birthDate: '1991-04-30',
      attributes: { tier: 'gold', points: 5, tags: ['a'] },
      extensions: [{ channel: 'EMAIL', address: 'a@example.com', resourceId: 3, categories: ['x'], customFields: {} }],
      filter: [{ attribute: 'a', value: 'b', operator: 'EQUALS', logical: 'AND' }],
    }
    expect(readFile('NDJSON', `\n${JSON.stringify(input)}\r\n`)).toEqual([{ line: 2, ok: true, input }])
  })

  it.each([
    ['not JSON', 'hello'],
    ['JSON that breaks off', '{"key":"C-1"'],
    ['a list', '[{"key":"C-1"}]'],
    ['a text', '"C-1"'],
    ['null', 'null'],
    ['two values', '{} {}'],
    ['nested a hundred thousand deep', `${'{"attributes":'.repeat(60_000)}0${'}'.repeat(60_000)}`],
    ['a list nested a hundred thousand deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['nested deep in lists', `{"key":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('is MALFORMED_RECORD where it is %s', (_name, line) => {
    const record = read(line)
    expect(record).toMatchObject({
      line: 1,
      ok: false,
      label: {},
      errors: [{ code: 'MALFORMED_RECORD', message: expect.stringMatching(/^Line 1: The record is (not|nested)/) }],
    })
    // It is kept with the job.
    expect(JSON.stringify(record).length).toBeLessThan(1000)
  })

  it.each<[string, object, string, string]>([
    ['a field that there is not', { mail: 'x' }, 'MALFORMED_RECORD', '"mail" is no field of ProfileInput'],
    ['__proto__', JSON.parse('{"__proto__":{"key":"x"}}'), 'MALFORMED_RECORD', '"__proto__" is no field'],
    ['a field of every object', { constructor: 'x' }, 'MALFORMED_RECORD', '"constructor" is no field'],
    ['a number for a text', { key: 5 }, 'INVALID_VALUE', 'key is not text'],
    ['a text for a truth value', { emailPermission: 'true' }, 'INVALID_VALUE', 'emailPermission is not true or false'],
    ['another status', { status: 'active' }, 'INVALID_VALUE', 'status is not one of ACTIVE, PASSIVE'],
    ['an id beyond what JSON keeps', { profileId: 2 ** 53 }, 'INVALID_VALUE', 'profileId is not text'],
    ['a list of attributes', { attributes: [] }, 'INVALID_VALUE', 'attributes is not a JSON object'],
    [
      'an attribute __proto__',
      { attributes: JSON.parse('{"__proto__":1}') },
      'INVALID_VALUE',
      'attributes has a member named __proto__',
    ],
    [
      'an extension with more',
      { extensions: [{ channel: 'SMS', address: 'x', a: 1 }] },
      'MALFORMED_RECORD',
      'extensions[0]."a" is no field of ProfileExtensionInput',
    ],
    ['an extension null', { extensions: [null] }, 'INVALID_VALUE', 'extensions[0] is null'],
    [
      'more extensions than a record may have',
      { extensions: Array.from({ length: 101 }, () => ({})) },
      'INVALID_VALUE',
      'extensions has 101 members; at most 100 are taken',
    ],
    ['a filter without value', { filter: [{ attribute: 'a' }] }, 'INVALID_VALUE', 'filter[0].value is missing'],
    [
      'an operator that is null',
      { filter: [{ attribute: 'a', value: 'b', operator: null }] },
      'INVALID_VALUE',
      'filter[0].operator is null',
    ],
  ])('says what is wrong with %s', (_name, wrong, code, message) => {
    const record = read({ clientRef: 'r', ...wrong })
    expect(record).toMatchObject({ ok: false, label: { clientRef: 'r' }, errors: [{ code }] })
    expect(record.ok ? '' : record.errors[0]?.message).toContain(`Line 1: ${message}`)
  })

  it.each<[string, object, string]>([
    ['channel', { address: 'x' }, 'channel is missing'],
    ['channel', { channel: 'FAX', address: 'x' }, 'channel is not one of EMAIL'],
    ['address', { channel: 'SMS', address: null }, 'address is null'],
    ['priority', { channel: 'SMS', address: 'x', priority: 1.5 }, 'priority is not a whole number'],
    ['categories[1]', { channel: 'SMS', address: 'x', categories: ['a', 5] }, 'categories[1] is not text'],
  ])('leaves an extension with a wrong %s as it stands, to be refused or dropped', (field, extension, message) => {
    const record = read({ key: 'a', extensions: [{ channel: 'SMS', address: 'y' }, extension] })
    expect(record).toMatchObject({ ok: true, input: { key: 'a', extensions: [{ address: 'y' }, extension] } })
    expect(problemsOf(record)).toEqual([
      {
        code: 'INVALID_EXTENSION',
        field: `extensions[1].${field}`,
        message: expect.stringContaining(`extensions[1].${message}`),
      },
    ])
  })

  it('says no more than ten things, however much is wrong', () => {
    const record = read({ filter: Array.from({ length: 100_000 }, () => 0) })
    expect(record.ok ? [] : record.errors).toHaveLength(10)
  })

  it('is read as GraphQL reads a variable of the type ProfileInput', () => {
    const type = schema.getType('ProfileInput')
    if (!isInputType(type)) throw new Error('there is no ProfileInput')
    const asGraphql = (value: unknown): unknown => {
      let isWrong = false
      const coerced = coerceInputValue(value, type as GraphQLInputType, () => {
        isWrong = true
      })
      return isWrong ? 'refused' : JSON.parse(JSON.stringify(coerced))
    }
    const scalar = fc.constantFrom(
      'ACTIVE',
      'SMS',
      'x',
      '',
      'true',
      true,
      false,
      null,
      0,
      -0,
      3,
      1.5,
      2 ** 31,
      1e21,
      '5',
    )
    const mostly = (valid: fc.Arbitrary<unknown>) =>
      fc.oneof({ weight: 12, arbitrary: valid }, { weight: 1, arbitrary: scalar })
    const text = mostly(fc.constant('x'))
    const flag = mostly(fc.boolean())
    const integer = mostly(fc.constantFrom(0, -1, 2 ** 31 - 1, 2 ** 31))
    const status = mostly(fc.constantFrom('ACTIVE', 'PASSIVE'))
    const object = mostly(fc.dictionary(fc.constantFrom('a', 'b'), scalar))
    const oneOrSome = (one: fc.Arbitrary<unknown>) => mostly(fc.oneof(one, fc.array(one, { maxLength: 2 })))
    const some = (members: Record<string, fc.Arbitrary<unknown>>, always: Record<string, fc.Arbitrary<unknown>> = {}) =>
      fc.record({ ...members, ...always }, { requiredKeys: Object.keys(always) })
    const condition = some(
      { operator: mostly(fc.constant('NOT_EQUALS')), logical: mostly(fc.constant('OR')) },
      { attribute: text, value: text },
    )
    const extension = some(
      {
        provider: text,
        resourceId: integer,
        name: text,
        permission: flag,
        status: mostly(fc.constantFrom('SUBSCRIBED', 'INVALID')),
        priority: integer,
        categories: oneOrSome(text),
        customFields: object,
      },
      { channel: mostly(fc.constantFrom('SMS', 'PUSH')), address: text },
    )
    const texts = [
      'clientRef',
      'key',
      'newKey',
      'email',
      'phone',
      'firstName',
      'lastName',
      'gender',
      'birthDate',
      'subscriptionDate',
    ]
    const field = fc.oneof(
      fc.tuple(fc.constantFrom(...texts), text),
      fc.tuple(fc.constant('profileId'), mostly(fc.oneof(fc.constant('x'), integer))),
      fc.tuple(fc.constantFrom('emailPermission', 'phonePermission'), flag),
      fc.tuple(fc.constantFrom('emailStatus', 'phoneStatus', 'status'), status),
      fc.tuple(fc.constant('attributes'), object),
      fc.tuple(fc.constant('filter'), oneOrSome(condition)),
      fc.tuple(fc.constant('extensions'), oneOrSome(extension)),
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('unknown', 'toString'), scalar) },
    )
    const profile = fc.array(field, { maxLength: 4 }).map((fields) => Object.fromEntries(fields))
    fc.assert(
      fc.property(fc.oneof({ weight: 20, arbitrary: profile }, { weight: 1, arbitrary: scalar }), (value) => {
        const line = JSON.stringify(value)
        const record = read(line)
        const parsed = JSON.parse(line)
        // GraphQL takes a number as an id that JSON does not keep exact.
        fc.pre(parsed?.profileId !== 1e21)
        // null is no record, though the type allows it.
        expect(
          record.ok && problemsOf(record).length === 0 ? JSON.parse(JSON.stringify(record.input)) : 'refused',
        ).toEqual(parsed === null ? 'refused' : asGraphql(parsed))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a row of CSV', () => {
  it('goes where the header says, in any case: fields, attributes, extensions', () => {
    const header =
      'KEY;clientref;Email;EmailPermission;status;birthDate;tier;attributes.email;Attributes.Status;extensions[2].channel;EXTENSIONS[2].ADDRESS;extensions[2].resourceId;extensions[2].permission;extensions[2].priority;extensions[2].categories;extensions[2].customFields.App Version'
    const row =
      'C-1;r;a@example.com;true;ACTIVE;1991-04-30;gold;b@example.com;old;PUSH;token;-7;false;0;"news, offers";3.1'
    expect(readFile('CSV', `${header}\n${row}\n`)).toEqual([
      {
        line: 2,
        ok: true,
        input: {
          key: 'C-1',
          clientRef: 'r',
          email: 'a@example.com',
          emailPermission: true,
          status: 'ACTIVE',
          birthDate: '1991-04-30',
          attributes: { tier: 'gold', email: 'b@example.com', Status: 'old' },
          extensions: [
            {
              channel: 'PUSH',
              address: 'token',
              resourceId: -7,
              permission: false,
              priority: 0,
              categories: ['news', 'offers'],
              customFields: { 'App Version': '3.1' },
            },
          ],
        },
      },
    ])
  })

  it('goes where the mapping says; columns that it does not name keep their header names, and one mapped to nothing is left out', () => {
    const columns = [
      { column: 'Customer No', field: 'key' },
      { column: 'e-mail', field: 'EMAIL' },
      { column: 'notes', field: '' },
      { column: 'email', field: 'attributes.email' },
      { column: 'whatsapp', field: 'extensions[0].address' },
      { column: 'kind', field: 'extensions[0].channel' },
    ]
    const file = 'Customer No,e-mail,notes,email,whatsapp,kind,tier\n5,a@b.de,secret,x,+49151,WHATSAPP,gold\n'
    expect(inputsOf(readFile('CSV', file, { columns }))).toEqual([
      {
        key: '5',
        email: 'a@b.de',
        attributes: { email: 'x', tier: 'gold' },
        extensions: [{ address: '+49151', channel: 'WHATSAPP' }],
      },
    ])
  })

  const header =
    'key,email,emailPermission,profileId,birthDate,tier,extensions[0].channel,extensions[0].address,extensions[0].name,extensions[0].priority,extensions[0].permission,extensions[0].categories,extensions[0].customFields.a'

  it('leaves empty cells out', () => {
    expect(inputsOf(readFile('CSV', `${header}\nC-1${','.repeat(12)}\nC-2,"",,,,"",SMS,+49151,,,,,\n`))).toEqual([
      { key: 'C-1' },
      { key: 'C-2', extensions: [{ channel: 'SMS', address: '+49151' }] },
    ])
  })

  it('clears by empty cells under CLEAR what can be cleared', () => {
    expect(
      inputsOf(readFile('CSV', `${header}\nC-1${','.repeat(12)}\nC-2,"",,,,"",SMS,+49151,,,,,\n`, { nulls: 'CLEAR' })),
    ).toEqual([
      { key: 'C-1', email: null, birthDate: null, attributes: { tier: null } },
      {
        key: 'C-2',
        email: null,
        birthDate: null,
        attributes: { tier: null },
        extensions: [
          {
            channel: 'SMS',
            address: '+49151',
            name: null,
            priority: null,
            categories: null,
            customFields: { a: null },
          },
        ],
      },
    ])
  })

  it('has an extension where a cell beside its channel says something; those stand in the order of their numbers', () => {
    const columns = 'extensions[3].channel,extensions[3].address,extensions[1].channel,extensions[1].address'
    const file = `${columns}\nSMS,+49151,EMAIL,\nSMS,+49151,EMAIL,a@b.de\nSMS,,,\n`
    expect(inputsOf(readFile('CSV', file))).toEqual([
      { extensions: [{ channel: 'SMS', address: '+49151' }] },
      {
        extensions: [
          { channel: 'EMAIL', address: 'a@b.de' },
          { channel: 'SMS', address: '+49151' },
        ],
      },
      {},
    ])
  })

  it('leaves an address that is missing to the check of extensions, and needs a channel', () => {
    const file = 'key,extensions[0].channel,extensions[0].address,extensions[0].permission\na,SMS,,true\nb,,+49151,\n'
    const records = readFile('CSV', file)
    expect(inputsOf(records)).toEqual([
      { key: 'a', extensions: [{ channel: 'SMS', address: '', permission: true }] },
      { key: 'b', extensions: [{ address: '+49151' }] },
    ])
    expect(problemsOf(records[1])).toEqual([
      {
        code: 'INVALID_EXTENSION',
        field: 'extensions[0].channel',
        message: expect.stringMatching(/is empty: name one of EMAIL/),
      },
    ])
  })

  it('is told what is wrong with its cells, and keeps its name', () => {
    const file = 'key,clientRef,emailPermission,status\nC-1,r,TRUE,active\n'
    const [record] = readFile('CSV', file)
    expect(record).toMatchObject({ ok: false, line: 2, label: { key: 'C-1', clientRef: 'r' } })
    expect(record?.ok === false && record.errors.map(({ code, field }) => [code, field])).toEqual([
      ['INVALID_VALUE', 'emailPermission'],
      ['INVALID_VALUE', 'status'],
    ])
  })

  it('is MALFORMED_RECORD where it has another number of cells than the header, or cannot be read', () => {
    const commas = `x${','.repeat(900_000)}`
    const records = readFile('CSV', `key,email\nC-1\nC-2,"x,y",\n"a"b,\n${commas}\nC-5,\n`)
    const malformed = (message: RegExp, found: unknown) => ({
      ok: false,
      errors: [{ code: 'MALFORMED_RECORD', message: expect.stringMatching(message) }],
      found,
    })
    expect(records).toMatchObject([
      { line: 2, ...malformed(/^Line 2: The row has 1 cell, and the header has 2/, ['C-1']) },
      { line: 3, ...malformed(/^Line 3: The row has 3 cells/, ['C-2', 'x,y', '']) },
      { line: 4, ...malformed(/^Line 4: A quoted cell is followed/, null) },
      { line: 5, ...malformed(/^Line 5: The row has more than 102 cells/, null) },
      { line: 6, ok: true, input: { key: 'C-5' } },
    ])
  })

  it('may end in delimiters as the header does, or not, but has no text there', () => {
    const records = readFile('CSV', 'key;email;;\nC-1;a@b.de;;\nC-2;;""\nC-3;\nC-4;;x\nC-5;;;y\nC-6\nC-7;;;;\n')
    const malformed = (message: RegExp, found: unknown) => ({
      ok: false,
      errors: [{ code: 'MALFORMED_RECORD', message: expect.stringMatching(message) }],
      found,
    })
    expect(records).toMatchObject([
      { ok: true, input: { key: 'C-1', email: 'a@b.de' } },
      { ok: true, input: { key: 'C-2' } },
      { ok: true, input: { key: 'C-3' } },
      malformed(/^Line 5: The row has a text in column 3, to which the header gives no name/, ['C-4', '', 'x']),
      malformed(/^Line 6: The row has a text in column 4/, ['C-5', '', '', 'y']),
      malformed(/^Line 7: The row has 1 cell, and the header has 2/, ['C-6']),
      malformed(/^Line 8: The row has 5 cells/, ['C-7', '', '', '', '']),
    ])
    const header = { columns: ['key', ''], delimiter: ';' as const }
    expect(checkColumns(header, [{ column: '', field: 'email' }])).toEqual([
      { path: ['input', 'columns', '0', 'column'], message: expect.stringMatching(/no column ""/) },
    ])
  })

  it('takes formulas for text', () => {
    expect(inputsOf(readFile('CSV', 'key,firstName\n=1+1,@SUM(A1)\n'))).toEqual([
      { key: '=1+1', firstName: '@SUM(A1)' },
    ])
  })
})

describe('checking the columns', () => {
  it.each<[string, string[], Record<string, string> | null, string[], RegExp]>([
    [
      'filter',
      ['key', 'Filter'],
      null,
      ['input', 'columns'],
      /column "Filter" cannot be read: filter does not fit in a cell: .* send NDJSON/,
    ],
    ['attributes as a whole', ['attributes'], null, ['input', 'columns'], /name one of them as attributes.NAME/],
    ['extensions as a whole', ['x'], { x: 'Extensions' }, ['input', 'columns', '0', 'field'], /extensions\[0\].FIELD/],
    [
      'an extension that is not written so',
      ['extensions[a].address'],
      null,
      ['input', 'columns'],
      /is written extensions\[0\].FIELD/,
    ],
    [
      'a field that no extension has',
      ['extensions[0].mail'],
      null,
      ['input', 'columns'],
      /no field "mail" that fits in a cell: name one of channel, address/,
    ],
    [
      'custom fields as a whole',
      ['extensions[0].customFields'],
      null,
      ['input', 'columns'],
      /no field "customFields" that fits/,
    ],
    [
      'a number beyond those that a record takes',
      ['extensions[100].address'],
      null,
      ['input', 'columns'],
      /at most 99/,
    ],
    ['an attribute without a name', ['attributes.'], null, ['input', 'columns'], /attribute name is empty/],
    ['an attribute named __proto__', ['__proto__'], null, ['input', 'columns'], /cannot be __proto__/],
    [
      'a custom field named __proto__',
      ['extensions[0].customFields.__proto__'],
      null,
      ['input', 'columns'],
      /cannot be __proto__/,
    ],
    ['a name that is too long', ['n'.repeat(256)], null, ['input', 'columns'], /longer than 255 characters/],
    [
      'a column that is not there',
      ['key'],
      { mail: 'email' },
      ['input', 'columns', '0', 'column'],
      /no column "mail": its columns are "key"/,
    ],
    [
      'two columns for one field',
      ['key', 'KEY'],
      null,
      ['input', 'columns'],
      /"key" and "KEY" are both key: map one of them/,
    ],
    [
      'two columns for one attribute',
      ['tier', 'x'],
      { x: 'attributes.tier' },
      ['input', 'columns', '0', 'field'],
      /"tier" and "x" are both attributes.tier/,
    ],
  ])('refuses %s', (_name, columns, mapping, path, message) => {
    expect(issuesOf(columns, mapping)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('says all that is wrong at once', () => {
    expect(issuesOf(['a', 'filter', 'attributes'], { b: 'key' })).toHaveLength(3)
  })

  it('refuses a column that is mapped twice, and more mappings than columns', () => {
    const header = { columns: ['a', 'b'], delimiter: ',' as const }
    const map = (...names: string[]) => names.map((column, place) => ({ column, field: `field${place}` }))
    expect(checkColumns(header, map('a', 'a'))).toEqual([
      { path: ['input', 'columns', '1', 'column'], message: expect.stringMatching(/"a" is mapped twice/) },
    ])
    expect(checkColumns(header, map('a', 'b', 'c'))).toEqual([
      { path: ['input', 'columns'], message: expect.stringMatching(/maps 3 columns, and the file has 2/) },
    ])
  })

  it('refuses a mapping for NDJSON, and nothing else of it', () => {
    expect(checkColumns(null, null)).toEqual([])
    expect(checkColumns(null, [])).toEqual([{ path: ['input', 'columns'], message: expect.stringMatching(/CSV/) }])
  })

  it('takes a header name for the one attribute that is called so in any case, and nothing else', () => {
    const attributes = ['tier', 'Points', 'POINTS', 'email', 'Grade', 'grade']
    const columns = ['Tier', 'points', 'EMAIL', 'Attributes.EMAIL', 'GRADE', 'Grade', 'other', 'TIER 2', 'x']
    const mapping = [{ column: 'x', field: 'TIER' }]
    expect(checkColumns({ columns, delimiter: ',' }, mapping, attributes)).toEqual([])
    const settled = settledMappings(columns, mapping, attributes)
    expect(settled).toEqual([
      ...mapping,
      { column: 'Tier', field: 'attributes.tier' },
      { column: 'Attributes.EMAIL', field: 'attributes.email' },
    ])
    expect(usesOfColumns({ columns, delimiter: ',' }, settled).attributes).toEqual(
      new Set(['tier', 'points', 'email', 'GRADE', 'Grade', 'other', 'TIER 2', 'TIER']),
    )
  })

  it('refuses two header names for one attribute in two cases', () => {
    expect(checkColumns({ columns: ['tier', 'Tier'], delimiter: ',' }, null, ['tier'])).toEqual([
      { path: ['input', 'columns'], message: expect.stringMatching(/"tier" and "Tier" are both attributes.tier/) },
    ])
  })

  it('tells what records of such a file use', () => {
    const columns = ['Key', 'NEWKEY', 'clientRef', 'email', 'tier', 'x', 'extensions[0].address']
    expect(usesOfColumns({ columns, delimiter: ',' }, [{ column: 'x', field: '' }])).toEqual({
      newKey: true,
      channels: new Set(),
      fields: new Set(['key', 'email']),
      attributes: new Set(['tier']),
      conditions: new Set(),
    })
  })
})
