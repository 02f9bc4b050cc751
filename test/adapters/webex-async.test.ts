import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { locateErrorFile, readErrorFile } from '../../src/adapters/webex/error-file.ts'
import { createWebexAdapter, webexSettings } from '../../src/adapters/webex/index.ts'
import type { VendorAnswer } from '../../src/contract/adapter.ts'
import { DestinationError } from '../../src/contract/error.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { noDatabase, prepareAll, send, suiteOptions } from '../support/adapter-bench.ts'
import { describeAdapter } from '../support/describe-adapter.ts'
import { fixtureText, type ScriptedAnswer, scriptedVendor } from './scripted-vendor.ts'
import { openWebexBench, type WebexBench, webexConfiguration, webexToken } from './webex-bench.ts'

describeAdapter('asynchronous webex', () => openWebexBench({ asynchronous: true, pendingPolls: 1 }))

const record = (key: string, attributes: Record<string, string> = {}): ProfileRecord => ({
  key,
  firstName: 'Ada',
  attributes,
})
const mixed = [record('1'), record('2', { 'not "there"': 'x' }), record('3'), record('4', { unknown: 'x' })]

describe('the error file of the sandbox', () => {
  let bench: WebexBench
  beforeAll(async () => {
    bench = await openWebexBench()
  })
  afterAll(() => bench.close())
  beforeEach(() => bench.reset())

  const places = ['inline', 'path', 'url'] as const
  const styles = ['escaped', 'doubled', 'bare'] as const
  it.each(places.flatMap((place) => styles.map((style) => [place, style] as const)))(
    'is read from its %s, %s',
    async (errorFile, errorFileStyle) => {
      bench.vendor.sandbox.configure('webex', { asynchronous: true, errorFile, errorFileStyle })
      const fates = await send(bench, suiteOptions(), mixed)
      expect(fates.map(({ outcome }) => outcome)).toEqual(['UPSERTED', 'FAILED', 'UPSERTED', 'FAILED'])
      expect(fates[1]?.errors).toMatchObject([{ code: 'UNKNOWN_ATTRIBUTE', vendorCode: '7029' }])
      if (errorFileStyle !== 'bare') expect(fates[1]?.errors?.[0]?.vendorMessage).toContain('"not "there"", not in')
      expect(fates[0]).toMatchObject({
        vendorRequestId: expect.stringMatching(/^\d+$/),
        vendorTransactionId: expect.any(String),
      })
    },
  )

  it('is never asked for at another origin', async () => {
    let visits = 0
    const elsewhere = createServer((_, response) => {
      visits += 1
      response.end()
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const { port } = elsewhere.address() as AddressInfo
    const errorFileOrigin = `http://127.0.0.1:${port}`
    bench.vendor.sandbox.configure('webex', { asynchronous: true, errorFile: 'url', errorFileOrigin })
    const fates = await send(bench, suiteOptions(), mixed)
    elsewhere.close()
    expect(visits).toBe(0)
    expect(new Set(fates.map(({ outcome }) => outcome))).toEqual(new Set(['UNKNOWN']))
    expect(fates[0]?.errors?.[0]?.message).toContain(errorFileOrigin)
  })

  it('that is cut short again and again leaves unknown whoever it may have named', async () => {
    bench.vendor.sandbox.configure('webex', { asynchronous: true })
    const match = { path: '/exports/', times: 'always' } as const
    bench.vendor.sandbox.fault({ vendor: 'webex', match, fault: { kind: 'garble' } })
    const outcomes = (await send(bench, suiteOptions(), mixed)).map(({ outcome }) => outcome)
    expect(outcomes[0]).toBe('UNKNOWN')
    expect(outcomes).not.toContain('UPSERTED')
  })

  it('is asked for as often as its status is pending, and no more', async () => {
    bench.vendor.sandbox.configure('webex', { asynchronous: true, pendingPolls: 3 })
    await send(bench, suiteOptions(), [record('1')])
    const [first, ...polls] = bench.vendor.sandbox.requests('webex').slice(-5)
    expect(first?.method).toBe('POST')
    expect(new Set(polls.map(({ path }) => path)).size).toBe(1)
    for (const { method, path, body } of polls) {
      expect([method, body]).toEqual(['GET', null])
      expect(path).toMatch(/^\/campaignapi\/resources\/v3\/profilequerystatus\/\d+$/)
    }
  })
})

/** One poll for that many records, answered so. */
async function poll(
  length: number,
  answers: ScriptedAnswer[],
  options = suiteOptions(),
): Promise<{ answer: VendorAnswer | DestinationError; urls: string[] }> {
  const { fetch, calls } = scriptedVendor(...answers)
  const adapter = createWebexAdapter(webexSettings.parse(webexConfiguration), { fetch, now: Date.now })
  const bench = { adapter, tenant: 'acme', database: noDatabase, remote: null }
  const values = await prepareAll(
    { ...bench, stored: async () => null, reset: () => {}, close: () => {} },
    suiteOptions(),
    Array.from({ length }, (_, place) => record(`k${place}`)),
  )
  const records = values as Parameters<typeof adapter.submit>[0]['records']
  const call = { options, records, repeated: false, signal: AbortSignal.timeout(5000) }
  const answer = await adapter.resume({ requestId: '90211' }, call).catch((error: unknown) => {
    if (error instanceof DestinationError) return error
    throw error
  })
  for (const { headers } of calls) expect(headers['authorization']).toBe(`Bearer ${webexToken}`)
  return { answer, urls: calls.map(({ url }) => url) }
}

const outcomes = (answer: VendorAnswer | DestinationError) =>
  'kind' in answer && answer.kind === 'settled' ? answer.fates.map(({ outcome }) => outcome) : answer

describe('a status poll', () => {
  it('reads the documented answer and the documented error file', async () => {
    const status = { body: fixtureText('webex/status.answer.json') }
    const { answer, urls } = await poll(100, [status, { body: fixtureText('webex/error-file.csv') }])
    expect(urls).toEqual([
      'https://acme.webexcampaign.io/campaignapi/resources/v3/profilequerystatus/90211',
      'https://acme.webexcampaign.io/exports/90211_error.csv',
    ])
    const fates = 'kind' in answer && answer.kind === 'settled' ? answer.fates : []
    expect(fates.flatMap(({ outcome }, place) => (outcome === 'FAILED' ? [place] : []))).toEqual([0, 30, 39])
    expect(fates[30]).toEqual({
      outcome: 'FAILED',
      vendorRequestId: '90211',
      errors: [
        {
          code: 'DESTINATION_REJECTED',
          message: 'Webex Campaign: the record was refused (123)',
          vendorCode: '123',
          vendorMessage: 'Failed',
        },
      ],
    })
    expect(fates[1]).toEqual({ outcome: 'UPSERTED', vendorRequestId: '90211' })
  })

  const again = { kind: 'continued', by: 'poll', ticket: { requestId: '90211' }, vendorRequestId: '90211' }
  it.each([
    ['its code is 1010', [{ body: { code: '1010', description: 'The request was not processed.' } }]],
    ['it says nothing of an end', [{ body: { 'request-id': '90211' } }]],
    [
      'its error file is not there yet',
      [{ body: { 'update-count': 1, 'error-file': 'exports/1.csv' } }, { status: 404 }],
    ],
  ])('is made again when %s', async (_, answers) => {
    expect((await poll(2, answers)).answer).toEqual(again)
  })

  it.each([
    [{ body: { code: 3005 } }, 'REFUSED'],
    [{ status: 401, body: { code: 498 } }, 'AUTHENTICATION'],
    [{ status: 429 }, 'THROTTLED'],
    [{ status: 502, body: '<html>' }, 'NO_ANSWER'],
    [{ body: '{"update-cou' }, 'NO_ANSWER'],
  ] as const)('that is answered %j throws %s', async (answer, fault) => {
    expect((await poll(2, [answer])).answer).toMatchObject({ fault })
  })

  it.each([
    ['all by a count that covers them', { 'update-count': '2' }, ['UPSERTED', 'UPSERTED']],
    ['none by a count that does not', { 'update-count': 1 }, ['UNKNOWN', 'UNKNOWN']],
    ['those that no row names', { 'update-count': 1, 'error-file': '7029,"x",2' }, ['UPSERTED', 'FAILED']],
    [
      'those that no row names, without a count',
      { 'error-file': 'Code,Description,Index\r\n7029,x,1' },
      ['FAILED', 'UPSERTED'],
    ],
    ['none beside rows that name nobody', { 'error-file': '7029,x,1\r\n7029,x,9' }, ['FAILED', 'UNKNOWN']],
    [
      'none where rows and count do not agree',
      { 'update-count': 0, 'error-file': '7029,x,1\r\n' },
      ['FAILED', 'UNKNOWN'],
    ],
  ])('proves %s', async (_, body, expected) => {
    expect(outcomes((await poll(2, [{ body }])).answer)).toEqual(expected)
  })

  it('that cannot have the error file says what the count proves', async () => {
    const answers = [{ body: { 'update-count': 1, 'error-file': '/x.csv' } }, { status: 410 }]
    expect(outcomes((await poll(2, answers)).answer)).toEqual(['UNKNOWN', 'UNKNOWN'])
  })
})

describe('the place of an error file', () => {
  const base = 'https://acme.webexcampaign.io'
  it.each([
    ['/exports/1.csv', `${base}/exports/1.csv`],
    ['exports/1.csv', `${base}/exports/1.csv`],
    [`${base}/x/1.csv?a=b`, `${base}/x/1.csv?a=b`],
  ])('%s is %s', (value, url) => {
    expect(locateErrorFile(value, base)).toEqual({ kind: 'at', url })
  })

  it.each([
    'https://evil.example/1.csv',
    'http://acme.webexcampaign.io/1.csv',
    '//evil.example/1.csv',
    '\\\\evil.example/1.csv',
    '/\\evil.example/1.csv',
    'https://acme.webexcampaign.io.evil.example/1.csv',
    'https://acme.webexcampaign.io@evil.example/1.csv',
    'file:///etc/passwd',
  ])('%s is elsewhere', (value) => {
    expect(locateErrorFile(value, base)).toMatchObject({ kind: 'elsewhere' })
  })

  it.each(['@evil.example/1.csv', ':8443/1.csv', '.evil.example', 'javascript:alert(1)'])(
    '%s stays at the origin',
    (value) => {
      const place = locateErrorFile(value, base)
      expect(place).toMatchObject({ kind: 'at' })
      expect(new URL(place.kind === 'at' ? place.url : '').origin).toBe(base)
    },
  )
})

describe('the rows of an error file', () => {
  const read = (text: string, records = 50) => {
    const { refusals, strayRows } = readErrorFile(text, records)
    return { rows: [...refusals].map(([place, { code, description }]) => [place, code, description]), strayRows }
  }
  it.each([
    ['as documented', 'Code,Description,Index\r\n7200,"No such user",3\r\n', [[2, '7200', 'No such user']]],
    [
      'as in the samples',
      '123 , Failed, 1\r\n123 , Failed, 40',
      [
        [0, '123', 'Failed'],
        [39, '123', 'Failed'],
      ],
    ],
    ['with an escaped quote', '7029,"no \\"x\\", sorry",1\r\n', [[0, '7029', 'no "x", sorry']]],
    ['with a doubled quote', '7029,"no ""x"", sorry",1\r\n', [[0, '7029', 'no "x", sorry']]],
    [
      'with an escaped backslash',
      '7029,"C:\\\\",1\r\n7029,"b",2',
      [
        [0, '7029', 'C:\\'],
        [1, '7029', 'b'],
      ],
    ],
    [
      'with a backslash of its own',
      '7029,"C:\\",1\r\n7029,"b",2',
      [
        [0, '7029', 'C:\\'],
        [1, '7029', 'b'],
      ],
    ],
    ['with a line end inside', '7029,"a\r\nb",1\r\n', [[0, '7029', 'a\r\nb']]],
    ['with bare commas', '7029,a, b, c,1\n', [[0, '7029', 'a, b, c']]],
    ['with everything quoted', '"Code","Description","Index"\r\n"7029","","1"\r\n', [[0, '7029', undefined]]],
    [
      'with line feeds alone and empty lines',
      '\n7029,a,1\n\n7029,b,2\n',
      [
        [0, '7029', 'a'],
        [1, '7029', 'b'],
      ],
    ],
  ])('are read %s', (_, text, rows) => {
    expect(read(text)).toEqual({ rows, strayRows: 0 })
  })

  it.each(['7029,x,0', '7029,x,51', '7029,x', '7029,"x,1', '7029,x,one', 'nonsense'])('%s names nobody', (text) => {
    expect(read(text)).toEqual({ rows: [], strayRows: 1 })
  })
})
